"""A whole run, all cycles and steps, as one compiled call that holds no interpreter lock."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.model import events, record
from cellmodel.model import layout as at
from cellmodel.model.advance import (
    CAUTIOUS_GROWTH,
    CONFIDENCE,
    FIRST,
    GROWTH,
    LOCATE_TRIES,
    MOST_REJECTED,
    MOST_RESCUED,
    STARTS,
    accept,
    attempt,
    begin_counters,
    linearise,
    locate,
    make_values,
    next_size,
    restart,
    start,
)
from cellmodel.model.ledger import fill_ledger
from cellmodel.model.physics import view
from cellmodel.numerics import clock, system

use_cache_folder()

COLLAPSE_TIME = 60.0
"""How long a run goes on after the short, so that its trace shows the voltage collapse [s]."""

LOOKS_AT_CLOCK = 64
"""Tries of a time step between two looks at the clock: some milliseconds."""

LEAST_SWING = 1.0
"""A discharge of less than the double layer gives over this voltage is nothing [V]."""

GOES_ON = -1
"""Reason of a protocol step that has not ended."""

CARRIED_OUT, FADED = -1, -2
"""Reasons for which a run ends besides those of its last protocol step: the end of the protocol, lost capacity."""


class Steps(NamedTuple):
    """A protocol for the compiled run, one entry per executed step."""

    mode: np.ndarray  # 0 current, 1 voltage
    setpoint: np.ndarray  # A/m2 or V
    duration: np.ndarray  # s
    limits: np.ndarray  # float64[N, 4], see `events.event_values`
    direction: np.ndarray  # +1 plate or charge, -1 strip or discharge, 0 rest


class Ended(NamedTuple):
    """How the compiled run ended and what it left."""

    reason: int  # one of `events`, `CARRIED_OUT` or `FADED`
    index: int  # protocol step
    time: float
    size: float  # of the last tried step [s]
    worst: int  # unknown that decided the last error
    accepted: int  # time steps
    rows: np.ndarray
    states: np.ndarray
    trace: np.ndarray
    onsets: record.Onsets
    count: np.ndarray


class Task(NamedTuple):
    """One protocol step: what it asks for and where it is written down."""

    index: int
    control: np.ndarray  # mode and set point
    limits: np.ndarray
    t_end: float
    deadline: float  # by `clock.seconds`
    watch_short: bool
    keep_trace: bool
    row: np.ndarray
    onsets: record.Onsets
    values: np.ndarray  # room for the values of all events
    before: np.ndarray  # room for the state before a time step


@njit(nogil=True)
def make_task(steps, index, t_end, deadline, watch_short, keep_trace, row, onsets, size):
    """Gather what belongs to a protocol step; `size` is the number of unknowns."""
    control = np.array([float(steps.mode[index]), steps.setpoint[index]])
    return Task(
        index, control, steps.limits[index], t_end, deadline, watch_short, keep_trace, row, onsets,
        make_values(), np.empty(size),
    )  # fmt: skip


@njit(nogil=True, error_model="numpy")
def meet_event(t, u, h, p, task, plan, work):
    """Look for an event within the time step just taken, and shorten the time step until it ends there.

    Where a shortened step ends just before the event, it is kept, and the next one will meet it.

    Returns
    -------
    length of the time step [s], negative if it failed; the leading event; how much of the longer step is left [s]
    """
    left = 0.0
    for _ in range(LOCATE_TRIES):
        leading = events.event_values(work.new, p, task.limits, task.watch_short, task.values)
        if not task.values[leading] > 1.0:
            return h, leading, left
        share = locate(u, leading, p, task.limits, task.watch_short, work, task.values)
        left = (1.0 - share) * h
        h *= share
        if not attempt(t, u, h, p, task.control, plan, work) <= 1.0:
            return -h, leading, left
    return h, leading, left


@njit(nogil=True, error_model="numpy")
def write_down(t, taken, u, p, task, work, trace, used):
    """Make the last stage the present state and record it; returns the trace, perhaps grown, and its last row."""
    system.assign(task.before, u)
    accept(u, work)
    record.note_onsets(t, task.before, t + taken, u, task.index, p, task.onsets)
    record.watch(u, p, task.row)
    used += 1
    if task.keep_trace:
        if used == trace.shape[0]:
            trace = record.grown(trace)
        record.fill_trace(t + taken, task.index, u, p, trace[used])
    return trace, used


@njit(nogil=True, error_model="numpy")
def limit_met(task, plan, work):
    """Which limit on the cost of a run is met before the next try of a time step, or `GOES_ON`; counts that try."""
    if work.count[5] >= plan.max_steps:
        return events.STEP_LIMIT
    if work.count[5] % LOOKS_AT_CLOCK == 0 and clock.seconds() > task.deadline:
        return events.TIME_LIMIT
    work.count[5] += 1
    return GOES_ON


@njit(nogil=True, error_model="numpy")
def reason_to_stop(leading, last, task):
    """What ends the protocol step after an accepted time step, or `GOES_ON`."""
    if task.values[leading] >= -1.0:
        return leading
    return events.DURATION if last else GOES_ON


@njit(nogil=True, error_model="numpy")
def passed_already(u, p, task):
    """Event that a state is beyond after its algebraic unknowns were found anew, or `GOES_ON`."""
    leading = events.event_values(u, p, task.limits, task.watch_short, task.values)
    return leading if task.values[leading] > 0.0 else GOES_ON


@njit(nogil=True, error_model="numpy")
def begin(t, u, p, task, plan, work):
    """Begin a protocol step; returns the time, the length of its first time step, what ends it at once or `GOES_ON`."""
    begin_counters(u, p)
    taken, length = start(t, u, p, task.control, task.limits, plan, work, task.values)
    if taken < 0.0:
        return t, STARTS[-1], events.FAILURE
    t, h = min(t + taken, task.t_end), FIRST * length
    if clock.seconds() > task.deadline:
        return t, h, events.TIME_LIMIT
    return t, h, passed_already(u, p, task)


@njit(nogil=True, error_model="numpy")
def run_step(t, u, p, task, plan, work, trace, used):
    """Carry out one protocol step from time t; returns (t, reason, trace, used, size)."""
    t, h, reason = begin(t, u, p, task, plan, work)
    growth, rejected, rescued, stale = GROWTH, 0, 0, True
    while reason == GOES_ON:
        reason = limit_met(task, plan, work)
        if reason != GOES_ON:
            break
        h = min(h, plan.largest_step)
        last = t + h * (1.0 + 1e-9) >= task.t_end
        if last:
            h = task.t_end - t
        if stale:
            linearise(t, u, p, task.control, plan, work)
        error = attempt(t, u, h, p, task.control, plan, work)
        stale = error <= 1.0
        if not stale:
            h = next_size(h, error, growth)
            growth, rejected = CAUTIOUS_GROWTH, rejected + 1
            if rejected > MOST_REJECTED:
                length, rescued = restart(t, u, p, task.control, plan, work), rescued + 1
                if rescued > MOST_RESCUED or length < 0.0:
                    return t, events.FAILURE, trace, used, h
                t += length
                h, rejected, stale = FIRST * length, 0, True
                reason = passed_already(u, p, task)
            continue
        rejected = 0
        taken, leading, left = meet_event(t, u, h, p, task, plan, work)
        if taken < 0.0:
            h, stale = -0.5 * taken, False
            continue
        trace, used = write_down(t, taken, u, p, task, work, trace, used)
        t += taken
        reason = reason_to_stop(leading, last and left == 0.0, task)
        h = next_size(h, error, growth) if left == 0.0 else 2.0 * left
        growth = min(GROWTH, CONFIDENCE * growth)
    return t, reason, trace, used, h


@njit(nogil=True, error_model="numpy")
def collapse(t, u, p, task, plan, work, trace, used):
    """Go on with a protocol step that ended in the short; returns (t, trace, used, size)."""
    passed, energy = u[p.layout.scalars + at.PASSED], u[p.layout.scalars + at.ENERGY]
    t, _, trace, used, size = run_step(t, u, p, task, plan, work, trace, used)
    u[p.layout.scalars + at.PASSED] += passed
    u[p.layout.scalars + at.ENERGY] += energy
    return t, trace, used, size


@njit(nogil=True, error_model="numpy")
def end_of_run(reason, direction, row, first_discharge, p):
    """What ends the run after a protocol step, or `CARRIED_OUT`; also the charge of the first discharge [C/m2]."""
    if reason == events.SHORT or reason == events.OVERFLOW or reason == events.EXHAUSTION or reason > events.DURATION:
        return reason, first_discharge
    if direction >= 0 or reason != events.VOLTAGE_LIMIT:
        return CARRIED_OUT, first_discharge
    passed = -row[record.ROW_PASSED]
    # The first discharge of a full cell is held against the cathode, so that a cell that gives nothing is not sound.
    reference = first_discharge if first_discharge > 0.0 or p.layout.cathode_cells == 0 else p.cathode.capacity
    if passed < max(p.limits.capacity_threshold * reference, p.contact.capacitance * LEAST_SWING):
        return FADED, first_discharge
    return CARRIED_OUT, max(first_discharge, passed) if first_discharge == 0.0 else first_discharge


@njit(nogil=True, error_model="numpy", cache=True)
def run(u, pool, steps, plan, keep_trace):
    """Carry a cell through a protocol.

    Parameters
    ----------
    u : float64[n]
        Initial state; holds the last state afterwards.
    pool : float64[m]
        A cell's `Physics`, flattened.
    steps : Steps
    plan : Plan
    keep_trace : bool

    Returns
    -------
    Ended
    """
    p = view(pool)
    count = steps.mode.size
    work = system.make_work(plan.mass, plan.lu.column.size)
    rows, states = np.zeros((count, record.ROW_DEPTHS + p.layout.flaws)), np.zeros((count, u.size))
    trace = np.empty((256 if keep_trace else 1, record.TRACE_WIDTH))
    deadline = clock.seconds() + plan.time_limit
    total = fill_ledger(u, p, np.empty(10))
    onsets = record.make_onsets(p.layout.flaws)
    t, size, used, done, ended, first_discharge = 0.0, 0.0, 0, 0, CARRIED_OUT, p.limits.first_discharge
    record.fill_trace(t, 0, u, p, trace[0])
    for index in range(count):
        row, longest = rows[index], steps.duration[index]
        record.open_row(t, u, p, row)
        task = make_task(steps, index, t + longest, deadline, True, keep_trace, row, onsets, u.size)
        t, reason, trace, used, size = run_step(t, u, p, task, plan, work, trace, used)
        if reason == events.SHORT:
            record.note_short(t, u, index, p, onsets)
            t_end = t + min(longest, COLLAPSE_TIME)
            task = make_task(steps, index, t_end, deadline, False, keep_trace, row, onsets, u.size)
            t, trace, used, size = collapse(t, u, p, task, plan, work, trace, used)
        record.close_row(t, u, p, reason, total, row)
        system.assign(states[index], u)
        done = index + 1
        ended, first_discharge = end_of_run(reason, steps.direction[index], row, first_discharge, p)
        if ended != CARRIED_OUT:
            break
    kept = trace[: used + 1] if keep_trace else trace[:1]
    worst = work.count[4]
    return Ended(ended, done - 1, t, size, worst, used, rows[:done], states[:done], kept, onsets, work.count)
