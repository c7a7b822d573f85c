"""Lithium that lies on the anode when the cell is assembled."""

import pytest
from kernel_cells import MAH_PER_CM2, SOUND, make_cell, physics_and_state, steps

import cellmodel as cm
from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.model import layout as at
from cellmodel.model.mechanics import thickness_change


@pytest.mark.parametrize("full", [False, True], ids=["half", "full"])
@pytest.mark.parametrize(("anode", "thickness"), [("lithium-foil", None), ("cu-foil", "8 um"), ("cu-foil", None)])
def test_what_was_put_there_is_in_the_ledger(anode, thickness, full):
    overrides = {"anode.lithium_thickness": thickness} if thickness else {}
    cell = make_cell(anode, full, overrides=overrides)
    run = cm.simulate(cell, steps("Rest for 1 min"))
    top = run.trace.lithium.sel(place="top").values[0]
    wanted = cell.si.get("anode.lithium_thickness", 0.0) / VOLUME_PER_CHARGE / MAH_PER_CM2
    assert top == pytest.approx(wanted, rel=1e-12)
    assert wanted == pytest.approx({None: 0.0 if anode == "cu-foil" else 10.31, "8 um": 1.649}[thickness], rel=1e-3)
    assert run.ledger_drift < 1e-10


@pytest.mark.parametrize("full", [False, True], ids=["half", "full"])
def test_the_stack_grows_from_what_was_assembled(full):
    physics, state = physics_and_state(make_cell("lithium-foil", full))
    assert thickness_change(state, physics) == pytest.approx(0.0, abs=1e-15)
    state[physics.layout.scalars + at.TOP] += MAH_PER_CM2
    assert thickness_change(state, physics) == pytest.approx(4.85e-6, rel=2e-3)


def test_pressure_at_rest_is_that_of_assembly():
    cell = make_cell("lithium-foil", True, fixture_stiffness="1 MPa/um", stack_pressure="5 MPa")
    run = cm.simulate(cell, steps("Rest for 1 min"))
    assert run.trace.stack_pressure.values == pytest.approx(5.0, rel=1e-2)


def test_a_half_cell_with_lithium_can_be_stripped_first():
    strip = steps("Strip at 0.1 mA/cm2 for 5 h or until 1.0 V")
    foil = cm.simulate(make_cell("lithium-foil", False, overrides=SOUND), strip)
    copper = cm.simulate(make_cell("cu-foil", False, overrides=SOUND), strip)
    assert foil.steps.capacity.values[0] == pytest.approx(-0.5, rel=1e-5)
    assert abs(copper.steps.capacity.values[0]) < 0.01


def test_two_foils_are_symmetric():
    """The foil as anode meets the same kinetics as the foil opposite: plating and stripping mirror each other."""
    interphase = {"formation": "1e-10 mAh/cm2", "resistance": 0, "throughput": 0, "growth": 0}
    units = {"resistance": " ohm*cm2/(mAh/cm2)", "growth": " mAh^2/cm^4/s"}
    inert = {f"electrolyte.interphase_{name}": f"{value}{units.get(name, '')}" for name, value in interphase.items()}
    cell = make_cell("lithium-foil", False, counter_thickness="50 um", overrides=SOUND | inert)
    up, down = (
        cm.simulate(cell, steps(f"{verb} at 0.05 mA/cm2 for 10 min")).trace.voltage.values[-1]
        for verb in ("Plate", "Strip")
    )
    assert up < 0.0 < down
    assert up == pytest.approx(-down, rel=0.02)


def test_excess_lithium_makes_up_for_losses():
    lossy = SOUND | {"electrolyte.interphase_throughput": 0.05}
    protocol = cm.Protocol.cycling(rate="0.33C", cycles=8)
    bare, excess = (
        cm.simulate(make_cell("cu-foil", True, overrides=lossy | {"anode.lithium_thickness": f"{um} um"}), protocol)
        for um in (0, 20)
    )
    assert bare.cycles.capacity_retention.values[-1] < 0.8
    assert excess.cycles.capacity_retention.values[-1] > 0.95


def test_a_cathode_without_a_coating_runs():
    cell = make_cell("lithium-foil", True, overrides={"cathode.coating_resistance": "0 ohm*cm2"})
    assert cm.simulate(cell, cm.Protocol.cycling(rate="1C", cycles=1)).outcome.kind.label == "completed"
