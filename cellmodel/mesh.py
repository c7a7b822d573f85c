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


def graded_to_both(length: float, cells: int, ratio: float) -> np.ndarray:
    """Widths of cells that shrink geometrically from the middle of a layer towards both of its faces.

    Parameters
    ----------
    length : float
        Of the whole layer [m].
    cells : int
        Number of cells, two or more.
    ratio : float
        Width in the middle over that at a face [1].

    Returns
    -------
    float64[cells]
        Widths, the same from either side [m].

    Example
    -------
    >>> graded_to_both(1.0, 3, 2.0)
    array([0.25, 0.5 , 0.25])
    """
    widths = ratio ** -np.abs(np.linspace(-1.0, 1.0, cells))
    return length * widths / widths.sum()


SKIN = 0.5
"""Thickness of a particle's skin, times its radius, over the square of the outermost shell's thickness [1].

The skin is a shell of its own, whose lithiation is that of the surface: a fiftieth of the outermost shell on the
default mesh, thin enough to hold next to no lithium. With it the surface's lithiation changes in time instead of
jumping between two solutions where diffusion collapses near a full surface. It thins with the square of the shells
because what it holds lies above the contact spots: a constant share of a shell would leave an error of first order.
"""


class SphereMesh(NamedTuple):
    """Shells of a sphere, the last of which is its skin.

    Attributes
    ----------
    volume : float64[n+1]
        Share of each shell in the sphere's volume [1].
    face : float64[n-1]
        Area of the faces between the first n shells, over the sphere's volume and the distance of centres [1/m2].
    outer_face : float
        Area of the face below the skin over the sphere's volume [1/m].
    outer_distance : float
        From the centre of the last shell below the skin to the surface [m].
    surface_ratio : float
        Surface over volume of the sphere [1/m].
    """

    volume: np.ndarray
    face: np.ndarray
    outer_face: float
    outer_distance: float
    surface_ratio: float


def sphere(radius: float, shells: int, ratio: float) -> SphereMesh:
    """Divide a sphere of `radius` [m] into shells that thin towards the surface by `ratio` (first over last)."""
    steps = graded(radius, shells, ratio)
    edges = np.concatenate([[0.0], np.cumsum(steps)])
    edges[-1] = radius - SKIN * steps[-1] ** 2 / radius
    centres = 0.5 * (edges[1:] + edges[:-1])
    area = 3.0 * edges[1:] ** 2 / radius**3
    return SphereMesh(
        volume=np.diff(np.append(edges, radius) ** 3) / radius**3,
        face=area[:-1] / np.diff(centres),
        outer_face=float(area[-1]),
        outer_distance=float(radius - centres[-1]),
        surface_ratio=3.0 / radius,
    )
