"""Interfaces as capacitors, which only impedance sees: M of M du/dt = f becomes a matrix.

In a run the anode's double layer alone is kept. It regularises a jump of the current; what the others would add is over
within a millisecond.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cellmodel.laws.transport import salt_conductivity
from cellmodel.model import layout as at
from cellmodel.model.interfaces import COUNTER
from cellmodel.model.layout import make_layout
from cellmodel.model.physics import Physics
from cellmodel.model.residual import mass_diagonal


class Capacitances(NamedTuple):
    """Of the interfaces, per area."""

    interface: float  # of the resistance between lithium and electrolyte [F/m2]
    double_layer: float  # of charge transfer at the counter foil [F/m2]
    particle: float  # of the cathode's particles where they touch electrolyte [F/m2]


def with_interfaces(p: Physics) -> Physics:
    """Add the drops of potential over interfaces with lithium to the unknowns of a cell."""
    given = p.layout
    interfaces = 1 if given.cathode_cells else 2
    cells = given.host_cells, given.phases, given.separator_cells, given.cathode_cells
    sizes = *cells, given.shells, given.flaws
    return p._replace(layout=make_layout(*sizes, interfaces))


def mass_matrix(u: np.ndarray, p: Physics, capacitances: Capacitances) -> np.ndarray:
    """M of a cell with all its interfaces, float64[n, n]; `u`, float64[n], has their drops at its end."""
    layout = p.layout
    mass = np.diag(mass_diagonal(layout))
    for drop in range(layout.drops, layout.size):
        mass[drop, drop] = capacitances.interface
    if layout.cathode_cells:
        _particles(mass, u, p, capacitances.particle)
    else:
        _counter_foil(mass, u, p, capacitances.double_layer)
    return mass


def _particles(mass: np.ndarray, u: np.ndarray, p: Physics, capacitance: float) -> None:
    """C d(phi - psi)/dt leaves the electrons of each cathode cell and enters its ions."""
    layout, cathode = p.layout, p.cathode
    contact = u[layout.scalars + at.CATHODE_CONTACT]
    for c in range(layout.cathode_cells):
        psi = layout.cathode + c * layout.cathode_block + layout.shells + 2
        place = np.ix_([psi, psi + 1], [psi, psi + 1])
        mass[place] += cathode.width[c] * cathode.area * contact * capacitance * np.array([[1.0, -1.0], [-1.0, 1.0]])


def _counter_foil(mass: np.ndarray, u: np.ndarray, p: Physics, capacitance: float) -> None:
    """C d(eta)/dt at the foil, whose eta is the voltage less all that lies between it and the collector."""
    layout, s = p.layout, p.layout.scalars
    row, path = s + at.VOLTAGE, p.separator.thickness / p.separator.conductivity
    mass[row, layout.drops + COUNTER] = -capacitance
    if layout.separator_cells:
        mass[row, layout.cathode - 1] = -capacitance  # psi of the separator's last cell
        path = _path_to_foil(u, p)
    else:
        mass[row, s + at.SURFACE] = mass[row, layout.drops] = -capacitance
    mass[row, s + at.CURRENT] = -capacitance * path
    mass[row, s + at.LEAK] = capacitance * path * u[s + at.VOLTAGE]
    mass[row, s + at.VOLTAGE] = capacitance * (1.0 + path * u[s + at.LEAK])


def _path_to_foil(u: np.ndarray, p: Physics) -> float:
    """From the last cell of a binary separator to the foil: Ohm's resistance, and what a current does to salt there."""
    salt, last = p.salt, p.layout.separator_cells - 1
    concentration = u[p.layout.salt + last]
    ohmic = salt.half_resistance[last] / salt_conductivity.py_func(1.0, concentration, salt.peak)
    return ohmic + salt.potential * salt.migration * salt.half_path[last] / concentration
