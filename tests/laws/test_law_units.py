"""Every law is dimensionally consistent and gives the unit that it claims."""

import numpy as np
import pint
import pytest
from unit_checker import Q, with_units

from cellmodel.laws import creep, nucleation, storage, transport

ONE = ""
# name: (arguments as (value, unit), unit of the result)
SIGNATURES = {
    "formation_current": ([(0.7, ONE), (100, "C/m**2"), (3600, "C/m**2"), (1800, "s")], "A/m**2"),
    "growth_current": ([(0.7, ONE), (2000, "C/m**2"), (0.2, "C**2/m**4/s"), (3600, "C/m**2")], "A/m**2"),
    "left_behind": ([(3, "mAh/cm**2"), (0.5, "uAh/cm**2")], ONE),
    "renewal_current": ([(5, "A/m**2"), (2e-4, "m**2/C"), (4000, "C/m**2"), (0.1, ONE)], "A/m**2"),
    "detachment_rate": ([(1e7, "A/m**3"), (0.4, ONE), (0.1, ONE), (0.2, ONE)], "A/m**3"),
    "pressed_porosity": ([(0.18, ONE), (410, "MPa"), (370, "MPa"), (1, "GPa")], ONE),
    "recovered_fraction": ([(0.3, ONE), (0.05, ONE)], ONE),
    "binder_pressure": ([(1, "MPa"), (0.3, ONE), (0.9, ONE)], "Pa"),
    "spreading": ([(0.6, ONE), (500, "C/m**2"), (18, "C/m**2")], "m**2/C"),
    "size_classes": ([([0.3, 0.3, 0.2], ONE), ([800e-9, 30e-9, 150e-9], "m")], ONE),
    "uneven_current": ([(8, ONE), (0.4, ONE), (2.3, ONE)], ONE),
    "met_share": ([(3, "mA/cm**2"), (5, "mA/cm**2")], ONE),
    "dead_share": ([(0.8, ONE), (0.9, ONE), (0.1, ONE), (0.05, ONE)], ONE),
    "cathode_contact_loss": ([(1e-5, "1/s"), (0.9, ONE), (0.05, ONE), (3, "MPa"), (5, "MPa")], "1/s"),
    "coating_growth": (
        [(1e-4, "ohm*cm**2/s"), (4.3, "V"), (4.2, "V"), (0.15, "V"), (30, "ohm*cm**2"), (20, "ohm*cm**2")],
        "ohm*m**2/s",
    ),
    "void_closing_velocity": ([(5e6, "Pa"), (4e-17, "m/s/Pa"), (3e-18, "m/s"), (6.6, ONE)], "m/s"),
    "initial_contact": ([(2, "MPa"), (5, "MPa")], ONE),
    "constriction_length": ([(0.3, ONE), (1, "um")], "m"),
    "creep_rate": ([(2e6, "Pa"), (0.014, "1/s"), (6.6, ONE)], "1/s"),
    "slot_extrusion_velocity": ([(25e6, "Pa"), (1e-6, "m"), (2e-5, "m"), (0.014, "1/s"), (6.6, ONE)], "m/s"),
    "slot_extrusion_pressure": ([(2e-9, "m/s"), (1e-6, "m"), (2e-5, "m"), (0.014, "1/s"), (6.6, ONE)], "Pa"),
    "largest_flaw": ([(0.5, ONE), (9, "um"), (3, ONE), (12, ONE)], "m"),
    "crack_closure": ([(5, "MPa"), (0.37, ONE), (1, "MPa")], "Pa"),
    "stress_intensity": ([(40, "MPa"), (3, "MPa"), (5, "um")], "Pa*m**0.5"),
    "griffith_pressure": ([(0.23, "MPa*m**0.5"), (5, "um")], "Pa"),
    "fracture_velocity": (
        [(0.2e6, "Pa*m**0.5"), (0.15e6, "Pa*m**0.5"), (0.23e6, "Pa*m**0.5"), (1e-6, "m/s"), (3, ONE)],
        "m/s",
    ),
    "elliptic_tip_radius": ([(5, "um"), (0.25, "um")], "m"),
    "tip_current": ([(100, "A/m**2"), (0.2, "S/m"), (20, "mV"), (0.2, "um")], "A/m**2"),
    "faradaic_velocity": ([(10, "A/m**2")], "m/s"),
    "flaw_pressure": ([(5, "MPa"), (10, "mV"), (30, "MPa")], "Pa"),
    "sand_time": ([(1, "mA/cm**2"), (1, "mol/l"), (3e-10, "m**2/s"), (0.4, ONE), (1, ONE)], "s"),
    "griffith_overpotential": ([(0.23, "MPa*m**0.5"), (5, "um"), (5, "MPa"), (3, "MPa")], "V"),
    "flaw_critical_current": ([(5, "mV"), (10, "ohm*cm**2"), (20, "um"), (2, "mS/cm")], "A/m**2"),
    "critical_stripping_current": ([(1e-9, "m/s"), (0.5, ONE)], "A/m**2"),
    "elliptic_focusing": ([(5, "um"), (0.25, "um")], ONE),
    "macmullin_number": ([(1.8, ONE), (0.4, ONE)], ONE),
    "interfacial_resistance": ([(2, "MPa"), (10, "ohm*cm**2"), (5, "MPa")], "ohm*m**2"),
    "storing_branch": ([(-12, "mV"), (25.7, "mV")], ONE),
    "releasing_branch": ([(-12, "mV"), (25.7, "mV")], ONE),
    "availability": ([(3, "mAh/cm**2"), (0.5, "mAh/cm**2")], ONE),
    "overpotential_of_current": ([(5, "A/m**2"), (2, "A/m**2"), (25.7, "mV")], "V"),
    "intercalation_exchange_current": ([(0.5, "A/m**2"), (0.6, ONE)], "A/m**2"),
    "foam_modulus": ([(50, "GPa"), (0.85, ONE)], "Pa"),
    "densified_porosity": ([(0.85, ONE), (0.02, ONE)], ONE),
    "crushing_strain": ([(5, "MPa"), (1, "GPa")], ONE),
    "sintered_modulus": ([(22, "GPa"), (0.13, ONE), (11.9, ONE)], "Pa"),
    "patch_density": ([(1e11, "1/m**2"), (2, "A/m**2"), (0.5, ONE)], "1/m**2"),
    "patch_radius": ([(500, "C/m**2"), (1e11, "1/m**2"), (0.1, ONE), (18, "C/m**2")], "m"),
    "coverage": ([(1e11, "1/m**2"), (1e-6, "m")], ONE),
    "grain_size": ([(30, "nm"), (2, "A/m**2"), (0.85, ONE)], "m"),
    "deposit_porosity": ([(0.2, ONE), (5, "A/m**2"), (3, "MPa"), (5, "MPa")], ONE),
    "bounded_exp": ([(3.0, ONE)], ONE),
    "logistic": ([(0.4, ONE)], ONE),
    "positive_part": ([(3, "V"), (1, "mV")], "V"),
    "rectified": ([(3, "V"), (1, "mV")], "V"),
    "soft_minimum": ([(3, "Pa"), (5, "Pa")], "Pa"),
    "magnitude": ([(3, "A/m**2"), (0.01, "A/m**2")], "A/m**2"),
    "plateau_potential": ([(0.3, ONE), ([0.1, 0.06], "V"), ([0.45], ONE), (0.03, ONE)], "V"),
    "layered_oxide_potential": (
        [(0.5, ONE), (4, "V"), (-0.8, "V"), ([-0.04, 0.1], "V"), ([18.0, 15.0], ONE), ([0.5, 0.3], ONE)],
        "V",
    ),
    "layered_oxide_diffusivity": (
        [(0.8, ONE), (1e-15, "m**2/s"), (2.5, ONE), (0.88, ONE), (0.03, ONE)],
        "m**2/s",
    ),
    "deposit_potential": ([(5, "MPa"), (45, "MPa")], "V"),
    "pore_back_pressure": ([(0.9, ONE), (500, "MPa"), (0.03, ONE)], "Pa"),
    "arrhenius": ([(2, "mS/cm"), (35, "kJ/mol"), (310, "K")], "S/m"),
    "bruggeman": ([(0.4, ONE), (1.5, ONE)], ONE),
    "alloy_conductivity": ([(0.05, "S/m"), (0.4, ONE), (2.5, ONE)], "S/m"),
    "salt_conductivity": ([(0.07, "S/m"), (0.8, ONE), (1.4, ONE)], "S/m"),
    "diffusion_potential": ([(0.8, ONE), (50, "mV")], "V"),
    "nernst_einstein": ([(2e5, "mol/m**3"), (1e-12, "m**2/s"), (298, "K")], "S/m"),
    "lithium_metal_conductivity": ([(8e-15, "m**2/s"), (298, "K")], "S/m"),
}
EXTRA_LITERALS = {"soft_minimum": {1e-300: "Pa"}}


