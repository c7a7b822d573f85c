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
    SMALLEST,
    accept,
    attempt,
    begin_counters,
    locate,
    make_values,
    next_size,
    start,
)  # fmt: skip
from cellmodel.model.ledger import fill_ledger
from cellmodel.numerics import esdirk

use_cache_folder()

COLLAPSE_TIME = 60.0
"""How long a run goes on after the short, so that its trace shows the voltage collapse [s]."""


class Steps(NamedTuple):
    """A protocol for the compiled run, one entry per executed step."""

    mode: np.ndarray  # 0 current, 1 voltage
    setpoint: np.ndarray  # A/m2 or V
    duration: np.ndarray  # s
    limits: np.ndarray  # float64[N, 4], see `events.event_values`
    direction: np.ndarray  # +1 plate or charge, -1 strip or discharge, 0 rest


class Ended(NamedTuple):
    """How the compiled run ended and what it left."""

    reason: (
        int  # of the run's end, one of `events`, or -1: protocol carried out, -2: capacity below threshold
    )
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


@njit(nogil=True, error_model="numpy")
def run_step(t, t_stop, index, steps, u, p, plan, work, row, trace, used, keep_trace, onsets, shorted):
    """Carry out one protocol step from time t; returns (t, reason, trace, used, size, shorted)."""
    control = np.array([float(steps.mode[index]), steps.setpoint[index]])
    limits = steps.limits[index]
    values, before, scratch = make_values(), np.empty(u.size), np.empty(record.TRACE_WIDTH)
    begin_counters(u, p)
    t_end = min(t + steps.duration[index], t_stop)
    if not start(t, u, p, control, plan, work):
        return t, events.FAILURE, trace, used, 0.0, shorted
    h, growth = min(FIRST, plan.largest_step), GROWTH
    leading = events.event_values(u, p, limits, not shorted, values)
    if values[leading] > 0.0:
        return t, leading, trace, used, h, shorted
    while True:
        h = min(h, plan.largest_step)
        last = t + h * (1.0 + 1e-9) >= t_end
        if last:
            h = t_end - t
        error = attempt(t, u, h, p, control, plan, work)
        if not error <= 1.0:
            growth = growth if np.isfinite(error) else CAUTIOUS_GROWTH
            h = next_size(h, error, growth)
            if h < SMALLEST * (1.0 + t * 1e-6):
                return t, events.FAILURE, trace, used, h, shorted
            continue
        g_before = values[leading]
        leading = events.event_values(work.stage[3], p, limits, not shorted, values)
        met = values[leading] > 1.0
        taken = h
        if met:
            taken = locate(
                t,
                u,
                h,
                min(g_before, -1e-3),
                values[leading],
                p,
                control,
                limits,
                not shorted,
                plan,
                work,
                values,
            )
            if taken < 0.0:
                h = 0.25 * h
                leading = events.event_values(u, p, limits, not shorted, values)
                continue
            leading = events.event_values(work.stage[3], p, limits, not shorted, values)
        before[:] = u
        accept(u, work)
        record.note_onsets(t, before, t + taken, u, index, p, onsets)
        t += taken
        record.watch(u, p, row)
        used += 1
        if keep_trace:
            if used == trace.shape[0]:
                trace = record.grown(trace)
            record.fill_trace(t, index, u, p, trace[used])
        if met or abs(values[leading]) <= 1.0:
            return t, leading, trace, used, taken, shorted
        if last:
            return t, events.DURATION, trace, used, taken, shorted
        if used >= plan.max_steps:
            return t, events.RUN_TIME, trace, used, taken, shorted
        h = next_size(h, error, growth)
        growth = min(GROWTH, CONFIDENCE * growth)


@njit(nogil=True, error_model="numpy", cache=True)
def run(u, p, steps, plan, keep_trace):
    """Carry a cell through a protocol.

    Parameters
    ----------
    u : float64[n]
        Initial state; holds the last state afterwards.
    p : Physics
    steps : Steps
    plan : Plan
    keep_trace : bool

    Returns
    -------
    Ended
    """
    count = steps.mode.size
    work = esdirk.make_work(plan.mass, plan.lu.column.size)
    work.scalar[0] = -1.0
    rows = np.zeros((count, record.ROW_DEPTHS + p.layout.flaws))
    states = np.zeros((count, u.size))
    trace = np.empty((256 if keep_trace else 1, record.TRACE_WIDTH))
    total = fill_ledger(u, p, np.empty(10))
    onsets = record.make_onsets(p.layout.flaws)
    t, used, size, shorted, t_stop, first_discharge = 0.0, 0, 0.0, False, np.inf, 0.0
    record.fill_trace(t, 0, u, p, trace[0])
    for index in range(count):
        record.open_row(t, u, p, rows[index])
        t, reason, trace, used, size, shorted = run_step(
            t, t_stop, index, steps, u, p, plan, work, rows[index], trace, used, keep_trace, onsets, shorted
        )
        if reason == events.SHORT:
            shorted, t_stop = True, t + COLLAPSE_TIME
            kept = u[p.layout.scalars + at.PASSED]
            t, _, trace, used, size, shorted = run_step(
                t,
                t_stop,
                index,
                steps,
                u,
                p,
                plan,
                work,
                rows[index],
                trace,
                used,
                keep_trace,
                onsets,
                shorted,
            )
            u[p.layout.scalars + at.PASSED] += kept
        record.close_row(t, u, p, reason, total, rows[index])
        states[index] = u
        ended = (
            reason
            if reason in (events.SHORT, events.OVERFLOW, events.EXHAUSTION) or reason > events.DURATION
            else -1
        )
        passed = -rows[index, record.ROW_PASSED]
        if ended == -1 and steps.direction[index] < 0:
            if first_discharge == 0.0:
                first_discharge = passed
            elif passed < p.limits.capacity_threshold * first_discharge:
                ended = -2
        if ended != -1 or index == count - 1:
            done = index + 1
            kept = trace[: used + 1] if keep_trace else trace[:1]
            return Ended(
                ended,
                index,
                t,
                size,
                work.count[4],
                used,
                rows[:done],
                states[:done],
                kept,
                onsets,
                work.count,
            )
    return Ended(-1, count - 1, t, size, 0, used, rows, states, trace[:1], onsets, work.count)
