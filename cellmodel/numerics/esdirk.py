"""One step of ESDIRK3(2)4L[2]SA for M u' = f(t, u), M diagonal with ones and zeros.

Symbols follow the reference: stages U_i, slopes k_i, coefficients a_ij, nodes c_i, weights b_i of order 3
and bhat_i of order 2. The scheme is L-stable and stiffly accurate: the last stage is the new state, so the
algebraic rows (M = 0) hold at every accepted step. Lithium is a linear invariant, and a Runge-Kutta method
keeps linear invariants exactly as long as Newton's matrix carries the present step size.

References
----------
C. A. Kennedy, M. H. Carpenter, Appl. Numer. Math. 44 (2003) 139, doi:10.1016/S0168-9274(02)00138-1.
E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), section IV.8: stopping Newton's method.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.numerics import jacobian as jacobian_module
from cellmodel.numerics import sparse_lu

GAMMA = 1767732205903.0 / 4055673282236.0
NODES = np.array([0.0, 2.0 * GAMMA, 3.0 / 5.0, 1.0])
COEFFICIENTS = np.array(
    [
        [0.0, 0.0, 0.0],
        [GAMMA, 0.0, 0.0],
        [2746238789719.0 / 10658868560708.0, -640167445237.0 / 6845629431997.0, 0.0],
        [
            1471266399579.0 / 7840856788654.0,
            -4482444167858.0 / 7529755066697.0,
            11266239266428.0 / 11593286722821.0,
        ],
    ]
)
WEIGHTS = np.array([COEFFICIENTS[3, 0], COEFFICIENTS[3, 1], COEFFICIENTS[3, 2], GAMMA])
EMBEDDED = np.array(
    [
        2756255671327.0 / 12835298489170.0,
        -10771552573575.0 / 22201958757719.0,
        9247589265047.0 / 10645013368117.0,
        2193209047091.0 / 5459859503100.0,
    ]
)
DEFECT = WEIGHTS - EMBEDDED
ORDER = 3
STAGES = 4
MAX_ITERATIONS = 12
MAX_RENEWALS = 3
SLOW = 0.3  # contraction rate above which renewing the slopes pays
NEWTON_SAFETY = 1e-2  # Newton stops at this fraction of the error tolerance

CONVERGED, DIVERGED, SINGULAR = 0, 1, 2


class Tolerance(NamedTuple):
    """What is accurate enough, and how far one Newton update may reach.

    Attributes
    ----------
    relative : float
    absolute : float64[n]
        In the unit of each unknown.
    reach : float64[n]
        Largest plausible change of each unknown in one Newton update.
    """

    relative: float
    absolute: np.ndarray
    reach: np.ndarray


class Plan(NamedTuple):
    """How a system is solved: one per structure of the model and tolerance.

    Attributes
    ----------
    lu : LUPlan
    colours : ColourPlan
    scale : float64[n]
        Of each unknown, for differences.
    tolerance : Tolerance
    mass : float64[n]
        1 for differential, 0 for algebraic rows.
    max_steps : int
        Accepted steps after which a run is given up.
    largest_step : float
        Longest step [s].
    """

    lu: sparse_lu.LUPlan
    colours: jacobian_module.ColourPlan
    scale: np.ndarray
    tolerance: Tolerance
    mass: np.ndarray
    max_steps: int
    largest_step: float


class Work(NamedTuple):
    """Everything a step writes to; one set per run.

    Attributes
    ----------
    mass : float64[n]
        1 for differential, 0 for algebraic rows.
    slope : float64[4, n]
        k_i; row 0 enters with the slope at the beginning of the step.
    stage : float64[4, n]
        U_i; row 3 leaves as the new state.
    jac, factors : float64[m]
    right, error, trial, base, moved, row : float64[n]
    count : int64[5]
        Right-hand sides, Jacobians, factorisations, Newton iterations, worst unknown.
    scalar : float64[3]
        Step size (times GAMMA) of the present factors, contraction rate, age of the Jacobian.
    """

    mass: np.ndarray
    slope: np.ndarray
    stage: np.ndarray
    jac: np.ndarray
    factors: np.ndarray
    right: np.ndarray
    error: np.ndarray
    trial: np.ndarray
    base: np.ndarray
    moved: np.ndarray
    row: np.ndarray
    count: np.ndarray
    scalar: np.ndarray


@njit(nogil=True)
def make_work(mass, entries):
    """Allocate the work space of a system with diagonal `mass` and `entries` factor slots."""
    n = mass.size
    return Work(
        mass, np.zeros((STAGES, n)), np.zeros((STAGES, n)), np.zeros(entries), np.zeros(entries),
        np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n),
        np.zeros(5, np.int64), np.zeros(3),
    )  # fmt: skip


@njit(nogil=True, error_model="numpy")
def update(u, correction, tolerance):
    """Add a Newton correction to u, shortened as a whole if an unknown would leap; returns the share taken."""
    share = 1.0
    for i in range(u.size):
        if abs(correction[i]) * share > tolerance.reach[i]:
            share = tolerance.reach[i] / abs(correction[i])
    for i in range(u.size):
        u[i] += share * correction[i]
    return share


@njit(nogil=True, error_model="numpy")
def weighted_norm(values, u, tolerance):
    """Largest |value| relative to the tolerance of its unknown, and where it stands."""
    worst = 0.0
    where = 0
    for i in range(values.size):
        size = abs(values[i]) / (tolerance.absolute[i] + tolerance.relative * abs(u[i]))
        if not size <= worst:  # also catches NaN
            worst = size
            where = i
            if not np.isfinite(size):
                break
    return worst, where


def build_prepare(rhs: Callable) -> Callable:
    """Compile the refresh of Jacobian and factors."""
    jacobian = jacobian_module.build(rhs)

    @njit(nogil=True, error_model="numpy")
    def prepare(t, u, h_gamma, renew, p, control, plan, work):
        """Factorise M/h_gamma - J; with `renew`, J is evaluated at u first. False if singular."""
        if renew:
            rhs(t, u, p, control, work.base)
            jacobian(t, u, p, control, plan.scale, plan.colours, work.base, work.trial, work.moved, work.jac)
            work.count[0] += plan.colours.count + 1
            work.count[1] += 1
            work.scalar[2] = 0.0
        if renew or work.scalar[0] != h_gamma:
            for e in range(work.jac.size):
                work.factors[e] = -work.jac[e]
            for i in range(u.size):
                work.factors[plan.lu.diagonal[i]] += work.mass[plan.lu.order[i]] / h_gamma
            work.scalar[0] = h_gamma
            work.scalar[1] = 0.1  # the contraction rate of the new factors is not known yet
            work.count[2] += 1
            return sparse_lu.factorise(work.factors, plan.lu, work.row)
        return True

    return prepare


def build_newton(rhs: Callable, prepare: Callable) -> Callable:
    """Compile Newton's method for one stage of `rhs(t, u, p, control, out)`."""

    @njit(nogil=True, error_model="numpy")
    def newton(t, known, u, h_gamma, p, control, plan, work):
        """Solve M (u - known) / h_gamma = f(u) for u in place; returns CONVERGED, DIVERGED or SINGULAR.

        Slopes are kept while they contract well; where they do not, they are renewed at the iterate.
        """
        before = np.inf
        renewals = 0
        for _ in range(MAX_ITERATIONS):
            rhs(t, u, p, control, work.right)
            for i in range(u.size):
                work.right[i] -= work.mass[i] * (u[i] - known[i]) / h_gamma
            sparse_lu.solve(work.factors, plan.lu, work.right, work.row)
            share = update(u, work.right, plan.tolerance)
            size, work.count[4] = weighted_norm(work.right, u, plan.tolerance)
            work.count[0] += 1
            work.count[3] += 1
            if not np.isfinite(size):
                return DIVERGED
            rate = size / before if before < np.inf else work.scalar[1]
            if share == 1.0:
                if before < np.inf:
                    work.scalar[1] = rate
                if rate < 1.0 and size * max(rate / (1.0 - rate), 1e-3) <= NEWTON_SAFETY:
                    return CONVERGED
            before = size
            if rate > SLOW or share < 1.0:
                if renewals == MAX_RENEWALS:
                    return DIVERGED
                renewals += 1
                if not prepare(t, u, h_gamma, True, p, control, plan, work):
                    return SINGULAR
                before = np.inf
        return DIVERGED

    return newton


