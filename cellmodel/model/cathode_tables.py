"""What a cathode material is to the balances: equilibrium potential and diffusion over the lithiation, tabulated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.laws.storage import layered_oxide_diffusivity, layered_oxide_potential
from cellmodel.numerics.cubic_table import CubicTable, make_table

FIRST, LAST = -0.05, 1.05
"""Range of the tables [1]: a little beyond empty and full."""
INTERVALS = 512
BARRIER = 1.6e5
"""Rise of the potential beyond empty, and fall beyond full, over the overdraft's fourth power [V]: 1 V within 0.05.

The fitted curve goes on as if there were more to take; a cell that loses its lithium elsewhere would take it.
"""
DIFFERENCE = 1e-5
"""Step of the central differences that give the slope of a potential [1]."""
GAUSS = np.polynomial.legendre.leggauss(5)


class OxidePotential(NamedTuple):
    """Numbers of `layered_oxide_potential` over the lithiation 0..1 of the model."""

    offset: float
    slope: float
    heights: np.ndarray
    steepness: np.ndarray
    centres: np.ndarray


class OxideDiffusivity(NamedTuple):
    """Numbers of `layered_oxide_diffusivity`."""

    middle: float
    decades: float
    centre: float
    width: float


@njit(cache=True, error_model="numpy")
def potentials(x, q):
    """Equilibrium potential at each lithiation, float64[n] [V]."""
    out = np.empty(x.size)
    for i in range(x.size):
        out[i] = layered_oxide_potential(x[i], q.offset, q.slope, q.heights, q.steepness, q.centres)
        out[i] += BARRIER * (min(x[i], 0.0) ** 4 - max(x[i] - 1.0, 0.0) ** 4)
    return out


@njit(cache=True, error_model="numpy")
def diffusivities(x, q):
    """Solid diffusivity at each lithiation, float64[n] [m2/s]."""
    out = np.empty(x.size)
    for i in range(x.size):
        out[i] = layered_oxide_diffusivity(x[i], q.middle, q.decades, q.centre, q.width)
    return out


def potential_table(q: OxidePotential) -> CubicTable:
    """Equilibrium potential over the lithiation [V]."""
    nodes = np.linspace(FIRST, LAST, INTERVALS + 1)
    slopes = (potentials(nodes + DIFFERENCE, q) - potentials(nodes - DIFFERENCE, q)) / (2.0 * DIFFERENCE)
    return make_table(FIRST, LAST, potentials(nodes, q), slopes)


def diffusion_table(q: OxideDiffusivity) -> CubicTable:
    """Integral of the diffusivity over the lithiation (Kirchhoff's transform) [m2/s].

    Its differences are the exact driving force of diffusion between two lithiations, however many decades the
    diffusivity falls from one to the other.
    """
    nodes = np.linspace(FIRST, LAST, INTERVALS + 1)
    half = 0.5 * np.diff(nodes)
    points = nodes[:-1, None] + half[:, None] * (1.0 + GAUSS[0])
    pieces = half * (diffusivities(points.ravel(), q).reshape(points.shape) @ GAUSS[1])
    return make_table(FIRST, LAST, np.concatenate([[0.0], np.cumsum(pieces)]), diffusivities(nodes, q))
