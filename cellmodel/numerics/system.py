"""What all schemes share: how a system M u' = f(t, u) is described, its work space, error norm and factors."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.numerics import jacobian as jacobian_module
from cellmodel.numerics import sparse_lu
from cellmodel.numerics.dual import LANES

MOST_STAGES = 8


class Tolerance(NamedTuple):
    """What is accurate enough, and how far one Newton update may reach.

    Attributes
    ----------
    relative : float64[n]
        Zero for logarithms, whose size means nothing.
    absolute : float64[n]
        In the unit of each unknown.
    reach : float64[n]
        Largest plausible change of each unknown in one Newton update.
    """

    relative: np.ndarray
    absolute: np.ndarray
    reach: np.ndarray


class Plan(NamedTuple):
    """How a system is solved: one per structure of the model and tolerance.

    Attributes
    ----------
    lu : LUPlan
    colours : ColourPlan
    tolerance : Tolerance
    mass : float64[n]
        1 for differential, 0 for algebraic rows.
    max_steps : int
        Tries, accepted or not, after which a run is given up.
    largest_step : float
        Longest step [s].
    time_limit : float
        Wall time after which a run is given up [s].
    """

    lu: sparse_lu.LUPlan
    colours: jacobian_module.ColourPlan
    tolerance: Tolerance
    mass: np.ndarray
    max_steps: int
    largest_step: float
    time_limit: float


class Work(NamedTuple):
    """Everything a step writes to; one set per run.

    Attributes
    ----------
    mass : float64[n]
        1 for differential, 0 for algebraic rows.
    stage : float64[8, n]
        Increments k_i of a Rosenbrock method.
    new : float64[n]
        State that a step leads to.
    value : float64[n]
        f(t, u) where the Jacobian was evaluated.
    slopes : float64[n, LANES]
    jac, factors : float64[m]
    right, trial, row : float64[n]
    count : int64[6]
        Right-hand sides, Jacobians, factorisations, linear solves, worst unknown, tries of a step.
    """

    mass: np.ndarray
    stage: np.ndarray
    new: np.ndarray
    value: np.ndarray
    slopes: np.ndarray
    jac: np.ndarray
    factors: np.ndarray
    right: np.ndarray
    trial: np.ndarray
    row: np.ndarray
    count: np.ndarray


@njit(nogil=True)
def make_work(mass, entries):
    """Allocate the work space of a system with diagonal `mass` and `entries` factor slots."""
    n = mass.size
    return Work(
        mass, np.zeros((MOST_STAGES, n)), np.zeros(n), np.zeros(n), np.zeros((n, LANES)),
        np.zeros(entries), np.zeros(entries), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(6, np.int64),
    )  # fmt: skip


@njit(nogil=True, error_model="numpy")
def assign(target, source):
    """Copy source to target, arrays of one length; compiles much faster than an assignment of slices."""
    for i in range(source.size):
        target[i] = source[i]


@njit(nogil=True, error_model="numpy")
def weighted_norm(values, u, tolerance):
    """Largest |value| relative to the tolerance of its unknown, and where it stands."""
    worst = 0.0
    where = 0
    for i in range(values.size):
        size = abs(values[i]) / (tolerance.absolute[i] + tolerance.relative[i] * abs(u[i]))
        if not size <= worst:  # also catches NaN
            worst = size
            where = i
            if not np.isfinite(size):
                break
    return worst, where


def build_linearise(rhs: Callable) -> Callable:
    """Compile the evaluation of f and its Jacobian."""
    jacobian = jacobian_module.build(rhs)

    @njit(nogil=True, error_model="numpy")
    def linearise(t, u, p, control, plan, work):
        """Fill work.value with f(t, u) and work.jac with its derivative."""
        jacobian(t, u, p, control, plan.colours, work.value, work.slopes, work.jac)
        work.count[1] += 1

    return linearise


@njit(nogil=True, error_model="numpy")
def factorise(h_gamma, plan, work):
    """Factorise M/h_gamma - J with the present J; False if singular."""
    for e in range(work.jac.size):
        work.factors[e] = -work.jac[e]
    for i in range(work.mass.size):
        work.factors[plan.lu.diagonal[i]] += work.mass[plan.lu.order[i]] / h_gamma
    work.count[2] += 1
    return sparse_lu.factorise(work.factors, plan.lu, work.row)
