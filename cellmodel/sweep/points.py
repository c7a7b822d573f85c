"""Simulate a few points side by side: every one of them ends in a row."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cellmodel.errors import InputError
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.simulation import Task, prepare, run_tasks
from cellmodel.sweep import rows
from cellmodel.sweep.definition import Sweep


def run_batch(
    sweep: Sweep, points: Sequence[int] | NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[list[rows.Row], float]:
    """Return the rows of a few points (values of shape (points, varied)), and the seconds they took.

    A cell that cannot be built ends as `invalid_design`. One bad point must not stop the others: where the simulation
    of several breaks down, each is tried alone, and every exception ends in a row, with its text.

    Raises
    ------
    MemoryError, OSError
        When the machine fails even for a single point: that says nothing about its cell.
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
    if isinstance(error, (MemoryError, OSError)):
        raise error  # the machine's failure, not the cell's
    return rows.Row(point, OutcomeKind.SOLVER_FAILED, f"{type(error).__name__}: {error}")
