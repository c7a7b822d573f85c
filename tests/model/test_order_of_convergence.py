"""The coupled model converges with the order of its discretisations: two in space, that of the scheme in time."""

import numpy as np
import pytest
from manufactured import Problem
from refinement import MESHES, end_voltages, equal_step_errors, first_discharge, orders, time_errors

TIME_ORDER = 4
"""Of the time integrator, on a system with algebraic unknowns."""

CELLS = (6, 12, 24)


@pytest.fixture(scope="module", params=[1.0, 6.0], ids=["uniform", "graded"])
def manufactured(request):
    """Errors of every field on meshes that are refined in the host, the cathode and the particles at once."""
    return [Problem(cells, request.param).errors() for cells in CELLS]


def test_every_field_of_a_manufactured_solution_converges_with_second_order(manufactured):
    names = manufactured[0].keys()
    found = {name: orders([errors[name] for errors in manufactured])[-1] for name in names}
    assert found == pytest.approx(dict.fromkeys(names, 2.0), abs=0.15)


def test_manufactured_solution_is_met(manufactured):
    """Not only the rate: on 24 cells potentials are right to a part in a thousand of their drop, or so."""
    fine = manufactured[-1]
    potentials = [fine[name] for name in fine if "potential" in name or name == "voltage"]
    lithiations = [fine[name] for name in fine if "lithi" in name]
    assert len(potentials) == 6 and len(lithiations) == 4
    assert max(potentials) < 0.5e-3
    assert max(lithiations) < 0.5e-3


def test_partial_contact_leaves_one_small_term_of_first_order():
    """The path under contact spots takes sigma_N at the centre of the host's last cell, not at its surface."""
    errors = [Problem(cells, 6.0, contact=0.6, cathode_contact=0.8).errors() for cells in CELLS]
    found = {name: orders([each[name] for each in errors])[-1] for name in errors[0]}
    near_surface = {name: found.pop(name) for name in ("anode surface potential", "foot potential")}
    assert min(near_surface.values()) > 0.9
    assert errors[0]["anode surface potential"] < 50e-6
    assert min(found.values()) > 1.8


@pytest.mark.parametrize("direction", MESHES)
def test_voltage_of_a_running_cell_converges_with_second_order(direction):
    """Richardson: changes of the voltage after a charge of 2 h and after the discharge of 1 h that follows."""
    changes = np.diff(end_voltages(direction)[:, 1])
    assert np.abs(changes[0]) < 1e-3
    assert orders(changes) == pytest.approx([2.0], abs=0.15)


def test_capacity_hardly_depends_on_the_shells_where_the_diffusivity_falls():
    """A discharge to the cut-off ends in a front that no number of shells here resolves; the mean D carries it."""
    capacity = np.array([first_discharge(shells) for shells in (8, 16, 32, 64)])
    assert capacity == pytest.approx([capacity[-1]] * 4, rel=1.5e-3)


def test_equal_time_steps_converge_with_the_order_of_the_scheme():
    _, errors = equal_step_errors()
    found = orders(errors)
    assert found[1:] == pytest.approx([TIME_ORDER] * 2, abs=0.25)
    assert found[-1] == pytest.approx(TIME_ORDER, abs=0.1)


def test_error_falls_with_the_steps_that_a_tolerance_takes():
    """Nearly with the order of the scheme: cells of the host fill one after another, and each shortens the steps."""
    steps, errors = time_errors()
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert np.all(np.diff(steps) > 0)
    assert slope == pytest.approx(-TIME_ORDER, abs=0.6)
