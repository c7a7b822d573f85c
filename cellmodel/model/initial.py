"""State of a cell as assembled, and the tolerances and scales that go with its unknowns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cellmodel.laws.storage import deposit_potential
from cellmodel.model import layout as at
from cellmodel.model.physics import Physics
from cellmodel.numerics.cubic_table import look_up
from cellmodel.numerics.system import Tolerance

EMPTY = 1e-6
"""Lithiation of a fresh alloy [1]: the lattice gas has no state at exactly zero."""

UNREDUCED = 15.0
"""How far above the onset of the electrolyte's reduction a fresh anode rests, in widths of the onset [1]."""


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
    surface = -(p.interphase.onset + UNREDUCED * p.interphase.onset_width)
    if p.top.lithium > 0.0:  # a lithium foil has a potential of its own
        surface = -deposit_potential.py_func(p.stack.pressure, 0.0)
    for c in range(layout.host_cells):
        cell = c * layout.host_block
        u[cell + at.PSI] = surface
        u[cell + at.LITHIATION : cell + at.LITHIATION + layout.phases] = EMPTY
    u[layout.salt : layout.separator], u[layout.separator : layout.cathode] = 1.0, surface
    cathode = p.cathode
    potential = p.counter.potential
    if layout.cathode_cells:
        potential = look_up(cathode.potential, cathode.initial_lithiation)
    for c in range(layout.cathode_cells):
        first = layout.cathode + c * layout.cathode_block
        u[first : first + layout.shells + 1] = cathode.initial_lithiation
        u[first + layout.shells + 2] = surface
        u[first + layout.shells + 3] = potential + surface
    scalars = {
        at.TOP: p.top.lithium,
        at.COUNTER: p.counter.lithium,
        at.CONTACT: anode_contact,
        at.COUNTER_CONTACT: anode_contact,
        at.PATCHES: np.log(p.top.patch_density),
        at.GRAIN: np.log(p.top.grain),
        at.CATHODE_CONTACT: cathode.contact,
        at.COATING: cathode.coating,
        at.SURFACE: surface,
        at.FOOT: surface if layout.host_cells else 0.0,
        at.PRESSURE: p.stack.pressure,
        at.VOLTAGE: potential + surface,
    }
    for offset, value in scalars.items():
        u[s + offset] = value
    u[layout.depths : layout.counter_depths] = np.log(p.flaws.depth)
    u[layout.counter_depths :] = np.log(p.flaws.depth)
    return u


class Scale(NamedTuple):
    """Magnitudes of one unknown, in its own unit."""

    difference: float  # typical size, for differences
    tolerance: float  # absolute error allowed, per unit of the relative tolerance
    reach: float  # of one Newton update


LINEAR = 1e6
"""Reach of unknowns that need no bound on a Newton update, because their equations are next to linear in them."""

LOGARITHMS = (at.PATCHES, at.GRAIN)
"""Scalars that are logarithms, as the depths of flaws are: their errors are relative ones already.

Patches add up what each cycle nucleates, and flaws what each cycle opens them by, for as long as a cell lives.
"""

_SCALES = {
    at.BASE: Scale(1e3, 3e2, 1e5),
    at.TOP: Scale(1e2, 1e2, 1e5),
    at.INTERPHASE: Scale(1e2, 1e3, 1e5),
    at.DEAD: Scale(1e2, 1e3, 1e5),
    at.FILAMENT: Scale(1.0, 1e4, 1e5),
    at.COUNTER: Scale(1e4, 1e4, 1e6),
    at.CONTACT: Scale(0.1, 3e-3, 0.5),
    at.COUNTER_CONTACT: Scale(0.1, 3e-3, 0.5),
    at.PATCHES: Scale(1.0, 3.0, 10.0),
    at.GRAIN: Scale(1.0, 3e2, 10.0),
    at.DEPOSIT_POROSITY: Scale(0.1, 30.0, 0.5),
    at.CATHODE_CONTACT: Scale(0.1, 1.0, 0.5),
    at.COATING: Scale(1e-3, 1e-2, 1.0),
    at.CATHODE_CHARGE: Scale(1e4, 1e4, 1e6),
    at.LEAK: Scale(1.0, 1e4, 1e6),
    at.PASSED: Scale(1e3, 1e4, 1e7),
    at.ENERGY: Scale(1e3, 1e5, 1e8),
    at.SURFACE: Scale(0.01, 3.0, 0.2),
    at.FOOT: Scale(0.01, 3.0, 0.2),
    at.PRESSURE: Scale(1e5, 1e6, 1e8),
    at.CURRENT: Scale(1.0, 10.0, 1e4),
    at.VOLTAGE: Scale(0.01, 3.0, 1.0),
    at.SETPOINT: Scale(1.0, 1e4, LINEAR),
}


def scales(p: Physics, relative: float) -> tuple[np.ndarray, Tolerance]:
    """Scale of each unknown for differences, and its tolerances.

    Returns
    -------
    scale : float64[n]
    tolerance : Tolerance
    """
    layout = p.layout
    scale, absolute, reach = np.full(layout.size, 0.01), np.full(layout.size, 0.1), np.full(layout.size, 0.5)
    for offset, row in _SCALES.items():
        i = layout.scalars + offset
        scale[i], absolute[i], reach[i] = row.difference, row.tolerance, row.reach
    absolute[layout.separator : layout.cathode], reach[layout.separator : layout.cathode] = 3.0, LINEAR
    # The potentials of a cathode enter linearly, those of a foil through its kinetics; but where a foil lacks salt,
    # volts lie between one iterate and the next.
    if layout.cathode_cells or layout.separator_cells:
        reach[layout.scalars + at.VOLTAGE] = LINEAR
    for c in range(layout.cathode_cells):
        first = layout.cathode + c * layout.cathode_block
        absolute[first + layout.shells + 1], reach[first + layout.shells + 1] = 1.0, LINEAR
        absolute[first + layout.shells + 2 : first + layout.cathode_block] = 3.0
        reach[first + layout.shells + 2 : first + layout.cathode_block] = LINEAR
    for c in range(layout.host_cells):
        absolute[c * layout.host_block], reach[c * layout.host_block] = 3.0, 0.2
        absolute[c * layout.host_block + layout.phases + 1] = 1.0
    depths = slice(layout.depths, layout.drops)
    scale[depths], absolute[depths], reach[depths] = 0.1, 0.3, 2.0
    shares = np.full(layout.size, relative)
    shares[layout.scalars + np.array(LOGARITHMS)] = shares[depths] = 0.0
    return scale, Tolerance(relative=shares, absolute=absolute * relative, per_reach=1.0 / reach)
