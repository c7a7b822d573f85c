"""A cell as assembled: its numbers, its first state, and how its system is solved."""

from __future__ import annotations

import numpy as np

from cellmodel.cell import Cell
from cellmodel.model import initial
from cellmodel.model.pack import pack
from cellmodel.model.pack_interfaces import initial_contact
from cellmodel.model.physics import Physics
from cellmodel.model.probe import structure
from cellmodel.model.residual import mass_diagonal
from cellmodel.numerics.system import Plan
from cellmodel.settings import Settings


def assemble(cell: Cell, settings: Settings) -> tuple[Physics, np.ndarray]:
    """Put a cell into the numbers of the balances, and find its state at rest, float64[n]."""
    physics = pack(cell.si, cell.phases, cell.is_full, cell.geometry, settings)
    return physics, initial.initial_state(physics, initial_contact(cell.si))


def make_plan(state: np.ndarray, physics: Physics, settings: Settings) -> Plan:
    """Elimination order, colours, tolerances and limits for a cell's system."""
    lu, colours = structure(state, physics)
    _, tolerance = initial.scales(physics, settings.relative_tolerance)
    return Plan(
        lu=lu,
        colours=colours,
        tolerance=tolerance,
        mass=mass_diagonal(physics.layout),
        max_steps=settings.max_steps,
        largest_step=settings.largest_step,
        time_limit=settings.time_limit,
    )
