"""Laws rise and fall as they should, and are smooth enough for Newton's method."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellmodel.laws import (
    ageing,
    contact,
    creep,
    fracture,
    kinetics,
    limits,
    mechanics,
    nucleation,
    smooth,
    storage,
    transport,
)

SHAPE = [(1e-7, 1e-6), (2e-6, 2e-5), (1e-4, 1.0), (3.0, 10.0)]
# law, ranges of its arguments, signs of its slopes (0: not stated)
SLOPES = [
    (creep.creep_rate, [(1e4, 1e8), (1e-4, 1.0), (3.0, 10.0)], [1, 1, 0]),
    (creep.slot_extrusion_velocity, [(1e5, 1e8), *SHAPE], [1, 1, -1, 1, 0]),
    (creep.slot_extrusion_pressure, [(1e-12, 1e-6), *SHAPE], [1, -1, 1, -1, 0]),
    (fracture.largest_flaw, [(0.05, 0.95), (1e-7, 1e-4), (1.0, 20.0), (0.5, 1e4)], [1, 1, 0, 1]),
    (fracture.stress_intensity, [(2e7, 1e9), (1e5, 1e7), (1e-7, 1e-4)], [1, -1, 1]),
    (fracture.griffith_pressure, [(5e4, 2e6), (1e-7, 1e-4)], [1, -1]),
    (fracture.fracture_velocity, [(2.4e5, 1e6), (1e5, 2e5), (2e5, 1e6), (1e-9, 1.0), (1.0, 4.0)], [1, -1, 0, 1, 0]),
    (fracture.crack_closure, [(1e5, 1e8), (0.1, 0.4), (1e4, 1e7)], [1, 1, 1]),
    (fracture.elliptic_tip_radius, [(1e-6, 1e-4), (1e-8, 1e-5)], [-1, 1]),
    (fracture.tip_current, [(1.0, 1e3), (1e-2, 1.0), (1e-3, 1.0), (1e-7, 1e-5)], [1, 1, 1, -1]),
    (fracture.flaw_pressure, [(1e5, 1e8), (1e-3, 1e-1), (1e6, 1e9)], [1, 1, 1]),
    (limits.sand_time, [(0.1, 1e2), (10.0, 1e4), (1e-13, 1e-9), (0.1, 0.9), (1.0, 2.0)], [-1, 1, 1, 1, 1]),
    (limits.griffith_overpotential, [(5e4, 2e6), (1e-7, 1e-4), (1e5, 1e8), (1e5, 1e7)], [1, -1, -1, 1]),
    (limits.flaw_critical_current, [(1e-3, 1.0), (1e-4, 1e-2), (1e-6, 1e-3), (1e-2, 1.0)], [1, -1, -1, 1]),
    (limits.critical_stripping_current, [(1e-11, 1e-8), (0.05, 1.0)], [1, -1]),
    (limits.elliptic_focusing, [(1e-6, 1e-4), (1e-8, 1e-5)], [1, -1]),
    (limits.macmullin_number, [(1.0, 5.0), (0.1, 0.9)], [1, -1]),
    (limits.interfacial_resistance, [(1e4, 5e7), (1e-4, 1e-2), (1e6, 5e7)], [-1, 1, 1]),
    (contact.void_closing_velocity, [(1e6, 1e8), (1e-18, 1e-16), (1e-17, 1e-15), (2.0, 8.0)], [1, 1, 1, 0]),
    (contact.initial_contact, [(1e4, 5e7), (1e6, 5e7)], [1, -1]),
    (contact.constriction_length, [(0.01, 0.9), (1e-7, 1e-5)], [-1, 1]),
    (kinetics.intercalation_exchange_current, [(0.1, 10.0), (0.01, 0.4)], [1, 1]),
    (kinetics.availability, [(1e-3, 1e3), (0.1, 10.0)], [1, -1]),
    (kinetics.overpotential_of_current, [(0.1, 1e3), (0.1, 10.0), (0.02, 0.03)], [-1, 1, -1]),
    (mechanics.foam_modulus, [(1e8, 1e11), (0.1, 0.85)], [1, -1]),
    (mechanics.crushing_strain, [(1e5, 1e8), (1e7, 1e11)], [1, -1]),
    (mechanics.densified_porosity, [(0.3, 0.85), (0.01, 0.5)], [1, -1]),
    (mechanics.sintered_modulus, [(1e9, 1e11), (0.01, 0.5), (1.0, 20.0)], [1, -1, -1]),
    (nucleation.patch_density, [(1e9, 1e13), (0.1, 100.0), (0.1, 2.0)], [1, 1, 0]),
    (nucleation.patch_radius, [(1.0, 1e5), (1e9, 1e13), (0.01, 0.5), (1.0, 50.0)], [1, -1, 1, 1]),
    (nucleation.coverage, [(1e9, 1e11), (1e-8, 2e-6)], [1, 1]),
    (nucleation.grain_size, [(1e-8, 1e-6), (0.1, 100.0), (0.1, 2.0)], [1, -1, 0]),
    (nucleation.deposit_porosity, [(0.01, 0.6), (0.1, 100.0), (1e5, 2e7), (1e6, 1e8)], [1, 1, -1, 1]),
    (ageing.formation_current, [(0.1, 1.0), (1.0, 90.0), (1e3, 1e4), (60.0, 1e4)], [1, -1, 1, -1]),
    (ageing.growth_current, [(0.1, 1.0), (1e3, 1e5), (1e-3, 1.0), (100.0, 1e3)], [1, -1, 1, 0]),
    (ageing.dead_share, [(0.01, 0.9), (0.01, 0.9), (0.01, 0.5), (0.01, 1.0)], [-1, -1, 1, 1]),
    (ageing.cathode_contact_loss, [(1e-7, 1e-4), (0.1, 0.9), (0.01, 1.0), (1e5, 1e7), (1e6, 1e7)], [1, 1, 1, -1, 1]),
    (ageing.coating_growth, [(1e-9, 1e-7), (4.2, 4.4), (3.5, 4.1), (0.1, 0.3), (3e-3, 1e-2), (1e-3, 2e-3)],
     [1, 1, -1, -1, -1, 1]),
    (storage.deposit_potential, [(1e5, 1e8), (1e5, 1e8)], [-1, -1]),
    (storage.pore_back_pressure, [(0.3, 0.95), (1e8, 1e9), (0.02, 0.2)], [1, 1, 1]),
    (storage.layered_oxide_diffusivity, [(0.6, 0.9), (1e-17, 1e-13), (0.5, 5.0), (0.7, 0.9), (0.03, 0.1)],
     [-1, 1, -1, 1, 0]),
    (transport.arrhenius, [(1e-3, 10.0), (1e4, 8e4), (243.0, 297.0)], [1, -1, 1]),
    (transport.bruggeman, [(0.05, 0.9), (1.0, 4.0)], [1, -1]),
    (transport.alloy_conductivity, [(1e-3, 1.0), (0.01, 0.9), (1.0, 4.0)], [1, 1, -1]),
    (transport.salt_conductivity, [(1e-3, 1.0), (1e-4, 0.9), (1.0, 3.0)], [1, 1, -1]),
    (transport.diffusion_potential, [(1e-4, 0.9), (1e-3, 0.3)], [1, -1]),
    (transport.nernst_einstein, [(1e2, 1e6), (1e-16, 1e-9), (243.0, 373.0)], [1, 1, -1]),
    (transport.lithium_metal_conductivity, [(1e-17, 1e-13), (243.0, 373.0)], [1, -1]),
    (smooth.soft_minimum, [(0.1, 10.0), (0.1, 10.0)], [1, 1]),
    (smooth.positive_part, [(0.01, 10.0), (0.01, 1.0)], [1, 1]),
    (smooth.magnitude, [(0.01, 10.0), (0.01, 1.0)], [1, -1]),
    (smooth.rectified, [(1.0, 10.0), (0.01, 0.1)], [1, -1]),
    (smooth.logistic, [(0.01, 10.0)], [1]),
    (smooth.bounded_exp, [(0.1, 200.0)], [1]),
]  # fmt: skip


@pytest.mark.parametrize(("law", "ranges", "signs"), SLOPES, ids=lambda part: getattr(part, "__name__", ""))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_law_is_monotonic(law, ranges, signs, data):
    places = [data.draw(st.floats(0.0, 1.0)) for _ in ranges]
    at = [low * (high / low) ** place for (low, high), place in zip(ranges, places, strict=True)]
    for index, sign in enumerate(signs):
        more = at.copy()
        more[index] *= 1.05
        difference = law.py_func(*more) - law.py_func(*at)
        assert sign == 0 or sign * difference > 0.0, f"argument {index} of {at}"


@settings(max_examples=200, deadline=None)
@given(eta=st.floats(-5.0, 5.0), step=st.floats(1e-4, 1.0))
def test_storing_falls_and_releasing_rises_with_overpotential(eta, step):
    def stored(x):
        return kinetics.storing_branch(x, 0.0257) - kinetics.releasing_branch(x, 0.0257)

    assert stored(eta + step) < stored(eta)
    assert math.isfinite(stored(eta))


@settings(max_examples=200, deadline=None)
@given(y=st.floats(0.0, 0.95))
def test_plateaus_never_rise_with_lithiation(y):
    levels, edges = np.array([0.76, 0.66, 0.53, 0.38]), np.array([0.2, 0.4, 0.7])
    lower = storage.plateau_potential.py_func(y + 0.05, levels, edges, 0.03)
    assert lower < storage.plateau_potential.py_func(y, levels, edges, 0.03)


LEVELS, EDGES = np.array([0.1, 0.06]), np.array([0.45])
OXIDE = (np.array([-0.0428, 0.1, -0.8]), np.array([18.5, 15.8, 60.0]), np.array([0.55, 0.31, 1.02]))
# name, function of one variable, point near a rounded kink or a seam, largest difference step
SMOOTH = [
    ("positive_part", lambda x: smooth.positive_part(x, 1.0), 0.3, 0.2),
    ("magnitude", lambda x: smooth.magnitude(x, 1.0), 0.3, 0.2),
    ("logistic across its seam", smooth.logistic, -0.5, 0.6),
    ("soft_minimum", lambda x: smooth.soft_minimum(x, 1.0), 1.0, 0.2),
    ("overpotential_of_current", lambda i: kinetics.overpotential_of_current(i, 1.0, 1.0), 0.4, 0.3),
    ("intercalation_exchange_current", lambda x: kinetics.intercalation_exchange_current(1.0, x), 0.3, 0.05),
    ("creep_rate", lambda s: creep.creep_rate(s, 0.014, 6.6), 2e6, 2e5),
    ("fracture_velocity", lambda k: fracture.fracture_velocity(k, 1.5e5, 2.3e5, 1.0, 3.0), 1.52e5, 400.0),
    ("flaw_pressure", lambda u: fracture.flaw_pressure(0.0, u, 7e6), 1e-3, 1e-4),
    ("plateau_potential", lambda y: storage.plateau_potential(y, LEVELS, EDGES, 0.03), 0.43, 0.01),
    ("layered_oxide_potential", lambda x: storage.layered_oxide_potential(x, 4.0, -0.8, *OXIDE), 0.99, 0.004),
    ("layered_oxide_diffusivity", lambda x: storage.layered_oxide_diffusivity(x, 1.0, 2.5, 0.88, 0.03), 0.86, 0.004),
    ("availability", lambda q: kinetics.availability(q, 1.0), 1e-3, 2e-4),
    ("alloy_conductivity", lambda y: transport.alloy_conductivity(1.0, y, 2.5), 0.2, 0.02),
    ("coverage", lambda r: nucleation.coverage(1e11, r), 1e-6, 1e-7),
    ("patch_radius", lambda q: nucleation.patch_radius(q, 1e11, 0.1, 18.0), 100.0, 20.0),
    ("formation_current", lambda q: ageing.formation_current(1.0, q, 3600.0, 1.0), 3602.0, 1.0),
    ("growth_current", lambda q: ageing.growth_current(1.0, q, 1.0, 3600.0), 1900.0, 60.0),
]


@pytest.mark.parametrize(("name", "law", "at", "step"), SMOOTH, ids=lambda part: part if isinstance(part, str) else "")
def test_differences_converge_with_their_order(name, law, at, step):
    """A hidden kink makes successive differences of a slope shrink by 2, not by 4, or not at all."""
    steps = step * 0.5 ** np.arange(6)
    forward = [(law(at + h) - law(at)) / h for h in steps]
    central = [(law(at + h) - law(at - h)) / (2.0 * h) for h in steps]
    for slopes, order in ((forward, 1), (central, 2)):
        shrink = np.diff(slopes)[:-1] / np.diff(slopes)[1:]
        assert np.log2(np.abs(shrink[-1])) == pytest.approx(order, abs=0.15)


@pytest.mark.parametrize(
    ("law", "seam"),
    [
        (smooth.bounded_exp, 8.0),
        (smooth.bounded_exp, -20.0),
        (lambda s: storage.pore_back_pressure(s, 1.0, 0.03), 1.09),
        (lambda v: ageing.coating_growth(1.0, v, 4.2, 0.1, 1.0, 1.0), 5.2),
    ],
)
def test_bounded_laws_are_continuous_at_their_seam(law, seam):
    assert law(seam + 1e-9) == pytest.approx(law(seam - 1e-9), rel=1e-6)
