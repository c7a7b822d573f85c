"""Whole runs, all cycles and steps of many cells, as one compiled call that holds no interpreter lock."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, typeof

from cellmodel.compiled_cache import is_kept, make_ready, use_cache_folder, wait_for_helper
from cellmodel.model import events, record
from cellmodel.model import layout as at
from cellmodel.model.advance import GOES_ON, conclude, resume, set_off
from cellmodel.model.batch import (
    IDLE,
    PASSING,
    SEAT,
    STARTING,
    STEPPING,
    accept,
    leave,
    onsets_of,
    put_pool,
    settle,
    trace_row,
    view_bench,
    view_jobs,
)
from cellmodel.model.ledger import fill_ledger
from cellmodel.model.physics import view, view_lanes
from cellmodel.model.residual import DIRECTIONS_OF_PARTS, PARTS, beside_particles, particles
from cellmodel.model.start import CONVERGED, DIVERGED, begin_start, go_on_starting, iterate, start_length, start_scale
from cellmodel.numerics import clock, newton, rosenbrock, system
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.system import assign, view_plan, view_work

use_cache_folder()

COLLAPSE_TIME = 60.0
"""How long a run goes on after the short, so that its trace shows the voltage collapse [s]."""

LEAST_SWING = 1.0
"""A discharge of less than the double layer gives over this voltage is nothing [V]."""

BUSY, ITERATED, STAGED, FULL = 1, 2, 4, 8
"""What cells ask for, see `fill_seats`."""

CARRIED_OUT, FADED = -1, -2
"""Reasons for which a run ends besides those of its last protocol step: the end of the protocol, lost capacity."""

linearise = system.build_linearise(*PARTS, directions=DIRECTIONS_OF_PARTS)
stages = rosenbrock.build_stages(beside_particles, particles)


@njit(nogil=True, error_model="numpy", cache=True)
def linearise_cells(plan_words, work_words, bench_words):
    """Fill values and Jacobians of all cells."""
    p = view_lanes(view_bench(bench_words).pools)
    linearise(0.0, p, view_plan(plan_words), view_work(work_words))


@njit(nogil=True, error_model="numpy")
def compute(asked, plan_words, work_words, bench_words):
    """Carry out what the cells asked for, each in its lane: an iteration of Newton's method or a time step.

    Parameters
    ----------
    asked : int
        See `fill_seats`.
    """
    plan, work, p = view_plan(plan_words), view_work(work_words), view_lanes(view_bench(bench_words).pools)
    linearise_cells(plan_words, work_words, bench_words)
    system.factorise(plan, work)
    newton.first_increment(asked & ITERATED != 0, plan, work)
    if asked & ITERATED:
        newton.correct(plan, work)
    if asked & STAGED:
        stages(0.0, p, plan, work)


@njit(nogil=True, error_model="numpy")
def sit_down(lane, seat, plan, work, bench, jobs):
    """Give a free lane to the first cell that nobody has begun."""
    job = jobs.waiting[0]
    jobs.waiting[0] += 1
    put_pool(jobs.pool[job], jobs.tables[job], bench, lane)
    settle(jobs.state[job], lane, work)
    p, state = view(jobs.pool[job]), work.u[:, lane]
    seat.job, seat.index, seat.t = job, 0, 0.0
    seat.traced = seat.accepted = seat.tries = seat.newtons = seat.staged = seat.shots = seat.worst = 0
    seat.deadline = clock.seconds() + plan.time_limit
    seat.start_scale = start_scale(plan)
    seat.first_discharge = p.limits.first_discharge
    seat.total = fill_ledger(state, p, jobs.rows[job, 0, record.ROW_LEDGER : record.ROW_LEDGER + 10])
    trace_row(seat, p, state, jobs)
    onsets = onsets_of(jobs, job)
    for q in range(p.layout.flaws):
        onsets.time[q], onsets.step[q], onsets.passed[q] = np.inf, -1.0, np.inf
    open_step(lane, seat, p, work, jobs)


@njit(nogil=True, error_model="numpy")
def rest_for_no_time(lane, seat, p, work):
    """Pass over a protocol step that takes no time: the state is kept, and nothing is computed."""
    state, s = work.u[:, lane], p.layout.scalars
    state[s + at.PASSED] = state[s + at.ENERGY] = 0.0
    seat.phase = PASSING


@njit(nogil=True, error_model="numpy")
def open_step(lane, seat, p, work, jobs):
    """Begin a protocol step."""
    job, index = seat.job, seat.index
    record.open_row(seat.t, work.u[:, lane], p, jobs.rows[job, index])
    seat.t_end = seat.t + jobs.duration[job, index]
    seat.watch_short, seat.collapsing = 1, 0
    if jobs.duration[job, index] == 0.0:
        rest_for_no_time(lane, seat, p, work)
        return
    begin_start(lane, seat, p, jobs.mode[job, index], jobs.setpoint[job, index], jobs.rate[job, index], work)


@njit(nogil=True, error_model="numpy")
def collapse(lane, seat, p, work, jobs):
    """Go on with a protocol step that ended in the short."""
    job, index, state, s = seat.job, seat.index, work.u[:, lane], p.layout.scalars
    record.note_short(seat.t, state, index, p, onsets_of(jobs, job))
    seat.passed, seat.energy = state[s + at.PASSED], state[s + at.ENERGY]
    seat.t_end = seat.t + min(jobs.duration[job, index], COLLAPSE_TIME)
    seat.watch_short, seat.collapsing = 0, 1
    begin_start(lane, seat, p, jobs.mode[job, index], state[s + at.SETPOINT], jobs.rate[job, index], work)


@njit(nogil=True, error_model="numpy")
def end_of_run(reason, direction, row, seat, p):
    """What ends the run after a protocol step, or `CARRIED_OUT`; notes the charge of the first discharge."""
    if reason == events.SHORT or reason == events.OVERFLOW or reason == events.EXHAUSTION or reason > events.DURATION:
        return reason
    if direction >= 0 or reason != events.VOLTAGE_LIMIT:
        return CARRIED_OUT
    passed = -row[record.ROW_PASSED]
    if seat.t - row[record.ROW_START] <= 1.000001 * seat.taken:
        passed = 0.0  # it was over when its potentials were found, and gave what their implicit Euler step took
    # The first discharge of a full cell is held against the cathode, so that a cell that gives nothing is not sound.
    first = seat.first_discharge
    reference = first if first > 0.0 or p.layout.cathode_cells == 0 else p.cathode.capacity
    if passed < max(p.limits.capacity_threshold * reference, p.contact.capacitance * LEAST_SWING):
        return FADED
    seat.first_discharge = max(first, passed) if first == 0.0 else first
    return CARRIED_OUT


@njit(nogil=True, error_model="numpy")
def close_step(lane, seat, reason, p, work, jobs):
    """End a protocol step: begin the next one, follow a short, or leave."""
    job, index, state, s = seat.job, seat.index, work.u[:, lane], p.layout.scalars
    if reason == events.SHORT and seat.collapsing == 0:
        collapse(lane, seat, p, work, jobs)
        return
    if seat.collapsing == 1:
        reason = events.SHORT
        state[s + at.PASSED] += seat.passed
        state[s + at.ENERGY] += seat.energy
    row = jobs.rows[job, index]
    record.close_row(seat.t, state, p, reason, seat.total, row)
    assign(jobs.states[job, index], state)
    ended = end_of_run(reason, jobs.direction[job, index], row, seat, p)
    if ended != CARRIED_OUT or index + 1 == jobs.count[job]:
        leave(seat, ended, state, jobs)
        return
    seat.index += 1
    open_step(lane, seat, p, work, jobs)


@njit(nogil=True, error_model="numpy")
def judge_start(lane, seat, p, limits, plan, work, bench):
    """Look at an iterate of Newton's method; returns what ends the protocol step, or `GOES_ON`."""
    verdict = iterate(lane, seat, work)
    if seat.rescue == 0 and (verdict == CONVERGED or verdict == DIVERGED):
        verdict = go_on_starting(lane, seat, p, limits, verdict, work, bench)
    if verdict == DIVERGED:
        seat.h = start_length(seat) if seat.rescue == 0 else seat.h
        return events.FAILURE
    if verdict != CONVERGED:
        return GOES_ON
    if seat.rescue == 0:
        return set_off(lane, seat, p, limits, plan, work, bench)
    return resume(lane, seat, p, limits, plan, work, bench)