@njit(nogil=True, error_model="numpy")
def predict(i, u, h, work):
    """Fill work.stage[i] with a first guess and work.error with the known part of the stage equation."""
    known = work.error
    known[:] = u
    for j in range(i):
        known += h * COEFFICIENTS[i, j] * work.slope[j]
    ratio = NODES[i] / NODES[i - 1] if i > 1 else 0.0
    for n in range(u.size):
        if work.mass[n] > 0.0:
            work.stage[i, n] = known[n] + h * GAMMA * work.slope[i - 1, n]
        elif i > 1:
            work.stage[i, n] = u[n] + ratio * (work.stage[i - 1, n] - u[n])
        else:
            work.stage[i, n] = u[n] + h * NODES[1] * work.slope[0, n]


def build_step(newton: Callable) -> Callable:
    """Compile one step; factors for the step size must have been prepared."""

    @njit(nogil=True, error_model="numpy")
    def step(t, u, h, p, control, plan, work):
        """Advance from u by h; work.stage[3] is the new state. Returns (status, error norm)."""
        for i in range(1, STAGES):
            predict(i, u, h, work)
            status = newton(t + NODES[i] * h, work.error, work.stage[i], h * GAMMA, p, control, plan, work)
            if status != CONVERGED:
                return status, np.inf
            for n in range(u.size):
                if work.mass[n] > 0.0:
                    work.slope[i, n] = (work.stage[i, n] - work.error[n]) / (h * GAMMA)
                else:  # only a first guess for the next step
                    work.slope[i, n] = (work.stage[i, n] - u[n]) / (NODES[i] * h)
        # The defect of the embedded formula, filtered through Newton's matrix so that stiff modes do not exaggerate it.
        for n in range(u.size):
            defect = 0.0
            for i in range(STAGES):
                defect += DEFECT[i] * work.slope[i, n]
            work.right[n] = work.mass[n] * defect / GAMMA
        sparse_lu.solve(work.factors, plan.lu, work.right, work.row)
        error, work.count[4] = weighted_norm(work.right, work.stage[3], plan.tolerance)
        return CONVERGED, error

    return step
