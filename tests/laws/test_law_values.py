"""Laws at points and limits whose value is known."""

import math

import numpy as np
import pytest

from cellmodel.constants import FARADAY, GAS_CONSTANT, LITHIUM_MOLAR_VOLUME, VOLUME_PER_CHARGE
from cellmodel.laws import ageing, contact, creep, fracture, kinetics, mechanics, nucleation, smooth, storage, transport

MPA, UM, MAH_PER_CM2 = 1e6, 1e-6, 36000.0
CREEP_RATE, CREEP_EXPONENT = 0.014, 6.6
THERMAL_VOLTAGE = GAS_CONSTANT * 298.15 / FARADAY


def test_one_milliampere_hour_of_lithium_is_4_85_micrometres():
    assert MAH_PER_CM2 * VOLUME_PER_CHARGE == pytest.approx(4.85e-6, rel=1e-3)


@pytest.mark.parametrize(("pressure", "potential"), [(7.42 * MPA, -1e-3), (20 * MPA, -2.7e-3)])
def test_pressure_shifts_the_potential_of_lithium(pressure, potential):
    assert storage.deposit_potential(pressure, 0.0) == pytest.approx(potential, rel=2e-3)
    assert storage.deposit_potential(0.0, pressure) == pytest.approx(potential, rel=2e-3)


def test_lithium_creeps_at_the_measured_rate():
    assert creep.creep_rate(1 * MPA, CREEP_RATE, CREEP_EXPONENT) == pytest.approx(CREEP_RATE)
    assert creep.creep_rate(2 * MPA, CREEP_RATE, CREEP_EXPONENT) == pytest.approx(CREEP_RATE * 2**6.6)
    assert creep.creep_rate(0.0, CREEP_RATE, CREEP_EXPONENT) == pytest.approx(0.0, abs=1e-150)


def test_extrusion_into_a_slot_has_the_known_speed():
    speed = creep.slot_extrusion_velocity(25 * MPA, 1 * UM, 20 * UM, CREEP_RATE, CREEP_EXPONENT)
    assert 1e-9 < speed < 4e-9


def test_newtonian_slot_flow_is_the_limit_of_exponent_one():
    """A power-law fluid of exponent 1 has viscosity 1/(3 A): plane Poiseuille flow w^2 P / (12 mu a)."""
    viscosity = MPA / (3.0 * CREEP_RATE)
    expected = (1 * UM) ** 2 / (12.0 * viscosity) * 25 * MPA / (20 * UM)
    speed = creep.slot_extrusion_velocity(25 * MPA, 1 * UM, 20 * UM, CREEP_RATE, 1.0)
    assert speed == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("pressure", [1 * MPA, 25 * MPA, 300 * MPA])
@pytest.mark.parametrize("mouth", [0.1 * UM, 1 * UM])
def test_extrusion_pressure_is_the_inverse_of_extrusion_velocity(pressure, mouth):
    shape = (mouth, 20 * mouth, CREEP_RATE, CREEP_EXPONENT)
    speed = creep.slot_extrusion_velocity(pressure, *shape)
    back = creep.slot_extrusion_pressure(speed, *shape)
    assert back == pytest.approx(pressure, rel=1e-19 / speed + 1e-9)


def test_crack_runs_at_the_griffith_pressure():
    toughness, depth = 0.23 * MPA, 5 * UM
    pressure = fracture.griffith_pressure(toughness, depth)
    assert pressure == pytest.approx(toughness / (1.12 * math.sqrt(math.pi * depth)))
    assert fracture.stress_intensity(pressure, 0.0, depth) == pytest.approx(toughness)
    closure = fracture.crack_closure(10 * MPA, 0.37, 1 * MPA)
    assert closure == pytest.approx(10 * MPA * 0.37 / 0.63 + 1 * MPA)
    assert fracture.stress_intensity(pressure + closure, closure, depth) == pytest.approx(toughness)


@pytest.mark.parametrize("modulus", [1.0, 3.0, 10.0])
def test_a_cell_of_the_reference_area_has_the_flaws_of_the_weibull_law(modulus):
    for probability in (0.05, 0.5, 0.95):
        depth = fracture.largest_flaw(probability, 9 * UM, modulus, 1.0)
        assert -math.expm1(-((depth / (9 * UM)) ** modulus)) == pytest.approx(probability, rel=1e-12)


