"""Sparse LU against dense linear algebra, another matrix of the same pattern in each lane."""

import numpy as np
import pytest
from numba import njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.numerics import sparse_lu
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import REFERENCES, refer, view_of

use_cache_folder()

view_plan = view_of(sparse_lu.LUPlan, REFERENCES)


@njit(cache=True)
def _factorise_and_solve(values, words, right):
    lu = view_plan(words)
    sparse_lu.factorise(lanes_of(values), lu)
    sparse_lu.solve(lanes_of(values), lu, lanes_of(right))


def factors_and_solutions(matrices, rights, lu):
    """Factors (float64[LANES, m]) of float64[LANES, n, n], and solutions (float64[LANES, n])."""
    values, right = np.ascontiguousarray(matrices[:, *lu.entries].T), np.ascontiguousarray(rights.T)
    _factorise_and_solve(values, refer(lu), right)
    return values.T, right.T


def random_systems(seed, n, density):
    """Matrices of one pattern, right-hand sides and the units of the rows."""
    generator = np.random.default_rng(seed)
    pattern = generator.random((n, n)) < density
    matrices = np.where(pattern, generator.normal(size=(LANES, n, n)), 0.0)
    # As the model's, the matrix is dominated by its diagonal, and its rows have units of their own (the last result).
    matrices[:, np.arange(n), np.arange(n)] = 1.0 + np.abs(matrices).sum(axis=2)
    return matrices, generator.normal(size=(LANES, n)), 10.0 ** generator.uniform(-8, 8, (LANES, n))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("n", "density"), [(1, 0.5), (7, 0.3), (30, 0.1), (80, 0.05)])
def test_solution_equals_dense_algebra(seed, n, density):
    matrices, rights, units = random_systems(seed, n, density)
    lu = sparse_lu.plan(matrices[0] != 0.0, last=[n - 1])
    _, solutions = factors_and_solutions(units[:, :, None] * matrices, units * rights, lu)
    np.testing.assert_allclose(solutions, np.linalg.solve(matrices, rights[..., None])[..., 0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("seed", range(4))
def test_factors_multiply_to_the_matrix(seed):
    matrices, rights, _ = random_systems(seed, 25, 0.1)
    lu = sparse_lu.plan(matrices[0] != 0.0, last=[])
    for matrix, values in zip(matrices, factors_and_solutions(matrices, rights, lu)[0], strict=True):
        dense = np.zeros((25, 25))
        dense[lu.entries] = values
        eliminated = dense[np.ix_(lu.order, lu.order)]
        lower, upper = np.tril(eliminated, -1) + np.eye(25), np.triu(eliminated, 1) + np.eye(25)
        product = lower @ np.diag(1.0 / np.diag(eliminated)) @ upper
        np.testing.assert_allclose(product, matrix[np.ix_(lu.order, lu.order)], rtol=1e-13, atol=1e-14)


def test_chosen_unknowns_are_eliminated_last():
    pattern = np.eye(9, dtype=bool) | (np.random.default_rng(0).random((9, 9)) < 0.3)
    order = sparse_lu.minimum_degree(pattern, last=[4, 1])
    assert list(order[-2:]) == [4, 1]
    assert sorted(order) == list(range(9))


def test_arrow_matrix_fills_nothing_in():
    """Eliminated in the natural order it fills completely; by minimum degree not at all."""
    pattern = np.eye(20, dtype=bool)
    pattern[0], pattern[:, 0] = True, True
    assert sparse_lu.plan(pattern, last=[]).entries[0].size == pattern.sum()


def test_fill_in_contains_the_pattern():
    pattern = np.random.default_rng(1).random((40, 40)) < 0.08
    lu = sparse_lu.plan(pattern, last=[])
    held = np.zeros((40, 40), dtype=bool)
    held[lu.entries] = True
    assert np.all(held[pattern])
    assert np.all(np.diag(held))
    assert held.sum() == lu.entries[0].size  # none twice
    assert np.array_equal(lu.entries[0][:40], np.arange(40))
    assert np.array_equal(lu.entries[1][:40], np.arange(40))


def test_chains_are_eliminated_side_by_side():
    """As the shells of many particles: no row needs one that was computed just before, but where two ends meet."""
    chains, length = 6, 10
    unknown = np.arange(chains * length)
    pattern = (np.abs(unknown[:, None] - unknown) <= 1) & (unknown[:, None] // length == unknown // length)
    lu = sparse_lu.plan(pattern, last=[])
    assert lu.entries[0].size == pattern.sum()
    places = np.argsort(lu.order)
    apart = np.abs(places[lu.lower_row] - places[lu.lower_column])
    assert np.sum(apart < chains) <= chains


SINGULAR = {
    "dependent rows": [[1.0, 2.0], [0.5, 1.0]], "empty row": [[0.0, 0.0], [0.0, 1.0]],
    "NaN": [[1.0, 0.0], [0.0, np.nan]], "NaN above": [[np.nan, 0.0], [1.0, 1.0]],
}  # fmt: skip


@pytest.mark.parametrize("place", [0, 3, LANES - 1])
@pytest.mark.parametrize("name", SINGULAR)
def test_singular_matrix_shows_in_its_own_lane_only(name, place):
    lu = sparse_lu.plan(np.ones((2, 2), dtype=bool), last=[0, 1])
    matrices = np.array([[1.0, 0.5], [0.25, 2.0]]) * np.linspace(1.0, 3.0, LANES)[:, None, None]
    rights = np.random.default_rng(2).normal(size=(LANES, 2))
    whole, alone = factors_and_solutions(matrices, rights, lu)
    matrices[place] = SINGULAR[name]
    factors, solutions = factors_and_solutions(matrices, rights, lu)
    assert not np.all(np.isfinite(solutions[place]))
    others = np.arange(LANES) != place
    assert np.array_equal(factors[others], whole[others])
    assert np.array_equal(solutions[others], alone[others])


def test_lanes_do_not_mix():
    """Beside others, or copies of itself: the solution is the same to the last bit."""
    matrices, rights, units = random_systems(5, 30, 0.1)
    lu, matrices = sparse_lu.plan(matrices[0] != 0.0, last=[]), units[:, :, None] * matrices
    _, together = factors_and_solutions(matrices, rights, lu)
    for lane in range(LANES):
        _, copies = factors_and_solutions(matrices[[lane] * LANES], rights[[lane] * LANES], lu)
        assert np.array_equal(copies, together[[lane] * LANES])
