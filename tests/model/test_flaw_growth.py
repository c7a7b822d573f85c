"""A flaw needs lithium and fracture: where one of them is plentiful, the other decides alone."""

import numpy as np
import pytest
from kernel_cells import make_cell, physics_and_state, steps

import cellmodel as cm
from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws.creep import slot_extrusion_velocity
from cellmodel.model import layout as at
from cellmodel.model.probe import Evaluator
from cellmodel.settings import Settings


@pytest.fixture(scope="module")
def plated():
    """Physics and a state half an hour into plating on copper, at a current that does not short."""
    inert = {"electrolyte.interphase_formation": "1e-9 mAh/cm2", "electrolyte.interphase_throughput": "0"}
    cell = make_cell("cu-foil", False, overrides={"laboratory.flaw_depth": "1 um", **inert})
    run = cm.simulate(cell, steps("Plate at 0.2 mA/cm2 for 30 min"))
    assert run.outcome.kind.label == "completed"
    return run.physics, run.ended.states[-1], run.trace.isel(time=-1), run.steps.coverage.values[-1]


BRITTLE = {"speed": 1e12, "threshold": -1e6, "creep": 1e-60}
"""Flaws that do not resist, beside lithium that is not squeezed: supply by the current decides alone."""
UNFOCUSED = {"conductivity": 1e9, "unevenness": 1.0}


def velocities(physics, state, counter=False, **flaws):
    """Speed of every quantile's flaw on one side [m/s], with some numbers of the flaws replaced."""
    changed = physics._replace(flaws=physics.flaws._replace(**flaws))
    out = Evaluator(changed)(state, np.array([0.0, state[physics.layout.scalars + at.CURRENT]]))
    first = physics.layout.counter_depths if counter else physics.layout.depths
    side = slice(first, first + physics.layout.flaws)
    return out[side] * np.exp(state[side])


def test_slow_fracture_sets_the_speed(plated):
    physics, state, *_ = plated
    slow = velocities(physics, state, speed=1e-16, threshold=0.0)
    assert velocities(physics, state, speed=2e-16, threshold=0.0) / slow == pytest.approx(2.0, rel=1e-4)
    assert np.all(slow > 0.0)


def test_supply_sets_the_speed_of_brittle_electrolyte(plated):
    """Without focusing, extrusion or resistance to fracture a flaw advances by Faraday's law of the true current."""
    physics, state, last, covered = plated
    touch, top = physics.flaws.touch, float(last.lithium.sel(place="top")) * 36000.0
    speed = velocities(physics, state, **BRITTLE, **UNFOCUSED)
    local = 2.0 / (float(last.contact_fraction) * covered)
    assert speed == pytest.approx(VOLUME_PER_CHARGE * local * top / (top + touch), rel=0.02)


def test_pressure_squeezes_lithium_into_flaws_without_current(plated):
    physics, state, last, _ = plated
    resting = state.copy()
    s = physics.layout.scalars
    resting[s + at.CURRENT], resting[s + at.SURFACE], resting[s + at.PRESSURE] = 0.0, 0.0, 100e6
    top = float(last.lithium.sel(place="top")) * 36000.0
    speed = velocities(physics, resting, speed=1e12, threshold=-1e6)
    depth = np.exp(state[physics.layout.depths : physics.layout.counter_depths])
    flaws = physics.flaws
    expected = [slot_extrusion_velocity(100e6, a / flaws.aspect, a, flaws.creep, flaws.creep_exponent) for a in depth]
    assert speed == pytest.approx(np.array(expected) * top / (top + flaws.touch), rel=0.1)


def test_current_feeds_no_flaw_at_rest(plated):
    """Rounding leaves 0.02 uA/cm2: less than 0.1 um in 1000 h."""
    physics, state, *_ = plated
    resting = state.copy()
    resting[physics.layout.scalars + at.CURRENT] = 0.0
    counter = velocities(physics, resting, counter=True, **BRITTLE, **UNFOCUSED)
    assert np.all(counter > 0.0)
    assert counter.max() * 3.6e6 < 0.1e-6


