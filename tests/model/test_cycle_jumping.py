"""Lives computed with jumps over cycles, against the same lives computed cycle by cycle."""

import numpy as np
import pytest
from kernel_cells import COMBINATIONS, make_cell, physics_and_state, random_state

import cellmodel as cm
from cellmodel.errors import InputError
from cellmodel.model import layout as at
from cellmodel.model.extrapolated import make_frame, restored
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.settings import SMOOTHNESS, Settings

TOLERANCE, ERROR = 1e-5, 0.005
COARSEST = ERROR / SMOOTHNESS
"""Largest tolerance of time steps that is allowed with jumps of such an error."""
HOT = dict(stack_pressure="20 MPa", temperature="60 degC", loading="20 mg/cm2")


def half_cycles(count, current="0.3 mA/cm2", capacity="1 mAh/cm2"):
    return cm.Protocol(
        [{"repeat": count, "steps": [f"Plate at {current} until {capacity}", "Strip at 0.3 mA/cm2 until 1 V"]}]
    )


def both(cell, protocol, tolerance=TOLERANCE, trace=False):
    plain = cm.simulate(cell, protocol, settings=Settings(relative_tolerance=tolerance), trace=trace)
    jumps = Settings(relative_tolerance=tolerance, jump_error=ERROR)
    return plain, cm.simulate(cell, protocol, settings=jumps, trace=trace)


def deviation(plain, jumped):
    """Largest difference of the discharge in complete cycles, over the largest discharge."""
    first, second = plain.cycles.discharge_capacity.values, jumped.cycles.discharge_capacity.values
    complete = min(first.size, second.size) - (jumped.outcome.kind is not OutcomeKind.COMPLETED)
    return np.abs(first[:complete] - second[:complete]).max() / first.max()


@pytest.fixture(scope="module")
def formed():
    """Two formation cycles and fifty others of a full cell."""
    formation = {"repeat": 2, "steps": ["Charge at 0.05C until 4.25 V", "Discharge at 0.05C until 2.5 V"]}
    others = {
        "repeat": 50,
        "steps": ["Charge at 0.1C until 4.25 V", "Rest for 10 min", "Discharge at 0.1C until 2.5 V"],
    }
    return both(make_cell("cu-foil", True, **HOT), cm.Protocol([formation, others]), trace=True)


@pytest.fixture(scope="module")
def shorted():
    """A half cell whose median flaw crosses after more than a hundred cycles."""
    cell = make_cell("cu-foil", False, stack_pressure="20 MPa", overrides={"laboratory.flaw_depth": "10.8 um"})
    return both(cell, half_cycles(300))


@pytest.fixture(scope="module")
def measured():
    """Cycles with a spectrum in each, and a ramp after them."""
    plate, strip = half_cycles(1).sentences[0]["steps"]
    cycles = {"repeat": 40, "steps": [plate, "Impedance from 10 kHz to 1 Hz", strip]}
    ramp = "Ramp from 2 mA/cm2 by 2 mA/cm2 every 1 cycle of 0.5 mAh/cm2 plate and strip until short"
    return both(make_cell("cu-foil", False, stack_pressure="10 MPa"), cm.Protocol([cycles, {"steps": [ramp]}]))


def test_spectra_and_ramps_go_with_jumps(measured):
    plain, jumped = measured
    assert 0 < (~jumped.steps.simulated.values).sum() and jumped.outcome.kind is plain.outcome.kind
    assert jumped.outcome.cycle == plain.outcome.cycle > 40
    assert jumped.critical_current_density == plain.critical_current_density < np.inf
    for name in ("bulk_resistance", "charge_transfer_resistance"):
        np.testing.assert_allclose(jumped.impedance[name], plain.impedance[name], rtol=0.02)


def test_every_cycle_is_computed_unless_asked_otherwise(formed):
    plain, _ = formed
    assert Settings().jump_error == 0.0 and plain.jumps is None and plain.jump_error == 0.0
    assert plain.cycles.simulated.all() and plain.steps.simulated.all() and plain.cost["cycles"] == 52


def test_fewer_cycles_give_the_same_life(formed):
    plain, jumped = formed
    assert jumped.outcome.kind is OutcomeKind.COMPLETED and jumped.outcome.cycle == 52
    assert jumped.cost["cycles"] <= 30  # ten of them around cycle 15, where a reserve of lithium is used up
    assert deviation(plain, jumped) < 0.25 * ERROR
    assert 0.0 < jumped.jump_error < ERROR
    assert jumped.outcome.time == pytest.approx(plain.outcome.time, rel=5e-4)
    for name in ("coulombic_efficiency", "stack_pressure_max", "contact_fraction_min", "mean_charge_voltage"):
        assert jumped.cycles[name].values == pytest.approx(plain.cycles[name].values, rel=5e-3)


