"""Carry out simulations on the threads of this process, those of cells of one structure side by side."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from cellmodel.errors import InputError
from cellmodel.model.side_by_side import structure_of
from cellmodel.numerics.lanes import LANES
from cellmodel.result import Run
from cellmodel.settings import Settings
from cellmodel.simulation import Task, prepare, run_tasks
from cellmodel.validation.planning import Simulation

Told = Callable[[int], None]


def run(
    simulations: Mapping[str, Simulation],
    settings: Settings | None = None,
    threads: int | None = None,
    tell: Told | None = None,
) -> dict[str, Run | str]:
    """Carry out simulations.

    Parameters
    ----------
    simulations : mapping of str to Simulation
        By identity, as from `planning.plan`.
    settings : Settings, optional
        Accuracy and mesh, for all of them; every cycle is computed unless they say otherwise.
    threads : int, optional
        Batches at the same time; one for each processor unless given.
    tell : callable, optional
        Told the number of simulations that were finished, whenever some were.

    Returns
    -------
    dict of str to Run or str
        What each left, or why it could not be carried out.
    """
    import dask
    from dask.system import CPU_COUNT

    settings, lock = settings or Settings(), threading.Lock()
    tasks, found = _prepared(simulations, settings)

    def batch(keys: Sequence[str]) -> dict[str, Run | str]:
        done = _carried_out({key: tasks[key] for key in keys}, simulations[keys[0]].traced, settings)
        if tell:
            with lock:
                tell(len(keys))
        return done

    if tell and found:
        tell(len(found))
    calls = [dask.delayed(batch, pure=False)(keys) for keys in batches(simulations, tasks)]
    for done in dask.compute(*calls, scheduler="threads", num_workers=threads or CPU_COUNT):
        found |= done
    return found


def _prepared(
    simulations: Mapping[str, Simulation], settings: Settings
) -> tuple[dict[str, Task], dict[str, Run | str]]:
    tasks: dict[str, Task] = {}
    refused: dict[str, Run | str] = {}
    for key, each in simulations.items():
        try:
            tasks[key] = prepare(each.cell, each.protocol, settings)
        except InputError as error:
            refused[key] = str(error)
    return tasks, refused


def batches(simulations: Mapping[str, Simulation], tasks: Mapping[str, Task]) -> list[list[str]]:
    """Group tasks that can be computed side by side, long ones with long ones and first."""
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for key in sorted(tasks, key=lambda each: -len(tasks[each].compiled.mode)):
        groups[structure_of(tasks[key].physics), simulations[key].traced].append(key)
    cut = [keys[first : first + LANES] for keys in groups.values() for first in range(0, len(keys), LANES)]
    return sorted(cut, key=lambda keys: -len(tasks[keys[0]].compiled.mode))


def _carried_out(tasks: dict[str, Task], traced: bool, settings: Settings) -> dict[str, Run | str]:
    """Where a batch breaks down, each of its simulations is tried alone, so that one stops no other."""
    try:
        return dict(zip(tasks, run_tasks(list(tasks.values()), settings, traced), strict=True))
    except Exception as error:
        if len(tasks) == 1:
            return {key: f"{type(error).__name__}: {error}" for key in tasks}
        alone: dict[str, Any] = {}
        for key, task in tasks.items():
            alone |= _carried_out({key: task}, traced, settings)
        return alone