def arguments(name):
    for value, unit in SIGNATURES[name][0]:
        value = np.array(value) if isinstance(value, list) else value
        yield (Q(value, unit) if unit else value)


def si_arguments(name):
    """Plain numbers and arrays in SI units."""
    return [value.to_base_units().magnitude if isinstance(value, Q) else value for value in arguments(name)]


def test_law_has_the_unit_that_it_claims(law_name, laws):
    assert law_name in SIGNATURES, "state the units of the new law here"
    result = Q(with_units(laws[law_name], EXTRA_LITERALS.get(law_name))(*arguments(law_name)))
    assert result.check(Q(1, SIGNATURES[law_name][1]).dimensionality)


def test_quantities_and_plain_numbers_agree(law_name, laws):
    """The law with units gives the same number as the compiled law on SI magnitudes."""
    given, si = list(arguments(law_name)), si_arguments(law_name)
    unit = SIGNATURES[law_name][1]
    result = Q(with_units(laws[law_name], EXTRA_LITERALS.get(law_name))(*given)).to_base_units()
    assert unit == ONE or result.units == Q(1, unit).to_base_units().units
    assert laws[law_name](*si) == pytest.approx(result.magnitude, rel=1e-12)
    assert laws[law_name].py_func(*si) == pytest.approx(result.magnitude, rel=1e-12)


@pytest.mark.parametrize(
    ("law", "wrong"),
    [
        (creep.creep_rate, [Q(2, "m"), Q(0.014, "1/s"), 6.6]),
        (storage.deposit_potential, [Q(1, "MPa"), Q(1, "V")]),
        (transport.arrhenius, [Q(1, "S/m"), Q(35, "V"), Q(300, "K")]),
        (nucleation.coverage, [Q(1e11, "1/m**3"), Q(1, "um")]),
    ],
)
def test_checker_refuses_a_wrong_unit(law, wrong):
    with pytest.raises(pint.DimensionalityError):
        with_units(law)(*wrong)
