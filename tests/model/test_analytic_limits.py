"""The coupled model where pencil and paper know the answer."""

import numpy as np
import pytest
from kernel_cells import MAH_PER_CM2, MPA, make_cell, steps
from scipy.optimize import brentq

import cellmodel as cm
from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws.contact import void_closing_velocity
from cellmodel.laws.mechanics import sintered_modulus
from cellmodel.mesh import SKIN
from cellmodel.model import layout as at
from cellmodel.settings import Settings

INERT = {
    "electrolyte.interphase_formation": "1e-9 mAh/cm2",
    "electrolyte.interphase_growth": "0 mAh^2/cm^4/s",
    "electrolyte.interphase_throughput": "0",
}
"""An electrolyte that takes no lithium."""

SOUND = {"laboratory.flaw_depth": "0.1 um"}
ACCURATE = Settings(relative_tolerance=1e-6)
PLATING = "Plate at 0.5 mA/cm2 for 30 min"


def run_half(anode, *sentences, settings=ACCURATE, overrides=None, **cell):
    return cm.simulate(
        make_cell(anode, False, overrides=INERT | SOUND | (overrides or {}), **cell),
        steps(*sentences),
        settings=settings,
    )


def test_thicker_separator_adds_its_ohmic_drop():
    """Two stacks that differ by 100 mg/cm2 of electrolyte differ by I dL / kappa, at every moment."""
    thin, thick = (
        run_half("cu-foil", PLATING, electrolyte_mass=f"{m} mg/cm2", fixture_stiffness="0 MPa/um") for m in (100, 200)
    )
    si = thin.cell.si
    dense = 1.0 - si["electrolyte.porosity"]
    length = 1.0 / (si["electrolyte.density"] * dense)  # 1 kg/m2 more
    conductivity = si["electrolyte.conductivity"] * dense ** si["electrolyte.tortuosity_exponent"]
    drop = thin.trace.voltage.values[-1] - thick.trace.voltage.values[-1]
    assert drop == pytest.approx(5.0 * length / conductivity, rel=1e-3)


def test_interfacial_resistance_acts_on_the_true_contact_of_both_sides():
    low, high = (
        run_half("cu-foil", PLATING, overrides={"laboratory.interfacial_resistance": f"{r} ohm*cm2"}) for r in (2, 12)
    )
    last = low.trace.isel(time=-1)
    spread = 1.0 / float(last.contact_fraction) + 1.0 / float(last.counter_contact_fraction)
    drop = low.trace.voltage.values[-1] - high.trace.voltage.values[-1]
    assert drop == pytest.approx(5.0 * 10e-4 * spread, rel=1e-3)


@pytest.mark.parametrize("anode", ["cu-foil", "ag-ni-scaffold"])
def test_anode_holds_exactly_the_charge_passed(anode):
    """Faraday: I t, in whatever place the lithium is; only the double layer keeps a trace."""
    run = run_half(anode, PLATING)
    held = run.trace.lithium.sel(place=["alloys", "pores", "base", "top", "dead"]).sum("place").values
    expected = run.trace.current.values[-1] * run.trace.time.values[-1]
    double_layer = np.abs(run.trace.lithium.sel(place="double_layer").values).max()
    assert held[-1] - held[0] == pytest.approx(expected, abs=2.0 * double_layer + 1e-6 * expected)


def profile(shells, ratio):
    """Means of the shells and of the skin less the particle's, analytic ones, and q R / D, after long constant flux."""
    cell = make_cell(
        "cu-foil", True, loading="1 mg/cm2",
        overrides={
            "cathode.diffusivity": "1e-14 m2/s", "cathode.diffusivity_decades": "0",
            "electrolyte.conductivity": "20 mS/cm", "cathode.initial_lithiation": "0.9",
        },
    )  # fmt: skip
    settings = Settings(relative_tolerance=1e-7, shells=shells, shell_ratio=ratio, cathode_cells=2)
    run = cm.simulate(cell, steps("Charge at 0.5C for 20 min"), settings=settings)
    physics, state = run.physics, run.ended.states[-1]
    layout, cathode = physics.layout, physics.cathode
    x = state[layout.cathode : layout.cathode + shells + 1]
    contact = state[layout.scalars + at.CATHODE_CONTACT]
    flux = contact * state[layout.cathode + shells + 1] / cathode.storage
    radius = cell.si["cathode.particle_radius"]
    widths = ratio ** -np.linspace(0.0, 1.0, shells)
    edges = np.concatenate([[0.0], np.cumsum(widths / widths.sum())])
    edges = np.insert(edges, shells, 1.0 - SKIN * (1.0 - edges[-2]) ** 2)  # the skin thins with the square of its shell
    square = 0.6 * np.diff(edges**5) / np.diff(edges**3)  # mean of (r/R)^2 over each shell
    scale = flux * radius / cell.si["cathode.diffusivity"]
    exact = scale * (0.5 * square - 0.3)
    exact[-1] += scale / radius * cathode.contact_spacing * (1.0 / contact - 1.0)  # spreads from contact spots
    return x - (x * cathode.shell_volume).sum(), exact, abs(scale)


