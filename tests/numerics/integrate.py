"""Small systems M u' = f(u) of known solution, and the compiled time step and Newton's method on them.

All systems stand in one right-hand side, so that it is compiled once; its parameter p says which one is meant. They do
not depend on time. Every lane holds a system of its own: the same equations from another state or over another time.
"""

from math import exp, sqrt

import numpy as np
from numba import njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.numerics import jacobian, newton, rosenbrock, sparse_lu, system
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import refer

use_cache_folder()

OSCILLATOR, ALGEBRAIC, KINETICS, MANIFOLD, RELAXING, NO_ROOT, NO_SLOPE, DIODE = range(8)


@njit
def oscillator(u, out):
    """Van der Pol's with a lopsided spring: no symmetry that would hide an error."""
    out[0] = u[1]
    out[1] = (1.0 - u[0] * u[0]) * u[1] - u[0] + 0.3 * exp(-u[0])


@njit
def algebraic(u, out):
    """Index 1 and nonlinear in the algebraic unknowns: u = 1/(1 + t), exp(z) = u, w = z u."""
    out[0] = -exp(2.0 * u[1])
    out[1] = exp(u[1]) - u[0]
    out[2] = u[2] - u[1] * u[0]


def algebraic_solution(t):
    """States (float64[..., 3]) at times of any shape."""
    u = 1.0 / (1.0 + np.asarray(t))
    return np.stack([u, np.log(u), np.log(u) * u], axis=-1)


@njit
def kinetics(u, out):
    """A chain of nonlinear reactions with rates from 1000 to 0.2; the sum of all species is constant."""
    first, second = 1e3 * u[0] + 10.0 * u[0] * u[0], 3.0 * u[1] * u[2] + u[1] / (1.0 + u[1] * u[1])
    out[0] = -first + 0.2 * u[2]
    out[1] = first - second
    out[2] = second - 0.2 * u[2]


@njit
def slow_manifold(u, out):
    """Prothero and Robinson, nonlinear: u_1 = sqrt(1 + u_0) is reached at a rate of 1e7; u_0 = exp(-t)."""
    manifold = sqrt(1.0 + u[0])
    away = u[1] - manifold
    out[0] = -u[0]
    out[1] = -1e7 * (away + away * away * away) - 0.5 * u[0] / manifold


@njit
def rhs(t, u, p, control, out):
    if p == OSCILLATOR:
        oscillator(u, out)
    elif p == ALGEBRAIC:
        algebraic(u, out)
    elif p == KINETICS:
        kinetics(u, out)
    elif p == MANIFOLD:
        slow_manifold(u, out)
    elif p == RELAXING:
        out[0] = -1e12 * (u[0] - 1.0)  # as stiff as a pinned potential
    elif p == NO_ROOT:
        out[0] = u[0] * u[0] + 1.0
    elif p == NO_SLOPE:
        out[0] = 1.0 + 0.0 * u[0]
    else:  # DIODE: the current of the control through an exponential; undamped Newton leaps too far from a start at 0
        out[0] = 1e-12 * (exp(u[0] / 0.025) - 1.0) - control[1]


linearise = system.build_linearise(rhs)
stages = rosenbrock.build_stages(rhs)


@njit(cache=True)
def _compute(spoiled, p, plan_words, work_words):
    plan, work = system.view_plan(plan_words), system.view_work(work_words)
    linearise(0.0, p, plan, work)
    slopes = lanes_of(work.factors)
    slopes[0] = slopes[0] * spoiled
    system.factorise(plan, work)
    newton.first_increment(True, plan, work)
    newton.correct(plan, work)
    stages(0.0, p, plan, work)


@njit(cache=True)
def _evaluate(u, p, control, out):
    rhs(0.0, lanes_of(u), p, lanes_of(control), lanes_of(out))


def rates(states, p):
    """f of up to `LANES` states, float64[k, n]."""
    u = np.repeat(np.atleast_2d(states)[:1], LANES, axis=0)
    u[: len(states)] = states
    out = np.full((u.shape[1], LANES), np.nan)
    _evaluate(np.ascontiguousarray(u.T), p, np.ones((2, LANES)), out)
    return out.T[: len(states)]


def in_lanes(state):
    """One state (float64[n]) in every lane, or one for each lane, as float64[LANES, n]."""
    return np.array(np.broadcast_to(state, (LANES, np.shape(state)[-1])), dtype=float)


class Lanes:
    """Work space of one system, its state in each lane, and what is computed of them all at once."""

    def __init__(self, integrator, states, control=1.0):
        self.p, self.plan = integrator.p, integrator.plan
        self.work = system.make_work(self.plan.mass.size, self.plan.lu.entries[0].size)
        self.words = refer(self.plan), refer(self.work)
        self.work.control[1] = control
        for lane in range(LANES):
            system.take_weights(lane, self.work.weights, rosenbrock.A, rosenbrock.RATES)
        self.settle(in_lanes(states))

    def settle(self, states):
        self.work.u[:] = self.work.point[:] = states.T

    def compute(self, inverse, spoiled=1.0):
        """Newton's correction and Rosenbrock's step with M `inverse` - J, one entry of J times `spoiled`."""
        self.work.step[system.INVERSE] = inverse
        _compute(spoiled, self.p, *self.words)

    def step(self, h, spoiled=1.0):
        """A time step of h (one for all lanes, or one for each); returns the states it leads to and its errors."""
        self.compute(1.0 / (rosenbrock.GAMMA * np.asarray(h)), spoiled)
        return self.work.new.T.copy(), self.work.step[system.ERROR].copy()


class Integrator:
    """Steps of one system, with the tolerance in which errors are counted."""

    def __init__(self, p, mass, state, relative=1e-6, absolute=1e-6, reach=1e3):
        self.p, self.mass = p, np.array(mass, dtype=float)
        n = self.mass.size
        pattern = jacobian.pattern_of(lambda states: rates(states, p), np.array(state, dtype=float))
        lu = sparse_lu.plan(pattern, last=[])
        tolerance = system.Tolerance(np.full(n, relative), np.full(n, absolute), np.full(n, 1.0 / reach))
        self.plan = system.Plan(lu, jacobian.colour(pattern, lu), tolerance, self.mass, 10**6, np.inf, np.inf)

    def run(self, states, end, steps):
        """Integrate to `end` (one or one for each lane); returns states (float64[LANES, n]) and largest error norms."""
        lanes, worst = Lanes(self, states), np.zeros(LANES)
        for _ in range(steps):
            reached, error = lanes.step(np.asarray(end) / steps)
            worst = np.maximum(worst, error)
            lanes.settle(reached)
        return reached, worst

    def dense(self, states, h, shares):
        """Take one step of h; returns interpolants at `shares` of it (float64[LANES, k, n]), and where it leads to."""
        lanes, begin = Lanes(self, states), in_lanes(states)
        reached, _ = lanes.step(h)
        found = np.empty((LANES, len(shares), begin.shape[1]))
        for lane, rows in enumerate(found):
            stage = np.ascontiguousarray(lanes.work.stage[:, :, lane])
            for share, row in zip(shares, rows, strict=True):
                rosenbrock.interpolate(share, 0, begin[lane], reached[lane], stage, row)
        return found, reached
