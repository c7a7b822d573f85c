"""Each quantity on runs written by hand, with the value that an experimenter would read."""

import math

import numpy as np
import pytest
import xarray as xr
from finished_runs import compiled, finished_run, measure

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.validation.deposits import share_below
from cellmodel.validation.quantities import Unmeasurable

SHORT = {"areal_capacity": 0.25, "cycle": 2.0, "time": 3.5}
CYCLED = {"charge_capacity": [4.0, 3.0, 3.0], "discharge_capacity": [3.2, 3.0, 2.4], "dead_lithium": [0.1, 0.2, 0.3]}


def cycled(**changes):
    return finished_run(compiled(3), cycles=CYCLED, **changes)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("coulombic_efficiency", {"cycle": 1}, 0.8),
        ("coulombic_efficiency", {"cycle": 3}, 0.8),
        ("mean_coulombic_efficiency", {"cycles": [1, 2]}, 0.9),
        ("capacity_retention", {"cycle": 3}, 0.75),
        ("capacity_retention", {"cycle": 3, "reference": 2}, 0.8),
        ("charge_capacity", {"cycle": 2, "per": "area"}, 3.0),
        ("discharge_capacity", {"cycle": 3, "per": "area"}, 2.4),
        ("first_cycle_loss", {"per": "area"}, 0.8),
        ("dead_lithium", {"cycle": 2}, 0.2),
    ],
)
def test_capacities(name, arguments, expected):
    assert measure(name, cycled(), **arguments) == pytest.approx(expected)


def test_capacity_per_mass_of_cathode():
    run = cycled(full=True)  # 20 mg/cm2
    assert measure("charge_capacity", run, cycle=1, per="cathode_mass") == pytest.approx(200.0)
    assert measure("first_cycle_loss", run, per="cathode_mass") == pytest.approx(40.0)
    with pytest.raises(Unmeasurable, match="half cell"):
        measure("charge_capacity", cycled(), cycle=1, per="cathode_mass")


def test_cycles_that_the_run_did_not_finish_have_no_efficiency():
    run = cycled(kind=OutcomeKind.SHORTED, step=4, short=SHORT)  # in the charge of cycle 3
    assert measure("coulombic_efficiency", run, cycle=2) == 1.0
    for name, arguments in [
        ("coulombic_efficiency", {"cycle": 3}),
        ("mean_coulombic_efficiency", {"cycles": [1, 3]}),
        ("charge_capacity", {"cycle": 3}),
        ("dead_lithium", {"cycle": 3}),
    ]:
        with pytest.raises(Unmeasurable, match="ended early: shorted"):
            measure(name, run, **arguments)


def test_charge_of_a_cycle_counts_though_its_discharge_was_not_finished():
    run = cycled(kind=OutcomeKind.SHORTED, step=5, short=SHORT)
    assert measure("charge_capacity", run, cycle=3) == 3.0


def test_a_cell_that_has_faded_does_not_come_back():
    run = cycled(kind=OutcomeKind.CAPACITY_BELOW_THRESHOLD, step=3)
    assert measure("capacity_retention", run, cycle=3) == pytest.approx(3.0 / 3.2)  # that of cycle 2, its last


def test_cycle_without_a_discharge_has_no_efficiency():
    run = finished_run(compiled(1, (1,)), cycles=CYCLED)
    with pytest.raises(Unmeasurable, match="no step of cycle 1 discharges"):
        measure("coulombic_efficiency", run, cycle=1)


def test_onsets_of_a_short():
    run = cycled(kind=OutcomeKind.SHORTED, step=2, short=SHORT)
    assert measure("shorted", run) is True
    assert measure("short_onset_cycle", run) == 2.0
    assert measure("short_onset_time", run) == 3.5
    assert measure("short_onset_capacity", run) == 0.25


