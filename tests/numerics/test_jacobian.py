"""Pattern, colours and values of difference Jacobians."""

import numpy as np
import pytest
from numba import njit

from cellmodel.numerics import jacobian, sparse_lu

N = 12


@njit
def reaction_diffusion(t, u, p, control, out):
    """Neighbours in a chain, every third unknown also feels the last one (a border, as a global of the model)."""
    n = u.size
    for i in range(n):
        left = u[i - 1] if i > 0 else 0.0
        right = u[i + 1] if i + 1 < n - 1 else 0.0
        out[i] = p * (left - 2.0 * u[i] + right) - u[i] ** 3
        if i % 3 == 0:
            out[i] += np.exp(0.3 * u[n - 1]) * u[i]
    out[n - 1] = control[0] - u[n - 1] - u[0] * u[1]


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
            matrix[i, i] += np.exp(0.3 * u[-1])
            matrix[i, -1] += 0.3 * np.exp(0.3 * u[-1]) * u[i]
    matrix[-1, -1], matrix[-1, 0], matrix[-1, 1] = -1.0, -u[1], -u[0]
    return matrix


@njit
def linear(t, u, p, control, out):
    for i in range(u.size):
        total = 0.0
        for j in range(u.size):
            if p[i, j] != 0.0:
                total += p[i, j] * u[j]
        out[i] = total


STATE = np.random.default_rng(3).normal(size=N)
CONTROL = np.array([1.0])


def planned(rhs, p):
    pattern = jacobian.pattern_of(lambda state, out: rhs(0.0, state, p, CONTROL, out), STATE)
    lu = sparse_lu.plan(pattern, last=[])
    return pattern, lu, jacobian.colour(pattern, lu)


def differences(rhs, p, lu, colours, scale):
    """Dense copy of the Jacobian that the compiled differences give."""
    base, out = np.empty(N), np.empty(lu.column.size)
    rhs(0.0, STATE, p, CONTROL, base)
    jacobian.build(rhs)(0.0, STATE, p, CONTROL, scale, colours, base, np.empty(N), np.empty(N), out)
    dense = np.zeros((N, N))
    rows = np.repeat(np.arange(N), np.diff(lu.start))
    dense[lu.order[rows], lu.order[lu.column]] = out
    return dense


def test_not_a_number_finds_the_pattern():
    pattern, _, _ = planned(reaction_diffusion, 2.0)
    assert np.array_equal(pattern, analytic(STATE, 2.0) != 0.0)


def test_probe_refuses_a_state_that_is_not_finite():
    with pytest.raises(FloatingPointError, match=r"rows \[2\]"):
        jacobian.pattern_of(lambda state, out: np.copyto(out, [0.0, 1.0, np.nan]), np.zeros(3))


def test_unknowns_of_one_colour_share_no_row():
    pattern, _, colours = planned(reaction_diffusion, 2.0)
    members = [colours.member[colours.member_start[c] : colours.member_start[c + 1]] for c in range(colours.count)]
    assert sorted(np.concatenate(members)) == list(range(N))
    assert all(pattern[:, group].sum(axis=1).max() <= 1 for group in members)
    assert colours.count <= 5


def test_differences_converge_with_first_order():
    _, lu, colours = planned(reaction_diffusion, 2.0)
    exact = analytic(STATE, 2.0)
    steps = np.array([4e-3, 2e-3, 1e-3]) / jacobian.STEP
    errors = [np.abs(differences(reaction_diffusion, 2.0, lu, colours, np.full(N, s)) - exact).max() for s in steps]
    orders = np.log2(errors[:-1]) - np.log2(errors[1:])
    assert orders == pytest.approx([1.0, 1.0], abs=0.02)


def test_differences_are_accurate_at_the_step_of_the_solver():
    _, lu, colours = planned(reaction_diffusion, 2.0)
    dense = differences(reaction_diffusion, 2.0, lu, colours, np.ones(N))
    np.testing.assert_allclose(dense, analytic(STATE, 2.0), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_differences_of_a_linear_system_are_exact_to_rounding(seed):
    generator = np.random.default_rng(seed)
    matrix = np.where(generator.random((N, N)) < 0.3, generator.normal(size=(N, N)), 0.0) + np.eye(N)
    _, lu, colours = planned(linear, matrix)
    dense = differences(linear, matrix, lu, colours, np.full(N, 1e6))
    np.testing.assert_allclose(dense, matrix, atol=1e-12)


def test_state_is_left_as_it_was():
    _, lu, colours = planned(reaction_diffusion, 2.0)
    before = STATE.copy()
    differences(reaction_diffusion, 2.0, lu, colours, np.ones(N))
    assert np.array_equal(STATE, before)
