"""State of a cell as assembled, and the tolerances and scales that go with its unknowns."""

from __future__ import annotations

import numpy as np

from cellmodel.laws.storage import layered_oxide_potential
from cellmodel.model import layout as at
from cellmodel.model.physics import Physics
from cellmodel.numerics.esdirk import Tolerance

EMPTY = 1e-6
"""Lithiation of a fresh alloy [1]: the lattice gas has no state at exactly zero."""


def initial_state(p: Physics, anode_contact: float) -> np.ndarray:
    """Assemble the state vector of a fresh cell at rest.

    Parameters
    ----------
    p : Physics
    anode_contact : float
        True contact fraction of the fresh interfaces [1].

    Returns
    -------
    float64[n]
        Differential unknowns as assembled; algebraic ones are a first guess.
    """
    layout, s = p.layout, p.layout.scalars
    u = np.zeros(layout.size)
    for c in range(layout.host_cells):
        cell = c * layout.host_block
        u[cell + at.PSI] = -0.4
        u[cell + at.LITHIATION : cell + at.LITHIATION + layout.phases] = EMPTY
    cathode = p.cathode
    potential = 0.0
    if layout.cathode_cells:
        potential = layered_oxide_potential.py_func(
            cathode.initial_lithiation, cathode.ocp_offset, cathode.ocp_slope,
            cathode.ocp_heights, cathode.ocp_steepness, cathode.ocp_centres,
        )  # fmt: skip
    surface = -0.4 if layout.host_cells else 0.0
    for c in range(layout.cathode_cells):
        first = layout.cathode + c * layout.cathode_block
        u[first : first + layout.shells + 1] = cathode.initial_lithiation
        u[first + layout.shells + 2] = surface
        u[first + layout.shells + 3] = potential + surface
    scalars = {
        at.COUNTER: p.counter.lithium, at.CONTACT: anode_contact, at.COUNTER_CONTACT: anode_contact,
        at.PATCHES: np.log(p.top.patch_density), at.GRAIN: np.log(p.top.grain), at.CATHODE_CONTACT: cathode.contact,
        at.COATING: cathode.coating, at.SURFACE: surface, at.FOOT: surface, at.PRESSURE: p.stack.pressure,
        at.VOLTAGE: potential + surface,
    }  # fmt: skip
    for offset, value in scalars.items():
        u[s + offset] = value
    u[layout.depths : layout.counter_depths] = np.log(p.flaws.depth)
    u[layout.counter_depths :] = np.log(p.flaws.depth)
    return u


_SCALES = {  # offset: (scale for differences, absolute tolerance per unit of relative tolerance, reach of one Newton update)
    at.BASE: (1e3, 1e2, 1e5), at.TOP: (1e2, 1e2, 1e5), at.INTERPHASE: (1e2, 1e3, 1e5), at.DEAD: (1e2, 1e3, 1e5),
    at.FILAMENT: (1.0, 1e4, 1e5), at.COUNTER: (1e4, 1e4, 1e6), at.CONTACT: (0.1, 1.0, 0.5),
    at.COUNTER_CONTACT: (0.1, 1.0, 0.5), at.PATCHES: (1.0, 100.0, 10.0), at.GRAIN: (1.0, 100.0, 10.0),
    at.DEPOSIT_POROSITY: (0.1, 30.0, 0.5), at.CATHODE_CONTACT: (0.1, 1.0, 0.5), at.COATING: (1e-3, 1e-2, 1.0),
    at.CATHODE_CHARGE: (1e4, 1e4, 1e6), at.LEAK: (1.0, 1e4, 1e6), at.PASSED: (1e3, 1e4, 1e7), at.ENERGY: (1e3, 1e5, 1e8),
    at.SURFACE: (0.01, 1.0, 0.2), at.FOOT: (0.01, 1.0, 0.2), at.PRESSURE: (1e5, 1e6, 1e8), at.CURRENT: (1.0, 10.0, 1e4),
    at.VOLTAGE: (0.01, 1.0, 1.0),
}  # fmt: skip


def scales(p: Physics, relative: float) -> tuple[np.ndarray, Tolerance]:
    """Scale of each unknown for differences, and its tolerances.

    Returns
    -------
    scale : float64[n]
    tolerance : Tolerance
    """
    layout = p.layout
    scale, absolute, reach = np.full(layout.size, 0.01), np.full(layout.size, 1.0), np.full(layout.size, 0.5)
    for offset, (size, slack, far) in _SCALES.items():
        at_scalar = layout.scalars + offset
        scale[at_scalar], absolute[at_scalar], reach[at_scalar] = size, slack, far
    for c in range(layout.cathode_cells):
        first = layout.cathode + c * layout.cathode_block
        scale[first + layout.shells + 1], reach[first + layout.shells + 1] = 0.01, 50.0
    for c in range(layout.host_cells):
        reach[c * layout.host_block] = 0.2
    scale[layout.depths :], absolute[layout.depths :], reach[layout.depths :] = 0.1, 3.0, 2.0
    return scale, Tolerance(relative, absolute * relative, reach)
