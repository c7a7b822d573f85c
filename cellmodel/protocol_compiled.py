"""A protocol as arrays, which is what the integrator reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellmodel.cell import Cell
from cellmodel.protocol_sentences import DIRECTIONS, Step


@dataclass(frozen=True)
class Block:
    """Steps that are executed one after another, `repeat` times; each repetition is a cycle."""

    repeat: int
    steps: tuple[Step, ...]


class CompiledProtocol(NamedTuple):
    """A protocol for one cell, one row per executed step.

    Attributes
    ----------
    mode : ndarray of int8
        0 current, 1 voltage.
    setpoint : ndarray of float64
        Current density [A/m2], positive when plating or charging, or cell voltage [V].
    duration : ndarray of float64
        Longest time [s], infinite if none.
    capacity : ndarray of float64
        Most charge passed [C/m2], infinite if none.
    voltage_limit : ndarray of float64
        Cut-off [V], NaN if none.
    current_limit : ndarray of float64
        Cut-off of a hold [A/m2], NaN if none.
    cycle : ndarray of int64
        From 1 on, counted across blocks.
    direction : ndarray of int8
        1 plate or charge, -1 strip or discharge, 0 rest; a hold goes on in the direction before it.
    """

    mode: NDArray[np.int8]
    setpoint: NDArray[np.float64]
    duration: NDArray[np.float64]
    capacity: NDArray[np.float64]
    voltage_limit: NDArray[np.float64]
    current_limit: NDArray[np.float64]
    cycle: NDArray[np.int64]
    direction: NDArray[np.int8]


def compiled(blocks: Sequence[Block], cell: Cell) -> CompiledProtocol:
    """Unroll checked blocks into one row per executed step.

    Parameters
    ----------
    blocks : sequence of Block
        Whose steps fit the cell.
    cell : Cell
        Decides what a C-rate is.

    Returns
    -------
    CompiledProtocol
        Arrays of equal length.

    Raises
    ------
    InputError
        When a C-rate has no meaning in the cell.
    """
    rows, cycles, first = [], [], 1
    for block in blocks:
        rows.append(np.tile([_row(step, cell) for step in block.steps], (block.repeat, 1)))
        cycles.append(np.repeat(np.arange(first, first + block.repeat), len(block.steps)))
        first += block.repeat
    mode, setpoint, duration, capacity, voltage, current, direction = np.concatenate(rows).T.copy()
    return CompiledProtocol(
        mode=mode.astype(np.int8),
        setpoint=setpoint,
        duration=duration,
        capacity=capacity,
        voltage_limit=voltage,
        current_limit=current,
        cycle=np.concatenate(cycles),
        direction=_carried(mode, direction).astype(np.int8),
    )


def _row(step: Step, cell: Cell) -> list[float]:
    direction = DIRECTIONS[step.verb]
    held = step.voltage is not None
    current = direction * step.current.density(cell) if step.current else 0.0
    return [
        float(held),
        step.voltage if held else current,
        np.inf if step.duration is None else step.duration,
        np.inf if step.capacity is None else step.capacity,
        np.nan if step.voltage_limit is None else step.voltage_limit,
        np.nan if step.current_limit is None else step.current_limit.density(cell),
        direction,
    ]


def _carried(mode: NDArray[np.float64], direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each hold the direction of the last step that had one; a first one charges an empty cell."""
    moving = np.where(direction != 0.0, np.arange(direction.size), -1)
    last = np.maximum.accumulate(moving)
    before = np.where(last >= 0, direction[last], 1.0)
    return np.where(mode == 1.0, before, direction)
