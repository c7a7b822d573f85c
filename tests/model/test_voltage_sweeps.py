"""A sweep moves the voltage at a constant rate, exactly, and finds the currents that go with it."""

import numpy as np
import pytest
from kernel_cells import make_cell, steps

import cellmodel as cm
from cellmodel.numerics.outcome import OutcomeKind

CYCLE = ("Sweep at 1 mV/s from 1.0 V to 0 V", "Sweep at 1 mV/s from 0 V to 1.0 V")


def within(run, step):
    """Time since a step began [s], voltage [V] and current density [mA/cm2] at its time steps."""
    trace = run.trace.isel(time=slice(1, None))
    trace = trace.isel(time=trace.step.values == step)
    time = 3600.0 * (trace.time.values - float(run.steps.start_time[step]))
    return time, trace.voltage.values, trace.current.values


@pytest.mark.parametrize(
    ("anode", "full", "sentences", "rate"),
    [
        ("cu-foil", False, CYCLE, 1e-3),
        ("ag-ni-scaffold", False, CYCLE, 1e-3),
        ("carbon-paper-composite", False, CYCLE, 1e-3),
        (
            "ag-ni-scaffold",
            True,
            ("Sweep at 0.5 mV/s from 2.6 V to 4.2 V", "Sweep at 0.5 mV/s from 4.2 V to 2.6 V"),
            5e-4,
        ),
    ],
)
def test_voltage_moves_at_the_rate(anode, full, sentences, rate):
    run = cm.simulate(make_cell(anode, full), steps(*sentences))
    assert run.outcome.kind is OutcomeKind.COMPLETED
    for step, (begin, end) in enumerate((run.compiled.setpoint, run.compiled.setpoint[::-1])):
        time, voltage, _ = within(run, step)
        exact = (
            begin + np.sign(end - begin) * rate * time
            if False
            else run.compiled.setpoint[step] + run.compiled.rate[step] * time
        )
        np.testing.assert_allclose(voltage, exact, atol=1e-9)
        assert abs(run.compiled.rate[step]) == pytest.approx(rate)
    assert float(run.steps.end_voltage[0]) == pytest.approx(run.compiled.setpoint[1], abs=1e-9)
    assert float(run.steps.end_time[-1]) == pytest.approx(run.compiled.duration.sum() / 3600.0)


def test_slope_of_a_small_sweep_is_what_the_impedance_says():
    """Lithium against lithium is a resistance, beside what the fresh interphase draws."""
    cell = make_cell("lithium-foil", False, stack_pressure="5 MPa")
    spectrum = cm.impedance(cell)
    resistance = float(spectrum.bulk_resistance[0] + spectrum.charge_transfer_resistance[0])
    run = cm.simulate(cell, steps("Sweep at 1 mV/s from 2 mV to -2 mV"))
    _, voltage, current = within(run, 0)
    slope = (current[-1] - current[1]) / (voltage[-1] - voltage[1])  # mA/cm2/V
    assert -1e3 / slope == pytest.approx(resistance, rel=5e-3)


def test_slow_sweep_follows_the_plateaus_of_the_alloy():
    """The charge of a sweep as slow as this is that of equilibrium, the same down and up but for what is trapped."""
    run = cm.simulate(
        make_cell("ag-ni-scaffold", False),
        steps(
            "Hold at 0.3 V for 20 h",
            "Sweep at 0.005 mV/s from 0.3 V to 0.02 V",
            "Sweep at 0.005 mV/s from 0.02 V to 0.3 V",
        ),
    )
    alloys = run.steps.lithium.sel(place="alloys").values
    taken, given = np.diff(alloys)
    assert taken > 0.1 and -given == pytest.approx(taken, rel=0.06)


def test_sweep_beside_other_cells_comes_out_as_alone():
    cells = [make_cell("cu-foil", False, stack_pressure=f"{pressure} MPa") for pressure in (2, 5, 10)]
    protocols = [steps(*CYCLE), steps("Plate at 0.2 mA/cm2 for 10 min"), steps("Impedance from 1 kHz to 1 Hz", *CYCLE)]
    together = cm.simulate_many(cells, protocols)
    for run, cell, protocol in zip(together, cells, protocols, strict=True):
        np.testing.assert_array_equal(run.ended.state, cm.simulate(cell, protocol).ended.state)


def test_short_in_a_sweep_collapses_at_the_voltage_reached():
    cell = make_cell("cu-foil", False, laboratory="tsinghua", stack_pressure="20 MPa")
    run = cm.simulate(cell, steps("Sweep at 0.2 mV/s from 0.3 V to -0.3 V"))
    assert run.outcome.kind is OutcomeKind.SHORTED
    _, voltage, _ = within(run, 0)
    assert np.all(np.diff(voltage) < 0.0)
    assert np.all(np.isfinite(voltage)) and run.ledger_drift < 1e-10
