"""Implicit Euler by Newton's method: when it stops, when it gives up, how far it may leap; every lane by itself."""

import numpy as np
import pytest
from integrate import ALGEBRAIC, DIODE, NO_ROOT, NO_SLOPE, RELAXING, Integrator, Lanes, algebraic_solution
from numba import njit

from cellmodel.numerics import newton, system
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES, lane
from cellmodel.numerics.record_view import refer
from cellmodel.numerics.system import CORRECTION, LEAPING, SHARE


def solve(solver, guesses, h, control=1.0, known=None):
    """States found, whether lanes have converged, and after how many iterates they did or gave up."""
    lanes = Lanes(solver, guesses if known is None else known, control)
    work, done, count = lanes.work, np.zeros(LANES, bool), np.zeros(LANES, int)
    work.point[:] = np.asarray(guesses, dtype=float).T
    searching = np.ones(LANES, bool)
    while searching.any():
        lanes.compute(1.0 / h)
        count += searching
        size = work.step[CORRECTION]
        done |= searching & (work.step[SHARE] == 1.0) & (size <= newton.ENOUGH)
        work.point[:, searching] = work.iterate[:, searching]
        searching &= ~done & np.isfinite(size) & (count < newton.MAX_ITERATIONS)
    return work.point.T, done, count


def algebraic_roots(p, guesses, reach=1e3, control=1.0):
    solver = Integrator(p, [0], [0.5], relative=1e-5, absolute=1e-5, reach=reach)
    return solve(solver, np.asarray(guesses)[:, None], 1.0, control)


CURRENTS = np.geomspace(0.1, 10.0, LANES)
EXACT = 0.025 * np.log(1e12 * CURRENTS + 1.0)


def test_equation_without_solution_is_given_up():
    _, done, count = algebraic_roots(NO_ROOT, np.linspace(0.5, 0.9, LANES))
    assert not done.any()
    assert np.all(count == newton.MAX_ITERATIONS)


def test_equation_without_slope_is_given_up_at_once():
    _, done, count = algebraic_roots(NO_SLOPE, np.linspace(0.5, 0.9, LANES))
    assert not done.any()
    assert np.all(count == 1)


def test_leap_too_far_is_given_up_and_a_limited_leap_converges():
    """An infinite slope must not pass for a correction of zero."""
    _, done, _ = algebraic_roots(DIODE, np.full(LANES, 0.4), control=CURRENTS)
    assert not done.any()
    u, done, count = algebraic_roots(DIODE, np.zeros(LANES), reach=0.1, control=CURRENTS)
    assert done.all()
    assert u[:, 0] == pytest.approx(EXACT, rel=1e-6)
    assert count.max() < newton.MAX_ITERATIONS


def test_slopes_are_renewed_at_every_iterate():
    """Near a root the error is squared at every iteration; kept slopes would need many more."""
    u, done, count = algebraic_roots(DIODE, EXACT + np.linspace(-0.01, 0.02, LANES), control=CURRENTS)
    assert done.all()
    assert u[:, 0] == pytest.approx(EXACT, abs=1e-12)
    assert count.max() <= 6


def test_consistent_algebraic_unknowns_are_found_from_a_bad_guess():
    """What a start does: in a short step differential unknowns hardly move, the others jump onto their equations."""
    solver = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5], relative=1e-9, absolute=1e-9)
    exact = algebraic_solution(np.linspace(0.0, 2.0, LANES))
    guesses = exact.copy()
    guesses[:, 1:] = 2.0, -3.0
    u, done, _ = solve(solver, guesses, 1e-9)
    assert done.all()
    assert u == pytest.approx(exact, abs=1e-8)


def test_step_is_that_of_implicit_euler():
    """(u - v)/h = -1e12 (u - 1), from any guess of u."""
    solver, begin = Integrator(RELAXING, [1], [1.0], relative=1e-12, absolute=1e-12), np.linspace(-5.0, 5.0, LANES)
    h = np.geomspace(1e-13, 1e-11, LANES)
    u, done, _ = solve(solver, np.full((LANES, 1), 7.0), h, known=begin[:, None])
    assert done.all()
    assert u[:, 0] == pytest.approx((begin + 1e12 * h) / (1.0 + 1e12 * h), rel=1e-12, abs=1e-12)


