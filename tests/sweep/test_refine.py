"""Refinement on boundaries that are known in closed form: a sphere, a plane with a kink, an island."""

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator
from scipy.spatial.distance import pdist

from cellmodel.sweep.refine.batch import boundary_points, even_points, next_points
from cellmodel.sweep.refine.level_set import fit, held_out

FIRST, POINTS = 32, 32


def sphere(unit):
    """Negative inside; a cliff outside, as margins have it."""
    distance = np.linalg.norm(unit - 0.45, axis=1) - 0.38
    return np.where(distance < 0, -0.3, 1.0 + distance)


def kink(unit):
    """Two planes that meet at an angle; infinite on one side."""
    distance = np.minimum(unit[:, 0] - 0.3, 0.9 - unit[:, 0] - 0.5 * unit[:, 1])
    return np.where(distance < 0, distance, np.inf)


def island(unit):
    """A sphere and a small island far from it."""
    return np.minimum(sphere(unit), np.linalg.norm(unit - 0.92, axis=1) - 0.05)


def refined(function, axes, total, explore=0.2, seed=0):
    """Refine as the workflow does; returns all points."""
    unit = even_points(axes, 0, FIRST, seed)
    for number in range((total - FIRST) // POINTS):
        even = round(explore * POINTS)
        candidates = np.random.default_rng([seed, number]).random((4096, axes))
        chosen = next_points(unit, (function(unit) < 0).astype(int), POINTS - even, candidates, seed)
        unit = np.vstack([unit, even_points(axes, FIRST + number * even, even, seed), candidates[chosen]])
    return unit


def error(unit, function, tests):
    """Share of the tests on whose side a fit to the points is wrong."""
    found = fit(unit, function(unit) < 0)
    return np.mean((found.probability_below(tests) > 0.5) != (function(tests) < 0))


def grid_error(function, axes, number, tests):
    """The same of a grid, whose sides are interpolated linearly."""
    ticks = np.linspace(0, 1, number)
    unit = np.stack([each.ravel() for each in np.meshgrid(*[ticks] * axes, indexing="ij")], axis=1)
    sides = np.where(function(unit) < 0, -1.0, 1.0).reshape([number] * axes)
    return np.mean((RegularGridInterpolator([ticks] * axes, sides)(tests) < 0) != (function(tests) < 0))


@pytest.fixture(scope="module")
def tests():
    return np.random.default_rng(7).random((4000, 4))


@pytest.mark.parametrize("function", [sphere, kink])
@pytest.mark.parametrize(("axes", "total", "grid"), [(2, 96, 10), (4, 256, 4)])
def test_refined_points_beat_even_ones_and_a_grid(function, axes, total, grid, tests):
    tests = tests[:, :axes]
    found = error(refined(function, axes, total), function, tests)
    even = error(even_points(axes, 0, total, 0), function, tests)
    assert found < 0.85 * even
    assert found < 0.5 * grid_error(function, axes, grid, tests)


def test_sizes_and_infinities_change_nothing():
    unit = even_points(2, 0, 64, 0)
    below = kink(unit) < 0
    assert np.array_equal(below, np.tanh(1e6 * kink(unit)) < 0)
    assert fit(unit, np.ones(64, dtype=bool)) is None


def test_exploring_finds_a_second_island():
    """Without the floor, nothing leads from the first boundary to it."""
    hits = {each: np.sum(np.linalg.norm(refined(island, 2, 224, each) - 0.92, axis=1) < 0.05) for each in (0.0, 0.25)}
    assert hits[0.0] == 0
    assert hits[0.25] > 2 * 224 * np.pi * 0.05**2


def test_a_batch_is_spread_along_the_boundary():
    unit, candidates = even_points(2, 0, 64, 0), np.random.default_rng(3).random((4096, 2))
    found = fit(unit, sphere(unit) < 0)
    batch = candidates[boundary_points(found, candidates, 16)]
    nearest = candidates[np.argsort(np.abs(found.mean(candidates)))[:16]]
    assert pdist(batch).min() > 5 * pdist(nearest).min()
    assert pdist(batch).min() > 0.03
    assert np.abs(np.linalg.norm(batch - 0.45, axis=1) - 0.38).max() < 0.2


def test_a_choice_is_repeatable_and_holds_no_point_twice():
    unit, candidates = even_points(3, 0, 64, 0), np.random.default_rng(3).random((500, 3))
    kinds = (sphere(unit) < 0).astype(int)
    first, second = (next_points(unit, kinds, 100, candidates, 5) for _ in range(2))
    assert np.array_equal(first, second)
    assert len(set(first)) == 100


def test_three_categories_share_the_points():
    unit, candidates = even_points(2, 0, 64, 0), np.random.default_rng(3).random((4096, 2))
    kinds = np.where(unit[:, 0] < 0.3, 4, np.where(unit[:, 0] < 0.7, 1, 3))
    chosen = candidates[next_points(unit, kinds, 30, candidates)]
    assert len(np.unique(chosen, axis=0)) == 30
    for border in (0.3, 0.7):
        assert (np.abs(chosen[:, 0] - border) < 0.1).sum() >= 10


def test_without_a_boundary_points_are_spread_evenly():
    unit, candidates = even_points(2, 0, 16, 0), even_points(2, 16, 64, 0)
    assert np.array_equal(next_points(unit, np.ones(16, dtype=int), 20, candidates), np.arange(20))
    unknown = np.full(16, -1)
    assert np.array_equal(next_points(unit, unknown, 20, candidates), np.arange(20))


def test_points_that_are_not_known_are_left_out():
    unit, candidates = even_points(2, 0, 64, 0), np.random.default_rng(3).random((500, 2))
    kinds = (sphere(unit) < 0).astype(int)
    kinds[::4] = -1
    known = kinds >= 0
    assert np.array_equal(
        next_points(unit, kinds, 10, candidates), next_points(unit[known], kinds[known], 10, candidates)
    )


def test_the_held_out_probability_is_calibrated(tests):
    unit = even_points(2, 0, 256, 0)
    below = sphere(unit) < 0
    probability = held_out(unit, below, fit(unit, below))
    assert np.mean((probability > 0.5) != below) < 0.08
    assert abs(np.mean(probability) - below.mean()) < 0.03
    truth = sphere(tests[:, :2]) < 0
    assert np.mean((fit(unit, below).probability_below(tests[:, :2]) > 0.5) != truth) < 0.04


def test_even_points_go_on_where_they_ended():
    whole = even_points(3, 0, 48, 2)
    assert np.array_equal(whole, np.vstack([even_points(3, 0, 32, 2), even_points(3, 32, 16, 2)]))
    assert not np.array_equal(whole, even_points(3, 0, 48, 3))
