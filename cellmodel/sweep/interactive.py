"""A sweep on any dask cluster, from a notebook: workers simulate, this process keeps the rows."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from cellmodel.sweep.identity import model_hash
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import BATCH_SECONDS, run_batch

if TYPE_CHECKING:
    from distributed import Client, Future

DEATHS = 2
"""So many workers may die with a batch before it counts as the cause."""


def run(sweep: Sweep, client: "Client", progress: Progress | None = None) -> xr.Dataset:
    """Simulate all points of a sweep on the workers of a dask cluster.

    A worker that is lost takes only the batches with it that it had: they run again on another. After a second death
    batches are run alone, then halved, until the one point that ends its worker is found; that point is recorded as
    `solver_failed`, and all others have their results.

    Parameters
    ----------
    sweep : Sweep
        As from `definition.load`.
    client : distributed.Client
        Of any cluster whose workers have the same version of this package: `LocalCluster`, `SLURMCluster`.
        Workers may come and go.
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
    """
    design = build(sweep)
    table = np.stack([design[each.name].values for each in sweep.varied], axis=1)
    work = _Work(sweep, table, client, progress or Progress(sweep.name, sweep.points, 0, (sys.stderr,)))
    with _deaths_allowed(client, DEATHS - 1):
        suspects = work.side_by_side(range(sweep.points))
        work.alone(suspects)
    found = [work.found[point] for point in range(sweep.points)]
    work.progress.say(work.progress.line())
    return assemble(sweep, design, [rows.stack(found, sweep.cycles)])


class _Work:
    """The points of a sweep on their way through the workers."""

    def __init__(self, sweep: Sweep, table: NDArray[np.float64], client: "Client", progress: Progress) -> None:
        self.sweep, self.table, self.client, self.progress = sweep, table, client, progress
        self.found: dict[int, rows.Row] = {}
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
                room = max(LANES, min(self._size, len(waiting) // (2 * threads)))
                batch, waiting[:room] = waiting[:room], []
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
            try:
                self._keep(self._submit(batch).result())
            except KilledWorker as error:
                if len(batch) == 1:
                    self._keep(([_blamed(batch[0], error)], 0.0))
                else:
                    suspects += [batch[: len(batch) // 2], batch[len(batch) // 2 :]]

    def _submit(self, batch: list[int]) -> "Future":
        # Equal calls must not share a key: what a worker died of once would never be tried again.
        return self.client.submit(simulate, self.sweep, batch, self.table[batch], model_hash(), pure=False)

    def _keep(self, result: tuple[list[rows.Row], float]) -> None:
        batch, spent = result
        self.found |= {row.point: row for row in batch}
        self.progress.add(len(batch))
        self._size = max(LANES, min(int(BATCH_SECONDS * len(batch) / max(spent, 1e-6)), 2 * self._size))


def simulate(
    sweep: Sweep, points: Sequence[int], values: NDArray[np.float64], model: str
) -> tuple[list[rows.Row], float]:
    """Run a batch on a worker, as `run_batch`, if its model is the one of hash `model`."""
    if model_hash() != model:
        fix = "let workers start in the same environment, and restart them after an edit"
        raise InputError("dask worker", problem="has another version of the model than this session", fix=fix)
    return run_batch(sweep, points, values)


def _blamed(point: int, error: Exception) -> rows.Row:
    return rows.Row(point, OutcomeKind.SOLVER_FAILED, f"ended {DEATHS} workers while it ran alone ({error})")


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
