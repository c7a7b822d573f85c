"""One run: a cell through a protocol, with everything it did and how it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cellmodel import dataset
from cellmodel.cell import Cell
from cellmodel.cycle_jumping import Jumps, run_with_jumps
from cellmodel.errors import InputError
from cellmodel.model.assembled import assemble, make_plan
from cellmodel.model.physics import Physics
from cellmodel.model.side_by_side import Ended, Steps, run_together, structure_of
from cellmodel.protocol import CompiledProtocol, Protocol
from cellmodel.result import Run, cost_of
from cellmodel.settings import Settings

CYCLER_RANGE = 10.0
"""Where a protocol step under current ends that names no voltage [V]: no cycler follows a broken contact further."""


def simulate(cell: Cell, protocol: Protocol, *, settings: Settings | None = None, trace: bool = True) -> Run:
    """Carry a cell through a protocol.

    Parameters
    ----------
    cell : Cell
    protocol : Protocol
    settings : Settings, optional
        Accuracy, mesh, limits on the cost, and whether to jump over cycles.
    trace : bool
        Whether to keep the time series of every accepted time step.

    Returns
    -------
    Run
        Also when the cell fails or the solver gives up: see `Run.outcome`.

    Raises
    ------
    InputError
        If the protocol does not fit the cell.

    Example
    -------
    >>> import cellmodel as cm
    >>> cell = cm.Cell(anode="cu-foil", stack_pressure="5 MPa")
    >>> run = cm.simulate(cell, cm.Protocol([{"repeat": 1, "steps": ["Plate at 0.2 mA/cm2 for 15 min"]}]))
    >>> run.outcome.kind.label
    'completed'
    """
    settings = settings or Settings()
    task = prepare(cell, protocol, settings)
    return run_tasks([task], settings, trace)[0]


def simulate_many(
    cells: Sequence[Cell],
    protocol: Protocol | Sequence[Protocol],
    *,
    settings: Settings | None = None,
    trace: bool = False,
) -> list[Run]:
    """Carry several cells through a protocol, or each through its own, for less than their runs one by one.

    Cells with the same unknowns are computed side by side; each comes out as it would alone.

    Parameters
    ----------
    cells : list of Cell
    protocol : Protocol or list of Protocol
    settings : Settings, optional
        As for `simulate`, for all cells.
    trace : bool
        Whether to keep the time series of every accepted time step.

    Returns
    -------
    list of Run
        In the order of the cells.

    Raises
    ------
    InputError
        If a protocol does not fit its cell, or not every cell has one; nothing is computed then.

    Example
    -------
    >>> import cellmodel as cm
    >>> cells = [cm.Cell(anode="cu-foil", stack_pressure=f"{p} MPa") for p in (2, 5, 10)]
    >>> runs = cm.simulate_many(cells, cm.Protocol([{"repeat": 1, "steps": ["Plate at 0.2 mA/cm2 for 15 min"]}]))
    >>> [run.outcome.kind.label for run in runs]
    ['completed', 'completed', 'completed']
    """
    settings = settings or Settings()
    protocols = [protocol] * len(cells) if isinstance(protocol, Protocol) else protocol
    if len(protocols) != len(cells):
        raise InputError(
            "simulate_many", "protocol", f"{len(protocols)} protocols", f"one, or one for each of {len(cells)} cells",
            "give a single protocol or a list as long as that of the cells",
        )  # fmt: skip
    return run_tasks([prepare(c, p, settings) for c, p in zip(cells, protocols, strict=True)], settings, trace)


class Task(NamedTuple):
    """A cell and its protocol, checked and ready for the compiled run."""

    cell: Cell
    protocol: Protocol
    compiled: CompiledProtocol
    physics: Physics
    state: np.ndarray
    steps: Steps


def prepare(cell: Cell, protocol: Protocol, settings: Settings) -> Task:
    """Put into numbers what a cell is to do.

    Raises
    ------
    InputError
        If the protocol does not fit the cell.
    """
    compiled = protocol.compile(cell)
    physics, state = assemble(cell, settings)
    return Task(cell, protocol, compiled, physics, state, executable(compiled, cell.is_full))


def run_tasks(tasks: Sequence[Task], settings: Settings, trace: bool) -> list[Run]:
    """Carry out tasks, those of cells of one structure side by side.

    Results do not depend on which tasks are given together.
    """
    if settings.jump_error:
        return [_run_with_jumps(task, settings, trace) for task in tasks]
    groups, runs = defaultdict(list), {}
    for number, task in enumerate(tasks):
        groups[structure_of(task.physics)].append(number)
    for numbers in groups.values():
        group = [tasks[n] for n in numbers]
        plan = make_plan(group[0].state, group[0].physics, settings)
        found = run_together(
            [t.state for t in group], [t.physics for t in group], [t.steps for t in group], plan, trace
        )
        runs |= {n: _finished(task, ended) for n, task, ended in zip(numbers, group, found, strict=True)}
    return [runs[n] for n in range(len(tasks))]


def _run_with_jumps(task: Task, settings: Settings, trace: bool) -> Run:
    plan = make_plan(task.state, task.physics, settings)
    ended, jumps = run_with_jumps(task.state, task.physics, task.protocol, task.steps, plan, trace, settings.jump_error)
    return _finished(task, ended, jumps)


def _finished(task: Task, ended: Ended, jumps: Jumps | None = None) -> Run:
    return Run(
        cell=task.cell,
        protocol=task.protocol,
        outcome=dataset.outcome(task.compiled, ended, task.physics),
        cost=cost_of(ended, jumps.cycles if jumps else int(task.compiled.cycle[ended.index])),
        physics=task.physics,
        compiled=task.compiled,
        ended=ended,
        jumps=jumps,
    )


def executable(compiled: CompiledProtocol, full: bool) -> Steps:
    """Turn a compiled protocol into what the kernel reads.

    The kernel's voltage is that of the counter or cathode against the anode, so a half cell's voltages change sign.
    """
    sign = 1.0 if full else -1.0
    setpoint = np.where(compiled.mode == 1, sign * compiled.setpoint, compiled.setpoint)
    approach = np.where(compiled.direction < 0, -1.0, 1.0)
    unlimited = np.isnan(compiled.voltage_limit) & (compiled.mode == 0)
    voltage = np.where(unlimited, approach * CYCLER_RANGE, sign * compiled.voltage_limit)
    limits = np.column_stack([voltage, approach, compiled.capacity, compiled.current_limit])
    return Steps(
        mode=compiled.mode,
        setpoint=setpoint,
        rate=sign * compiled.rate,
        duration=compiled.duration,
        limits=np.ascontiguousarray(limits),
        direction=np.where(compiled.measured, np.maximum(compiled.direction, 0), compiled.direction),
    )
