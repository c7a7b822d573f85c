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
    """Shells of a sphere around nodes of which the first is the centre and the last the surface.

    Attributes
    ----------
    volume : float64[n+1]
        Share of each node's shell in the sphere's volume [1].
    face : float64[n-1]
        Area of the face outside each node but the last two, over the sphere's volume and the nodes' distance [1/m2].
    outer_face : float
        Area of the outermost face over the sphere's volume [1/m].
    outer_distance : float
        From the last node but one to the surface [m].
    surface_ratio : float
        Surface over volume of the sphere [1/m].
    """

    volume: np.ndarray
    face: np.ndarray
    outer_face: float
    outer_distance: float
    surface_ratio: float


def sphere(radius: float, shells: int, ratio: float) -> SphereMesh:
    """Place nodes in a sphere of `radius` [m], `shells` steps that shorten towards the surface by `ratio`.

    Faces stand halfway between nodes, so that the surface has a shell of its own, half a step thick.
    """
    steps = graded(radius, shells, ratio)
    nodes = np.concatenate([[0.0], np.cumsum(steps)])
    faces = 0.5 * (nodes[1:] + nodes[:-1])
    edges = np.concatenate([[0.0], faces, [radius]])
    area = 3.0 * faces**2 / radius**3
    return SphereMesh(
        volume=np.diff(edges**3) / radius**3,
        face=area[:-1] / steps[:-1],
        outer_face=float(area[-1]),
        outer_distance=float(steps[-1]),
        surface_ratio=3.0 / radius,
    )
