"""Protocol steps end exactly where their limits stand."""

import numpy as np
import pytest
from kernel_cells import ANODES, COMBINATIONS, SOUND, make_cell, steps

import cellmodel as cm
from cellmodel.model import events
from cellmodel.settings import Settings


def reasons(run):
    return [events.REASONS[reason] for reason in run.steps.end_reason.values]


@pytest.mark.parametrize("anode", ["ag-ni-scaffold", "cu-foil"])
@pytest.mark.parametrize("rate", ["0.1C", "0.5C"])
def test_full_cell_meets_its_cut_offs(anode, rate):
    protocol = cm.Protocol.cycling(rate=rate, cycles=2, upper="4.25 V", lower="2.5 V")
    run = cm.simulate(make_cell(anode, True, overrides=SOUND), protocol)
    assert reasons(run) == ["voltage limit"] * 4
    assert run.steps.end_voltage.values == pytest.approx([4.25, 2.5, 4.25, 2.5], abs=1e-4)
    discharging = (run.trace.step.values % 2 == 1) & (run.trace.time.values > 0.0)
    voltage = run.trace.voltage.values
    assert voltage.max() <= 4.25 + 1e-4
    assert voltage[discharging].min() >= 2.5 - 1e-4  # a fresh cell, whose anode holds no lithium, begins below


@pytest.mark.parametrize("anode", ANODES)
def test_half_cell_meets_its_capacity_and_its_cut_off(anode):
    run = cm.simulate(
        make_cell(anode, False), steps("Plate at 0.5 mA/cm2 until 0.7 mAh/cm2", "Strip at 0.5 mA/cm2 until 1 V")
    )
    assert reasons(run) == ["capacity limit", "voltage limit"]
    assert run.steps.capacity.values[0] == pytest.approx(0.7, rel=2e-6)
    assert run.steps.end_voltage.values[1] == pytest.approx(1.0, abs=1e-4)


def test_whichever_limit_comes_first_ends_the_step():
    cell = make_cell("ag-ni-scaffold", True)
    early = cm.simulate(cell, steps("Charge at 0.5C until 4.25 V or for 10 min"))
    assert reasons(early) == ["duration"]
    assert early.steps.end_time.values[0] * 60.0 == pytest.approx(10.0, rel=1e-9)
    late = cm.simulate(cell, steps("Charge at 0.5C until 4.25 V or for 10 h"))
    assert reasons(late) == ["voltage limit"]
    assert late.steps.end_time.values[0] < 2.5
    capacity = cm.simulate(cell, steps("Charge at 0.5C until 1.5 mAh/cm2 or until 4.25 V"))
    assert reasons(capacity) == ["capacity limit"]
    assert capacity.steps.capacity.values[0] == pytest.approx(1.5, rel=2e-6)


def test_hold_keeps_its_voltage_and_ends_on_its_current():
    cell = make_cell("ag-ni-scaffold", True)
    run = cm.simulate(cell, steps("Charge at 0.5C until 4.2 V", "Hold at 4.2 V until 0.05C"))
    assert reasons(run) == ["voltage limit", "current limit"]
    holding = run.trace.isel(time=(run.trace.step == 1).values)
    assert holding.voltage.values == pytest.approx(4.2, abs=1e-6)
    one_c = cell.one_c / 10.0
    assert holding.current.values[-1] == pytest.approx(0.05 * one_c, rel=1e-5)
    assert np.all(np.diff(holding.current.values[3:]) < 0.0)
    assert run.steps.capacity.values[1] > 0.0


def test_hold_for_a_time():
    run = cm.simulate(
        make_cell("cu-foil", True, overrides=SOUND), steps("Charge at 0.2C for 1 h", "Hold at 3.8 V for 20 min")
    )
    assert reasons(run)[1] == "duration"
    assert run.steps.end_time.values[1] - run.steps.end_time.values[0] == pytest.approx(1.0 / 3.0, rel=1e-6)
    assert run.steps.end_voltage.values[1] == pytest.approx(3.8, abs=1e-6)


def test_rest_carries_no_current():
    run = cm.simulate(make_cell("ag-ni-scaffold", True), steps("Charge at 0.5C for 30 min", "Rest for 2 h"))
    resting = run.trace.isel(time=(run.trace.step == 1).values)
    assert np.abs(resting.current.values).max() < 1e-9
    assert run.steps.capacity.values[1] == pytest.approx(0.0, abs=1e-9)
    late = resting.voltage.sel(time=slice(1.0, None)).values
    assert np.abs(np.diff(late)).max() < 2e-2
    assert abs(late[-1] - late[-2]) < 1e-3


@pytest.mark.parametrize("anode", ANODES)
def test_half_cell_counts_its_voltage_against_the_counter(anode):
    """Plating needs a negative, stripping a positive voltage; capacities and currents count plating as positive."""
    cell = make_cell(anode, False, overrides=SOUND)
    run = cm.simulate(cell, steps("Plate at 0.3 mA/cm2 for 10 h", "Strip at 0.3 mA/cm2 for 15 min"))
    plating = run.trace.isel(time=(run.trace.step == 0).values).isel(time=slice(-3, None))
    stripping = run.trace.isel(time=(run.trace.step == 1).values).isel(time=slice(3, None))
    assert np.all(plating.voltage.values < 0.0)
    assert np.all(stripping.voltage.values > 0.0)
    assert plating.current.values == pytest.approx(0.3, rel=1e-6)
    assert stripping.current.values == pytest.approx(-0.3, rel=1e-6)
    assert run.steps.capacity.values == pytest.approx([3.0, -0.075], rel=1e-5)
    assert run.cycles.mean_discharge_voltage.values[0] > 0.0


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_time_goes_on_and_steps_join(anode, full):
    cell = make_cell(anode, full)
    up, down = ("Charge", "Discharge") if full else ("Plate", "Strip")
    run = cm.simulate(cell, steps(f"{up} at 0.3 mA/cm2 for 3 h", "Rest for 10 min", f"{down} at 0.3 mA/cm2 for 30 min"))
    start, end = run.steps.start_time.values, run.steps.end_time.values
    assert start[1:] == pytest.approx(end[:-1])
    assert end == pytest.approx([3.0, 3.0 + 1 / 6, 3.5 + 1 / 6], rel=1e-6)
    assert np.all(np.diff(run.trace.time.values) > 0.0)
    assert list(run.steps.direction.values) == [1, 0, -1]


def test_largest_step_is_respected():
    settings = Settings(largest_step=60.0)
    run = cm.simulate(make_cell("cu-foil", True), steps("Rest for 2 h"), settings=settings)
    assert np.diff(run.trace.time.values).max() * 3600.0 <= 60.0 * (1 + 1e-9)
    assert run.cost["steps"] >= 120
