"""A time step may not go so far that what was fast at its beginning is slow at its end."""

import pytest
from kernel_cells import make_cell, physics_and_state

from cellmodel.model import layout as at
from cellmodel.model.leaps import largest_leap


@pytest.fixture(scope="module")
def cell():
    return physics_and_state(make_cell("cu-foil", True))


def leap(cell, index, before, after):
    """The leap of one unknown from one value to another."""
    physics, state = cell
    first, second = state.copy(), state.copy()
    first[index], second[index] = before, after
    return largest_leap.py_func(first, second, physics)


def test_pressure_may_change_by_a_share_of_itself(cell):
    index = cell[0].layout.scalars + at.PRESSURE
    assert leap(cell, index, 20e6, 20e6) == 0.0
    assert leap(cell, index, 20e6, 15e6) < 1.0 < leap(cell, index, 20e6, 12e6)
    assert leap(cell, index, 2e5, 1.5e5) < 1.0 < leap(cell, index, 2e5, 1.2e5)
    assert leap(cell, index, 100.0, 1.0) < 1.0  # hardly any pressure, before and after


def test_particle_may_fill_until_its_surface_hardly_conducts(cell):
    layout = cell[0].layout
    index = layout.cathode + layout.cathode_block + layout.shells  # surface in the second cell
    assert leap(cell, index, 0.3, 0.7) < 1.0 < leap(cell, index, 0.9, 0.98)
