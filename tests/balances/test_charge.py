"""What passes the terminals arrives in the electrodes."""

import numpy as np
import pytest
from kernel_cells import ANODES, COMBINATIONS, MAH_PER_CM2, SOUND, cycling, make_cell, steps

import cellmodel as cm
from cellmodel.model import layout as at


def first_step_run(anode, full):
    cell = make_cell(anode, full, overrides=SOUND)
    sentence = "Charge at 0.3C for 1 h" if full else "Plate at 0.5 mA/cm2 for 1 h"
    return cell, cm.simulate(cell, steps(sentence))


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_charge_passed_leaves_the_cathode_or_counter(anode, full):
    cell, run = first_step_run(anode, full)
    place = run.trace.lithium.sel(place="cathode" if full else "counter").values
    passed = run.steps.capacity.values[0]
    current = 0.3 * cell.one_c / 10.0 if full else 0.5  # mA/cm2
    assert passed == pytest.approx(current * 1.0, rel=1e-6)  # the set point is reached within milliseconds
    # In the flaws of a lithium foil a little goes elsewhere.
    assert place[0] - place[-1] == pytest.approx(passed, rel=1e-5)


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_charge_passed_arrives_at_the_anode(anode, full):
    _, run = first_step_run(anode, full)
    lithium = run.trace.lithium
    arrived = lithium.drop_sel(place=["cathode", "counter"]).sum("place").values
    assert arrived[-1] - arrived[0] == pytest.approx(run.steps.capacity.values[0], rel=1e-5)


@pytest.mark.parametrize("anode", ANODES)
def test_reactions_of_the_cathode_add_up_to_the_current(anode):
    _, run = first_step_run(anode, True)
    layout, cathode, state = run.physics.layout, run.physics.cathode, run.ended.states[-1]
    reaction = state[layout.cathode + layout.shells + 1 : layout.scalars : layout.cathode_block]
    contact = state[layout.scalars + at.CATHODE_CONTACT]
    stored = (cathode.width * cathode.area * contact * reaction).sum()
    assert stored == pytest.approx(-state[layout.scalars + at.CURRENT], rel=1e-5)


@pytest.mark.parametrize("anode", ANODES)
def test_kirchhoff_through_the_cathode(anode):
    """Ionic plus electronic current is the same at every height of the cathode."""
    _, run = first_step_run(anode, True)
    layout, cathode, state = run.physics.layout, run.physics.cathode, run.ended.states[-1]
    block = state[layout.cathode : layout.scalars].reshape(layout.cathode_cells, layout.cathode_block)
    psi, phi = block[:, -2], block[:, -1]
    distance = 0.5 * (cathode.width[1:] + cathode.width[:-1])
    ionic = cathode.ionic_conductivity * np.diff(psi) / distance
    electronic = cathode.electronic_conductivity * np.diff(phi) / distance
    assert ionic + electronic == pytest.approx(state[layout.scalars + at.CURRENT], rel=1e-4)


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_energy_is_the_integral_of_power(anode, full):
    _, run = first_step_run(anode, full)
    trace = run.trace
    sign = 1.0 if full else -1.0
    power = sign * trace.voltage.values * trace.current.values
    energy = np.trapezoid(power[1:], trace.time.values[1:])
    assert run.steps.energy.values[0] == pytest.approx(energy, rel=0.02, abs=1e-4)


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_cycle_capacities_are_those_of_its_steps(anode, full):
    cell = make_cell(anode, full, overrides=SOUND)
    run = cm.simulate(cell, cycling(cell), trace=False)
    capacity = run.steps.capacity.values
    up, down = np.maximum(capacity, 0.0), np.maximum(-capacity, 0.0)
    cycle = run.steps.cycle.values - 1
    assert run.cycles.charge_capacity.values == pytest.approx(np.bincount(cycle, up))
    assert run.cycles.discharge_capacity.values == pytest.approx(np.bincount(cycle, down))
    efficiency = run.cycles.discharge_capacity / run.cycles.charge_capacity
    assert run.cycles.coulombic_efficiency.values == pytest.approx(efficiency.values)
    assert run.ended.rows[0, 3] / MAH_PER_CM2 == pytest.approx(capacity[0])
