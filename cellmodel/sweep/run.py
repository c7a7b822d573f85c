"""Simulate the points of one chunk on the threads of one process; every point ends in a row."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import InputError
from cellmodel.numerics.lanes import LANES
from cellmodel.sweep import rows
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.identity import result_hash
from cellmodel.sweep.isolated import Worker, is_blamed, run_carefully
from cellmodel.sweep.journal import Journal
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.threads import cluster_of

BATCH_SECONDS = 2.0
"""Batches last about this long: far above dask's milliseconds a task, far below the life of a chunk."""

MOST_BATCH_POINTS = 128
"""Points of a batch at most, however fast they are: while it lasts it holds a quarter of a megabyte for each."""

COMPILED_SECONDS = 10.0
"""A first batch that took longer than this has compiled the model; loading it takes a second."""


def run_chunk(
    sweep: Sweep,
    design: xr.Dataset,
    chunk: int,
    threads: int,
    progress: Progress,
    *,
    known: Sequence[rows.Row] = (),
    journal: Journal | None = None,
    dashboard: int = 0,
) -> xr.Dataset:
    """Return the results of one chunk, after simulating those of its points that are not there yet.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    design : xarray.Dataset
        Its points, or those of the chunk, as from `design.build` or `design.read_chunk`.
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
    dashboard : int, optional
        Port of dask's dashboard on this machine, by default any free one.

    Returns
    -------
    xarray.Dataset
        One entry along `point` for each point of the chunk, as from `rows.table`, with content hashes.
    """
    points = points_of(design, chunk)
    table = table_of(sweep, design)
    found = {row.point: row for row in known} | (journal.rows if journal else {})
    left = [point for point in points if point not in found]
    for batch in _missing(sweep, table, left, threads, progress, journal, dashboard):
        found |= {row.point: row for row in batch}
    return with_identities([found[point] for point in points], design, sweep.cycles)


def with_identities(found: Sequence[rows.Row], design: xr.Dataset, cycles: int) -> xr.Dataset:
    """Return rows as a chunk keeps them: `rows.table` with content hashes of the points and of the model."""
    results = rows.table(found, cycles)
    results["point_identity"] = design["point_identity"].sel(point=results["point"]).drop_vars("point")
    return results.assign_attrs(model=result_hash())


def _missing(
    sweep: Sweep,
    table: NDArray[np.float64],
    points: Sequence[int],
    threads: int,
    progress: Progress,
    journal: Journal | None,
    dashboard: int,
) -> Iterator[list[rows.Row]]:
    """Simulate points; what was under way when the last job died goes first, apart from this process.

    Once a point has taken a process down, the rest of the chunk is simulated apart as well: there may be more of its
    kind, and this process dies no second time.
    """
    begun = [[p for p in batch if p in points] for batch in (journal.interrupted if journal else [])]
    left = [point for point in points if not any(point in batch for batch in begun)]
    worker = Worker(sweep)
    try:
        yield from _noted(run_carefully(worker, table, [batch for batch in begun if batch]), progress, journal)
        if journal and any(map(is_blamed, journal.rows.values())):
            progress.say("a point of this chunk takes its process down; the others are simulated in a process apart")
            batches = [left[at : at + LANES] for at in range(0, len(left), LANES)]
            yield from _noted(run_carefully(worker, table, batches), progress, journal)
            return
    finally:
        worker.close()
    yield from run_points(sweep, table, left, threads, progress, journal, dashboard)


def _noted(batches: Iterator[list[rows.Row]], progress: Progress, journal: Journal | None) -> Iterator[list[rows.Row]]:
    """Pass batches on, after keeping and counting them."""
    for batch in batches:
        if journal:
            journal.add(batch)
        progress.add(len(batch))
        progress.note(batch)
        yield batch


def points_of(design: xr.Dataset, chunk: int) -> list[int]:
    """Return the points of a chunk in ascending order."""
    return design["point"].values[design["chunk"].values == chunk].tolist()


def table_of(sweep: Sweep, design: xr.Dataset) -> NDArray[np.float64]:
    """Return the values of the points of a design, shape (points of the sweep, varied), in the units of `sweep.varied`.

    Rows of points that a part of a design leaves out are zero and never touched, so that they take no memory.
    """
    table = np.zeros((sweep.points, len(sweep.varied)))
    for column, each in enumerate(sweep.varied):
        table[design["point"].values, column] = design[each.name].values
    return table


def run_points(
    sweep: Sweep,
    table: NDArray[np.float64],
    points: Sequence[int],
    threads: int,
    progress: Progress,
    journal: Journal | None = None,
    dashboard: int = 0,
) -> Iterator[list[rows.Row]]:
    """Yield the rows of `points`, batch by batch as they finish.

    A dask cluster of threads in this process does the work: the compiled model holds no interpreter lock.
    Twice as many batches as threads are under way, so that no thread waits and memory stays flat however
    many points there are; a batch grows to about `BATCH_SECONDS` once the time of a point is known, or to
    `MOST_BATCH_POINTS`. The points of a batch are computed side by side.
    """
    if not points:
        return  # no cluster for nothing
    from distributed import Client, as_completed  # a second to import

    waiting, size, first = list(points), LANES, True

    with cluster_of(threads, dashboard, progress.say) as cluster, Client(cluster) as client:

        def submit() -> Any:
            batch = take_batch(waiting, size, threads)
            if journal:
                journal.begin(batch)
            return client.submit(run_batch, sweep, batch, table[batch], pure=False)

        pending = as_completed([submit()])
        while waiting and pending.count() < 2 * threads:
            pending.add(submit())
        for future in pending:
            batch, spent = _result(future, threads)
            if journal:
                journal.add(batch)
            _count(progress, batch, spent, first)
            size, first = size_after(batch, spent, size), False
            if waiting:
                pending.add(submit())
            yield batch


def take_batch(waiting: list[int], size: int, threads: int) -> list[int]:
    """Take the next points from those that wait: about `size`, but none so many that threads would stand idle."""
    room = max(LANES, min(size, len(waiting) // (2 * threads)))
    batch, waiting[:room] = waiting[:room], []
    return batch


def size_after(batch: Sequence[rows.Row], spent: float, size: int) -> int:
    """Return the size of batches after one that took `spent` seconds: for `BATCH_SECONDS`, at most twice the last."""
    fitting = int(BATCH_SECONDS * len(batch) / max(spent, 1e-6))
    return max(LANES, min(fitting, 2 * size, MOST_BATCH_POINTS))


def _result(future: Any, threads: int) -> tuple[list[rows.Row], float]:
    try:
        return future.result()
    except MemoryError:
        fix = "give the job more memory (mem_mb) or fewer threads, then run again: what is finished is kept"
        raise InputError("memory", problem=f"is used up by points on {threads} threads", fix=fix) from None


def _count(progress: Progress, batch: Sequence[rows.Row], spent: float, first: bool) -> None:
    """Tell the progress; the first batch also waited for the model to be compiled or loaded."""
    progress.note(batch)
    if not first:
        progress.add(len(batch))
        return
    if spent > COMPILED_SECONDS:
        progress.say(f"model compiled in {spent:.0f} s, which is kept for later runs")
    progress.begin(len(batch))