@njit(nogil=True, error_model="numpy")
def judge(lane, seat, plan, work, bench, jobs):
    """Look at what was computed for a cell and decide what it asks for next; notes what ends its protocol step."""
    p, limits = view(jobs.pool[seat.job]), jobs.limits[seat.job, seat.index]
    if seat.phase == STARTING:
        seat.reason = judge_start(lane, seat, p, limits, plan, work, bench)
    elif seat.phase == PASSING:
        seat.reason = events.DURATION
    else:
        seat.reason = conclude(lane, seat, p, limits, plan, work, bench, jobs)


@njit(nogil=True, error_model="numpy", cache=True)
def fill_seats(plan_words, work_words, bench_words, jobs_words, seats):
    """Give free lanes to cells that wait; returns what is asked for by any cell.

    Returns
    -------
    int
        Sum of `BUSY` (some lane has a cell), `ITERATED` (by Newton's method), `STAGED` (a time step, or the first
        iteration, which has stages, too), and `FULL` (a trace has no room left).
    """
    plan, work, bench, jobs = (
        view_plan(plan_words), view_work(work_words), view_bench(bench_words), view_jobs(jobs_words),
    )  # fmt: skip
    room, asked = jobs.trace.shape[1], 0
    for lane in range(LANES):
        seat = seats[lane]
        if seat.phase == IDLE and jobs.waiting[0] < jobs.state.shape[0]:
            sit_down(lane, seat, plan, work, bench, jobs)
        if seat.phase != IDLE:
            asked |= BUSY
        if seat.phase == STARTING:
            asked |= ITERATED
        if seat.phase == STEPPING or (seat.phase == STARTING and seat.iteration == 0):
            asked |= STAGED
        if room > 1 and seat.traced >= room:
            asked |= FULL
    return asked


