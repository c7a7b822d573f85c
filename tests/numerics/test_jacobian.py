"""Pattern, colours and values of Jacobians by dual numbers: of a small system, and of the coupled model."""

import numpy as np
import pytest
from compiled_model import dense_slopes, model_slopes, view_colours
from kernel_cells import COMBINATIONS, cycling, make_cell, physics_and_state, random_state
from numba import njit
from pools import pools_of

import cellmodel as cm
from cellmodel.compiled_cache import use_cache_folder
from cellmodel.model import initial
from cellmodel.model.probe import Evaluator, structure
from cellmodel.model.residual import CURRENT_MODE, VOLTAGE_MODE
from cellmodel.numerics import jacobian, sparse_lu
from cellmodel.numerics.dual import DIRECTIONS
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES

use_cache_folder()

N = 12
STRENGTHS = np.linspace(2.0, 3.0, LANES)
"""A parameter of the small system that differs between lanes."""


@njit
def chain(t, u, p, control, out):
    """Neighbours in a chain; every third unknown also feels the last one."""
    n = 12
    for i in range(n - 1):
        left = u[i - 1] if i > 0 else 0.0
        right = u[i + 1] if i + 1 < n - 1 else 0.0
        rate = p[0] * (left - 2.0 * u[i] + right) - u[i] * u[i] * u[i]
        if i % 3 == 0:
            rate += u[n - 1] * u[n - 1] * u[i]
        out[i] = rate


@njit
def border(t, u, p, control, out):
    """The last one, as a global of the model."""
    out[11] = control[0] - u[11] - u[0] * u[1]


@njit
def reaction_diffusion(t, u, p, control, out):
    chain(t, u, p, control, out)
    border(t, u, p, control, out)


def analytic(u, p):
    n = u.size
    matrix = np.zeros((n, n))
    for i in range(n - 1):
        matrix[i, i] = -2.0 * p - 3.0 * u[i] ** 2
        if i > 0:
            matrix[i, i - 1] = p
        if i + 1 < n - 1:
            matrix[i, i + 1] = p
        if i % 3 == 0:
            matrix[i, i] += u[-1] ** 2
            matrix[i, -1] += 2.0 * u[-1] * u[i]
    matrix[-1, -1], matrix[-1, 0], matrix[-1, 1] = -1.0, -u[1], -u[0]
    return matrix


DIRECTIONS_OF_PARTS = DIRECTIONS, 2
small = jacobian.build(reaction_diffusion)
in_parts = jacobian.build(chain, border, directions=DIRECTIONS_OF_PARTS)


@njit(cache=True)
def small_slopes(u, p, control, colours, value, slopes, out):
    small(0.0, u, lanes_of(p), lanes_of(control), view_colours(colours), value, slopes, out)


@njit(cache=True)
def slopes_in_parts(u, p, control, colours, value, slopes, out):
    in_parts(0.0, u, lanes_of(p), lanes_of(control), view_colours(colours), value, slopes, out)


@njit(cache=True)
def small_rates(u, p, control, out):
    reaction_diffusion(0.0, lanes_of(u), lanes_of(p), lanes_of(control), lanes_of(out))


def evaluate(states, strengths=STRENGTHS):
    """The small system at up to `LANES` states."""
    u = np.repeat(states[:1], LANES, axis=0)
    u[: len(states)] = states
    out = np.empty((N, LANES))
    small_rates(np.ascontiguousarray(u.T), strengths[None], np.ones((1, LANES)), out)
    return out.T[: len(states)]


def slopes_of(states, lu, colours, compiled=small_slopes):
    return dense_slopes(compiled, states, STRENGTHS[None], np.ones((LANES, 1)), lu, colours)


STATES = np.random.default_rng(3).normal(size=(LANES, N))


@pytest.fixture(scope="module")
def planned():
    pattern = jacobian.pattern_of(evaluate, STATES[0])
    lu = sparse_lu.plan(pattern, last=[])
    return pattern, lu, jacobian.colour(pattern, lu)


def test_not_a_number_finds_the_pattern(planned):
    assert np.array_equal(planned[0], analytic(STATES[0], 2.0) != 0.0)


def test_probe_refuses_a_state_that_is_not_finite():
    with pytest.raises(FloatingPointError, match=r"rows \[2\]"):
        jacobian.pattern_of(lambda states: np.tile([0.0, 1.0, np.nan], (len(states), 1)), np.zeros(3))