def rates(physics, state, **flaws):
    """Rates of lithium on top, in the counter foil and in flaws [A/m2] and of the surface potential [V/s]."""
    changed = physics._replace(flaws=physics.flaws._replace(**flaws))
    out = Evaluator(changed)(state, np.array([0.0, state[physics.layout.scalars + at.CURRENT]]))
    return out[physics.layout.scalars + np.array([at.TOP, at.COUNTER, at.FILAMENT, at.SURFACE])]


def test_what_is_squeezed_leaves_the_deposit_as_metal(plated):
    """Without a current into flaws the deposit gives all that they take, the double layer nothing."""
    physics, state, *_ = plated
    resting = state.copy()
    s = physics.layout.scalars
    resting[s + at.CURRENT], resting[s + at.SURFACE], resting[s + at.PRESSURE] = 0.0, 0.0, 100e6
    flaws = {"speed": 1e12, "threshold": -1e6}
    firm, squeezed = rates(physics, resting, density=0.0, **flaws), rates(physics, resting, density=1e10, **flaws)
    given = firm - squeezed
    assert given[0] > 1.0
    assert given[0] + given[1] == pytest.approx(squeezed[2], rel=1e-4)
    assert abs(given[3]) * physics.contact.capacitance < 1e-3 * given[0]


def test_flaws_that_take_all_that_arrives_are_still_fed(plated):
    """Any number of flaws takes the current that arrives, whatever that leaves for the deposit, and no more."""
    physics, state, *_ = plated
    arriving = state[physics.layout.scalars + at.CURRENT]
    few, many = (rates(physics, state, density=density, **BRITTLE)[2] for density in (1e10, 1e16))
    assert few < 0.99 * many
    assert many == pytest.approx(arriving, rel=0.02)


def half_filled_host(cells):
    """Physics and a state in which all of a scaffold's pores are half full and plate alike; nothing lies on top."""
    cell = make_cell("ag-ni-scaffold", False, stack_pressure="20 MPa")
    physics, state = physics_and_state(cell, Settings(host_cells=cells))
    block = state[: physics.layout.cathode].reshape(cells, physics.layout.host_block)
    block[:] = (0.02, 0.9, 0.3)
    state[physics.layout.scalars + at.SURFACE] = 0.02
    return physics, state


def test_pores_feed_flaws_alike_on_every_mesh():
    physics, state = half_filled_host(8)
    coarse = velocities(physics, state, **BRITTLE)
    assert np.all(coarse > 10.0 * velocities(physics, emptied(state, physics), **BRITTLE))
    for cells in (4, 16, 64):
        assert velocities(*half_filled_host(cells), **BRITTLE) == pytest.approx(coarse, rel=1e-9)


def emptied(state, physics):
    """The same state without lithium in the pores."""
    bare = state.copy()
    bare[: physics.layout.cathode].reshape(-1, physics.layout.host_block)[:, -1] = 0.0
    return bare


def test_tough_electrolyte_stops_every_flaw(plated):
    physics, state, *_ = plated
    assert velocities(physics, state, threshold=1e9).max() < 1e-25


def test_larger_flaws_grow_faster_and_short_first():
    run = cm.simulate(make_cell("cu-foil", False, laboratory="tsinghua"), steps("Plate at 1 mA/cm2 until 5 mAh/cm2"))
    onset = run.onsets.onset_areal_capacity.values
    assert run.outcome.kind.label == "shorted"
    finite = onset[np.isfinite(onset)]
    assert len(finite) >= 3
    assert np.all(np.diff(onset[np.isfinite(onset)]) <= 0.0)
    assert np.all(np.isfinite(onset) == (np.arange(5) >= 5 - len(finite)))


def test_voltage_collapses_after_the_short():
    run = cm.simulate(make_cell("cu-foil", False, laboratory="tsinghua"), steps("Plate at 1 mA/cm2 until 5 mAh/cm2"))
    trace = run.trace
    at_short = np.flatnonzero(trace.time.values >= run.short["time"])[0]
    before = abs(trace.voltage.values[at_short - 5])
    assert abs(trace.voltage.values[-1]) < 0.3 * before
    assert trace.leak_conductance.values[-1] > 0.0
    assert trace.time.values[-1] - run.short["time"] <= 61.0 / 3600.0
