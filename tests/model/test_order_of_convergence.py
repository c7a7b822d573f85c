"""The coupled model converges with the order of its discretisations: two in space, that of the scheme in time."""

import numpy as np
import pytest
from manufactured import Problem
from refinement import MESHES, TOLERANCES, end_voltages, first_discharge, orders, time_errors, tolerance_errors

TIME_ORDER = 4
"""Of the time integrator, on a system with algebraic unknowns."""

CELLS = (8, 16, 32)


@pytest.fixture(scope="module", params=[1.0, 6.0], ids=["uniform", "graded"])
def manufactured(request):
    """Errors of every field on meshes that are refined in the host, the cathode and the particles at once."""
    return [Problem(cells, request.param).errors() for cells in CELLS]


def test_every_field_of_a_manufactured_solution_converges_with_second_order(manufactured):
    names = manufactured[0].keys()
    found = {name: orders([errors[name] for errors in manufactured])[-1] for name in names}
    # 1.90 to 2.06 between 16 and 32 cells, 1.93 to 2.02 between 32 and 64
    assert found == pytest.approx(dict.fromkeys(names, 2.0), abs=0.12)


def test_manufactured_solution_is_met(manufactured):
    """Not only the rate: on 32 cells potentials are right to a part in a thousand of their drop, or so."""
    fine = manufactured[-1]
    potentials = [fine[name] for name in fine if "potential" in name or name == "voltage"]
    lithiations = [fine[name] for name in fine if "lithi" in name]
    assert len(potentials) == 6 and len(lithiations) == 4
    assert max(potentials) < 0.2e-3
    assert max(lithiations) < 0.2e-3


def test_partial_contact_leaves_one_small_term_of_first_order():
    """The path under contact spots takes sigma_N at the centre of the host's last cell, not at its surface.

    Particles know no such term: their skin thins with the square of the shells.
    """
    errors = [Problem(cells, 6.0, contact=0.6, cathode_contact=0.5).errors() for cells in CELLS]
    found = {name: orders([each[name] for each in errors])[-1] for name in errors[0]}
    near_surface = {name: found.pop(name) for name in ("anode surface potential", "foot potential")}
    assert min(near_surface.values()) > 0.9  # from 2 towards 1 as the second-order part of the error goes away
    assert errors[0]["anode surface potential"] < 30e-6
    # The potential of the cathode's electrolyte hangs on that of the surface, through the interphase's current.
    assert found.pop("cathode potential") > 1.9
    assert found == pytest.approx(dict.fromkeys(found, 2.0), abs=0.12)


@pytest.mark.parametrize("direction", MESHES)
def test_voltage_of_a_running_cell_converges_with_second_order(direction):
    """Richardson: changes of the voltage after a charge of 2 h and after the discharge of 1 h that follows."""
    changes = np.diff(end_voltages(direction)[:, 1])
    assert np.abs(changes[0]) < 1e-3
    assert orders(changes) == pytest.approx([2.0], abs=0.15)


def test_capacity_converges_slowly_where_the_diffusivity_falls():
    """A discharge to the cut-off ends in a front that few shells do not resolve."""
    capacity = np.array([first_discharge(shells) for shells in (8, 16, 32, 64)])
    changes = np.abs(np.diff(capacity))
    assert changes[2] < changes[1]
    assert capacity[0] == pytest.approx(capacity[-1], rel=4e-3)


def test_time_steps_converge_with_the_order_of_the_scheme():
    errors = time_errors()
    assert errors[-1] > 1e-13, "nothing but rounding"
    assert orders(errors) == pytest.approx(np.full(len(errors) - 1, TIME_ORDER), abs=0.35)


def test_error_follows_the_tolerance():
    """From the assembled cell on, through formation and the alloy's first plateau."""
    steps, errors = tolerance_errors()
    assert np.all(np.diff(steps) > 0)
    assert errors[0] < 1e-5
    assert np.polyfit(np.log(TOLERANCES), np.log(errors), 1)[0] > 0.8
    assert -np.polyfit(np.log(steps), np.log(errors), 1)[0] > TIME_ORDER - 0.35
