"""Cells that are computed side by side: what they are to do, where they leave it, and who sits in which lane."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.model import record
from cellmodel.model.events import EVENTS
from cellmodel.model.physics import Physics
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES, choose
from cellmodel.numerics.record_view import REFERENCES, Cube, Integers, Matrix, Vector, quads_of, view_of
from cellmodel.numerics.rosenbrock import STAGES
from cellmodel.numerics.system import ACCEPT, aligned, assign

IDLE, STARTING, STEPPING, PASSING = 0, 1, 2, 3
"""Phases: no cell, Newton's method after a change of control, a time step, a protocol step that takes no time."""

# Columns of Jobs.ended
REASON, INDEX, TIME, LENGTH, WORST_UNKNOWN, ACCEPTED, TRACED, TRIES = 0, 1, 2, 3, 4, 5, 6, 7
RIGHT_SIDES, JACOBIANS, FACTORISATIONS, SOLVES = 8, 9, 10, 11
ENDED = 12

SEAT = np.dtype(
    [
        ("job", np.int64),  # which cell sits here, unless the phase is `IDLE`
        ("phase", np.int64),
        ("index", np.int64),  # protocol step
        ("t", float), ("t_end", float), ("deadline", float),  # [s]; the deadline by `clock.seconds`
        ("h", float), ("h_before", float), ("error_before", float),  # step size [s], that of the last step, its error
        ("last", np.int64), ("reason", np.int64),  # whether the step ends the protocol step, and what does
        ("rejected", np.int64), ("rescued", np.int64), ("shortened", np.int64),  # tries in a row, in all, at an event
        ("watch_short", np.int64), ("collapsing", np.int64),
        ("passed", float), ("energy", float),  # before the collapse [C/m2, J/m2]
        ("rescue", np.int64),  # whether Newton's method serves a rescue, not a start
        ("length", np.int64), ("iteration", np.int64),  # of Newton's method
        ("origin", float), ("target", float), ("done", float), ("share", float), ("taken", float),  # of a start
        ("start_scale", float),
        ("first_discharge", float), ("total", float),  # [C/m2]
        ("traced", np.int64), ("accepted", np.int64), ("tries", np.int64), ("newtons", np.int64),
        ("staged", np.int64), ("shots", np.int64), ("worst", np.int64),  # staged: first iterations, with stages
    ]
)  # fmt: skip
"""What a lane knows of the cell that sits in it."""


class Jobs(NamedTuple):
    """Cells of one structure, what they are to do and what they left; the first index is the cell's.

    Attributes
    ----------
    pool : float64[N, m]
        `Physics`, flattened.
    tables : float64[N, k]
        See `record_view.tables_of`.
    state : float64[N, n]
        First state; the last one afterwards.
    count : int64[N]
        Protocol steps of each cell; arrays by protocol step are as long as the longest protocol.
    mode, setpoint, rate, duration, direction : float64[N, S]
    limits : float64[N, S, 4]
        See `Steps`.
    rows : float64[N, S, R]
    states : float64[N, S, n]
        Row and state at the end of every protocol step.
    trace : float64[N, T, TRACE_WIDTH]
        One row after every time step, if T is not 1.
    onset_time, onset_step, onset_passed : float64[N, Q]
        See `record.Onsets`.
    ended : float64[N, ENDED]
    waiting : int64[1]
        First cell that nobody has begun.
    """

    pool: Matrix
    tables: Matrix
    state: Matrix
    count: Integers
    mode: Matrix
    setpoint: Matrix
    rate: Matrix
    duration: Matrix
    direction: Matrix
    limits: Cube
    rows: Cube
    states: Cube
    trace: Cube
    onset_time: Matrix
    onset_step: Matrix
    onset_passed: Matrix
    ended: Matrix
    waiting: Integers


class Bench(NamedTuple):
    """Where the cells of a batch are held and looked at one by one.

    Attributes
    ----------
    pools : float64[m, LANES]
        All but the tables of each cell.
    quads : int64[k]
        Words that say where its tables begin.
    values : float64[EVENTS]
    """

    pools: Matrix
    quads: Integers
    values: Vector


view_jobs, view_bench = view_of(Jobs, REFERENCES), view_of(Bench, REFERENCES)


def make_bench(pool: np.ndarray, record: type = Physics) -> Bench:
    """Room for cells like this one, float64[m], which `flatten` made of a `record`."""
    quads = np.array(quads_of(record), np.int64)
    plain = pool.view(np.int64)[quads].min(initial=pool.size)
    return Bench(pools=aligned((plain, LANES)), quads=quads, values=np.zeros(EVENTS))


@njit(nogil=True, error_model="numpy")
def put_pool(pool, tables, bench, lane):
    """Copy a cell's numbers to its lane, and note where its tables are."""
    pools, quads = bench.pools, bench.quads
    for i in range(pools.shape[0]):
        pools[i, lane] = pool[i]
    for k in range(quads.size):
        pools[quads[k], lane] = tables[k]


def put_pool_everywhere(pool: np.ndarray, tables: np.ndarray, bench: Bench) -> None:
    """Do to all lanes what `put_pool` does to one."""
    bench.pools[:] = pool[: len(bench.pools), None]
    bench.pools[bench.quads] = tables[:, None]


@njit(nogil=True, error_model="numpy")
def settle(state, lane, work):
    """Make float64[n] the state at which a cell's next step begins."""
    assign(work.u[:, lane], state)
    assign(work.point[:, lane], state)


@njit(nogil=True, error_model="numpy")
def accept(work):
    """Make the state that their step led to the present one of all cells that are marked, and unmark them."""
    u, point, new, step = lanes_of(work.u), lanes_of(work.point), lanes_of(work.new), lanes_of(work.step)
    marked = step[ACCEPT] > 0.0
    for i in range(u.size):
        u[i] = choose(marked, new[i], u[i])
        point[i] = choose(marked, new[i], point[i])
    step[ACCEPT] = 0.0


@njit(nogil=True, error_model="numpy")
def onsets_of(jobs, job):
    """Where a cell's shorts are noted."""
    return record.Onsets(jobs.onset_time[job], jobs.onset_step[job], jobs.onset_passed[job])


@njit(nogil=True, error_model="numpy")
def trace_row(seat, p, state, jobs):
    """Write down the present state of a cell, if its trace is kept."""
    if jobs.trace.shape[1] > 1 or seat.traced == 0:
        record.fill_trace(seat.t, seat.index, state, p, jobs.trace[seat.job, seat.traced])
        seat.traced += 1


@njit(nogil=True, error_model="numpy")
def leave(seat, reason, state, jobs):
    """Note how a cell ended and free its lane."""
    ended = jobs.ended[seat.job]
    assign(jobs.state[seat.job], state)
    ended[REASON], ended[INDEX], ended[TIME], ended[LENGTH] = reason, seat.index, seat.t, seat.h
    ended[WORST_UNKNOWN], ended[ACCEPTED], ended[TRACED], ended[TRIES] = (
        seat.worst, seat.accepted, seat.traced, seat.tries,
    )  # fmt: skip
    ended[RIGHT_SIDES] = (STAGES - 1) * (seat.shots + seat.staged)
    ended[JACOBIANS] = ended[FACTORISATIONS] = seat.shots + seat.newtons
    ended[SOLVES] = (STAGES - 1) * (seat.shots + seat.staged) + seat.shots + seat.newtons
    seat.phase = IDLE
