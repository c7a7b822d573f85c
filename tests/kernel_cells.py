"""Cells, states and short protocols that tests of the kernel share."""

from unittest import mock

import numpy as np

import cellmodel as cm
from cellmodel import components, simulation
from cellmodel.laws.contact import initial_contact
from cellmodel.model import initial, pack
from cellmodel.model import layout as at
from cellmodel.settings import Settings

MAH_PER_CM2 = 36000.0  # C/m2
MPA = 1e6

ANODES = tuple(components.names("anode"))
COMBINATIONS = [(anode, full) for anode in ANODES for full in (False, True)]


SOUND = {"laboratory.flaw_depth": "0.1 um"}
"""An electrolyte that does not short."""


def make_cell(anode, full, **settings):
    return cm.Cell(anode=anode, cathode="ncm811" if full else None, **settings)


def cycling(cell, rate="0.33C", cycles=2):
    """A few cycles at a C-rate (full cell) or to 1 mAh/cm2 at 0.5 mA/cm2 (half cell)."""
    if cell.is_full:
        return cm.Protocol.cycling(rate=rate, cycles=cycles, upper="4.25 V", lower="2.5 V")
    plate, strip = "Plate at 0.5 mA/cm2 until 1 mAh/cm2", "Strip at 0.5 mA/cm2 until 1 V"
    return cm.Protocol([{"repeat": cycles, "steps": [plate, strip]}])


def steps(*sentences):
    return cm.Protocol([{"repeat": 1, "steps": list(sentences)}])


def failing_run():
    """A run that cannot take its second step: nothing carries such a current."""

    def beyond_all_bounds(*given):
        task = prepare(*given)
        task.steps.setpoint[1] = 1e300
        return task

    prepare = simulation.prepare
    cell = make_cell("ag-ni-scaffold", True)
    with mock.patch.object(simulation, "prepare", beyond_all_bounds):
        return cm.simulate(cell, steps("Charge at 0.1C for 30 min", "Rest for 1 h", "Discharge at 0.1C for 1 h"))


def physics_and_state(cell, settings=None):
    """The kernel's numbers of a cell, and its state as assembled."""
    physics = pack.pack(cell.si, cell.phases, cell.is_full, cell.geometry, settings or Settings())
    contact = initial_contact(cell.si["stack_pressure"], cell.si["contact_full_pressure"])
    return physics, initial.initial_state(physics, contact)


SCALAR_BOUNDS = {
    at.BASE: (0.0, 1e5), at.TOP: (0.0, 4e4), at.INTERPHASE: (0.0, 5e3), at.DEAD: (0.0, 1e4), at.FILAMENT: (0.0, 10.0),
    at.COUNTER: (1e3, 1e6), at.CONTACT: (0.05, 1.0), at.COUNTER_CONTACT: (0.05, 1.0), at.PATCHES: (20.0, 30.0),
    at.GRAIN: (-18.0, -12.0), at.DEPOSIT_POROSITY: (0.0, 0.5), at.CATHODE_CONTACT: (0.3, 1.0), at.COATING: (1e-4, 1e-2),
    at.CATHODE_CHARGE: (0.0, 1e5), at.LEAK: (0.0, 1e3), at.PASSED: (-1e5, 1e5), at.ENERGY: (-1e5, 1e5),
    at.SURFACE: (-0.1, 0.1), at.FOOT: (-0.1, 0.1), at.PRESSURE: (1e5, 5e7), at.CURRENT: (-50.0, 50.0),
    at.SETPOINT: (-50.0, 50.0),
}  # fmt: skip


def random_state(physics, generator):
    """Any state within physical bounds; the algebraic equations need not hold."""
    layout, s = physics.layout, physics.layout.scalars
    u = np.empty(layout.size)
    for cell in range(0, layout.salt, layout.host_block):
        u[cell] = generator.uniform(-0.2, 0.2)
        u[cell + 1 : cell + 1 + layout.phases] = generator.uniform(0.01, 0.99, layout.phases)
        u[cell + 1 + layout.phases] = generator.uniform(0.0, 0.9 * physics.host.porosity)
    u[layout.salt : layout.separator] = generator.uniform(0.05, 2.0, layout.separator - layout.salt)
    u[layout.separator : layout.cathode] = generator.uniform(-0.2, 0.2, layout.separator_cells)
    for first in range(layout.cathode, s, layout.cathode_block):
        u[first : first + layout.shells + 1] = generator.uniform(0.05, 0.98, layout.shells + 1)
        tail = generator.uniform([-1.0, -0.2, 3.0], [1.0, 0.2, 4.5])
        u[first + layout.shells + 1 : first + layout.cathode_block] = tail
    for offset, bounds in SCALAR_BOUNDS.items():
        u[s + offset] = generator.uniform(*bounds)
    if not layout.host_cells:  # a foil has no layer below a host
        u[s + at.BASE] = u[s + at.FOOT] = 0.0
    u[s + at.VOLTAGE] = generator.uniform(2.5, 4.5) if layout.cathode_cells else generator.uniform(-0.2, 0.2)
    thickness = physics.separator.thickness
    u[layout.depths :] = np.log(thickness * generator.uniform(0.01, 1.05, 2 * layout.flaws))
    return u
