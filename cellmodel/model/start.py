"""How a cell finds consistent potentials after a change of control: implicit Euler steps by Newton's method."""

from __future__ import annotations

import numpy as np
from numba import njit

from cellmodel.model import layout as at
from cellmodel.model.batch import STARTING, settle
from cellmodel.model.events import VOLTAGE_LIMIT, event_values
from cellmodel.model.residual import CURRENT_MODE
from cellmodel.numerics import newton
from cellmodel.numerics.newton import ENOUGH, MAX_ITERATIONS
from cellmodel.numerics.system import CORRECTION, ERROR, INVERSE, LEAPING, SHARE, assign, take_weights

STARTS = (1e-3, 1e-6, 1e-9, 1e-12)
"""Lengths of the implicit Euler step that finds potentials, in the order tried [s]."""
START_TOLERANCE = 5e-4
"""Tolerance below which they shrink in proportion: nothing else checks this step, whose error is of first order [1]."""
NEARER = 0.1
"""Largest ratio of the last correction by kept slopes to the first at which they are taken [1]."""
LEAST_SHARE = 1e-5
"""Smallest part of a change of set point that is tried at a time [1]."""

ITERATES, CONVERGED, DIVERGED = 0, 1, 2


@njit(nogil=True, error_model="numpy")
def start_scale(plan):
    """Share of `STARTS` that is taken at a tolerance [1]."""
    largest = 0.0
    for relative in plan.tolerance.relative:
        largest = max(largest, relative)
    return min(1.0, largest / START_TOLERANCE)


@njit(nogil=True, error_model="numpy")
def start_length(seat):
    """Length of the present implicit Euler step [s]."""
    return seat.start_scale * STARTS[seat.length]


@njit(nogil=True, error_model="numpy")
def begin_newton(lane, seat, work):
    """Begin with the longest implicit Euler step from the present state."""
    seat.phase, seat.length = STARTING, 0
    seek(lane, seat, work)


@njit(nogil=True, error_model="numpy")
def seek(lane, seat, work):
    """Begin Newton's method for the present length of the implicit Euler step."""
    seat.iteration = 0
    take_weights(lane, work.weights, newton.WHERE, newton.RATES)
    assign(work.point[:, lane], work.u[:, lane])
    work.step[INVERSE, lane] = 1.0 / start_length(seat)


@njit(nogil=True, error_model="numpy")
def iterate(lane, seat, work):
    """Judge an iterate: go on from it, take it as the new state, or try a shorter step; `DIVERGED` after the last.

    The first comes with corrections by kept slopes, and is done with if the last of them is small enough.
    """
    size = work.step[CORRECTION, lane]
    seat.newtons += 1
    seat.staged += seat.iteration == 0
    seat.iteration += 1
    seat.worst = int(work.step[LEAPING, lane])
    if seat.iteration == 1 and work.step[SHARE, lane] == 1.0 and work.step[ERROR, lane] < NEARER * size:
        if work.step[ERROR, lane] <= ENOUGH:
            settle(work.new[:, lane], lane, work)
            return CONVERGED
        assign(work.point[:, lane], work.new[:, lane])
        return ITERATES
    if work.step[SHARE, lane] == 1.0 and size <= ENOUGH:
        settle(work.iterate[:, lane], lane, work)
        return CONVERGED
    if np.isfinite(size) and seat.iteration < MAX_ITERATIONS:
        assign(work.point[:, lane], work.iterate[:, lane])
        return ITERATES
    if seat.length + 1 == len(STARTS):
        return DIVERGED
    seat.length += 1
    seek(lane, seat, work)
    return ITERATES


@njit(nogil=True, error_model="numpy")
def begin_start(lane, seat, p, mode, setpoint, rate, work):
    """Change the control of a cell; charge and energy count from zero. The set point moves on at a rate."""
    state, s = work.u[:, lane], p.layout.scalars
    state[s + at.PASSED] = state[s + at.ENERGY] = 0.0
    seat.rescue = seat.rescued = 0
    seat.done, seat.share, seat.taken = 0.0, 1.0, 0.0
    seat.origin = state[s + (at.CURRENT if mode == CURRENT_MODE else at.VOLTAGE)]
    seat.target = setpoint
    work.control[0, lane], work.control[1, lane] = mode, rate
    approach(lane, seat, p, work)


@njit(nogil=True, error_model="numpy")
def approach(lane, seat, p, work):
    """Try a set point on the way from the one before to the one that is asked for."""
    sought = seat.origin + min(seat.done + seat.share, 1.0) * (seat.target - seat.origin)
    work.u[p.layout.scalars + at.SETPOINT, lane] = sought + work.control[1, lane] * seat.taken
    begin_newton(lane, seat, work)


@njit(nogil=True, error_model="numpy")
def go_on_starting(lane, seat, p, limits, verdict, work, bench):
    """Take the next stage of a start.

    Where the new set point is too far for Newton's method it is approached in stages, and no further than to the
    voltage that ends the protocol step.

    Returns
    -------
    `ITERATES` while there are stages to come, `CONVERGED`, or `DIVERGED` if no stage was small enough
    """
    if verdict == CONVERGED:
        seat.taken += start_length(seat)
        seat.done += seat.share
        seat.share *= 2.0
        event_values(work.u[:, lane], p, limits, False, bench.values)
        if seat.done >= 1.0 or bench.values[VOLTAGE_LIMIT] > 0.0:
            return CONVERGED
    else:
        seat.share *= 0.25
        if seat.share < LEAST_SHARE:
            return DIVERGED
    approach(lane, seat, p, work)
    return ITERATES
