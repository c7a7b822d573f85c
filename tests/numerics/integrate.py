"""Small systems M u' = f(u) of known solution, and the compiled time step and Newton's method on them.

All systems stand in one right-hand side, so that it is compiled once; its parameter p says which one is meant. They use
only operations that dual numbers know and do not depend on time.
"""

from math import exp, sqrt

import numpy as np
from numba import njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.numerics import jacobian, newton, rosenbrock, sparse_lu, system

use_cache_folder()

CONTROL = np.zeros(1)
OSCILLATOR, ALGEBRAIC, KINETICS, MANIFOLD, RELAXING, NO_ROOT, NO_SLOPE, DIODE = map(float, range(8))


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
    u = 1.0 / (1.0 + t)
    return np.array([u, np.log(u), np.log(u) * u])


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
    else:  # DIODE: a current of 1 through an exponential; undamped Newton overflows from a start at 0
        out[0] = 1e-12 * (exp(u[0] / 0.025) - 1.0) - 1.0


linearise = system.build_linearise(rhs)
step = rosenbrock.build_step(rhs)
euler = newton.build_euler(linearise)


@njit(cache=True)
def drive(u, h, steps, p, control, plan, work):
    worst = 0.0
    for _ in range(steps):
        linearise(0.0, u, p, control, plan, work)
        if not system.factorise(h * rosenbrock.GAMMA, plan, work):
            return np.inf
        worst = max(worst, step(0.0, u, h, p, control, plan, work))
        u[:] = work.new
    return worst


@njit(cache=True)
def step_with_present_slopes(u, h, p, control, plan, work):
    return system.factorise(h * rosenbrock.GAMMA, plan, work) and step(0.0, u, h, p, control, plan, work) >= 0.0


@njit(cache=True)
def solve(known, u, h, p, control, plan, work):
    return euler(0.0, known, u, h, p, control, plan, work)


class Integrator:
    """Steps of one system, with the tolerance in which errors are counted."""

    def __init__(self, p, mass, state, relative=1e-6, absolute=1e-6, reach=1e3):
        self.p, self.mass = p, np.array(mass, dtype=float)
        n = self.mass.size
        pattern = jacobian.pattern_of(lambda u, out: rhs(0.0, u, p, CONTROL, out), np.array(state, dtype=float))
        lu = sparse_lu.plan(pattern, last=[])
        tolerance = system.Tolerance(np.full(n, relative), np.full(n, absolute), np.full(n, reach))
        self.plan = system.Plan(lu, jacobian.colour(pattern, lu), tolerance, self.mass, 10**6, np.inf, np.inf)

    def work(self):
        return system.make_work(self.mass, self.plan.lu.column.size)

    def run(self, state, end, steps):
        """Integrate to `end`; returns the state and the largest error norm of a step."""
        u = np.array(state, dtype=float)
        error = drive(u, end / steps, steps, self.p, CONTROL, self.plan, self.work())
        return u, error

    def dense(self, state, h, shares):
        """Take one step of h; returns its interpolant at `shares` of it, and the state that it leads to."""
        begin, u, work = np.array(state, dtype=float), np.array(state, dtype=float), self.work()
        drive(u, h, 1, self.p, CONTROL, self.plan, work)
        found = np.empty((len(shares), u.size))
        for share, row in zip(shares, found, strict=True):
            rosenbrock.interpolate(share, begin, work, row)
        return found, u

    def solve(self, guess, known, h):
        """Implicit Euler: the state, whether Newton's method converged, and its work space."""
        u, work = np.array(guess, dtype=float), self.work()
        done = solve(np.array(known, dtype=float), u, h, self.p, CONTROL, self.plan, work)
        return u, done, work