def test_particle_reaches_the_parabola_of_constant_flux():
    ours, exact, scale = profile(40, 2.0)
    assert np.abs(ours - exact).max() < 0.3e-3 * scale
    assert scale > 0.01


@pytest.mark.parametrize("ratio", [1.0, 6.0])
def test_shells_and_skin_converge_to_it_with_second_order(ratio):
    errors = []
    for shells in (10, 20, 40):
        ours, exact, scale = profile(shells, ratio)
        errors.append(np.abs(ours - exact).max() / scale)
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx([2.0, 2.0], abs=0.1)


def elastic_compliance(si):
    dense = 1.0 - si["electrolyte.porosity"]
    separator = si["electrolyte.mass"] / (si["electrolyte.density"] * dense)
    modulus = sintered_modulus(si["electrolyte.modulus"], si["electrolyte.porosity"], si["electrolyte.modulus_decay"])
    cathode = si["cathode.loading"] / (si["cathode.density"] * si["cathode.active_share"])
    return separator / modulus + cathode / si["cathode.modulus"]


@pytest.mark.parametrize("stiffness", ["0 MPa/um", "0.02 MPa/um", "1000 MPa/um"])
def test_pressure_rises_by_the_fixture_in_series_with_the_stack(stiffness):
    """Constant pressure without stiffness, the modulus of the layers alone at constant gap."""
    cell = make_cell("cu-foil", True, fixture_stiffness=stiffness)
    run = cm.simulate(cell, steps("Charge at 0.2C for 1 h"), settings=ACCURATE)
    si, last = cell.si, run.trace.isel(time=-1)
    top = float(last.lithium.sel(place="top")) / (1.0 - float(last.deposit_porosity))
    lithium = VOLUME_PER_CHARGE * MAH_PER_CM2 * (top + float(last.lithium.sel(place="dead")))
    shrinkage = si["cathode.volume_strain"] / (si["cathode.density"] * si["cathode.full_capacity"])
    left = MAH_PER_CM2 * float(run.trace.lithium.sel(place="cathode")[0] - last.lithium.sel(place="cathode"))
    change = lithium - shrinkage * left
    k = si["fixture_stiffness"]
    expected = k * change / (1.0 + k * elastic_compliance(si))
    assert change > 5e-7
    assert float(last.stack_pressure) * MPA - si["stack_pressure"] == pytest.approx(expected, rel=1e-3, abs=1.0)


def test_layers_of_a_half_cell_cancel():
    """What one foil loses the other gains: only the pores of the deposit and the interphase lift the pressure."""
    run = run_half("cu-foil", "Plate at 0.2 mA/cm2 for 10 h", stack_pressure="40 MPa", fixture_stiffness="1 MPa/um")
    grown = 2.0 * VOLUME_PER_CHARGE * MAH_PER_CM2  # 9.7 um
    assert abs(run.trace.stack_pressure.values[-1] - 40.0) < 0.05 * grown * 1e6


def steady_contact(current, velocity):
    """Root of v (1 - theta) = (V_Li/F) i gate(theta)."""
    opening = VOLUME_PER_CHARGE * current
    return brentq(lambda c: velocity * (1.0 - c) - opening * c / (c + 0.02), 1e-9, 1.0)


def closing_velocity(run):
    law = run.physics.contact
    pressure = run.trace.stack_pressure.values[-1] * MPA
    return void_closing_velocity(pressure, law.diffusional, law.power_law, law.exponent)


@pytest.mark.parametrize("pressure", ["20 MPa", "40 MPa"])
def test_contact_settles_where_creep_and_stripping_balance(pressure):
    """theta = 1 - w V i / (F v), up to the gate that keeps it positive."""
    run = run_half("cu-foil", "Plate at 0.2 mA/cm2 for 10 h", stack_pressure=pressure, fixture_stiffness="0 MPa/um")
    velocity = closing_velocity(run)
    theta = run.trace.counter_contact_fraction.values[-1]
    assert theta == pytest.approx(steady_contact(2.0, velocity), abs=2e-3)
    assert theta == pytest.approx(1.0 - VOLUME_PER_CHARGE * 2.0 / velocity, abs=0.03)


def test_contact_is_lost_above_the_critical_current():
    run = run_half("cu-foil", "Plate at 0.5 mA/cm2 for 5 h", stack_pressure="1 MPa", fixture_stiffness="0 MPa/um")
    critical = closing_velocity(run) / VOLUME_PER_CHARGE
    assert critical < 5.0
    assert run.trace.counter_contact_fraction.values[-1] < 0.05