def test_formation_and_ends_of_blocks_are_computed(formed):
    computed = formed[1].cycles.simulated
    assert computed.dtype == bool
    assert computed.sel(cycle=[1, 2, 3, 52]).all() and 2 * int(computed.sum()) < computed.size
    assert int(computed.sum()) <= formed[1].cost["cycles"]
    assert np.array_equal(np.repeat(computed.values, [2, 2, *[3] * 50]), formed[1].steps.simulated.values)


def test_lithium_is_conserved(formed, shorted):
    """No place is emptied further than without jumps.

    Stripping takes 15 nAh/cm2 more than there is: what a deposit gives fades out with the square of the overdraft.
    """
    for plain, jumped in (formed, shorted):
        assert jumped.ledger_drift <= 1e-10
        total = jumped.steps.lithium.sum("place")
        assert total.values == pytest.approx(float(total[0]), rel=1e-10)
        least = [float(run.steps.lithium.drop_sel(place="double_layer").min()) for run in (plain, jumped)]
        assert least[1] == pytest.approx(least[0], abs=1e-7)
        assert least[0] > -2e-5


def test_time_has_no_gaps(formed, shorted):
    for _, jumped in (formed, shorted):
        start, end = jumped.steps.start_time.values, jumped.steps.end_time.values
        assert start[0] == 0.0 and start[1:] == pytest.approx(end[:-1], rel=1e-12) and np.all(end >= start)
        assert jumped.outcome.time / 3600.0 == pytest.approx(end[-1], rel=1e-12)


def test_traces_hold_what_was_computed(formed):
    jumped = formed[1]
    steps = np.unique(jumped.trace.step)
    assert np.array_equal(steps, np.flatnonzero(jumped.steps.simulated))
    assert np.all(np.diff(jumped.trace.time) >= 0.0)
    last = jumped.trace.isel(time=-1)
    assert float(last.time) == pytest.approx(float(jumped.steps.end_time[-1])) and int(last.cycle) == 52


def test_short_is_met_in_its_cycle(shorted):
    plain, jumped = shorted
    assert jumped.cost["cycles"] <= 0.55 * jumped.outcome.cycle
    assert jumped.outcome.kind is OutcomeKind.SHORTED
    assert jumped.short["cycle"] == pytest.approx(plain.short["cycle"], rel=0.02)
    assert jumped.short["time"] == pytest.approx(plain.short["time"], rel=0.02)
    assert jumped.outcome.cycle == jumped.short["cycle"] == jumped.cycles.cycle[-1]
    assert jumped.cycles.simulated.values[-1]
    within = np.minimum(jumped.cycles.flaw_depth.values, 1.0)  # one that has crossed may be corrected by a thousandth
    assert np.all(np.diff(within, axis=0) >= -1e-9)
    assert np.array_equal(np.isfinite(jumped.onsets.onset_cycle), np.isfinite(plain.onsets.onset_cycle))


def test_lost_capacity_is_met_in_its_cycle():
    cell = make_cell("cu-foil", True, capacity_threshold="0.6", **HOT)
    plain, jumped = both(cell, cm.Protocol.cycling(rate="0.1C", cycles=100))
    assert plain.outcome.kind is jumped.outcome.kind is OutcomeKind.CAPACITY_BELOW_THRESHOLD
    assert abs(jumped.outcome.cycle - plain.outcome.cycle) <= 1
    assert jumped.cycles.simulated.values[-1] and deviation(plain, jumped) < ERROR


def test_limit_of_time_steps_counts_over_the_whole_run():
    run = cm.simulate(
        make_cell("cu-foil", False, stack_pressure="20 MPa"),
        half_cycles(100),
        settings=Settings(relative_tolerance=TOLERANCE, jump_error=ERROR, max_steps=400),
    )
    assert run.outcome.kind is OutcomeKind.TIME_LIMIT and run.cost["steps"] == pytest.approx(400, abs=2)


def test_few_cycles_are_all_computed():
    plain, jumped = both(make_cell("cu-foil", False, stack_pressure="20 MPa"), half_cycles(3))
    assert jumped.cycles.simulated.all() and jumped.jump_error == 0.0
    assert deviation(plain, jumped) < 1e-4


