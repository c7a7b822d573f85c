"""Contact, coverage, flaws and pressure of the running model against their closed solutions."""

import numpy as np
import pytest
from kernel_cells import MPA
from limit_runs import RIGID, coverage, filling, healing, resting_flaws, rising_pressure, stripping_contact
from scipy.integrate import quad

from cellmodel.constants import VOLUME_PER_CHARGE


@pytest.mark.parametrize("pressure", [10, 12, 20])
def test_contact_settles_under_stripping(pressure):
    """On the working side; the counter side stands in test_analytic_limits."""
    contact, exact = stripping_contact(pressure)
    assert contact == pytest.approx(exact, abs=1e-3)
    assert exact < 0.999


def test_voids_close_exponentially_at_rest():
    """1 - theta falls as exp(-v t / delta); `rectified` leaves 0.17 uA/cm2 of opening, 7e-4 of contact."""
    run = healing()
    assert run.model[-1] - run.model[0] > 0.3
    assert run.model == pytest.approx(run.exact, abs=1e-3)


def test_islands_cover_a_foil():
    """1 - exp(-pi N r^2), from 2 % at 1 uAh/cm2 to 78 % at 1 mAh/cm2."""
    run = coverage()
    assert run.exact[0] < 0.05 and run.exact[-1] > 0.75
    assert run.model == pytest.approx(run.exact, rel=1e-4)


@pytest.mark.parametrize("pressure", [10, 20, 40])
def test_flaws_grow_only_beyond_the_critical_depth(pressure):
    before, after, _ = resting_flaws([0.5, 0.8, 0.9, 1.2, 1.4], pressure)
    growth = after / before - 1.0
    assert np.all(growth[:3] < 1e-6)
    assert np.all(growth[3:] > 1e-3)


def test_flaws_beyond_the_critical_depth_grow_by_the_law_of_fracture():
    """1000 h are the integral of da / [v0 ((K - K_th)/K_IC)^n]."""
    before, after, flaws = resting_flaws([1.2, 1.25, 1.3, 1.35, 1.4])
    opening = 20 * MPA * (1.0 - flaws.poisson / (1.0 - flaws.poisson))

    def per_metre(depth):
        intensity = 1.12 * opening * np.sqrt(np.pi * depth)
        return 1.0 / (flaws.speed * ((intensity - flaws.threshold) / flaws.toughness) ** flaws.exponent)

    times = [quad(per_metre, *depths)[0] for depths in zip(before, after, strict=True)]
    assert times == pytest.approx(np.full(5, 3.6e6), rel=0.03)


def test_no_flaw_grows_without_lithium():
    before, after, _ = resting_flaws([0.5, 0.9, 1.2, 1.4, 2.0], lithium=False)
    assert after == pytest.approx(before, rel=1e-5)


@pytest.mark.parametrize("exchange_current", [1.0, 100.0, 1e4])
def test_flaw_without_resistance_grows_as_fast_as_it_is_filled(exchange_current):
    """da/dt = (V_Li/F) i times the focusing, from hardly any (Biot number 1e-3) to that of conduction (25)."""
    run = filling(exchange_current)
    assert np.all(run.x[-1] > run.x[0] + 0.95 * VOLUME_PER_CHARGE * 5.0 * 720.0)
    assert run.exact[1:] == pytest.approx(run.model[1:], rel=3e-3)


@pytest.mark.parametrize("stiffness", [1e10, RIGID])
def test_pressure_at_constant_gap(stiffness):
    """A fixture that never gives: P rises by the growth of the stack over the compliance of its layers."""
    run = rising_pressure(stiffness)
    assert run.exact[-1] > 1e4
    assert run.model == pytest.approx(run.exact, rel=1e-6, abs=1.0)
