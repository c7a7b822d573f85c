"""How far a cell may change within one time step.

A step solves linear systems with the derivatives at its beginning, and its error estimate sees only them. A fast
equilibrium that slows down by orders of magnitude within the step, and so stops to hold, escapes both: the unknown
stays where the equilibrium was. The rate follows another unknown, which changes smoothly: bounding that is enough.
"""

from __future__ import annotations

from math import log

from numba import njit

from cellmodel.model import layout as at
from cellmodel.numerics.cubic_table import slope_at

PRESSURE_LEAP = 0.3
"""Largest change of the stack pressure, as a share of it [1]: voids close with a power of it, as high as 6.6."""

LEAST_PRESSURE = 1e4
"""Pressure below which its changes no longer count [Pa]."""

DIFFUSIVITY_LEAP = 1.0
"""Largest change of the diffusivity at the surface of a particle, in powers of e [1]: near full it falls by decades."""


@njit(nogil=True, error_model="numpy")
def largest_leap(u, new, p):
    """Largest change from u to new, 1 where it is as large as it may be [1]."""
    layout, s = p.layout, p.layout.scalars
    pressure = u[s + at.PRESSURE]
    leap = abs(new[s + at.PRESSURE] - pressure) / (PRESSURE_LEAP * max(pressure, LEAST_PRESSURE))
    highest = lowest = 1.0
    for c in range(layout.cathode_cells):
        surface = layout.cathode + c * layout.cathode_block + layout.shells
        before = max(slope_at(p.cathode.diffusion, u[surface]), 1e-300)
        ratio = max(slope_at(p.cathode.diffusion, new[surface]), 1e-300) / before
        highest, lowest = max(highest, ratio), min(lowest, ratio)
    return max(leap, log(max(highest, 1.0 / lowest)) / DIFFUSIVITY_LEAP)
