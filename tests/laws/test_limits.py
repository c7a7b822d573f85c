"""Formulas of the field at points and in limits that are known, and against what they are derived from."""

import math

import numpy as np
import pytest

from cellmodel.constants import FARADAY, VOLUME_PER_CHARGE
from cellmodel.laws import contact, fracture, limits, transport

MPA, UM = 1e6, 1e-6
SALT = {"concentration": 1000.0, "diffusivity": 3e-10, "transference": 0.3}


def depleted_share(current, time, concentration, diffusivity, transference):
    """Share of the salt that is gone at an electrode: diffusion solved by implicit differences on a thick layer."""
    cells, steps = 4000, 2000
    width, step = 8.0 * math.sqrt(diffusivity * time) / cells, time / steps
    ratio = diffusivity * step / width**2
    # Crank-Nicolson in the eigenvectors of a chain of cells with closed ends
    waves = np.arange(cells)
    rates = 4.0 * ratio * np.sin(0.5 * np.pi * waves / cells) ** 2
    shape = np.cos(np.pi * waves * 0.5 / cells)
    norm = np.where(waves == 0, 1.0, 2.0) / cells
    source = current * (1.0 - transference) / FARADAY * step / width * norm * shape
    factor = (1.0 - 0.5 * rates) / (1.0 + 0.5 * rates)
    gain = source / (1.0 + 0.5 * rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        amplitude = np.where(rates > 0.0, gain * (1.0 - factor**steps) / (1.0 - factor), gain * steps)
    first = (amplitude * shape).sum()
    at_wall = first + 0.5 * width * current * (1.0 - transference) / (FARADAY * diffusivity)
    return at_wall / concentration


def test_salt_is_gone_after_sands_time():
    time = limits.sand_time(20.0, SALT["concentration"], SALT["diffusivity"], SALT["transference"], 1.0)
    assert depleted_share(20.0, time, **SALT) == pytest.approx(1.0, rel=2e-3)
    assert depleted_share(20.0, 0.25 * time, **SALT) == pytest.approx(0.5, rel=2e-3)


def test_single_ion_conductor_is_never_depleted():
    times = [limits.sand_time(10.0, 1000.0, 3e-10, 1.0 - rest, 1.0) for rest in (1e-2, 1e-4, 1e-6)]
    assert times[1:] == pytest.approx([1e4 * times[0], 1e8 * times[0]])


@pytest.mark.parametrize("depth", [1 * UM, 10 * UM, 100 * UM])
def test_lithium_at_the_griffith_overpotential_has_the_critical_intensity(depth):
    closure = fracture.crack_closure(5 * MPA, 0.37, 1 * MPA)
    overpotential = limits.griffith_overpotential(0.23 * MPA, depth, 5 * MPA, closure)
    inner = 5 * MPA + overpotential / VOLUME_PER_CHARGE
    assert fracture.stress_intensity(inner, closure, depth) == pytest.approx(0.23 * MPA)


def test_stack_pressure_alone_runs_a_flaw_of_the_critical_depth():
    opening = 20 * MPA * (1.0 - 0.37 / 0.63)
    depth = (0.15 * MPA / (1.12 * opening)) ** 2 / math.pi
    closure = fracture.crack_closure(20 * MPA, 0.37, 0.0)
    assert limits.griffith_overpotential(0.15 * MPA, depth, 20 * MPA, closure) == pytest.approx(0.0, abs=1e-12)


def test_flaw_critical_current_is_of_interface_and_conduction_in_series():
    assert limits.flaw_critical_current(5e-3, 1e-3, 0.0, 0.2) == pytest.approx(5.0)
    assert limits.flaw_critical_current(5e-3, 0.0, 10 * UM, 0.2) == pytest.approx(100.0)
    assert limits.flaw_critical_current(5e-3, 1e-3, 200 * UM, 0.2) == pytest.approx(2.5)


def test_host_that_keeps_its_contact_raises_the_critical_stripping_current():
    foil = limits.critical_stripping_current(VOLUME_PER_CHARGE, 1.0)
    assert foil == pytest.approx(1.0)
    assert limits.critical_stripping_current(VOLUME_PER_CHARGE, 0.1) == pytest.approx(10.0 * foil)


@pytest.mark.parametrize("exponent", [1.5, 2.5])
def test_macmullin_number_is_the_resistance_of_a_porous_layer(exponent):
    """Of Bruggeman's tortuosity; no layer at all has the number 1."""
    number = limits.macmullin_number(0.4 ** (1.0 - exponent), 0.4)
    assert number == pytest.approx(1.0 / transport.bruggeman(0.4, exponent))
    assert limits.macmullin_number(1.0, 1.0) == 1.0


def test_interface_resists_less_under_pressure():
    low, high = (limits.interfacial_resistance(p * MPA, 1e-3, 5 * MPA) for p in (0.01, 0.04))
    assert low / high == pytest.approx(2.0, rel=1e-4)
    assert limits.interfacial_resistance(1e4 * MPA, 1e-3, 5 * MPA) == pytest.approx(1e-3, rel=1e-6)
    assert low == pytest.approx(1e-3 / contact.initial_contact(0.01 * MPA, 5 * MPA))
