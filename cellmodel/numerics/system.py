"""What all schemes share: how a system M u' = f(t, u) is described, its work space, error norm and factors.

Systems of `LANES` cells are solved at once, each with its own state and step size; arrays of lanes have the lane as
their last index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, nan
from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.numerics import jacobian as jacobian_module
from cellmodel.numerics import sparse_lu
from cellmodel.numerics.dual import DIRECTIONS
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES, choose, no_lanes
from cellmodel.numerics.record_view import REFERENCES, Cube, Matrix, Vector, view_of

MOST_STAGES = 6
INVERSE, ERROR, WORST, SHARE, CORRECTION, LEAPING, ACCEPT = 0, 1, 2, 3, 4, 5, 6
"""Rows of `Work.step`: 1/h or 1/(gamma h); error norm of a time step and the unknown that decided it; share of a Newton
correction that was taken, its size, the unknown that decided that; 1 where a step is to be accepted."""


class Tolerance(NamedTuple):
    """What is accurate enough, and how far one Newton update may reach.

    Attributes
    ----------
    relative : float64[n]
        Zero for logarithms, whose size means nothing.
    absolute : float64[n]
        In the unit of each unknown.
    per_reach : float64[n]
        Reciprocal of the largest plausible change of each unknown in one Newton update.
    """

    relative: Vector
    absolute: Vector
    per_reach: Vector


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
    mass: Vector
    max_steps: int
    largest_step: float
    time_limit: float


class Work(NamedTuple):
    """Everything a step reads and writes; one set per batch of cells.

    Attributes
    ----------
    u : float64[n, LANES]
        State at the beginning of the step.
    point : float64[n, LANES]
        Where f is linearised: u, or an iterate of Newton's method.
    new : float64[n, LANES]
        State that a Rosenbrock step leads to.
    iterate : float64[n, LANES]
        Next iterate of Newton's method.
    step : float64[7, LANES]
        See `INVERSE` and its neighbours.
    control : float64[2, LANES]
        What else f depends on, set by whoever carries the cells along.
    stage : float64[6, n, LANES]
        Increments k_i of a Rosenbrock method, or corrections of Newton's; the first is f at `point` before.
    weights : float64[12, 5, LANES]
        Row i: of the increments before the i-th, where f is evaluated for it; row 6 + i: as rates that M multiplies.
    slopes : float64[n, DIRECTIONS * LANES]
    factors : float64[m, LANES]
        Of M/h - J.
    between : float64[n, LANES]
        State within a step, where an event is sought.
    """

    u: Matrix
    point: Matrix
    new: Matrix
    iterate: Matrix
    step: Matrix
    control: Matrix
    stage: Cube
    weights: Cube
    slopes: Matrix
    factors: Matrix
    between: Matrix


view_plan, view_work = view_of(Plan, REFERENCES), view_of(Work, REFERENCES)


def aligned(shape: tuple[int, ...]) -> np.ndarray:
    """Zeros that begin at a cache line, so that a vector never lies across two of them."""
    room = np.zeros(int(np.prod(shape)) + LANES)
    first = -room.ctypes.data // room.itemsize % LANES
    return room[first : first + room.size - LANES].reshape(shape)


def make_work(n: int, entries: int) -> Work:
    """Allocate the work space of systems of n unknowns and `entries` factor slots."""

    def lanes(*shape: int) -> np.ndarray:
        return aligned((*shape, LANES))

    step = lanes(7)
    step[INVERSE] = 1.0
    return Work(
        u=lanes(n), point=lanes(n), new=lanes(n), iterate=lanes(n), step=step, control=lanes(2),
        stage=lanes(MOST_STAGES, n), weights=lanes(2 * MOST_STAGES, MOST_STAGES - 1),
        slopes=aligned((n, DIRECTIONS * LANES)), factors=lanes(entries),
        between=lanes(n),
    )  # fmt: skip


@njit(nogil=True, error_model="numpy")
def take_weights(lane, weights, where, rate):
    """Tell a lane's stages what they compute: float64[6, 5] for each half of `Work.weights`."""
    for i in range(1, MOST_STAGES):
        for j in range(i):
            weights[i, j, lane], weights[MOST_STAGES + i, j, lane] = where[i, j], rate[i, j]


@njit(nogil=True, error_model="numpy")
def assign(target, source):
    """Copy source to target, arrays of one length; compiles much faster than an assignment of slices."""
    for i in range(source.size):
        target[i] = source[i]


@njit(nogil=True, error_model="numpy")
def weighted_norm(values, u, tolerance):
    """Largest |value| relative to the tolerance of its unknown, and where it stands; lanes.

    NaN is larger than any number.
    """
    absolute, relative = tolerance.absolute, tolerance.relative
    # Fractions are compared by their cross products: a division takes as long as all the rest.
    size, scale, where, index = no_lanes(), no_lanes() + 1.0, no_lanes(), no_lanes()
    number, lost = no_lanes(), no_lanes()  # NaN from the first fraction on that is none, and where that stands
    for i in range(values.size):
        x, one = abs(values[i]), absolute[i] + relative[i] * abs(u[i])
        kept = x * scale <= size * one
        size, scale, where = choose(kept, size, x), choose(kept, scale, one), choose(kept, where, index)
        lost = choose(number <= inf, index, lost)
        number = choose(x + one <= inf, number, nan)
        index += 1.0
    return size / scale + number, choose(number <= inf, where, lost)


def build_linearise(*parts: Callable, directions: Sequence[int] = (DIRECTIONS,)) -> Callable:
    """Compile the evaluation of f, whole or in parts, and its Jacobian; arguments as for `jacobian.build`."""
    jacobian = jacobian_module.build(*parts, directions=directions)

    @njit(nogil=True, error_model="numpy", inline="always")
    def linearise(t, p, plan, work):
        """Fill the first stage with f(t, work.point) and work.factors with -J."""
        jacobian(t, work.point, p, lanes_of(work.control), plan.colours, work.stage[0], work.slopes, work.factors)

    return linearise


@njit(nogil=True, error_model="numpy")
def factorise(plan, work):
    """Factorise M/h - J, where work.factors holds -J and work.step[INVERSE] the 1/h of each lane."""
    factors, inverse = lanes_of(work.factors), lanes_of(work.step)[INVERSE]
    mass = plan.mass
    for i in range(mass.size):
        factors[i] += mass[i] * inverse
    sparse_lu.factorise(factors, plan.lu)
