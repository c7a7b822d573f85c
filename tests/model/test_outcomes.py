"""Every way in which a run can end, and what is left of it."""

import numpy as np
import pytest
from kernel_cells import SOUND, cycling, failing_run, make_cell, steps

import cellmodel as cm
from cellmodel import simulation
from cellmodel.model import events
from cellmodel.numerics.outcome import ADVICE, OutcomeKind
from cellmodel.settings import Settings


def completed():
    cell = make_cell("ag-ni-scaffold", True)
    return cm.simulate(cell, cycling(cell))


def shorted():
    return cm.simulate(make_cell("cu-foil", False, laboratory="tsinghua"), steps("Plate at 1 mA/cm2 until 5 mAh/cm2"))


def capacity_below_threshold():
    cell = make_cell("cu-foil", True, capacity_threshold="1", overrides=SOUND)
    return cm.simulate(cell, cycling(cell, cycles=5))


def lithium_exhausted():
    cell = make_cell("ag-ni-scaffold", False, counter_thickness="5 um")
    return cm.simulate(cell, steps("Plate at 0.5 mA/cm2 until 5 mAh/cm2"))


def host_overflow():
    poor = {"anode.silver.diffusivity": "1e-16 m2/s", "anode.overflow_limit": "0.05 mAh/cm2"}
    cell = make_cell("ag-ni-scaffold", False, overrides=poor | SOUND)
    return cm.simulate(cell, steps("Plate at 0.5 mA/cm2 until 5 mAh/cm2"))


def time_limit():
    cell = make_cell("cu-foil", True, overrides=SOUND)
    return cm.simulate(cell, cycling(cell, cycles=5), settings=Settings(max_steps=60))


RUNS = {
    OutcomeKind.COMPLETED: completed,
    OutcomeKind.SHORTED: shorted,
    OutcomeKind.CAPACITY_BELOW_THRESHOLD: capacity_below_threshold,
    OutcomeKind.LITHIUM_EXHAUSTED: lithium_exhausted,
    OutcomeKind.HOST_OVERFLOW: host_overflow,
    OutcomeKind.SOLVER_FAILED: failing_run,
    OutcomeKind.TIME_LIMIT: time_limit,
}
OUTSIDE = {OutcomeKind.NOT_RUN, OutcomeKind.INVALID_DESIGN}
"""Outcomes that only a sweep gives: of a point that was not computed or cannot be built."""


def test_every_outcome_is_covered():
    assert set(RUNS) | OUTSIDE == set(OutcomeKind) == set(ADVICE)


@pytest.mark.parametrize("kind", RUNS, ids=lambda kind: kind.label)
def test_run_ends_by_its_name_and_keeps_what_it_has(kind):
    run = RUNS[kind]()
    assert run.outcome.kind is kind, str(run.outcome)
    assert len(run.outcome.message) > 10
    done = run.steps.sizes["step"]
    assert run.outcome.step == done - 1
    assert run.outcome.cycle == run.steps.cycle.values[-1]
    assert run.outcome.time == pytest.approx(run.steps.end_time.values[-1] * 3600.0)
    assert run.ledger_drift <= 1e-8
    for dataset in (run.steps, run.cycles, run.trace, run.profiles):
        for name, variable in dataset.data_vars.items():
            assert not np.isnan(variable.values).any(), name
    assert all(np.isfinite(value) for value in run.margins.values())


def test_margins_tell_the_failure():
    assert all(run().margins["short"] > 0.0 for kind, run in RUNS.items() if kind is not OutcomeKind.SHORTED)
    assert shorted().margins["short"] < 0.0
    assert host_overflow().margins["overflow"] < 0.0
    assert lithium_exhausted().margins["exhaustion"] < 0.0


def test_short_is_reported_where_it_happened():
    run = shorted()
    assert run.short["cycle"] == 1
    assert run.short["areal_capacity"] == pytest.approx(run.short["time"] * 1.0, rel=1e-4)  # at 1 mA/cm2
    assert completed().short is None
    assert np.isinf(completed().onsets.onset_time.sel(flaw_quantile=0.5, method="nearest"))


def test_exhausted_counter_gave_almost_all_it_had():
    run = lithium_exhausted()
    first, last = run.trace.lithium.sel(place="counter").values[[0, -1]]
    assert first == pytest.approx(5.0 / 4.85, rel=1e-3)
    assert last == pytest.approx(0.005 * first, rel=1e-2)


def test_overflow_stops_at_its_limit():
    assert host_overflow().trace.lithium.sel(place="top").values[-1] == pytest.approx(0.05, rel=1e-4)


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("Plate at 1e7 mA/cm2 for 1 h", OutcomeKind.COMPLETED),
        # What is over as it begins gives nothing.
        ("Strip at 1e7 mA/cm2 for 1 h", OutcomeKind.CAPACITY_BELOW_THRESHOLD),
    ],
)
def test_current_that_no_cell_can_carry_ends_at_the_range_of_the_cycler(sentence, kind):
    run = cm.simulate(make_cell("cu-foil", False), steps("Plate at 0.1 mA/cm2 for 1 h", sentence))
    assert run.outcome.kind is kind
    assert events.REASONS[int(run.steps.end_reason[1])] == "voltage limit"
    assert abs(run.steps.end_voltage.values[1]) >= simulation.CYCLER_RANGE
    assert run.steps.end_time.values[1] - 1.0 < 1e-5  # at once
    assert run.steps.capacity.values[0] == pytest.approx(0.1, rel=1e-5)


def test_same_run_without_trace():
    with_trace = completed()
    cell = make_cell("ag-ni-scaffold", True)
    without = cm.simulate(cell, cycling(cell), trace=False)
    assert np.array_equal(with_trace.steps.capacity, without.steps.capacity)
    assert without.trace.sizes["time"] == 1
    assert with_trace.trace.sizes["time"] == with_trace.cost["steps"] + 1


def test_cell_that_delivers_nothing_is_not_called_completed():
    cell = make_cell("cu-foil", True, temperature="-20 degC")
    run = cm.simulate(cell, cycling(cell, rate="1C", cycles=3))
    assert run.cycles.discharge_capacity.values.max() < 1e-3
    assert run.outcome.kind is OutcomeKind.CAPACITY_BELOW_THRESHOLD or run.margins["fade"] < 0.0


def test_interphase_of_zero_is_refused():
    """Parabolic growth divides by what has formed."""
    with pytest.raises(cm.InputError, match=r"interphase_formation"):
        make_cell("cu-foil", False, overrides={"electrolyte.interphase_formation": "0 mAh/cm2"})


def test_host_without_room_is_refused():
    cell = make_cell("ag-ni-scaffold", False, overrides={"anode.porosity": "0.55"})
    with pytest.raises(cm.InputError, match=r"anode\.porosity"):
        cm.simulate(cell, steps("Plate at 0.1 mA/cm2 for 1 h"))


def test_flaw_deeper_than_the_separator_is_refused():
    overrides = {"laboratory.flaw_depth": "60 um", "electrolyte.mass": "5 mg/cm2"}
    cell = make_cell("cu-foil", False, overrides=overrides)
    with pytest.raises(cm.InputError, match=r"laboratory\.flaw_depth"):
        cm.simulate(cell, steps("Plate at 0.1 mA/cm2 for 1 h"))