def test_lanes_do_not_mix():
    """Those that have converged, leap, or are lost leave their neighbours alone, to the last bit."""
    solver = Integrator(DIODE, [0], [0.5], relative=1e-5, absolute=1e-5, reach=0.1)
    lanes, guesses = Lanes(solver, np.zeros(1), CURRENTS), np.linspace(0.0, 0.9, LANES)
    lanes.work.point[0] = guesses
    lanes.compute(1.0)
    together, norms = lanes.work.iterate.copy(), lanes.work.step.copy()
    for place in range(LANES):
        lanes.work.point[0], lanes.work.control[1] = np.nan, 1e300
        lanes.work.point[0, place], lanes.work.control[1, place] = guesses[place], CURRENTS[place]
        lanes.compute(1.0)
        assert np.array_equal(lanes.work.iterate[:, place], together[:, place])
        assert np.array_equal(lanes.work.step[:, place], norms[:, place], equal_nan=True)
        assert np.isnan(lanes.work.iterate[0]).sum() == LANES - 1


@njit(cache=True)
def _correct(plan_words, work_words):
    newton.correct(system.view_plan(plan_words), system.view_work(work_words))


def test_update_is_shortened_as_a_whole():
    solver = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5])
    solver.plan.tolerance.per_reach[:] = 1.0, 2.0, 1e-3
    lanes = Lanes(solver, [10.0, 20.0, 30.0])
    leaps = np.resize([1.0, 0.25, -2.0, -0.5, 4.0], LANES)
    lanes.work.stage[0] = leaps * np.array([1.0, 2.0, 3.0])[:, None]
    _correct(refer(solver.plan), refer(lanes.work))
    share = np.minimum(1.0, 0.25 / np.abs(leaps))
    assert lanes.work.step[SHARE] == pytest.approx(share, rel=1e-15)
    moved = np.array([10.0, 20.0, 30.0])[:, None] + share * lanes.work.stage[0]
    assert lanes.work.iterate == pytest.approx(moved, rel=1e-15)
    size = np.abs(lanes.work.stage[0]) / (1e-6 + 1e-6 * np.abs(moved))
    assert lanes.work.step[CORRECTION] == pytest.approx(size.max(axis=0), rel=1e-14)
    assert np.array_equal(lanes.work.step[LEAPING], size.argmax(axis=0))


@njit(cache=True)
def _norm(values, u, plan_words, worst):
    size, where = system.weighted_norm(lanes_of(values), lanes_of(u), system.view_plan(plan_words).tolerance)
    for k in range(LANES):
        worst[0, k], worst[1, k] = lane(size, k), lane(where, k)


def test_norm_names_the_worst_unknown_and_sees_nan():
    solver = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5], relative=0.1, absolute=1.0)
    columns = [
        ([1.0, -6.0, 2.0], [0.0, 10.0, 0.0], 3.0, 1), ([9.0, 1.0, np.nan], [0.0, 0.0, 0.0], np.nan, 2),
        ([np.nan, 1.0, 9.0], [0.0, 0.0, 0.0], np.nan, 0), ([1.0, np.nan, 2.0], [0.0, 0.0, 0.0], np.nan, 1),
        ([2.0, 2.0, 2.0], [0.0, 0.0, 0.0], 2.0, 0), ([1.0, np.inf, 2.0], [0.0, 0.0, 0.0], np.inf, 1),
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 0.0, 0), ([-5.0, 4.0, 3.0], [-90.0, 0.0, 0.0], 4.0, 1),
    ]  # fmt: skip
    values, u = (np.ascontiguousarray(np.array([c[k] for c in columns]).T) for k in (0, 1))
    worst = np.empty((2, LANES))
    _norm(values, u, refer(solver.plan), worst)
    assert worst[0] == pytest.approx([size for *_, size, _ in columns], nan_ok=True)
    assert list(worst[1]) == [where for *_, where in columns]
