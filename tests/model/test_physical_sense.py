"""What a cell engineer knows comes out of the equations: directions and windows, no fitted number."""

import numpy as np
import pytest
from kernel_cells import SOUND, steps

import cellmodel as cm
from cellmodel.numerics.outcome import OutcomeKind


def run_all(cells, protocol):
    return cm.simulate_many(cells, protocol)


def lithium(run, place):
    return float(run.steps.lithium.isel(step=-1).sel(place=place))


def test_conductivity_of_the_host_alone_decides_between_top_and_bottom():
    """The same silver, pores and barriers: only how well the particles are joined."""
    shares = (1.0, 0.3, 0.1, 0.03)
    cells = [
        cm.Cell(anode="ag-ni-scaffold", stack_pressure="20 MPa", overrides={"anode.connectivity": share, **SOUND})
        for share in shares
    ]
    runs = run_all(cells, steps("Plate at 1 mA/cm2 until 3 mAh/cm2"))
    base, top = (np.array([lithium(run, place) for run in runs]) for place in ("base", "top"))
    assert np.all(np.diff(base) < 0.0)
    assert base[0] > 1.0 > 100.0 * top[0]
    assert top[-1] == pytest.approx(1.0, rel=1e-3) and base[-1] < 0.01
    assert [run.outcome.kind for run in runs[1:]] == [OutcomeKind.HOST_OVERFLOW] * 3


def test_stack_pressure_has_a_window():
    """Too little: contact is lost and the cell gives nothing back. Too much: lithium is pushed into flaws."""
    pressures = (0.3, 2.0, 10.0, 50.0, 75.0)
    cells = [cm.Cell(anode="lithium-foil", stack_pressure=f"{pressure} MPa") for pressure in pressures]
    protocol = cm.Protocol(
        [{"repeat": 20, "steps": ["Plate at 0.3 mA/cm2 for 2 h", "Strip at 0.3 mA/cm2 for 2 h or until 1 V"]}]
    )
    runs = run_all(cells, protocol)
    low, *sound, high, higher = (run.outcome for run in runs)
    assert low.kind is OutcomeKind.CAPACITY_BELOW_THRESHOLD
    assert all(outcome.kind is OutcomeKind.COMPLETED for outcome in sound)
    assert high.kind is OutcomeKind.SHORTED and higher.kind is OutcomeKind.SHORTED
    assert higher.time < high.time
    contact = [float(run.cycles.contact_fraction_min.min()) for run in runs[:3]]
    assert contact == sorted(contact)


@pytest.mark.parametrize(("anode", "least", "most"), [("cu-foil", 0.05, 1.0), ("lithium-foil", 0.0, 0.005)])
def test_low_loading_fades_faster_unless_lithium_is_in_excess(anode, least, most):
    loadings = (5, 10, 15)
    cells = [
        cm.Cell(
            anode=anode, electrolyte="lpscl-cl1.6", cathode="lco", laboratory="northeastern",
            loading=f"{loading} mg/cm2", stack_pressure="7.5 MPa", overrides=SOUND,
        )
        for loading in loadings
    ]  # fmt: skip
    protocol = cm.Protocol(
        [{"repeat": 20, "steps": ["Charge at 0.25C until 4.25 V", "Discharge at 0.25C until 3.0 V"]}]
    )
    kept = np.array([float(run.cycles.capacity_retention[-1]) for run in run_all(cells, protocol)])
    assert np.all(np.diff(kept) >= -1e-4)
    assert least <= kept[-1] - kept[0] <= most


def test_warmer_is_better_until_the_interphase_wins():
    """Capacity after a hundred cycles rises with conduction and kinetics, and falls with what the interphase takes."""
    temperatures = (0, 25, 40, 80)
    cells = [
        cm.Cell(
            anode="ag-ni-scaffold", cathode="ncm811", loading="20 mg/cm2", stack_pressure="20 MPa",
            temperature=f"{temperature} degC", overrides=SOUND,
        )
        for temperature in temperatures
    ]  # fmt: skip
    runs = run_all(cells, cm.Protocol.cycling(rate="0.1C", cycles=100))
    left = [float(run.cycles.discharge_capacity[-1]) for run in runs]
    taken = [lithium(run, "interphase") for run in runs]
    assert left[0] < left[1] < left[2] > left[3]
    assert taken == sorted(taken)


def test_single_seeds_short_before_their_mixture():
    """At the same flaws: magnesium and silver alone are less even than three graded seeds."""
    names = ("mg-elastane", "ag-elastane", "mgagsn-elastane")
    cells = [
        cm.Cell(anode=name, stack_pressure="20 MPa", overrides={"laboratory.flaw_depth": "16 um"}) for name in names
    ]
    protocol = cm.Protocol([{"repeat": 50, "steps": ["Plate at 1 mA/cm2 for 1 h", "Strip at 1 mA/cm2 until 1.0 V"]}])
    magnesium, silver, mixture = run_all(cells, protocol)
    assert magnesium.outcome.kind is OutcomeKind.SHORTED and silver.outcome.kind is OutcomeKind.SHORTED
    assert mixture.outcome.kind is OutcomeKind.COMPLETED