def test_unknowns_of_one_colour_share_no_row(planned):
    pattern, _, colours = planned
    count = colours.of.max() + 1
    assert sorted(set(colours.of)) == list(range(count))
    assert all(pattern[:, colours.of == c].sum(axis=1).max() <= 1 for c in range(count))
    assert count <= 5


def test_slopes_are_exact_to_rounding(planned):
    """In every lane, at its own state and with its own parameter."""
    value, dense = slopes_of(STATES, *planned[1:])
    np.testing.assert_allclose(value, evaluate(STATES), rtol=1e-14)
    for lane, (state, strength) in enumerate(zip(STATES, STRENGTHS, strict=True)):
        np.testing.assert_allclose(dense[lane], analytic(state, strength), rtol=1e-14, atol=1e-14)


def test_more_colours_than_directions_take_more_rounds(planned):
    """One colour for each unknown: twelve of them, in two rounds of eight directions."""
    every = np.ones((N, N), dtype=bool)
    full = sparse_lu.plan(every, last=[])
    single = jacobian.colour(every, full)
    assert single.of.max() + 1 == N > DIRECTIONS
    assert single.first.size - 1 == 2
    _, dense = slopes_of(STATES, full, single)
    for lane, (state, strength) in enumerate(zip(STATES, STRENGTHS, strict=True)):
        np.testing.assert_allclose(dense[lane], analytic(state, strength), rtol=1e-14, atol=1e-14)


def test_parts_have_colours_of_their_own(planned):
    """Those of the border's row, which depends on three unknowns, are three, however many the chain needs.

    The border carries two directions at a time, so it is evaluated twice.
    """
    pattern, lu, _ = planned
    part_of = np.where(np.arange(N) == N - 1, 1, 0)
    colours = jacobian.colour(pattern, lu, part_of, DIRECTIONS_OF_PARTS)
    assert list(colours.part) == [0, 1, 1] and list(colours.start) == [0, 0, 2]
    assert list(colours.filled) == list(range(N - 1)) and list(colours.read) == list(range(N))
    of = colours.of.reshape(2, N)
    assert list(np.flatnonzero(of[1] >= 0)) == [0, 1, N - 1]
    assert sorted(of[1][of[1] >= 0]) == [0, 1, 2]
    value, dense = slopes_of(STATES, lu, colours, slopes_in_parts)
    np.testing.assert_allclose(value, evaluate(STATES), rtol=1e-14)
    for lane, (state, strength) in enumerate(zip(STATES, STRENGTHS, strict=True)):
        np.testing.assert_allclose(dense[lane], analytic(state, strength), rtol=1e-14, atol=1e-14)


def test_broken_cell_leaves_its_neighbours_alone(planned):
    value, dense = slopes_of(STATES, *planned[1:])
    for place in range(LANES):
        states = STATES.copy()
        states[place] = np.nan
        found, slopes = slopes_of(states, *planned[1:])
        assert np.isnan(found[place]).all()
        others = np.arange(LANES) != place
        assert np.array_equal(found[others], value[others])
        assert np.array_equal(slopes[others], dense[others])


CONTROLS = {"current": np.array([CURRENT_MODE, 3.0]), "voltage": np.array([VOLTAGE_MODE, 3.9])}


class Model:
    """The coupled model of one cell at random states: those of a run, every unknown changed by some per cent."""

    def __init__(self, anode, full):
        cell = make_cell(anode, full)
        run = cm.simulate(cell, cycling(cell), trace=False)
        self.passed, self.physics = run.ended.states, run.physics
        self.lu, self.colours = structure(self.passed[0], self.physics)
        self.scale = initial.scales(self.physics, 1.0)[0]
        self.generator = np.random.default_rng(11)
        self.rates, self.pools = Evaluator(self.physics), pools_of([self.physics] * LANES)

    def states(self):
        """One for each lane."""
        shape = (LANES, self.scale.size)
        return self.generator.choice(self.passed, LANES) * (1.0 + 0.03 * self.generator.normal(size=shape))

    def slopes(self, states, control):
        return model_slopes(states, self.pools, np.tile(control, (LANES, 1)), self.lu, self.colours)


@pytest.fixture(scope="module", params=COMBINATIONS, ids=lambda pair: f"{pair[0]}-{'full' if pair[1] else 'half'}")
def model(request):
    return Model(*request.param)


BATCHES, SHORTER, FEW = 6, 4.0, 8
DISTANCES = 2.0**-8 / SHORTER ** np.arange(6)