@njit(nogil=True, error_model="numpy", cache=True)
def judge_cells(plan_words, work_words, bench_words, jobs_words, seats):
    """Look at what was computed for each cell, make accepted states the present ones, and close protocol steps."""
    plan, work, bench, jobs = (
        view_plan(plan_words), view_work(work_words), view_bench(bench_words), view_jobs(jobs_words),
    )  # fmt: skip
    stepping = False
    for lane in range(LANES):
        stepping |= seats[lane].phase == STEPPING
        if seats[lane].phase != IDLE:
            judge(lane, seats[lane], plan, work, bench, jobs)
    if stepping:
        accept(work)
    for lane in range(LANES):
        seat = seats[lane]
        if seat.phase != IDLE and seat.reason != GOES_ON:
            close_step(lane, seat, seat.reason, view(jobs.pool[seat.job]), work, jobs)


@njit(nogil=True, error_model="numpy", cache=True)
def run(plan_words, work_words, bench_words, jobs_words, seats):
    """Carry cells through their protocols, as many at once as there are lanes.

    Parameters
    ----------
    plan_words, work_words, bench_words, jobs_words : float64
        `Plan`, `Work`, `Bench` and `Jobs` as `refer` wrote them.
    seats : SEAT[LANES]

    Returns
    -------
    bool
        False if the trace is full: call again with a longer one.
    """
    while True:
        asked = fill_seats(plan_words, work_words, bench_words, jobs_words, seats)
        if asked & FULL or not asked & BUSY:
            return asked & FULL == 0
        compute(asked, plan_words, work_words, bench_words)
        judge_cells(plan_words, work_words, bench_words, jobs_words, seats)


def make_run_ready(*arguments: Any) -> None:
    """Compile `run` for these arguments, its parts first, while another process compiles the others."""
    if not run.signatures and not is_kept("run.run-*.nbi"):
        make_ready(judge_cells, *arguments)
        wait_for_helper()
    make_ready(run, *arguments)


def compile_in_helper() -> None:
    """Compile what `compiled_cache.start_helper` leaves to another process: a third of all, most of it the duals."""
    words, seats = np.empty(1), np.zeros(LANES, SEAT)
    linearise_cells.compile(tuple(typeof(each) for each in (words, words, words)))
    fill_seats.compile(tuple(typeof(each) for each in (words, words, words, words, seats)))
