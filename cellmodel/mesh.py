"""Finite volumes through the layers and through a particle."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


def graded(length: float, cells: int, ratio: float) -> np.ndarray:
    """Widths of cells that shrink geometrically towards the end.

    Parameters
    ----------
    length : float
        Of the whole layer [m].
    cells : int
        Number of cells.
    ratio : float
        Width of the first over the last cell [1]; 1 is uniform.

    Returns
    -------
    float64[cells]
        Widths, first cell first [m].

    Example
    -------
    >>> graded(1.0, 2, 3.0)
    array([0.75, 0.25])
    """
    exponents = np.linspace(0.0, 1.0, cells) if cells > 1 else np.zeros(1)
    widths = ratio ** (-exponents)
    return length * widths / widths.sum()


class SphereMesh(NamedTuple):
    """Shells of a sphere.

    Attributes
    ----------
    volume : float64[n]
        Share of each shell in the sphere's volume [1].
    face : float64[n-1]
        Area of the face outside each shell, over the sphere's volume and the distance of centres [1/m2].
    surface_distance : float
        From the centre of the last shell to the surface [m].
    surface_ratio : float
        Surface over volume of the sphere [1/m].
    """

    volume: np.ndarray
    face: np.ndarray
    surface_distance: float
    surface_ratio: float


def sphere(radius: float, shells: int, ratio: float) -> SphereMesh:
    """Divide a sphere of `radius` [m] into shells that thin towards the surface by `ratio` (first over last)."""
    edges = np.concatenate([[0.0], np.cumsum(graded(radius, shells, ratio))])
    edges[-1] = radius
    centres = 0.5 * (edges[1:] + edges[:-1])
    volume = (edges[1:] ** 3 - edges[:-1] ** 3) / radius**3
    face = 3.0 * edges[1:-1] ** 2 / radius**3 / np.diff(centres)
    return SphereMesh(
        volume=volume, face=face, surface_distance=float(radius - centres[-1]), surface_ratio=3.0 / radius
    )
