"""Long lives at a bounded error: cycles are extrapolated between others that are computed (cycle jumping).

Cycles repeat with small changes. After a jump one cycle lets settle what follows the ageing within a cycle, and one
more measures how fast the cell ages now; `numerics.cycle_jump` holds the formulas. A jump is taken back and shortened
where its error is too large, or where an event (short, lost capacity, overflow) follows it so closely that it may lie
within.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from cellmodel.cycle_errors import ONSET_WEIGHT, Judge, Jump
from cellmodel.cycle_log import Block, CycleLog, Part
from cellmodel.model import record
from cellmodel.model.extrapolated import restored
from cellmodel.model.physics import Physics
from cellmodel.model.run import CARRIED_OUT
from cellmodel.model.side_by_side import Ended, Steps
from cellmodel.numerics.cycle_jump import MOST_WINDOWS, Window, corrected, followed, increment, next_length
from cellmodel.numerics.system import Plan
from cellmodel.protocol import Protocol

AFTER = 2
"""Cycles computed after a jump: one to settle, one to measure the slope by."""

SHORTEST = 2
"""Cycles passed over by a jump that is worth those computed after it."""

FIRST_LENGTH = 4.0
"""Longest jump after single cycles."""

REGROWTH = 1.5
"""Of the length by each single cycle: after an attempt has failed, some cycles pass before the next one."""


class Jumps(NamedTuple):
    """What cycle jumping did in a run.

    Attributes
    ----------
    simulated : bool[steps]
        Whether each protocol step was computed; the others are interpolated.
    cycles : int
        Cycles that were computed, with those of attempts that were taken back.
    retention_error, onset_error : float
        Estimated errors of retention, relative to the largest discharge, and of the median's onset, relative to the
        cycle of each jump, added up over all jumps [1]; the first is that of the worst cycle, computed or not.
    """

    simulated: np.ndarray
    cycles: int
    retention_error: float
    onset_error: float


@dataclass
class Trail:
    """What is known of the envelope in a block: slopes in the last windows, and where the last two ended."""

    windows: list[Window] = field(default_factory=list)
    ends: list[tuple[float, np.ndarray]] = field(default_factory=list)
    values: np.ndarray | None = None  # float64[n + 2], state, time and discharge of the last cycle

    def add(self, number: int, slope: np.ndarray, values: np.ndarray) -> None:
        """Go on to the end of a new window, cycle `number`."""
        self.windows = [*self.windows[1 - MOST_WINDOWS :], Window(number - 0.5, slope)]
        self.ends = [*self.ends[-1:], (number, values[:-2])]
        self.values = values


def run_with_jumps(
    state: np.ndarray, physics: Physics, protocol: Protocol, steps: Steps, plan: Plan, keep_trace: bool, error: float
) -> tuple[Ended, Jumps]:
    """Carry a cell through a protocol, jumping over cycles of its blocks.

    Parameters
    ----------
    state : float64[n]
        Initial state.
    physics, steps, plan, keep_trace
        As for the compiled run.
    protocol : Protocol
        From which `steps` were made.
    error : float
        Tolerated error of retention [1].

    Returns
    -------
    Ended
        As of a run without jumps; what was passed over is interpolated.
    Jumps
    """
    log = CycleLog(physics, steps, plan, keep_trace, state)
    judge = Judge(physics, log.frame, error, protocol.cycles)
    first = before = 0
    for each in protocol.blocks:
        block = Block(first, before, each.repeat, each.size)
        carry(log, judge, block)
        log.fill(block)
        if log.over:
            break
        first, before = first + block.cycles * block.size, before + each.repeat * each.cycles
    simulated = log.simulated[: log.done]
    return log.ended(), Jumps(simulated, log.cycles, judge.largest_error, judge.onset_error / ONSET_WEIGHT)


def carry(log: CycleLog, judge: Judge, block: Block) -> None:
    """Carry a cell through a block of equal cycles, or as far as it gets."""
    trail, done, length = Trail(), 0, FIRST_LENGTH
    while done < block.cycles and not log.over:
        jump = choose(log, judge, trail, block, done, length)
        count = AFTER if jump.length else 1
        part = log.carry_out(
            block.first + (done + jump.length) * block.size, count * block.size, block.size, jump.state
        )
        cycle = block.before + done + jump.length
        if jump.length and judge.too_close(jump.length, part.ended.reason, log.crossing(part), cycle):
            length = jump.length // 2
            continue
        if part.ended.reason != CARRIED_OUT:
            log.keep(part, log.time + jump.added[-2])
            return
        ratio = settle(log, judge, trail, block, done, jump, part)
        if ratio > 1.0:
            length = min(next_length(jump.length, ratio), jump.length - 1.0)
            continue
        done += jump.length + count
        length = next_length(jump.length, ratio) if jump.length else min(REGROWTH * length, FIRST_LENGTH)


def choose(log: CycleLog, judge: Judge, trail: Trail, block: Block, done: int, length: float) -> Jump:
    """Extrapolate over the longest jump up to `length` that can be trusted; over none if there is none."""
    known = len(trail.windows) > 1 and log.largest > 0.0
    cycles = int(min(length, block.cycles - done - AFTER, block.before + done)) if known else 0
    while cycles >= SHORTEST:
        added = increment(trail.windows, done, cycles, judge.adding)
        following = increment(trail.windows, done, cycles, np.ones(added.size, bool))[:-2]
        following = followed(following, *trail.ends, cycles)
        added[:-2] = np.where(log.frame.ageing, added[:-2], following)
        state, outside = restored(log.state + added[:-2], log.state, log.frame)
        speed = trail.windows[-1].slope
        if judge.trusts(log.state, added / cycles, speed, cycles, block.cycles - done, outside / log.largest):
            return Jump(cycles, added, state)
        cycles //= 2
    return Jump(0, np.zeros(log.state.size + 2), log.state)


def settle(log: CycleLog, judge: Judge, trail: Trail, block: Block, done: int, jump: Jump, part: Part) -> float:
    """Keep what was computed after a jump, or after none, and correct the jump; returns its error over the tolerance.

    Nothing is kept if that is above 1.
    """
    start = log.time + jump.added[-2]
    ends = slice(block.size - 1, None, block.size)
    table = np.column_stack(
        [part.ended.states[ends], start + part.ended.rows[ends, record.ROW_END], log.discharges(part, block.size)]
    )
    number, values = done + jump.length + len(table), table[-1].copy()
    if not jump.length:
        log.keep(part, start)
        if trail.values is not None:
            trail.add(number, values - trail.values, values)
        trail.values = values
        return 0.0
    slope = values - table[-2]
    windows = [*trail.windows, Window(number - 0.5, slope)]
    shift, error = corrected(windows, done, jump.length, judge.adding, jump.added)
    missed = float(trail.values[-1] + jump.added[-1] + shift[-1] - (table[0, -1] - slope[-1]))
    cycle, left = block.before + number, block.cycles - number
    verdict = judge.verdict(error, values, slope, missed, jump.length, cycle, left, log.largest)
    if verdict.ratio > 1.0:
        return verdict.ratio
    judge.note(verdict)
    log.keep(part, start + shift[-2])
    shifted = np.where(log.frame.ageing, shift[:-2], 0.0)
    log.state, _ = restored(part.ended.state + shifted, part.ended.state, log.frame)
    values[:-2], values[-2] = log.state, log.time
    trail.add(number, slope, values)
    return verdict.ratio
