"""How a cell goes on in time: the next try of a step, what becomes of it, and how an event is met exactly."""

from __future__ import annotations

import numpy as np
from numba import njit

from cellmodel.model import events, record
from cellmodel.model import layout as at
from cellmodel.model.batch import STEPPING, onsets_of, trace_row
from cellmodel.model.leaps import largest_leap
from cellmodel.model.start import begin_newton, start_length
from cellmodel.numerics import clock, rosenbrock
from cellmodel.numerics.system import ACCEPT, ERROR, INVERSE, WORST, assign, take_weights

FIRST = 100.0
"""Length of the first step after a change of control over that of the implicit Euler step."""
GROWTH, SHRINKAGE, SAFETY = 6.0, 0.2, 0.8
"""Largest and smallest ratio of successive steps; what an estimated step is shortened by."""
MOST_REJECTED = 12
"""Rejected tries in a row after which implicit Euler puts the algebraic unknowns back on their equations."""
MOST_RESCUED = 50
"""How often that may happen in one protocol step before the run is given up."""
LOCATE_TRIES = 40
INTERPOLATED, BEYOND = 0.01, 1.01
"""Largest error of a step times the share of it behind an event that is taken from the interpolant [1]; a step that is
repeated is made this much longer than to the event, so that it ends just beyond."""
AHEAD = 1.01
"""Largest ratio of a step to the time in which it would meet a limit [1]: what lies far beyond is computed in vain."""
LOOKS_AT_CLOCK = 64
"""Tries of a time step between two looks at the clock: some milliseconds."""

GOES_ON = -1
"""Reason of a protocol step that has not ended."""


@njit(nogil=True, error_model="numpy")
def shrunk(h, error):
    """Step size after a rejected step of error norm `error`."""
    if not np.isfinite(error):
        return 0.4 * h
    return h * max(SHRINKAGE, SAFETY * error ** (-1.0 / rosenbrock.ORDER))


@njit(nogil=True, error_model="numpy")
def grown(seat, error):
    """Step size after an accepted step: from its error, and from how the error changed since the step before it.

    K. Gustafsson, ACM Trans. Math. Softw. 20 (1994) 496, doi:10.1145/198429.198437: predictive control.
    """
    error = max(error, 1e-6)
    ratio = error ** (-1.0 / rosenbrock.ORDER)
    if seat.error_before > 0.0:
        trend = (seat.error_before / error) ** (1.0 / rosenbrock.ORDER) * seat.h / seat.h_before
        ratio = min(ratio, trend * ratio)
    seat.h_before, seat.error_before = seat.h, max(error, 1e-2)
    most = 1.0 if seat.rejected > 0 else GROWTH
    return seat.h * min(most, max(SHRINKAGE, SAFETY * ratio))


@njit(nogil=True, error_model="numpy")
def limit_met(seat, plan):
    """Which limit on the cost of a run is met before the next try of a time step, or `GOES_ON`; counts that try."""
    if seat.tries >= plan.max_steps:
        return events.STEP_LIMIT
    if seat.tries % LOOKS_AT_CLOCK == 0 and clock.seconds() > seat.deadline:
        return events.TIME_LIMIT
    seat.tries += 1
    return GOES_ON


@njit(nogil=True, error_model="numpy")
def passed_already(seat, state, p, limits, values):
    """Event that a state is beyond after its algebraic unknowns were found anew, or `GOES_ON`."""
    leading = events.event_values(state, p, limits, seat.watch_short == 1, values)
    return leading if values[leading] > 0.0 else GOES_ON


@njit(nogil=True, error_model="numpy")
def try_step(lane, seat, plan, work):
    """Ask for the next time step; returns the limit that forbids it, or `GOES_ON`."""
    if seat.t >= seat.t_end:
        return events.DURATION
    reason = limit_met(seat, plan)
    if reason != GOES_ON:
        return reason
    if seat.phase != STEPPING:
        take_weights(lane, work.weights, rosenbrock.A, rosenbrock.RATES)
        seat.phase = STEPPING
    seat.h = min(seat.h, plan.largest_step)
    seat.last = 1 if seat.t + seat.h * (1.0 + 1e-9) >= seat.t_end else 0
    if seat.last == 1:
        seat.h = seat.t_end - seat.t
    work.step[INVERSE, lane] = 1.0 / (rosenbrock.GAMMA * seat.h)
    return GOES_ON


