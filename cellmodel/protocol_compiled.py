"""A protocol as arrays, which is what the integrator reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellmodel.cell import Cell
from cellmodel.protocol_steps import DIRECTIONS, AnyStep, Impedance, Ramp, Step, Sweep

RAMP_CUT_OFF = 5.0
"""Where a ramp's stripping ends that finds no more lithium, above the counter electrode [V]."""


class Row(NamedTuple):
    """One executed step; see `CompiledProtocol`."""

    mode: float
    setpoint: float
    direction: float
    rate: float = 0.0
    duration: float = np.inf
    capacity: float = np.inf
    voltage_limit: float = np.nan
    current_limit: float = np.nan
    measured: float = 0.0
    highest: float = np.nan
    lowest: float = np.nan


@dataclass(frozen=True)
class Block:
    """Steps that are executed one after another, `repeat` times.

    Each repetition is a cycle; a ramp has one for each plating and stripping.
    """

    repeat: int
    steps: tuple[AnyStep, ...]

    @property
    def size(self) -> int:
        """Executed steps in one repetition."""
        return sum(2 * step.cycles if isinstance(step, Ramp) else 1 for step in self.steps)

    @property
    def cycles(self) -> int:
        """Cycles in one repetition."""
        return self.places()[-1] + 1

    def places(self) -> list[int]:
        """Return in which cycle of a repetition each executed step is, counted from 0."""
        places: list[int] = []
        for step in self.steps:
            first = places[-1] if places else 0
            pairs = step.cycles if isinstance(step, Ramp) else 1
            places += np.repeat(first + np.arange(pairs), 2 if isinstance(step, Ramp) else 1).tolist()
        return places


class CompiledProtocol(NamedTuple):
    """A protocol for one cell, one row per executed step.

    Attributes
    ----------
    mode : ndarray of int8
        0 current, 1 voltage.
    setpoint : ndarray of float64
        Current density [A/m2], positive when plating or charging, or cell voltage [V].
    duration : ndarray of float64
        Longest time [s], infinite if none; 0 for an impedance.
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
    rate : ndarray of float64
        At which a sweep moves its voltage [V/s], 0 for all others.
    measured : ndarray of bool
        Whether the step belongs to a measurement (ramp, impedance), in which a cell cannot fade.
    highest, lowest : ndarray of float64
        Range of frequencies of an impedance [Hz], NaN for all others.
    """

    mode: NDArray[np.int8]
    setpoint: NDArray[np.float64]
    duration: NDArray[np.float64]
    capacity: NDArray[np.float64]
    voltage_limit: NDArray[np.float64]
    current_limit: NDArray[np.float64]
    cycle: NDArray[np.int64]
    direction: NDArray[np.int8]
    rate: NDArray[np.float64]
    measured: NDArray[np.bool_]
    highest: NDArray[np.float64]
    lowest: NDArray[np.float64]


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
    tables, cycles, first = [], [], 1
    for block in blocks:
        rows = [row for step in block.steps for row in _rows(step, cell)]
        tables.append(np.tile(rows, (block.repeat, 1)))
        begins = first + block.cycles * np.arange(block.repeat)
        cycles.append((begins[:, None] + np.array(block.places())).ravel())
        first += block.cycles * block.repeat
    columns = Row(*np.concatenate(tables).T.copy())
    given = columns._asdict() | {
        "mode": columns.mode.astype(np.int8),
        "cycle": np.concatenate(cycles),
        "direction": _carried(columns.mode, columns.direction).astype(np.int8),
        "measured": columns.measured.astype(bool),
    }
    return CompiledProtocol(**given)


def _rows(step: AnyStep, cell: Cell) -> list[Row]:
    if isinstance(step, Ramp):
        return _ramp_rows(step)
    if isinstance(step, Impedance):
        return [Row(0.0, 0.0, 0.0, duration=0.0, measured=1.0, highest=step.high, lowest=step.low)]
    if isinstance(step, Sweep):
        span = step.stop - step.start
        # A half cell's anode takes lithium as its voltage falls, a full cell is charged as its voltage rises.
        direction = np.sign(span) if cell.is_full else -np.sign(span)
        return [Row(1.0, step.start, direction, np.sign(span) * step.rate, abs(span) / step.rate)]
    return [_row(step, cell)]


def _row(step: Step, cell: Cell) -> Row:
    direction = DIRECTIONS[step.verb]
    current = direction * step.current.density(cell) if step.current else 0.0
    return Row(
        mode=float(step.voltage is not None),
        setpoint=current if step.voltage is None else step.voltage,
        direction=direction,
        duration=np.inf if step.duration is None else step.duration,
        capacity=np.inf if step.capacity is None else step.capacity,
        voltage_limit=np.nan if step.voltage_limit is None else step.voltage_limit,
        current_limit=np.nan if step.current_limit is None else step.current_limit.density(cell),
    )


def _ramp_rows(ramp: Ramp) -> list[Row]:
    """Plate and strip at each current; more may be stripped than is there, which the cut-off ends."""
    duration = np.inf if ramp.duration is None else ramp.duration
    capacity = np.inf if ramp.capacity is None else ramp.capacity
    held = {"duration": duration, "capacity": capacity, "measured": 1.0}
    rows = []
    for current in np.repeat(ramp.first + ramp.increment * np.arange(ramp.currents), ramp.pairs):
        rows.append(Row(0.0, current, 1.0, **held))
        rows.append(Row(0.0, -current, -1.0, voltage_limit=RAMP_CUT_OFF, **held))
    return rows


def _carried(mode: NDArray[np.float64], direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each hold the direction of the last step that had one; a first one charges an empty cell."""
    moving = np.where(direction != 0.0, np.arange(direction.size), -1)
    last = np.maximum.accumulate(moving)
    before = np.where(last >= 0, direction[last], 1.0)
    return np.where(mode == 1.0, before, direction)