@pytest.mark.parametrize("areas", [0.5, 4.0, 100.0])
def test_a_cell_is_as_sound_as_the_weakest_of_its_parts(areas):
    """F of a large cell is F of the reference cell to the power of the areas."""
    depth = fracture.largest_flaw(0.3, 9 * UM, 3.0, areas)
    assert (-math.expm1(-((depth / (9 * UM)) ** 3.0))) ** areas == pytest.approx(0.3, rel=1e-10)


@pytest.mark.parametrize("modulus", [1.0, 3.0, 10.0])
def test_flaws_of_large_cells_grow_with_the_logarithm_of_the_area_to_one_over_the_modulus(modulus):
    areas = np.array([1e6, 1e9])
    depths = [fracture.largest_flaw(0.5, 9 * UM, modulus, n) for n in areas]
    grown = np.log(areas) - math.log(math.log(2.0))
    assert depths[1] / depths[0] == pytest.approx((grown[1] / grown[0]) ** (1.0 / modulus), rel=1e-6)


def test_fracture_needs_more_than_the_threshold():
    threshold, toughness, speed, exponent = 0.15 * MPA, 0.23 * MPA, 1e-6, 3.0
    at_rest = fracture.fracture_velocity(0.0, threshold, toughness, speed, exponent)
    below = fracture.fracture_velocity(0.9 * threshold, threshold, toughness, speed, exponent)
    at_toughness = fracture.fracture_velocity(threshold + toughness, threshold, toughness, speed, exponent)
    assert at_rest < 1e-20 * speed
    assert below < 1e-8 * speed
    assert at_toughness == pytest.approx(speed, rel=1e-3)


def test_tip_current_is_bounded_by_conduction():
    assert fracture.tip_current(1.0, 0.2, 1.0, 1 * UM) == pytest.approx(1.0, rel=1e-5)
    assert fracture.tip_current(1e12, 0.2, 0.01, 1 * UM) == pytest.approx(0.2 * 0.01 / (1 * UM), rel=1e-5)


def test_tip_of_a_round_flaw_has_its_radius():
    assert fracture.elliptic_tip_radius(1 * UM, 2 * UM) == pytest.approx(1 * UM)
    assert fracture.elliptic_tip_radius(20 * UM, 1 * UM) == pytest.approx(UM / 80)


def test_flaw_pressure_takes_the_smaller_of_its_two_drives():
    assert fracture.flaw_pressure(5 * MPA, 1e-3, 1e15) == pytest.approx(5 * MPA + 7.42 * MPA, rel=1e-3)
    assert fracture.flaw_pressure(5 * MPA, 10.0, 2 * MPA) == pytest.approx(7 * MPA, rel=1e-3)


def test_deposition_advances_by_faradays_law():
    assert fracture.faradaic_velocity(10.0) == pytest.approx(10.0 * LITHIUM_MOLAR_VOLUME / FARADAY)


@pytest.mark.parametrize("current", [-300.0, -1.0, 0.0, 1e-3, 20.0, 5e3])
def test_butler_volmer_and_its_inverse_agree(current):
    exchange = 2.5
    eta = kinetics.overpotential_of_current(current, exchange, THERMAL_VOLTAGE)
    storing = kinetics.storing_branch(eta, THERMAL_VOLTAGE)
    releasing = kinetics.releasing_branch(eta, THERMAL_VOLTAGE)
    assert exchange * (storing - releasing) == pytest.approx(current, rel=1e-12, abs=1e-14)
    assert storing * releasing == pytest.approx(1.0)


