"""What components of one family share, and how their differences follow from geometry and materials."""

import numpy as np
import pytest
from kernel_cells import SOUND, make_cell, physics_and_state, steps

import cellmodel as cm
from cellmodel import components
from cellmodel.laws import mechanics, seeds
from cellmodel.model import layout as at

PLATE_AND_STRIP = ("Plate at 1 mA/cm2 for 1 h", "Strip at 1 mA/cm2 until 1.0 V")
ALLOY_COUNTER = {"counter": "lithium-indium", "laboratory": "northeastern", "stack_pressure": "7.5 MPa"}


def first_cycle(anode, **settings):
    cell = cm.Cell(anode=anode, **({"stack_pressure": "20 MPa"} | settings))
    return cm.simulate(cell, cm.Protocol([{"steps": list(PLATE_AND_STRIP)}]))


def efficiency(run):
    return float(run.cycles.coulombic_efficiency[0])


def test_one_number_of_a_material_serves_every_component_that_holds_it():
    silver = [name for name in components.names("anode") if "silver" in components.load("anode", name).phases]
    assert {"ag-ni-scaffold", "ag-elastane", "mgagsn-pvdf", "ag-c-layer", "ag-nanowire-layer"} <= set(silver)
    of_material = components.load("material", "silver").parameters
    for name in silver:
        own = components.load("anode", name).parameters
        assert all(own[f"silver.{path}"] is parameter for path, parameter in of_material.items()), name


def test_a_binder_gives_back_less_the_stiffer_it_is():
    soft, stiff = (mechanics.recovered_fraction(0.5, limit) for limit in (5.0, 0.05))
    assert soft > 0.9 and stiff < 0.1
    elastane, pvdf = (mechanics.binder_pressure(e, 0.5, r) for e, r in ((10e6, soft), (1.5e9, stiff)))
    assert 0.0 < elastane and 0.0 < pvdf < 1.5e9 * 0.5 * stiff
    assert mechanics.recovered_fraction(0.0, 0.05) == 1.0


def test_a_stiff_binder_costs_lithium_at_every_cycle():
    elastic, stiff = first_cycle("mgagsn-elastane"), first_cycle("mgagsn-pvdf")
    assert efficiency(stiff) < efficiency(elastic) - 0.005
    assert float(stiff.steps.lithium.isel(step=-1).sel(place="dead")) > 0.01  # mAh/cm2
    assert stiff.ledger_drift < 1e-10


def test_graded_seeds_are_more_even_than_seeds_of_one_size():
    sizes = np.array([800e-9, 30e-9, 150e-9])
    classes = seeds.size_classes(np.ones(3), sizes)
    assert seeds.size_classes(np.ones(3), np.full(3, 1e-7)) == pytest.approx(1.0)
    assert 2.0 < classes < 3.0
    assert seeds.uneven_current(8.0, 0.4, 1.0) == pytest.approx(8.0)
    unevenness = {
        name: physics_and_state(make_cell(name, False))[0].flaws.unevenness
        for name in ("mgagsn-elastane", "mg-elastane", "ag-elastane", "sn-elastane", "ag-ni-scaffold")
    }
    assert unevenness["mgagsn-elastane"] < 0.5 * unevenness["mg-elastane"]
    assert unevenness["mg-elastane"] == unevenness["ag-elastane"] == unevenness["sn-elastane"]
    assert unevenness["ag-ni-scaffold"] == 1.0


def test_three_metals_trap_less_than_one():
    """Tin holds lithium until the others are empty, and keeps their way out open."""
    mixture, silver, magnesium = (efficiency(first_cycle(f"{name}-elastane")) for name in ("mgagsn", "ag", "mg"))
    assert mixture > silver + 0.03 > magnesium + 0.03


def test_six_levels_of_tin_are_met_in_turn():
    slow = steps("Plate at 0.02 mA/cm2 until 0.7 mAh/cm2")
    lossless = {"electrolyte.interphase_formation": "1e-10 mAh/cm2", "slurry-cast.connectivity": 1}
    run = cm.simulate(make_cell("sn-elastane", False, overrides=lossless), slow)
    tin = run.trace.voltage.values[run.trace.step_capacity.values > 0.01]
    assert tin[0] > 0.7 and np.all(np.diff(tin) < 1e-3)
    for level in components.load("material", "tin").parameters["plateaus"].value[1:-1]:
        assert np.abs(tin - level).min() < 0.05