def orders_of_rests(model, control, spoiled=1.0):
    """Powers of e with which |f(u + e d) - f(u) - e J d| falls, by row, where it stands out of rounding.

    The direction d changes every unknown by its own size; `spoiled` is a factor on one entry of each row of J.
    """
    orders, rows = [[] for _ in range(model.scale.size)], np.arange(model.scale.size)
    for _ in range(BATCHES):
        states = model.states()
        directions = states * model.generator.normal(size=states.shape)
        values, jacobians = model.slopes(states, control)
        moved = np.array([model.rates(states + e * directions, control) for e in DISTANCES])
        for u, direction, value, dense, reached in zip(
            states, directions, values, jacobians, moved.swapaxes(0, 1), strict=True
        ):
            dense[rows, np.abs(dense * direction).argmax(axis=1)] *= spoiled
            rests = np.abs(reached - value - DISTANCES[:, None] * (dense @ direction))
            rounding = 3e-13 * (np.abs(value) + np.abs(dense) @ np.abs(u)) + 3e-11 * model.scale
            for row, rest in enumerate(rests.T):
                seen = np.flatnonzero(rest > rounding[row])
                if seen.size > 1:
                    orders[row].append(np.log(rest[seen[-2]] / rest[seen[-1]]) / np.log(SHORTER))
    return orders


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS.keys())
def test_linearised_model_is_left_with_the_square_of_the_distance(model, control):
    found = orders_of_rests(model, control)
    medians = np.array([np.median(orders) for orders in found if len(orders) >= FEW])
    assert medians == pytest.approx([2.0] * medians.size, abs=0.2)  # a wrong slope leaves 1
    together = np.concatenate(found)
    assert np.mean(np.abs(together - 2.0) < 0.1) > 0.93  # at a kink the distance is sometimes still too long
    assert medians.size > 0.24 * model.scale.size


def test_slope_that_is_off_by_a_per_cent_is_seen(model):
    """Then the rest falls with the distance itself, in every row that depends on anything.

    Where the last distance above rounding is still long, the square outweighs it; hence the lower quartile.
    """
    found = orders_of_rests(model, CONTROLS["current"], spoiled=1.01)
    quartiles = np.array([np.percentile(orders, 25) for orders in found if len(orders) >= FEW])
    assert np.mean(np.abs(quartiles - 1.0) < 0.25) > 0.97
    assert quartiles.size > 0.3 * model.scale.size


def test_value_beside_the_slopes_is_that_of_the_plain_model(model):
    states = model.states()
    for control in CONTROLS.values():
        value, _ = model.slopes(states, control)
        assert np.all(np.abs(value - model.rates(states, control)) <= 1e-10 * np.abs(value) + 1e-20 * model.scale)


def test_pattern_of_the_model_is_complete(model):
    """A change of one unknown at a time moves no row in which the pattern has no entry."""
    n, (rows, columns) = model.scale.size, model.lu.entries
    pattern = np.zeros((n, n), dtype=bool)
    pattern[rows[model.colours.slot], columns[model.colours.slot]] = True
    for control in CONTROLS.values():
        u = random_state(model.physics, model.generator)
        before = model.rates(u, control)
        for first in range(0, n, LANES):
            unknowns = np.arange(first, min(first + LANES, n))
            moved = np.tile(u, (unknowns.size, 1))
            moved[np.arange(unknowns.size), unknowns] += 0.01 * model.scale[unknowns]
            changed = model.rates(moved, control) != before
            assert not np.any(changed.T & ~pattern[:, unknowns])


def test_cells_in_lanes_do_not_mix():
    """Other parameters, states and controls in every lane; each as beside copies of itself, to the last bit."""
    cells = [make_cell("ag-ni-scaffold", True, stack_pressure=f"{2 + 3 * lane} MPa") for lane in range(LANES)]
    physics = [physics_and_state(cell)[0] for cell in cells]
    generator = np.random.default_rng(2)
    states = np.array([random_state(each, generator) for each in physics])
    controls = np.array([list(CONTROLS.values())[lane % 2] for lane in range(LANES)])
    lu, colours = structure(physics_and_state(cells[0])[1], physics[0])
    values, slopes = model_slopes(states, pools_of(physics), controls, lu, colours)
    for lane, each in enumerate(physics):
        alone = states[[lane] * LANES], pools_of([each] * LANES), controls[[lane] * LANES]
        value, dense = model_slopes(*alone, lu, colours)
        assert np.array_equal(value[0], values[lane])
        assert np.array_equal(dense[0], slopes[lane])
    assert not np.any(np.all(np.diff(slopes, axis=0) == 0.0, axis=(1, 2)))
