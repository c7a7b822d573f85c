"""The failure map: fade and shorts told rightly, and no number missing without a reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep import store
from cellmodel.sweep.collect import collect
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.failure_map import failure_map, first_crossing, summary
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import run_chunk


@pytest.fixture
def points(small, write, tmp_path, no_solver):
    def of(**report):
        small["report"] |= report
        small["chunk_points"] = 30
        sweep = load(write(small))
        design = build(sweep)
        chunk = run_chunk(sweep, design, 0, 2, Progress("x", 30, 0, ()))
        store.write(chunk, tmp_path / "0.nc", sweep.label("chunk 0"))
        return collect(sweep, design, [tmp_path / "0.nc"]), sweep

    return of


def test_retention_is_relative_to_the_reference_cycle(points):
    found = failure_map(*points(reference_cycle=2))
    cell = found.sel(anode_porosity=0.6, stack_pressure=5.0, temperature=0.0, method="nearest")
    capacity = 3.0 - 0.2 * 0.6 * np.arange(1, 7)
    assert np.allclose(cell["capacity_retention"], capacity[[2, 5]] / capacity[1])
    assert list(cell["retention_cycle"]) == [3, 6]
    assert float(cell["margin_fade"]) == pytest.approx(capacity[5] / capacity[1] - 0.8)
    assert float(cell["first_coulombic_efficiency"]) == pytest.approx(0.9)
    assert float(cell["mean_coulombic_efficiency"]) == pytest.approx(np.mean(1 - 0.1 / np.arange(2, 7)))
    assert float(cell["peak_stack_pressure"]) == pytest.approx(5.0)


def test_the_fade_cycle_is_interpolated_infinite_or_explained(points):
    found = failure_map(*points(threshold=0.9))
    fade = found["cycle_at_90_percent"]
    cell = fade.sel(anode_porosity=0.6, stack_pressure=5.0, temperature=0.0, method="nearest")
    assert float(cell) == pytest.approx((3.0 - 0.9 * 2.88) / 0.12, rel=1e-6)
    shorted = fade.sel(stack_pressure=50.0)
    assert np.isnan(shorted.sel(anode_porosity=0.6)).all()
    never = failure_map(*points(threshold=0.1))["cycle_at_10_percent"]
    assert np.isinf(never.sel(stack_pressure=5.0, method="nearest")).all()


def test_a_short_is_told_and_its_absence_is_infinite(points):
    found = failure_map(*points())
    assert (found["short_areal_capacity"].sel(stack_pressure=50.0) == 2.0).all()
    assert np.isinf(found["short_cycle"].sel(stack_pressure=5.0, method="nearest")).all()
    assert (found["margin_short"].sel(stack_pressure=50.0) < 0).all()


def test_the_summary_counts_outcomes(points):
    assert summary(failure_map(*points())) == "22 completed, 6 shorted, 2 solver failed"


def test_every_missing_number_has_its_outcome(points):
    found = failure_map(*points())
    for name, variable in found.data_vars.items():
        if variable.dtype.kind == "f":
            missing = variable.isnull()
            assert (found["outcome"].where(missing) != OutcomeKind.COMPLETED).all(), name


def test_a_map_with_an_unexplained_gap_is_refused(points):
    table, sweep = points()
    table["ledger_drift"][0, 2, 0] = np.nan
    with pytest.raises(ValueError, match="ledger_drift is missing at a completed point"):
        failure_map(table, sweep)


def test_a_point_that_never_ran_is_refused(points):
    table, sweep = points()
    table["outcome"][0, 2, 0] = OutcomeKind.NOT_RUN
    with pytest.raises(ValueError, match="1 points were never run"):
        failure_map(table, sweep)


def test_the_cycle_in_which_a_cell_shorts_counts_for_nothing(points):
    table, sweep = points()
    at = {"anode_porosity": 0.6, "stack_pressure": 50.0, "temperature": 0.0}
    assert int(table["outcome_cycle"].sel(at)) == 3
    table["discharge_capacity"].loc[at | {"cycle": 3}] = 0.0
    table["coulombic_efficiency"].loc[at | {"cycle": 3}] = 0.0
    cell = failure_map(table, sweep).sel(at)
    assert np.isnan(cell["discharge_capacity"].sel(cycle=3)) and cell["discharge_capacity"].sel(cycle=2) > 0
    assert float(cell["mean_coulombic_efficiency"]) == pytest.approx(0.95)
    assert np.isnan(cell["cycle_at_80_percent"]) and float(cell["margin_fade"]) > 0


def test_a_cell_that_is_spent_in_the_reference_cycle_has_faded(points):
    table, sweep = points(reference_cycle=2)
    at = {"anode_porosity": 0.6, "stack_pressure": 0.5, "temperature": 0.0}
    table["outcome"].loc[at] = OutcomeKind.CAPACITY_BELOW_THRESHOLD
    table["outcome_cycle"].loc[at] = 2
    table["discharge_capacity"].loc[at] = [3.0, 0.03, *[np.nan] * 4]
    cell = failure_map(table, sweep).sel(at)
    assert float(cell["margin_fade"]) == pytest.approx(0.01 - 0.8)
    assert float(cell["cycle_at_80_percent"]) == 2.0


def test_a_report_changes_the_map_only(points):
    one, other = failure_map(*points()), failure_map(*points(threshold=0.5))
    assert "cycle_at_80_percent" in one and "cycle_at_50_percent" in other
    assert one.attrs["identity"] == other.attrs["identity"] if "identity" in one.attrs else True


@given(
    level=st.floats(0.2, 0.95),
    slope=st.floats(0.001, 0.2),
    cycles=st.integers(2, 60),
    first=st.integers(1, 5),
)
def test_a_straight_fade_crosses_where_arithmetic_says(level, slope, cycles, first):
    series = 1.0 - slope * np.arange(cycles)
    expected = first + (1.0 - level) / slope
    found = float(first_crossing(series, level, first))
    if expected > first + cycles - 1 + 1e-9:
        assert found == np.inf
    elif expected < first + cycles - 1 - 1e-9:
        assert found == pytest.approx(expected, rel=1e-9)


def test_only_the_first_crossing_counts_and_gaps_do_not_cross():
    series = np.array([[1.0, 0.7, 0.9, 0.6], [1.0, np.nan, np.nan, np.nan], [0.5, 0.5, 0.5, 0.5]])
    assert np.allclose(first_crossing(series, 0.8, 1), [1 + 2 / 3, np.inf, 1.0])
