"""Simulate the points of one chunk on the threads of one process; every point ends in a row."""

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import InputError
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.simulation import Task, prepare, run_tasks
from cellmodel.sweep import rows
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.progress import Progress

BATCH_SECONDS = 2.0
"""Batches last about this long: far above dask's milliseconds a task, far below the life of a chunk."""

COMPILED_SECONDS = 10.0
"""A first batch that took longer than this has compiled the model; loading it takes a second."""

LOCAL_PORT = "127.0.0.1:0"
"""Dask always serves its state over HTTP: on a free port that only this machine sees."""


def run_chunk(sweep: Sweep, design: xr.Dataset, chunk: int, threads: int, progress: Progress) -> xr.Dataset:
    """Simulate the points of one chunk.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    design : xarray.Dataset
        Its points, as from `design.build`.
    chunk : int
        Number of the chunk.
    threads : int
        Points simulated at the same time.
    progress : Progress
        Told of every finished batch.

    Returns
    -------
    xarray.Dataset
        One entry along `point` for each point of the chunk, as from `rows.stack`, with the traces asked for.
    """
    table = np.stack([design[each.name].values for each in sweep.varied], axis=1)
    points = np.flatnonzero(design["chunk"].values == chunk)
    found = list(run_points(sweep, table, points, threads, progress))
    return xr.merge([rows.stack(found, sweep.cycles), rows.traces(found)], join="exact")


def run_points(
    sweep: Sweep, table: NDArray[np.float64], points: Sequence[int], threads: int, progress: Progress
) -> Iterator[rows.Row]:
    """Yield the rows of `points` as they finish.

    A dask cluster of threads in this process does the work: the compiled model holds no interpreter lock.
    Twice as many batches as threads are under way, so that no thread waits and memory stays flat however
    many points there are; a batch grows to about `BATCH_SECONDS` once the time of a point is known. The points of a
    batch are computed side by side.
    """
    from distributed import Client, LocalCluster, as_completed  # a second to import

    waiting, size, first = list(points), LANES, True

    def next_batch() -> list[int]:
        room = max(LANES, min(size, len(waiting) // (2 * threads)))
        batch, waiting[:room] = waiting[:room], []
        return batch

    cluster = LocalCluster(
        n_workers=1,
        threads_per_worker=threads,
        processes=False,
        memory_limit=0,  # a limit would pause the one process that does everything
        dashboard_address=LOCAL_PORT,
        worker_dashboard_address=LOCAL_PORT,
        silence_logs=logging.ERROR,
    )
    with cluster, Client(cluster) as client:

        def submit() -> Any:
            batch = next_batch()
            return client.submit(run_batch, sweep, batch, table[batch], pure=False)

        pending = as_completed([submit() for _ in range(min(2 * threads, len(waiting)))])
        for future in pending:
            batch, spent = future.result()
            _count(progress, batch, spent, first)
            size, first = max(LANES, min(int(BATCH_SECONDS * len(batch) / max(spent, 1e-6)), 2 * size)), False
            if waiting:
                pending.add(submit())
            yield from batch


def run_batch(
    sweep: Sweep, points: Sequence[int] | NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[list[rows.Row], float]:
    """Return the rows of a few points (values of shape (points, varied)), and the seconds they took.

    A cell that cannot be built ends as `invalid_design`. One bad point must not stop the others: where the simulation
    of several breaks down, each is tried alone, and every exception ends in a row, with its text.
    """
    start, found, tasks = time.monotonic(), {}, {}
    for point, row in zip(map(int, points), values, strict=True):
        try:
            tasks[point] = prepare(sweep.cell_at(row), sweep.protocol, sweep.settings)
        except Exception as error:
            found[point] = _failed(point, error)
    for keep in (False, True):
        group = [point for point in tasks if (point in sweep.trace_points) == keep]
        if not group:
            continue
        try:
            found |= _simulated(sweep, tasks, group, keep)
        except Exception:
            for point in group:
                try:
                    found |= _simulated(sweep, tasks, [point], keep)
                except Exception as error:
                    found[point] = _failed(point, error)
    return [found[int(point)] for point in points], time.monotonic() - start


def _simulated(sweep: Sweep, tasks: dict[int, Task], group: Sequence[int], keep: bool) -> dict[int, rows.Row]:
    runs = run_tasks([tasks[point] for point in group], sweep.settings, keep)
    return {point: rows.from_run(point, run, keep) for point, run in zip(group, runs, strict=True)}


def _failed(point: int, error: Exception) -> rows.Row:
    if isinstance(error, InputError):
        return rows.Row(point, OutcomeKind.INVALID_DESIGN, str(error))
    return rows.Row(point, OutcomeKind.SOLVER_FAILED, f"{type(error).__name__}: {error}")


def _count(progress: Progress, batch: Sequence[rows.Row], spent: float, first: bool) -> None:
    """Tell the progress; the first batch also waited for the model to be compiled or loaded."""
    if not first:
        progress.add(len(batch))
        return
    if spent > COMPILED_SECONDS:
        progress.say(f"model compiled in {spent:.0f} s, which is kept for later runs")
    progress.begin(len(batch))