def test_onset_capacity_counts_the_whole_half_cycle():
    protocol = compiled(1, (1, 0, 1))
    run = finished_run(protocol, OutcomeKind.SHORTED, 2, SHORT, steps={"capacity": [1.0, 0.0, 0.25]})
    assert measure("short_onset_capacity", run) == 1.25
    at_rest = finished_run(compiled(2, (1, -1, 1, 0)), OutcomeKind.SHORTED, 3, SHORT | {"areal_capacity": 0.0})
    assert measure("short_onset_capacity", at_rest) == 1.0


def test_a_cell_that_never_shorts_has_infinite_onsets():
    for name in ("short_onset_capacity", "short_onset_cycle", "short_onset_time"):
        assert math.isinf(measure(name, cycled()))
    assert measure("shorted", cycled()) is False


def test_whether_a_spent_cell_would_have_shorted_is_not_known():
    run = cycled(kind=OutcomeKind.LITHIUM_EXHAUSTED, step=2)
    for name in ("shorted", "short_onset_capacity", "short_onset_cycle", "short_onset_time"):
        with pytest.raises(Unmeasurable, match="lithium_exhausted"):
            measure(name, run)


def test_whether_a_cell_without_contact_would_have_shorted_is_not_known():
    broken = cycled(steps={"end_reason": [1, 0, 0, 0, 1, 0]})  # the second plating ran to the cycler's limit
    with pytest.raises(Unmeasurable, match=r"contact broke in step 3 \(cycle 2\)"):
        measure("shorted", broken)


def test_a_foil_without_lithium_of_its_own_may_be_stripped_bare():
    protocol = compiled(1, voltage_limit=np.full(2, np.nan))
    assert measure("shorted", finished_run(protocol, steps={"end_reason": [1, 0]})) is False
    foil = finished_run(protocol, steps={"end_reason": [1, 0]})
    foil.cell.si["anode.lithium_thickness"] = 5e-5
    with pytest.raises(Unmeasurable, match="contact broke in step 2"):
        measure("shorted", foil)


def test_critical_current_density():
    ramp = {"critical_current_density": 0.9}
    assert measure("critical_current_density", cycled(kind=OutcomeKind.SHORTED, step=2, short=SHORT, **ramp)) == 0.9
    assert math.isinf(measure("critical_current_density", cycled(critical_current_density=math.inf)))


def spectra(bulk, transfer):
    return xr.Dataset({"bulk_resistance": ("impedance", bulk), "charge_transfer_resistance": ("impedance", transfer)})


def with_impedance(**changes):
    protocol = compiled(2, (1, 0), highest=np.tile([np.nan, 1e6], 2))  # plate, impedance, twice
    return finished_run(protocol, **changes)


def test_resistances_of_impedance_steps():
    run = with_impedance(impedance=spectra([10.0, 12.0], [30.0, 48.0]))
    assert measure("bulk_resistance", run, n=2) == 12.0
    assert measure("charge_transfer_resistance", run, n=1) == 30.0
    assert measure("total_resistance_ratio", run, of=2, to=1) == pytest.approx(1.5)
    with pytest.raises(Unmeasurable, match="has 2 impedance steps, and number 3"):
        measure("bulk_resistance", run, n=3)


def test_resistance_that_the_run_did_not_reach():
    early = with_impedance(kind=OutcomeKind.SHORTED, step=2, impedance=spectra([10.0], [30.0]))
    with pytest.raises(Unmeasurable, match="ended early"):
        measure("total_resistance_ratio", early, of=2, to=1)


def test_share_below_mid_height():
    width = np.array([1.0, 1.0, 2.0])  # the middle is at 2: the upper half is the last cell
    assert share_below(width, np.array([1.0, 1.0, 2.0]), 0.0) == pytest.approx(0.5)
    assert share_below(width, np.array([0.0, 0.0, 1.0]), 3.0) == pytest.approx(0.75)
    halved = np.array([1.0, 2.0])  # the middle, 1.5, cuts the second cell
    assert share_below(halved, np.array([1.0, 2.0]), 0.0) == pytest.approx(0.5)
