"""Every mole of lithium is in exactly one place, whatever the cell does."""

import numpy as np
import pytest
from kernel_cells import COMBINATIONS, SOUND, cycling, make_cell, physics_and_state, random_state, steps

import cellmodel as cm
from cellmodel.model.ledger import PLACES, fill_ledger
from cellmodel.model.probe import Evaluator
from cellmodel.model.residual import mass_diagonal

PLACES_COUNT = len(PLACES)


def ledger(vector, physics):
    parts = np.empty(PLACES_COUNT)
    return fill_ledger(vector, physics, parts), parts


def unmet_kirchhoff(out, physics):
    """Current that appears at nodes whose algebraic equation does not hold at an arbitrary state [A/m2]."""
    layout, s = physics.layout, physics.layout.scalars
    host = out[: layout.cathode : layout.host_block]
    electrons = out[layout.cathode + layout.shells + 3 : s : layout.cathode_block]
    return host.sum() - electrons.sum(), np.abs(np.concatenate([host, electrons])).sum()


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
@pytest.mark.parametrize("mode", [0.0, 1.0])
def test_rates_conserve_lithium_at_any_state(anode, full, mode):
    """The rates of all places sum to what the unmet algebraic equations leave over: zero once those hold."""
    physics, _ = physics_and_state(make_cell(anode, full))
    generator = np.random.default_rng(5)
    rates_of, control = Evaluator(physics), np.array([mode, 1.0])
    for _ in range(300):
        u = random_state(physics, generator)
        out = rates_of(u, control)
        assert np.all(np.isfinite(out))
        rates = out * mass_diagonal(physics.layout)
        total, _ = ledger(rates, physics)
        unmet, size = unmet_kirchhoff(out, physics)
        scale = ledger(np.abs(rates), physics)[0] + size
        assert abs(total + unmet) <= 1e-13 * scale


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_state_of_a_run_leaves_nothing_over(anode, full):
    """At a state that a run has reached, where the algebraic equations hold, the sum itself vanishes."""
    protocol = steps("Charge at 0.3C for 1 h" if full else "Plate at 0.5 mA/cm2 for 1 h")
    run = cm.simulate(make_cell(anode, full), protocol, settings=cm.Settings(relative_tolerance=1e-6))
    state, current = run.ended.states[0], run.compiled.setpoint[0]
    out = Evaluator(run.physics)(state, np.array([0.0, current]))
    total, _ = ledger(out * mass_diagonal(run.physics.layout), run.physics)
    assert abs(total) <= 1e-3 * current  # what the tolerance leaves of the algebraic equations


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_run_keeps_its_lithium(anode, full):
    cell = make_cell(anode, full)
    run = cm.simulate(cell, cycling(cell, cycles=3))
    assert run.outcome.kind.label != "solver_failed"
    assert run.ledger_drift <= 1e-8
    total = run.trace.lithium.sum("place").values
    assert np.abs(total / total[0] - 1.0).max() <= 1e-8


@pytest.mark.parametrize("temperature", ["0 degC", "60 degC"])
@pytest.mark.parametrize("pressure", ["0.5 MPa", "50 MPa"])
def test_lithium_is_kept_at_the_corners(temperature, pressure):
    for anode, full in COMBINATIONS:
        cell = make_cell(anode, full, temperature=temperature, stack_pressure=pressure)
        assert cm.simulate(cell, cycling(cell), trace=False).ledger_drift <= 1e-8


def test_amounts_never_fall_below_nothing():
    for anode, full in COMBINATIONS:
        cell = make_cell(anode, full)
        lithium = cm.simulate(cell, cycling(cell)).trace.lithium
        stored = lithium.drop_sel(place="double_layer")
        assert float(stored.min()) >= -2e-3, (anode, full)  # mAh/cm2; the minute initial amount is 5e-4


def test_losses_only_grow():
    for anode, full in COMBINATIONS:
        cell = make_cell(anode, full)
        lithium = cm.simulate(cell, cycling(cell)).trace.lithium
        for place in ("interphase", "dead", "filament"):
            assert np.diff(lithium.sel(place=place)).min() >= -1e-4, (anode, full, place)  # the error of one time step


@pytest.mark.parametrize("anode", [anode for anode, full in COMBINATIONS if full])
def test_rest_moves_no_lithium_through_the_cell(anode):
    cell = make_cell(anode, True, overrides=SOUND)
    run = cm.simulate(cell, steps("Charge at 0.2C for 2 h", "Rest for 5 h"))
    before, after = run.steps.lithium.sel(place="cathode").values
    assert after == pytest.approx(before, abs=1e-7)
    assert run.steps.capacity.values[1] == pytest.approx(0.0, abs=1e-9)
    assert run.ledger_drift <= 1e-10
