"""Where flaws run, contact is lost and interfaces resist in the running model: the field's formulas."""

import numpy as np
import pytest
from critical_runs import fresh_interface, ramped_flaws
from kernel_cells import MPA, make_cell, physics_and_state
from limit_runs import stripping_contact

from cellmodel.laws.limits import interfacial_resistance, macmullin_number


def test_flaws_run_at_the_griffith_overpotential_and_the_critical_current():
    """Five depths in one ramp; the current is found to a step of it (2 %), the threshold to its rounding (2 %)."""
    start = ramped_flaws(np.array([6.0, 8.0, 12.0, 18.0, 27.0]) * 1e-6)
    assert np.all(np.diff(start.griffith) < 0.0)
    assert start.overpotential == pytest.approx(start.griffith, rel=0.05)
    assert start.current == pytest.approx(start.critical, rel=0.05)


@pytest.mark.parametrize(("current", "kept"), [(0.8, True), (1.3, False)])
def test_contact_is_lost_above_the_critical_stripping_current(current, kept):
    """1.0 mA/cm2 at 7 MPa."""
    contact, exact = stripping_contact(7, current)
    assert contact == pytest.approx(exact, abs=5e-3)
    assert (contact > 0.2) == kept


@pytest.mark.parametrize("pressure", [0.2, 1.0, 5.0, 10.0])
def test_fresh_interface_resists_as_pressure_says(pressure):
    resistance, physics = fresh_interface(pressure)
    contact = physics.contact
    expected = interfacial_resistance(pressure * MPA, contact.resistance, contact.full_pressure)
    assert resistance == pytest.approx(expected, rel=0.01)


def test_separator_conducts_by_its_macmullin_number():
    cell = make_cell("cu-foil", False, overrides={"electrolyte.porosity": "0.2"})
    physics, _ = physics_and_state(cell)
    exponent = cell.si["electrolyte.tortuosity_exponent"]
    number = macmullin_number(0.8 ** (1.0 - exponent), 0.8)
    assert physics.flaws.conductivity / physics.separator.conductivity == pytest.approx(number)
