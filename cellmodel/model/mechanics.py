"""Stack pressure as an unknown: thickness changes of the layers meet the fixture."""

from __future__ import annotations

from numba import njit

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws.smooth import positive_part
from cellmodel.model import layout as at

LOOSE_PRESSURE = 1e3
"""Pressure over which a stack loses its fixture [Pa]."""


@njit(nogil=True, error_model="numpy")
def thickness_change(u, p):
    """Growth of the stack at constant pressure since assembly [m]: lithium layers and the breathing cathode."""
    s = p.layout.scalars
    lithium = u[s + at.BASE] + u[s + at.DEAD] + u[s + at.TOP] / (1.0 - u[s + at.DEPOSIT_POROSITY]) - p.top.lithium
    opposite = u[s + at.COUNTER] - p.counter.lithium if p.layout.cathode_cells == 0 else 0.0
    electrodes = p.counter.volume * opposite - p.cathode.strain_charge * u[s + at.CATHODE_CHARGE]
    return VOLUME_PER_CHARGE * lithium + electrodes


@njit(nogil=True, error_model="numpy")
def pressure_gap(u, p):
    """P = P0 + k (change - S (P - P0)) written so that k = 0 is constant pressure and large k constant gap [Pa].

    A fixture pushes and never pulls: a stack that shrinks away from it is left with next to no pressure.
    """
    stack = p.stack
    stretch = 1.0 + stack.stiffness * stack.compliance
    pushed = stack.pressure + stack.stiffness * thickness_change(u, p) / stretch
    return positive_part(pushed, LOOSE_PRESSURE) - u[p.layout.scalars + at.PRESSURE]
