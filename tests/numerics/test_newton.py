"""Newton's method: when it stops, when it gives up, how far it may leap."""

import numpy as np
import pytest
from integrate import CONTROL, Integrator
from numba import njit

from cellmodel.numerics import esdirk


@njit
def no_root(t, u, p, control, out):
    out[0] = u[0] * u[0] + 1.0


@njit
def no_slope(t, u, p, control, out):
    out[0] = 1.0 + 0.0 * u[0]


@njit
def diode(t, u, p, control, out):
    """A current of 1 through an exponential: undamped Newton overflows from a start at 0."""
    out[0] = 1e-12 * (np.exp(u[0] / 0.025) - 1.0) - 1.0


def solve(rhs, start, reach=1e3):
    solver = Integrator(rhs, [0], [0.5], relative=1e-5, absolute=1e-5, reach=reach)
    u, work = np.array([start]), solver.work()
    if not solver.prepare(0.0, u, 1.0, True, 0.0, CONTROL, solver.plan, work):
        return esdirk.SINGULAR, u, work
    return solver.newton(0.0, u.copy(), u, 1.0, 0.0, CONTROL, solver.plan, work), u, work


def test_equation_without_solution_is_given_up():
    assert solve(no_root, 0.5)[0] != esdirk.CONVERGED


def test_equation_without_slope_is_singular():
    assert solve(no_slope, 0.5)[0] == esdirk.SINGULAR


def test_overflow_is_given_up_and_a_limited_leap_converges():
    exact = 0.025 * np.log(1e12 + 1.0)
    status, _, _ = solve(diode, 0.0)
    assert status != esdirk.CONVERGED
    status, u, work = solve(diode, 0.6, reach=0.1)
    assert status == esdirk.CONVERGED
    assert u[0] == pytest.approx(exact, rel=1e-6)
    assert work.count[3] <= 12


def test_update_is_shortened_as_a_whole():
    tolerance = esdirk.Tolerance(1e-3, np.ones(2), np.array([1.0, 0.5]))
    u = np.array([10.0, 20.0])
    assert esdirk.update(u, np.array([1.0, 2.0]), tolerance) == 0.25
    assert u == pytest.approx([10.25, 20.5])
    assert esdirk.update(u, np.array([-0.25, -0.5]), tolerance) == 1.0
    assert u == pytest.approx([10.0, 20.0])


def test_norm_names_the_worst_unknown_and_sees_nan():
    tolerance = esdirk.Tolerance(0.1, np.array([1.0, 1.0, 1.0]), np.ones(3))
    size, where = esdirk.weighted_norm(np.array([1.0, -6.0, 2.0]), np.array([0.0, 10.0, 0.0]), tolerance)
    assert (size, where) == (3.0, 1)
    size, where = esdirk.weighted_norm(np.array([9.0, 1.0, np.nan]), np.zeros(3), tolerance)
    assert np.isnan(size)
    assert where == 2


@njit
def clock(t, u, p, control, out):
    out[0] = -u[0]


def test_factors_are_kept_until_the_step_size_changes():
    solver = Integrator(clock, [1], [1.0])
    u, work = np.array([1.0]), solver.work()
    for h, renew, expected in ((0.1, True, 1), (0.1, False, 1), (0.2, False, 2), (0.2, True, 3)):
        assert solver.prepare(0.0, u, h, renew, 0.0, CONTROL, solver.plan, work)
        assert work.count[2] == expected
    assert work.count[1] == 2
