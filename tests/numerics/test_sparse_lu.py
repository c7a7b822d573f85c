"""Sparse LU against dense linear algebra."""

import numpy as np
import pytest

from cellmodel.numerics import sparse_lu


def slots(lu):
    """Row and column, in the model's own order, of each entry of the factors."""
    rows = np.repeat(np.arange(lu.order.size), np.diff(lu.start))
    return lu.order[rows], lu.order[lu.column]


def random_system(seed, n, density):
    generator = np.random.default_rng(seed)
    pattern = generator.random((n, n)) < density
    matrix = np.where(pattern, generator.normal(size=(n, n)), 0.0)
    # As the model's, the matrix is dominated by its diagonal, and its rows have units of their own (the last result).
    np.fill_diagonal(matrix, 1.0 + np.abs(matrix).sum(axis=1))
    return matrix, generator.normal(size=n), 10.0 ** generator.uniform(-8, 8, n)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("n", "density"), [(1, 0.5), (7, 0.3), (30, 0.1), (80, 0.05)])
def test_solution_equals_dense_algebra(seed, n, density):
    matrix, right, units = random_system(seed, n, density)
    lu = sparse_lu.plan(matrix != 0.0, last=[n - 1])
    values, work, solution = (units[:, None] * matrix)[slots(lu)], np.zeros(n), units * right
    assert sparse_lu.factorise(values, lu, work)
    sparse_lu.solve(values, lu, solution, work)
    np.testing.assert_allclose(solution, np.linalg.solve(matrix, right), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("seed", range(4))
def test_factors_multiply_to_the_matrix(seed):
    matrix, _, _ = random_system(seed, 25, 0.1)
    lu = sparse_lu.plan(matrix != 0.0, last=[])
    values = matrix[slots(lu)]
    sparse_lu.factorise(values, lu, np.zeros(25))
    dense = np.zeros((25, 25))
    dense[np.repeat(np.arange(25), np.diff(lu.start)), lu.column] = values
    upper = np.triu(dense, 1) + np.diag(1.0 / np.diag(dense))
    product = (np.tril(dense, -1) + np.eye(25)) @ upper
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
    assert sparse_lu.plan(pattern, last=[]).column.size == pattern.sum()


def test_fill_in_contains_the_pattern():
    pattern = np.random.default_rng(1).random((40, 40)) < 0.08
    lu = sparse_lu.plan(pattern, last=[])
    held = np.zeros((40, 40), dtype=bool)
    held[slots(lu)] = True
    assert np.all(held[pattern])
    assert np.all(np.diag(held))
    assert np.all(lu.column[lu.diagonal] == np.arange(40))


@pytest.mark.parametrize(
    "matrix",
    [
        np.array([[1.0, 2.0], [0.5, 1.0]]),
        np.array([[0.0, 0.0], [0.0, 1.0]]),
        np.array([[1.0, 0.0], [0.0, np.nan]]),
        np.array([[1.0, 0.0], [0.0, np.inf]]),
    ],
    ids=["dependent rows", "empty row", "NaN", "infinite"],
)
def test_singular_matrix_is_detected(matrix):
    lu = sparse_lu.plan(np.ones((2, 2), dtype=bool), last=[0, 1])
    assert not sparse_lu.factorise(matrix[slots(lu)], lu, np.zeros(2))