def test_gold_takes_lithium_on_its_plateaus_and_needs_no_nucleation():
    protocol = steps("Plate at 0.05 mA/cm2 until 0.05 mAh/cm2")
    gold, nickel = (cm.simulate(cm.Cell(anode=a, **ALLOY_COUNTER), protocol) for a in ("au-coated-ss", "ni-foil"))
    potential = gold.trace.voltage.values + gold.cell.si["counter.potential"]
    passed = gold.trace.step_capacity.values
    assert 0.1 < np.interp(0.005, passed, potential) < 0.17 and 0.03 < np.interp(0.019, passed, potential) < 0.1
    assert float(gold.steps.lithium.isel(step=0).sel(place="alloys")) == pytest.approx(0.0197, rel=0.05)  # mAh/cm2
    assert float(gold.steps.lithium.isel(step=0).sel(place="pores")) == pytest.approx(0.0, abs=1e-6)
    dips = [run.trace.voltage.values[-1] - run.trace.voltage.values.min() for run in (gold, nickel)]
    assert dips[0] < 1e-3 < 5e-3 < dips[1]


def test_copper_costs_more_than_nickel():
    cells = [cm.Cell(anode=name, **ALLOY_COUNTER) for name in ("cu-foil", "ni-foil")]
    protocol = cm.Protocol([{"steps": ["Plate at 0.25 mA/cm2 until 0.5 mAh/cm2", "Strip at 0.25 mA/cm2 until 0.2 V"]}])
    copper, nickel = cm.simulate_many(cells, protocol)
    assert efficiency(copper) < efficiency(nickel) - 0.02
    assert copper.steps.end_voltage.values[0] < nickel.steps.end_voltage.values[0] - 0.005


def test_an_alloy_opposite_feeds_no_flaw_and_feels_no_pressure():
    protocol = steps("Plate at 0.5 mA/cm2 for 30 min", "Strip at 0.5 mA/cm2 for 20 min")
    cell = cm.Cell(anode="cu-foil", **ALLOY_COUNTER, overrides=SOUND)
    run = cm.simulate(cell, protocol)
    layout = run.physics.layout
    depths = run.ended.states[-1][layout.counter_depths :]
    assert depths == pytest.approx(np.log(run.physics.flaws.depth), rel=1e-12)
    rest = [cm.simulate(cell.with_({"stack_pressure": p}), steps("Rest for 1 min")) for p in ("1 MPa", "20 MPa")]
    assert [r.physics.counter.potential for r in rest] == [0.62, 0.62]
    assert run.ended.states[-1][layout.scalars + at.COUNTER_CONTACT] > 0.99


def test_an_alloy_opposite_holds_a_finite_charge():
    small = cm.Cell(anode="ag-ni-scaffold", **ALLOY_COUNTER, counter_thickness="2 um", overrides=SOUND)
    held = float(cm.simulate(small, steps("Rest for 1 min")).steps.lithium.isel(step=0).sel(place="counter"))
    assert held == pytest.approx(0.5 * 6.37e4 * 96485.33 * 2e-6 / 36000, rel=1e-3)
    run = cm.simulate(small, steps("Plate at 0.2 mA/cm2 until 5 mAh/cm2"))
    assert run.outcome.kind.label == "lithium_exhausted"


def test_higher_pressing_pressure_makes_the_pellet_denser():
    loose, usual, dense = (
        physics_and_state(make_cell("cu-foil", False, pellet_pressure=f"{p} MPa"))[0].separator for p in (50, 370, 600)
    )
    assert loose.thickness > usual.thickness > dense.thickness
    assert loose.conductivity < usual.conductivity < dense.conductivity
    assert mechanics.pressed_porosity(0.18, 370e6, 370e6, 1e9) == pytest.approx(0.18)
    assert mechanics.pressed_porosity(0.5, 20e6, 370e6, 1e8) < 1.0


@pytest.mark.parametrize(("cathode", "charge"), [("ncm811", 215.0), ("ncm622", 180.0), ("lco", 147.0)])
def test_cathodes_give_their_usual_capacity(cathode, charge):
    cell = cm.Cell(anode="lithium-foil", cathode=cathode, loading="10 mg/cm2", stack_pressure="20 MPa", overrides=SOUND)
    run = cm.simulate(
        cell, cm.Protocol([{"steps": ["Charge at 0.05C until 4.25 V", "Discharge at 0.05C until 3.0 V"]}])
    )
    assert float(run.cycles.charge_capacity[0]) / 0.010 == pytest.approx(charge, rel=0.06)
    assert efficiency(run) > 0.8


def test_lithium_hardly_returns_to_the_scaffold_with_less_silver_sooner():
    """Half of the silver holds half of the lithium before metal grows."""
    full, half = (
        physics_and_state(make_cell(name, False))[0].host for name in ("ag-ni-scaffold", "ag-ni-scaffold-0.5M")
    )
    assert half.capacity[0] == pytest.approx(0.5 * full.capacity[0], rel=0.02)
    assert half.full_conductivity[0] < 0.5 * full.full_conductivity[0]