def test_cycles_without_a_discharge_are_all_computed():
    protocol = cm.Protocol([{"steps": ["Plate at 0.3 mA/cm2 for 1 h"]}, {"repeat": 12, "steps": ["Rest for 1 h"]}])
    _, jumped = both(make_cell("cu-foil", False, stack_pressure="20 MPa"), protocol)
    assert jumped.outcome.kind is OutcomeKind.COMPLETED and jumped.cycles.simulated.all()


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_any_extrapolated_state_is_restored(anode, full):
    physics, _ = physics_and_state(make_cell(anode, full))
    frame, generator = make_frame(physics), np.random.default_rng(1)
    for _ in range(20):
        before = random_state(physics, generator)
        wild = before + generator.normal(0.0, 0.05, before.size) * np.maximum(np.abs(before), 1e-3)
        state, outside = restored(wild, before, frame)
        assert frame.weights @ state == pytest.approx(frame.weights @ before, rel=1e-13)
        loose = ~frame.store
        assert np.all(state[loose] >= frame.low[loose]) and np.all(state[loose] <= frame.high[loose])
        assert outside >= 0.0
        if full:
            cathode = (frame.weights * (state - before))[frame.store].sum()
            charge = physics.layout.scalars + at.CATHODE_CHARGE
            assert state[charge] - before[charge] == pytest.approx(-cathode, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("settings", "fragments"),
    [
        ({"jump_error": -0.1}, ["jump_error", "0.0001 to 0.05", "or 0"]),
        ({"jump_error": 1e-6, "relative_tolerance": 1e-9}, ["jump_error", "0.0001 to 0.05"]),
        ({"jump_error": 0.5, "relative_tolerance": 1e-9}, ["jump_error", "0.0001 to 0.05"]),
        ({"jump_error": "0.5 %"}, ["jump_error", "a number"]),
        ({"jump_error": True}, ["jump_error", "a number"]),
        ({"jump_error": np.nan, "relative_tolerance": 1e-9}, ["jump_error", "0.0001 to 0.05"]),
        ({"jump_error": 0.005}, ["relative_tolerance", "0.0002", "up to jump_error / 50, here 0.0001"]),
    ],
)
def test_nonsense_is_refused(settings, fragments):
    with pytest.raises(InputError) as caught:
        Settings(**settings)
    for fragment in fragments:
        assert fragment in str(caught.value)


SLOW_AGEING = {"electrolyte.interphase_throughput": 0.0003, "anode.dead_weight": 0.005}
NO_RENEWAL = {"electrolyte.interphase_renewal": 0}
FIRM_CATHODE = {**SLOW_AGEING, "cathode.contact_sensitivity": 0.03}
LONG_LIVES = {
    "scaffold": (
        dict(anode="ag-ni-scaffold", full=True, stack_pressure="3 MPa", loading="20 mg/cm2", overrides=FIRM_CATHODE),
        "0.33C",
    ),
    "copper": (dict(anode="cu-foil", full=True, overrides=SLOW_AGEING | NO_RENEWAL, **HOT), "0.1C"),
    "carbon paper": (
        dict(
            anode="carbon-paper-composite", full=True, stack_pressure="20 MPa", loading="5 mg/cm2",
            overrides=FIRM_CATHODE,
        ),
        "0.1C",
    ),
    "copper half cell that shorts": (
        dict(anode="cu-foil", full=False, stack_pressure="20 MPa", overrides={"laboratory.flaw_depth": "10.39 um"}),
        None,
    ),
}  # fmt: skip
"""Cells that live for a thousand cycles, or nearly: they lose a tenth of what the calibrated ones do."""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("tolerance", [COARSEST, TOLERANCE])
@pytest.mark.parametrize("name", LONG_LIVES)
def test_a_thousand_cycles_from_an_eighth_of_them(name, tolerance):
    arguments, rate = LONG_LIVES[name]
    protocol = cm.Protocol.cycling(rate=rate, cycles=1000) if rate else half_cycles(1000)
    plain, jumped = both(make_cell(**arguments), protocol, tolerance)
    assert plain.outcome.kind in (OutcomeKind.COMPLETED, OutcomeKind.SHORTED) and plain.outcome.cycle > 700
    assert jumped.outcome.kind is plain.outcome.kind
    assert 8 * jumped.cost["cycles"] <= jumped.outcome.cycle
    assert deviation(plain, jumped) < jumped.jump_error < ERROR
    assert (jumped.short is None) == (plain.short is None)
    if plain.short:
        assert jumped.short["cycle"] == pytest.approx(plain.short["cycle"], rel=0.02)
        assert jumped.short["time"] == pytest.approx(plain.short["time"], rel=0.02)
