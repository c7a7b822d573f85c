"""A sweep on any dask cluster, from a notebook: workers simulate, this process keeps the rows."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import InputError
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep import rows
from cellmodel.sweep.collect import assemble
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.design import build
from cellmodel.sweep.identity import result_hash
from cellmodel.sweep.journal import Journal
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import size_after, take_batch, with_identities

if TYPE_CHECKING:
    from distributed import Client, Future

DEATHS = 2
"""So many workers may die with a batch before it counts as the cause."""


def run(sweep: Sweep, client: "Client", *, keep: Path | None = None, progress: Progress | None = None) -> xr.Dataset:
    """Simulate all points of a sweep on the workers of a dask cluster.

    A worker that is lost takes only the batches with it that it had: they run again on another. After a second death
    a batch is run alone, then halved, until the one point that ends its worker is found; that point is recorded as
    `solver_failed`, and all others have their results.

    Parameters
    ----------
    sweep : Sweep
        As from `definition.load`.
    client : distributed.Client
        Of any cluster whose workers have the same version of this package: `LocalCluster`, `SLURMCluster`.
        Workers may come and go.
    keep : Path, optional
        File in which this process keeps every finished batch: when the session ends early, the same call goes on
        from there.
    progress : Progress, optional
        Told of every finished batch; by default lines on standard error.

    Returns
    -------
    xarray.Dataset
        As from `collect.collect`, ready for `failure_map.failure_map`.

    Raises
    ------
    InputError
        A worker has another version of the model.
    StoreError
        `keep` cannot be written.
    """
    design = build(sweep)
    journal = keep and Journal(keep, dict(enumerate(design["point_identity"].values)))
    found = dict(journal.rows) if journal else {}
    progress = progress or Progress(sweep.name, sweep.points, len(found), (sys.stderr,))
    work = _Work(sweep, design, client, progress, journal, found)
    with _deaths_allowed(client, DEATHS - 1):
        work.alone(work.side_by_side([point for point in range(sweep.points) if point not in found]))
    progress.say(progress.line())
    return assemble(sweep, design, with_identities([found[p] for p in range(sweep.points)], design, sweep.cycles))


class _Work:
    """The points of a sweep on their way through the workers."""

    def __init__(
        self,
        sweep: Sweep,
        design: xr.Dataset,
        client: "Client",
        progress: Progress,
        journal: Journal | None,
        found: dict[int, rows.Row],
    ) -> None:
        self.sweep, self.client, self.progress, self.journal, self.found = sweep, client, progress, journal, found
        self.table = np.stack([design[each.name].values for each in sweep.varied], axis=1)
        self._size = LANES

    def side_by_side(self, points: Sequence[int]) -> list[list[int]]:
        """Run all points, twice as many batches as threads at a time; return those with which workers died."""
        from distributed import KilledWorker, as_completed

        waiting, suspects = list(points), []
        batches: dict[Any, list[int]] = {}
        pending = as_completed()
        while waiting or batches:
            threads = max(1, sum(self.client.nthreads().values()))  # workers come and go
            while waiting and len(batches) < 2 * threads:
                batch = take_batch(waiting, self._size, threads)
                future = self._submit(batch)
                batches[future.key] = batch
                pending.add(future)
            future = next(pending)
            batch = batches.pop(future.key)
            try:
                self._keep(future.result())
            except KilledWorker:
                suspects.append(batch)
        return suspects

    def alone(self, suspects: list[list[int]]) -> None:
        """Run batches one at a time, so that a worker's death has one possible cause, and halve those that are it."""
        from distributed import KilledWorker

        while suspects:
            batch = suspects.pop()
            # A first death halves a batch; a point is blamed for the second.
            self.client.run_on_scheduler(_set_deaths, DEATHS - 1 if len(batch) == 1 else 0)
            try:
                self._keep(self._submit(batch).result())
            except KilledWorker as error:
                if len(batch) == 1:
                    self._keep(([_blamed(batch[0], error)], 0.0))
                else:
                    suspects += [batch[: len(batch) // 2], batch[len(batch) // 2 :]]

    def _submit(self, batch: list[int]) -> "Future":
        # Equal calls must not share a key: what a worker died of once would never be tried again.
        return self.client.submit(simulate, self.sweep, batch, self.table[batch], result_hash(), pure=False)

    def _keep(self, result: tuple[list[rows.Row], float]) -> None:
        batch, spent = result
        if self.journal:
            self.journal.add(batch)
        self.found |= {row.point: row for row in batch}
        self.progress.add(len(batch))
        self._size = size_after(batch, spent, self._size)


def simulate(
    sweep: Sweep, points: Sequence[int], values: NDArray[np.float64], model: str
) -> tuple[list[rows.Row], float]:
    """Run a batch on a worker, as `run_batch`, if its model is the one of hash `model`."""
    if result_hash() != model:
        fix = "let workers start in the same environment, and restart them after an edit"
        raise InputError("dask worker", problem="has another version of the model than this session", fix=fix)
    return run_batch(sweep, points, values)


def _blamed(point: int, error: Exception) -> rows.Row:
    text = f"ended {DEATHS} workers while it ran alone ({error})"
    return rows.Row(point, OutcomeKind.SOLVER_FAILED, text, repeatable=False)


@contextmanager
def _deaths_allowed(client: "Client", most: int) -> Iterator[None]:
    """Let the scheduler give up a task that has lost more than `most` workers, as long as the sweep runs."""
    before = client.run_on_scheduler(_set_deaths, most)
    try:
        yield
    finally:
        client.run_on_scheduler(_set_deaths, before)


def _set_deaths(most: int, dask_scheduler: Any = None) -> int:
    before, dask_scheduler.allowed_failures = dask_scheduler.allowed_failures, most
    return before
