"""Implicit Euler by Newton's method: when it stops, when it gives up, how far it may leap."""

import numpy as np
import pytest
from integrate import ALGEBRAIC, DIODE, NO_ROOT, NO_SLOPE, RELAXING, Integrator, algebraic_solution

from cellmodel.numerics import newton, system


def algebraic_root(p, guess, reach=1e3):
    solver = Integrator(p, [0], [0.5], relative=1e-5, absolute=1e-5, reach=reach)
    return solver.solve([guess], [guess], 1.0)


def test_equation_without_solution_is_given_up():
    _, done, work = algebraic_root(NO_ROOT, 0.5)
    assert not done
    assert work.count[1] == newton.MAX_ITERATIONS


def test_equation_without_slope_is_given_up_at_once():
    _, done, work = algebraic_root(NO_SLOPE, 0.5)
    assert not done
    assert work.count[1] == 1


def test_overflow_is_given_up_and_a_limited_leap_converges():
    exact = 0.025 * np.log(1e12 + 1.0)
    _, done, _ = algebraic_root(DIODE, 0.0)
    assert not done
    u, done, work = algebraic_root(DIODE, 0.0, reach=0.1)
    assert done
    assert u[0] == pytest.approx(exact, rel=1e-6)
    assert work.count[1] < newton.MAX_ITERATIONS


def test_slopes_are_renewed_at_every_iterate():
    """Near a root the error is squared at every iteration; kept slopes would need many more."""
    u, done, work = algebraic_root(DIODE, 0.70)
    assert done
    assert u[0] == pytest.approx(0.025 * np.log(1e12 + 1.0), abs=1e-12)
    assert work.count[1] == work.count[2] <= 6


def test_consistent_algebraic_unknowns_are_found_from_a_bad_guess():
    """What a start does: in a short step differential unknowns hardly move, the others jump onto their equations."""
    solver = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5], relative=1e-9, absolute=1e-9)
    exact = algebraic_solution(1.0)
    u, done, _ = solver.solve([exact[0], 2.0, -3.0], [exact[0], 2.0, -3.0], 1e-9)
    assert done
    assert u == pytest.approx(exact, abs=1e-8)


def test_step_is_that_of_implicit_euler():
    """(u - 5)/h = -1e12 (u - 1)."""
    u, done, _ = Integrator(RELAXING, [1], [1.0], relative=1e-12, absolute=1e-12).solve([5.0], [5.0], 1e-12)
    assert done
    assert u[0] == pytest.approx(3.0, rel=1e-12)


def test_update_is_shortened_as_a_whole():
    tolerance = system.Tolerance(np.full(2, 1e-3), np.ones(2), np.array([1.0, 0.5]))
    u = np.array([10.0, 20.0])
    assert newton.update(u, np.array([1.0, 2.0]), tolerance) == 0.25
    assert u == pytest.approx([10.25, 20.5])
    assert newton.update(u, np.array([-0.25, -0.5]), tolerance) == 1.0
    assert u == pytest.approx([10.0, 20.0])


def test_norm_names_the_worst_unknown_and_sees_nan():
    tolerance = system.Tolerance(np.full(3, 0.1), np.array([1.0, 1.0, 1.0]), np.ones(3))
    size, where = system.weighted_norm(np.array([1.0, -6.0, 2.0]), np.array([0.0, 10.0, 0.0]), tolerance)
    assert (size, where) == (3.0, 1)
    size, where = system.weighted_norm(np.array([9.0, 1.0, np.nan]), np.zeros(3), tolerance)
    assert np.isnan(size)
    assert where == 2
