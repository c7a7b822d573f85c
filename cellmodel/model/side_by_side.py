"""Cells handed to the compiled run, side by side in its lanes, and what they left."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from cellmodel.model import batch, record
from cellmodel.model.physics import Physics
from cellmodel.model.run import make_run_ready, run
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import flatten, refer, tables_of
from cellmodel.numerics.system import Plan, make_work

FIRST_ROWS = 256
"""Rows of a trace to begin with; it doubles whenever it is full."""


class Steps(NamedTuple):
    """A protocol for the compiled run, one entry per executed step."""

    mode: np.ndarray  # 0 current, 1 voltage
    setpoint: np.ndarray  # A/m2 or V
    rate: np.ndarray  # at which it moves, A/m2/s or V/s
    duration: np.ndarray  # s
    limits: np.ndarray  # float64[N, 4], see `events.event_values`
    direction: np.ndarray  # +1 plate or charge, -1 a strip or discharge that may have lost too much capacity, else 0


class Ended(NamedTuple):
    """How the compiled run of a cell ended and what it left."""

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
    count: np.ndarray  # int64[5]: tries, right-hand sides, Jacobians, factorisations, linear solves
    seconds: float  # this cell's share of the computing time
    state: np.ndarray  # the last


def structure_of(physics: Physics) -> Hashable:
    """What cells must have in common to be computed side by side: layout and the shapes of all arrays."""

    def shapes(record_: Any) -> Any:
        return tuple(
            value.shape if isinstance(value, np.ndarray) else shapes(value) if isinstance(value, tuple) else None
            for value in record_
        )

    return physics.layout, physics.flaws.median, shapes(physics)


def run_together(
    states: Sequence[np.ndarray], physics: Sequence[Physics], steps: Sequence[Steps], plan: Plan, keep_trace: bool
) -> list[Ended]:
    """Carry cells of one structure through their protocols.

    What comes out for a cell does not depend on the others.

    Parameters
    ----------
    states : list of float64[n]
    physics, steps : lists of the same length
    plan : Plan
    keep_trace : bool
        Whether to keep one row of every time step.
    """
    jobs = _jobs(states, physics, steps, keep_trace)
    work, bench = (
        make_work(jobs.state.shape[1], plan.lu.entries[0].size),
        batch.make_bench(jobs.pool[0]),
    )
    seats = np.zeros(LANES, batch.SEAT)
    _fill_lanes(jobs, work, bench)
    plan_words, work_words, bench_words = refer(plan), refer(work), refer(bench)
    make_run_ready(plan_words, work_words, bench_words, refer(jobs), seats)
    began = time.perf_counter()
    while not run(plan_words, work_words, bench_words, refer(jobs), seats):
        jobs = jobs._replace(trace=np.concatenate([jobs.trace, np.empty_like(jobs.trace)], axis=1))
    seconds = time.perf_counter() - began
    spent = jobs.ended[:, batch.JACOBIANS]
    spent = spent / max(spent.sum(), 1.0)
    return [_ended(jobs, j, float(seconds * spent[j])) for j in range(len(states))]


def _jobs(
    states: Sequence[np.ndarray], physics: Sequence[Physics], steps: Sequence[Steps], keep_trace: bool
) -> batch.Jobs:
    count, flaws = np.array([each.mode.size for each in steps]), physics[0].layout.flaws
    cells, longest = len(states), int(count.max())

    def table(name: str, *inner: int) -> np.ndarray:
        filled = np.zeros((cells, longest, *inner))
        for j, each in enumerate(steps):
            filled[j, : count[j]] = getattr(each, name)
        return filled

    pool = np.stack([flatten(each) for each in physics])
    return batch.Jobs(
        pool=pool,
        tables=tables_of(pool, Physics),
        state=np.stack(states),
        count=count,
        mode=table("mode"), setpoint=table("setpoint"), rate=table("rate"), duration=table("duration"),
        direction=table("direction"), limits=table("limits", 4),
        rows=np.zeros((cells, longest, record.ROW_DEPTHS + flaws)),
        states=np.zeros((cells, longest, states[0].size)),
        trace=np.empty((cells, FIRST_ROWS if keep_trace else 1, record.TRACE_WIDTH)),
        onset_time=np.zeros((cells, flaws)), onset_step=np.zeros((cells, flaws)), onset_passed=np.zeros((cells, flaws)),
        ended=np.zeros((cells, batch.ENDED)),
        waiting=np.zeros(1, np.int64),
    )  # fmt: skip


def _fill_lanes(jobs: batch.Jobs, work: Any, bench: batch.Bench) -> None:
    """Lanes that stay empty hold the first cell, so that they compute plain numbers."""
    batch.put_pool_everywhere(jobs.pool[0], jobs.tables[0], bench)
    work.u[:] = work.point[:] = jobs.state[0][:, None]


def _ended(jobs: batch.Jobs, job: int, seconds: float) -> Ended:
    left = jobs.ended[job]
    whole = left.astype(np.int64)
    done = whole[batch.INDEX] + 1
    return Ended(
        reason=int(whole[batch.REASON]), index=int(whole[batch.INDEX]), time=float(left[batch.TIME]),
        size=float(left[batch.LENGTH]), worst=int(whole[batch.WORST_UNKNOWN]), accepted=int(whole[batch.ACCEPTED]),
        rows=jobs.rows[job, :done], states=jobs.states[job, :done], trace=jobs.trace[job, : whole[batch.TRACED]],
        onsets=record.Onsets(jobs.onset_time[job], jobs.onset_step[job].astype(np.int64), jobs.onset_passed[job]),
        count=whole[batch.TRIES :], seconds=seconds, state=jobs.state[job],
    )  # fmt: skip
