"""What is read from voltage curves, on curves whose dips, plateaus and peaks are known."""

import numpy as np
import pytest
from finished_runs import compiled, finished_run, measure
from hypothesis import given, settings
from hypothesis import strategies as st

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.validation.quantities import Unmeasurable
from cellmodel.validation.voltages import plateaus, visible_peaks

CHARGE = np.linspace(0.0, 1.0, 400)


def plating(depth, plateau=0.02, drift=0.0):
    """Falls from 1 V to a dip at a tenth of the charge, rises to a plateau that may fall again."""
    return -plateau - depth * np.exp(-(((CHARGE - 0.1) / 0.02) ** 2)) + np.exp(-CHARGE / 0.005) - drift * CHARGE**2


@settings(deadline=None)  # the first call imports scipy
@given(depth=st.floats(1e-3, 0.05), counter=st.sampled_from(["lithium", "lithium-indium"]))
def test_nucleation_dip_is_its_depth_below_the_plateau_that_follows(depth, counter):
    offset = 0.62 if counter == "lithium-indium" else 0.0
    run = finished_run(trace=[(CHARGE, plating(depth) - offset)], counter=counter)
    assert measure("nucleation_overpotential", run) == pytest.approx(1e3 * depth, rel=0.02)


def test_nucleation_dip_is_not_the_end_of_a_curve_that_falls():
    run = finished_run(trace=[(CHARGE, plating(0.008, drift=0.1))])
    assert measure("nucleation_overpotential", run) == pytest.approx(8.0, abs=2.5)
    assert plating(0.008, drift=0.1)[-1] < plating(0.008, drift=0.1)[40]


def test_curve_without_a_dip_has_none():
    assert measure("nucleation_overpotential", finished_run(trace=[(CHARGE, plating(0.0))])) == 0.0


def test_minimum_above_lithium_is_that_of_an_alloy():
    run = finished_run(trace=[(CHARGE, plating(0.02) + 0.1)])
    assert measure("nucleation_overpotential", run) == 0.0


def test_voltage_behind_a_leak_is_no_plateau():
    voltage = plating(0.008)
    voltage[200:] = -1e-3  # collapsed
    leak = np.where(np.arange(400) >= 200, 1.0, 0.0)
    run = finished_run(
        kind=OutcomeKind.SHORTED, step=0, trace=[(CHARGE, voltage, np.ones(400), leak)], short={"time": 1.0}
    )
    assert measure("nucleation_overpotential", run) == pytest.approx(8.0, rel=0.02)
    with pytest.raises(Unmeasurable, match="ended early"):
        measure("plating_overpotential", run, at=0.9)
    assert measure("plating_overpotential", run, at=0.4) == pytest.approx(20.0, rel=0.01)


def test_overpotential_is_against_lithium_whatever_the_counter():
    voltage = -0.01 - 0.02 * CHARGE
    for counter, offset in (("lithium", 0.0), ("lithium-indium", 0.62)):
        run = finished_run(trace=[(CHARGE, voltage - offset)], counter=counter)
        assert measure("plating_overpotential", run, at=0.5) == pytest.approx(20.0)


def test_overpotential_of_a_step_that_a_time_ends():
    protocol = compiled(capacity=np.full(2, np.inf), duration=np.full(2, 1800.0))  # 1 mA/cm2 for half an hour
    run = finished_run(protocol, trace=[(0.5 * CHARGE, -0.01 - 0.02 * CHARGE)])
    assert measure("plating_overpotential", run, at=1.0) == pytest.approx(30.0)


def test_half_cell_quantities_refuse_a_full_cell():
    run = finished_run(full=True, trace=[(CHARGE, plating(0.01))])
    for name in ("nucleation_overpotential", "plating_overpotential", "alloy_plateaus", "cv_cathodic_peaks"):
        with pytest.raises(Unmeasurable, match="full cell"):
            measure(name, run)


def test_polarization_is_half_the_gap_at_half_of_the_charge():
    up, down = 0.030 + 0.01 * CHARGE, -0.020 - 0.01 * CHARGE
    run = finished_run(trace=[(CHARGE, down), (-0.8 * CHARGE, up)])
    assert measure("polarization", run, cycle=1) == pytest.approx(0.5 * (35.0 + 25.0))


def alloying(levels, width=0.004):
    """Potential that falls through equal plateaus one after another, then plates metal."""
    levels = [*levels, -0.01]
    edges = np.arange(1, len(levels)) / len(levels)
    potential = np.full(CHARGE.size, levels[0], float)
    for edge, before, after in zip(edges, levels[:-1], levels[1:], strict=True):
        potential += (after - before) / (1.0 + np.exp(-(CHARGE - edge) / width))
    return potential + 0.5 * np.exp(-CHARGE / 0.003) - 0.01 * CHARGE


@pytest.mark.parametrize("levels", [[0.14, 0.08], [0.10, 0.06], [0.66, 0.42, 0.14], [0.2], []])
def test_plateaus_are_found_in_descending_order(levels):
    assert plateaus(CHARGE, alloying(levels)) == pytest.approx(levels, abs=0.012)


def test_plateaus_are_against_lithium_whatever_the_counter():
    run = finished_run(trace=[(CHARGE, alloying([0.14, 0.08]) - 0.62)], counter="lithium-indium")
    assert measure("alloy_plateaus", run) == pytest.approx((0.14, 0.08), abs=0.012)


def voltammogram(peaks):
    voltage = np.linspace(1.0, 0.0, 600)
    current = sum(height * np.exp(-(((voltage - at) / 0.02) ** 2)) for at, height in peaks) + 0.01
    return voltage, current + 0.5 * np.exp(-voltage / 0.01)  # plating sets in at the end


@pytest.mark.parametrize("count", [0, 1, 3])
def test_peaks_of_a_sweep_are_counted(count):
    voltage, current = voltammogram([(0.6, 1.0), (0.3, 0.4), (0.12, 0.7)][:count])
    protocol = compiled(1, (1,), rate=np.array([-1e-4]))
    run = finished_run(protocol, trace=[(CHARGE[:1].repeat(600), voltage, current)])
    assert measure("cv_cathodic_peaks", run) == count


def test_ripples_are_no_peaks():
    voltage, current = voltammogram([(0.5, 1.0)])
    assert visible_peaks(voltage, current + 0.005 * np.sin(60.0 * voltage)) == 1


def test_sweep_upwards_has_no_cathodic_peak():
    voltage, current = voltammogram([(0.5, 1.0)])
    protocol = compiled(1, (1,), rate=np.array([1e-4]))
    run = finished_run(protocol, trace=[(CHARGE[:1].repeat(600), voltage[::-1], current)])
    with pytest.raises(Unmeasurable, match="sweeps the voltage downwards"):
        measure("cv_cathodic_peaks", run)