@njit(nogil=True, error_model="numpy")
def conclude(lane, seat, p, limits, plan, work, bench, jobs):
    """Judge the step just computed: accept it, shorten it to an event, or ask for another.

    Returns
    -------
    what ends the protocol step, or `GOES_ON`; also of an accepted step, which is yet to be made the present state
    """
    before, after = work.u[:, lane], work.new[:, lane]
    error = work.step[ERROR, lane]
    seat.shots += 1
    seat.worst = int(work.step[WORST, lane])
    if error <= 1.0:
        error = max(error, largest_leap(before, after, p) ** rosenbrock.ORDER)
    if not error <= 1.0:
        return reject(lane, seat, error, plan, work)
    leading = events.event_values(after, p, limits, seat.watch_short == 1, bench.values)
    met = bench.values[leading] >= -1.0
    if bench.values[leading] > 1.0:
        share = locate(lane, seat, leading, p, limits, work, bench)
        if (1.0 - share) * error > INTERPOLATED and seat.shortened < LOCATE_TRIES:
            seat.shortened += 1
            seat.h *= BEYOND * share
            return try_step(lane, seat, plan, work)
        seat.h *= share
        rosenbrock.interpolate(share, 0, before, after, work.stage[:, :, lane], work.between[:, lane])
        assign(after, work.between[:, lane])
        leading = events.event_values(after, p, limits, seat.watch_short == 1, bench.values)
    work.step[ACCEPT, lane] = 1.0
    record.note_onsets(seat.t, before, seat.t + seat.h, after, seat.index, p, onsets_of(jobs, seat.job))
    record.watch(after, p, jobs.rows[seat.job, seat.index])
    seat.accepted += 1
    seat.shortened = 0
    seat.t += seat.h
    trace_row(seat, p, after, jobs)
    if met:
        return leading
    if seat.last == 1:
        return events.DURATION
    ahead = AHEAD * time_to_limit(lane, seat.h, p, limits, work)
    seat.h = min(grown(seat, error), ahead)
    seat.rejected = 0
    return try_step(lane, seat, plan, work)


@njit(nogil=True, error_model="numpy")
def time_to_limit(lane, h, p, limits, work):
    """Time in which voltage or charge meets its limit if it goes on as at the end of the step just taken [s]."""
    after, voltage, passed = work.new[:, lane], p.layout.scalars + at.VOLTAGE, p.layout.scalars + at.PASSED
    soonest = np.inf
    if limits[0] == limits[0]:
        slope = rosenbrock.final_slope(h, work.u[voltage, lane], after[voltage], work.stage[:, voltage, lane])
        if limits[1] * slope > 0.0:
            soonest = (limits[0] - after[voltage]) / slope
    if limits[2] < 1e300:
        slope = rosenbrock.final_slope(h, work.u[passed, lane], after[passed], work.stage[:, passed, lane])
        soonest = min(soonest, (limits[2] - abs(after[passed])) / max(abs(slope), 1e-300))
    return soonest


@njit(nogil=True, error_model="numpy")
def reject(lane, seat, error, plan, work):
    """Try a shorter step, or put the algebraic unknowns back on their equations after too many."""
    seat.h = shrunk(seat.h, error)
    seat.rejected += 1
    if seat.rejected <= MOST_REJECTED:
        return try_step(lane, seat, plan, work)
    seat.rescued += 1
    if seat.rescued > MOST_RESCUED:
        return events.FAILURE
    seat.rescue = 1
    begin_newton(lane, seat, work)
    return GOES_ON


@njit(nogil=True, error_model="numpy")
def resume(lane, seat, p, limits, plan, work, bench):
    """Go on after a rescue."""
    seat.t += start_length(seat)
    seat.rescue = 0
    begin_small(seat)
    return take_first(lane, seat, p, limits, plan, work, bench)


@njit(nogil=True, error_model="numpy")
def set_off(lane, seat, p, limits, plan, work, bench):
    """Go on after a start."""
    seat.t = min(seat.t + seat.taken, seat.t_end)
    begin_small(seat)
    if clock.seconds() > seat.deadline:
        return events.TIME_LIMIT
    return take_first(lane, seat, p, limits, plan, work, bench)


@njit(nogil=True, error_model="numpy")
def begin_small(seat):
    """Forget the steps before; the next is little longer than the implicit Euler step."""
    seat.h, seat.rejected, seat.error_before = FIRST * start_length(seat), 0, 0.0


@njit(nogil=True, error_model="numpy")
def take_first(lane, seat, p, limits, plan, work, bench):
    """Take the first time step after the potentials were found, unless they are beyond an event already."""
    reason = passed_already(seat, work.u[:, lane], p, limits, bench.values)
    return reason if reason != GOES_ON else try_step(lane, seat, plan, work)


@njit(nogil=True, error_model="numpy")
def locate(lane, seat, leading, p, limits, work, bench):
    """Share of the step just taken at which its interpolant meets the first event (Illinois rule).

    Events are told from the unknowns behind those of host and cathode.

    Parameters
    ----------
    leading : event furthest beyond its limit at the end of the step; `bench.values` holds the values there
    """
    u, new, trial, values = work.u[:, lane], work.new[:, lane], work.between[:, lane], bench.values
    watch_short = seat.watch_short == 1
    low, high, g_high = 0.0, 1.0, values[leading]
    events.event_values(u, p, limits, watch_short, values)
    g_low = min(values[leading], -1e-3)
    side, middle = 0, 1.0
    for _ in range(LOCATE_TRIES):
        middle = high - g_high * (high - low) / (g_high - g_low)
        middle = min(max(middle, low + 0.01 * (high - low)), high - 0.01 * (high - low))
        rosenbrock.interpolate(middle, p.layout.scalars, u, new, work.stage[:, :, lane], trial)
        g = values[events.event_values(trial, p, limits, watch_short, values)]
        if abs(g) <= 1.0:
            break
        if g > 0.0:
            high, g_high = middle, g
            g_low *= 0.5 if side == 1 else 1.0
            side = 1
        else:
            low, g_low = middle, g
            g_high *= 0.5 if side == -1 else 1.0
            side = -1
    return middle