def test_exchange_current_is_largest_at_half_lithiation():
    at = [kinetics.intercalation_exchange_current(2.0, x) for x in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert at[2] == pytest.approx(2.0, rel=1e-5)
    assert at[1] == pytest.approx(at[3])
    assert at[1] == pytest.approx(2.0 * 2.0 * 0.3, rel=1e-4)
    assert at[0] == pytest.approx(at[4])
    assert 0.0 < at[0] < 0.1


def test_coverage_tends_to_one():
    assert nucleation.coverage(1e11, 0.0) == 0.0
    small = nucleation.coverage(1e11, 1e-8)
    assert small == pytest.approx(1e11 * math.pi * 1e-16, rel=1e-4)
    assert nucleation.coverage(1e11, 1e-5) == pytest.approx(1.0, abs=1e-12)


def test_hemispheres_hold_the_charge():
    charge, density, porosity, regular = 500.0, 1e11, 0.2, 18.0
    radius = nucleation.patch_radius(charge, density, porosity, regular)
    held = density * 2.0 / 3.0 * math.pi * radius**3 * (1.0 - porosity) / VOLUME_PER_CHARGE
    assert held == pytest.approx(charge + regular, rel=1e-6)


def test_morphology_has_its_reference_at_one_milliampere():
    assert nucleation.patch_density(1e11, 10.0, 0.5) == pytest.approx(1e11, rel=1e-6)
    assert nucleation.grain_size(3e-8, 10.0, 0.85) == pytest.approx(3e-8, rel=1e-6)
    ratio = nucleation.grain_size(3e-8, 1.3, 0.85) / nucleation.grain_size(3e-8, 8.3, 0.85)
    assert ratio == pytest.approx((8.3 / 1.3) ** 0.85, rel=1e-3)
    assert nucleation.deposit_porosity(1e-4, 10.0, 0.0, 5 * MPA) == pytest.approx(1e-4, rel=1e-3)
    assert nucleation.deposit_porosity(0.5, 1e6, 0.0, 5 * MPA) < 0.6


def test_contact_follows_the_root_of_pressure_and_saturates():
    assert contact.initial_contact(0.05 * MPA, 5 * MPA) == pytest.approx(0.1, rel=1e-4)
    assert contact.initial_contact(500 * MPA, 5 * MPA) == pytest.approx(1.0, abs=1e-4)
    assert contact.constriction_length(1.0, 3 * UM) == 0.0
    assert contact.constriction_length(0.25, 3 * UM) == pytest.approx(9 * UM)


def test_voids_close_by_two_mechanisms():
    assert contact.void_closing_velocity(1 * MPA, 0.0, 3e-18, 6.6) == pytest.approx(3e-18)
    assert contact.void_closing_velocity(3 * MPA, 4e-17, 0.0, 6.6) == pytest.approx(12e-11)


def test_foam_and_powder_moduli():
    assert mechanics.foam_modulus(50e9, 0.8) == pytest.approx(2e9)
    assert mechanics.sintered_modulus(22e9, 0.13, 11.9) == pytest.approx(4.7e9, rel=0.01)
    assert mechanics.crushing_strain(1e6, 1e9) == pytest.approx(1e-3, rel=2e-3)
    strain = mechanics.crushing_strain(1e9, 1e9)
    solid_before, solid_after = 0.2, (1.0 - mechanics.densified_porosity(0.8, strain)) * (1.0 - strain)
    assert solid_after == pytest.approx(solid_before)


def test_plateaus_stand_between_their_edges():
    levels, edges = np.array([0.76, 0.5, 0.38]), np.array([0.3, 0.7])
    at = [storage.plateau_potential(y, levels, edges, 0.01) for y in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert at == pytest.approx([0.76, 0.63, 0.5, 0.44, 0.38], abs=1e-6)


def test_solid_diffusion_dies_out_near_full_lithiation():
    assert storage.layered_oxide_diffusivity(0.3, 1e-15, 2.5, 0.88, 0.03) == pytest.approx(1e-15, rel=1e-6)
    assert storage.layered_oxide_diffusivity(0.88, 1e-15, 2.0, 0.88, 0.03) == pytest.approx(1e-16)
    assert storage.layered_oxide_diffusivity(1.3, 1e-15, 2.0, 0.88, 0.03) == pytest.approx(1e-17, rel=1e-4)


def test_stock_that_is_overdrawn_gives_nothing():
    """Else the reaction of a site that has run empty would run backwards and speed up."""
    assert kinetics.availability(0.0, 1.0) < 2e-4
    assert abs(kinetics.availability(-1.0, 1.0)) < 1e-8
    assert 0.0 <= kinetics.availability(-1e6, 1.0) < 1e-15
    assert kinetics.availability(1.0, 1.0) == pytest.approx(0.5, rel=1e-3)
    assert kinetics.availability(1e6, 1.0) == pytest.approx(1.0, abs=2e-6)


def test_full_pore_pushes_back_with_its_full_pressure():
    assert storage.pore_back_pressure(1.0, 5e8, 0.03) == 5e8
    assert storage.pore_back_pressure(0.5, 5e8, 0.03) < 1e-6 * 5e8
    assert storage.pore_back_pressure(5.0, 5e8, 0.03) == pytest.approx(5e8 * math.exp(3.0))


def test_conduction():
    assert transport.arrhenius(0.2, 35e3, 298.15) == pytest.approx(0.2)
    doubled = transport.arrhenius(1.0, math.log(2.0) * GAS_CONSTANT / (1 / 298.15 - 1 / 308.15), 308.15)
    assert doubled == pytest.approx(2.0)
    assert transport.bruggeman(0.25, 1.5) == pytest.approx(0.125)
    assert transport.alloy_conductivity(0.05, 1.0, 2.5) == pytest.approx(0.05)
    einstein = transport.nernst_einstein(1.0 / LITHIUM_MOLAR_VOLUME, 8e-15, 300.0)
    assert transport.lithium_metal_conductivity(8e-15, 300.0) == pytest.approx(einstein)
    assert einstein == pytest.approx(2.3e-3, rel=0.02)


def test_interphase_forms_its_charge_and_then_grows_parabolically():
    fresh = ageing.formation_current(1.0, 0.0, 3600.0, 1800.0)
    assert fresh == pytest.approx(2.0, rel=1e-5)
    assert ageing.formation_current(1.0, 7200.0, 3600.0, 1800.0) == pytest.approx(0.0, abs=1e-6)
    rate, held, area = 0.1, 36000.0, 0.5
    assert ageing.growth_current(area, held, rate, 3600.0) == pytest.approx(area * rate / (2 * held / area), rel=1e-3)
    assert ageing.dead_share(1.0, 1.0, 0.0, 0.05) == 0.0
    assert ageing.dead_share(0.5, 0.0, 0.2, 0.05) == pytest.approx(0.05 * 1.2)
    assert ageing.cathode_contact_loss(1e-5, 0.9, 0.05, 5 * MPA, 5 * MPA) == pytest.approx(0.5 * 0.05 * 0.9e-5)
    assert ageing.coating_growth(1e-8, 4.2, 4.2, 0.15, 4e-3, 2e-3) == pytest.approx(0.5e-8)


def test_rounded_kinks_meet_what_they_round():
    assert smooth.positive_part(3.0, 1e-6) == pytest.approx(3.0)
    assert 0.0 < smooth.positive_part(-3.0, 1e-3) < 1e-6
    assert smooth.magnitude(-3.0, 1e-6) == pytest.approx(3.0, rel=1e-6)
    assert smooth.magnitude(0.0, 0.1) == 0.0
    assert smooth.soft_minimum(1.0, 1e9) == pytest.approx(1.0)
    assert smooth.soft_minimum(0.0, 0.0) == 0.0
    assert smooth.rectified(0.0, 3.0) == pytest.approx(0.5)
    assert smooth.rectified(-100.0, 0.01) < 1e-10
    assert smooth.rectified(100.0, 0.01) == pytest.approx(100.0, abs=0.011)
    assert 0.0 < smooth.logistic(-800.0) < 1e-100
    assert smooth.logistic(-2.0) + smooth.logistic(2.0) == pytest.approx(1.0)
    assert smooth.bounded_exp(8.0) == math.exp(8.0)
    assert smooth.bounded_exp(1e6) == pytest.approx(math.exp(8.0) * (1e6 - 7.0))
    assert smooth.bounded_exp(-1e6) == math.exp(-100.0)


def test_conductivity_of_a_salt_is_largest_at_its_peak():
    x = np.linspace(0.1, 4.0, 40)
    assert x[np.argmax([transport.salt_conductivity(0.07, each, 1.4) for each in x])] == pytest.approx(1.4)
    assert transport.salt_conductivity(0.07, 1.0, 1.4) == 0.07
    dilute = transport.salt_conductivity(0.07, 1e-3, 1.4) / transport.salt_conductivity(0.07, 5e-4, 1.4)
    assert dilute == pytest.approx(2.0, rel=1e-3)


def test_concentration_cell_has_its_voltage():
    """A factor of ten in an ideal solution without transference of cations: 118 mV; linear below nothing."""
    factor = 2.0 * THERMAL_VOLTAGE
    assert transport.diffusion_potential(10.0, factor) == pytest.approx(0.1183, abs=1e-4)
    assert transport.diffusion_potential(1.0, factor) == 0.0
    spent = [transport.diffusion_potential(x, factor) for x in (0.0, -1e-3, -2e-3)]
    assert spent[0] - spent[1] == pytest.approx(spent[1] - spent[2]) == pytest.approx(1e-3 * factor / transport.SPENT)
