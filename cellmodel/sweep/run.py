"""Simulate the points of one chunk on the threads of one process; every point ends in a row."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.numerics.lanes import LANES
from cellmodel.sweep import rows
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.identity import result_hash
from cellmodel.sweep.journal import Journal
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.progress import Progress

BATCH_SECONDS = 2.0
"""Batches last about this long: far above dask's milliseconds a task, far below the life of a chunk."""

COMPILED_SECONDS = 10.0
"""A first batch that took longer than this has compiled the model; loading it takes a second."""

LOCAL_PORT = "127.0.0.1:0"
"""Dask always serves its state over HTTP: on a free port that only this machine sees."""


def run_chunk(
    sweep: Sweep,
    design: xr.Dataset,
    chunk: int,
    threads: int,
    progress: Progress,
    *,
    known: Sequence[rows.Row] = (),
    journal: Journal | None = None,
) -> xr.Dataset:
    """Return the results of one chunk, after simulating those of its points that are not there yet.

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
        Told of every finished batch; it counts the known points and those of the journal already.
    known : sequence of Row, optional
        Points of the chunk that another one has simulated.
    journal : Journal, optional
        What an earlier job has finished of this chunk; it keeps every batch that ends.

    Returns
    -------
    xarray.Dataset
        One entry along `point` for each point of the chunk, as from `rows.table`, with content hashes.
    """
    table = np.stack([design[each.name].values for each in sweep.varied], axis=1)
    points = points_of(design, chunk)
    found = {row.point: row for row in known} | (journal.rows if journal else {})
    left = [point for point in points if point not in found]
    for batch in run_points(sweep, table, left, threads, progress, journal):
        found |= {row.point: row for row in batch}
    results = rows.table([found[point] for point in points], sweep.cycles)
    results["point_identity"] = design["point_identity"].sel(point=points).drop_vars("point")
    return results.assign_attrs(model=result_hash())


def points_of(design: xr.Dataset, chunk: int) -> list[int]:
    """Return the points of a chunk in ascending order."""
    return np.flatnonzero(design["chunk"].values == chunk).tolist()


def run_points(
    sweep: Sweep,
    table: NDArray[np.float64],
    points: Sequence[int],
    threads: int,
    progress: Progress,
    journal: Journal | None = None,
) -> Iterator[list[rows.Row]]:
    """Yield the rows of `points`, batch by batch as they finish.

    A dask cluster of threads in this process does the work: the compiled model holds no interpreter lock.
    Twice as many batches as threads are under way, so that no thread waits and memory stays flat however
    many points there are; a batch grows to about `BATCH_SECONDS` once the time of a point is known. The points of a
    batch are computed side by side.
    """
    if not points:
        return  # no cluster for nothing
    from distributed import Client, as_completed  # a second to import

    waiting, size, first = list(points), LANES, True

    def next_batch() -> list[int]:
        room = max(LANES, min(size, len(waiting) // (2 * threads)))
        batch, waiting[:room] = waiting[:room], []
        return batch

    with _threads(threads) as cluster, Client(cluster) as client:

        def submit() -> Any:
            batch = next_batch()
            if journal:
                journal.begin(batch)
            return client.submit(run_batch, sweep, batch, table[batch], pure=False)

        pending = as_completed([submit()])
        while waiting and pending.count() < 2 * threads:
            pending.add(submit())
        for future in pending:
            batch, spent = future.result()
            if journal:
                journal.add(batch)
            _count(progress, batch, spent, first)
            size, first = max(LANES, min(int(BATCH_SECONDS * len(batch) / max(spent, 1e-6)), 2 * size)), False
            if waiting:
                pending.add(submit())
            yield batch


def _threads(number: int) -> Any:
    """Return a cluster of threads in this process."""
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=1,
        threads_per_worker=number,
        processes=False,
        memory_limit=0,  # a limit would pause the one process that does everything
        dashboard_address=LOCAL_PORT,
        worker_dashboard_address=LOCAL_PORT,
        silence_logs=logging.ERROR,
    )


def _count(progress: Progress, batch: Sequence[rows.Row], spent: float, first: bool) -> None:
    """Tell the progress; the first batch also waited for the model to be compiled or loaded."""
    if not first:
        progress.add(len(batch))
        return
    if spent > COMPILED_SECONDS:
        progress.say(f"model compiled in {spent:.0f} s, which is kept for later runs")
    progress.begin(len(batch))
