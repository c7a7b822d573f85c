"""What a run that jumps over cycles has computed so far, and how it becomes the record of a whole run."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from cellmodel.model import events, record
from cellmodel.model.extrapolated import Frame, make_frame
from cellmodel.model.ledger import PLACES
from cellmodel.model.physics import Physics
from cellmodel.model.run import CARRIED_OUT
from cellmodel.model.side_by_side import Ended, Steps, run_together
from cellmodel.numerics.system import Plan


class Block(NamedTuple):
    """Equal cycles of a protocol."""

    first: int  # protocol step with which it begins
    before: int  # cycles before it
    cycles: int
    size: int  # protocol steps in a cycle


class Part(NamedTuple):
    """Some protocol steps that were carried out, with times since their beginning."""

    first: int  # protocol step
    ended: Ended


@dataclass
class CycleLog:
    """The record of a run that is computed in parts.

    Attributes
    ----------
    physics, steps, plan, keep_trace
        As for the compiled run.
    state, time : float64[n], float
        Where the run has got to; time in s.
    done : int
        Protocol steps carried out or passed over.
    cycles : int
        Cycles computed, with those of rejected attempts.
    """

    physics: Physics
    steps: Steps
    plan: Plan
    keep_trace: bool
    state: np.ndarray
    time: float = 0.0
    done: int = 0
    cycles: int = 0
    spent: int = 0  # time steps
    largest: float = 0.0  # discharge of a cycle [C/m2]
    first_discharge: float = 0.0  # to its cut-off [C/m2]
    last: Ended | None = None
    count: np.ndarray | int = 0
    traces: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make room for the whole run."""
        count, flaws = self.steps.mode.size, self.physics.layout.flaws
        self.rows = np.zeros((count, record.ROW_DEPTHS + flaws))
        self.states = np.zeros((count, self.state.size))
        self.simulated = np.zeros(count, bool)
        self.ending = 0  # protocol step from which on what was computed belongs to the end of the run
        self.onsets = record.make_onsets(flaws)
        self.frame: Frame = make_frame(self.physics)
        self.began = time.perf_counter()
        self.total = float(self.frame.weights @ self.state)

    def carry_out(self, first: int, count: int, size: int, state: np.ndarray) -> Part:
        """Carry out `count` protocol steps from step `first` on, in cycles of `size` steps; nothing is kept yet."""
        steps = Steps(*(np.ascontiguousarray(column[first : first + count]) for column in self.steps))
        limits = self.physics.limits._replace(first_discharge=self.first_discharge)
        seconds_left = self.plan.time_limit - (time.perf_counter() - self.began)
        plan = self.plan._replace(max_steps=max(self.plan.max_steps - self.spent, 1), time_limit=seconds_left)
        (ended,) = run_together([state], [self.physics._replace(limits=limits)], [steps], plan, self.keep_trace)
        self.spent += int(ended.count[0])
        self.count = self.count + ended.count
        self.cycles += -(-len(ended.rows) // size)
        return Part(first, ended)

    def crossing(self, part: Part) -> np.ndarray:
        """Tell which flaw quantiles cross the separator in a part; bool[Q]."""
        return (self.onsets.step < 0) & (part.ended.onsets.step >= 0)

    def keep(self, part: Part, start: float) -> None:
        """Make a part that begins at time `start` [s] the next piece of the run."""
        ended, place = part.ended, slice(part.first, part.first + len(part.ended.rows))
        rows = ended.rows
        rows[:, [record.ROW_START, record.ROW_END]] += start
        ledger = rows[:, record.ROW_LEDGER : record.ROW_LEDGER + len(PLACES)]
        rows[:, record.ROW_DRIFT] = ledger.sum(axis=1) / self.total - 1.0
        self.rows[place], self.states[place], self.simulated[place] = rows, ended.states, True
        new = self.crossing(part)
        self.onsets.time[new] = ended.onsets.time[new] + start
        self.onsets.step[new] = ended.onsets.step[new] + part.first
        self.onsets.passed[new] = ended.onsets.passed[new]
        trace = ended.trace + np.array([start, part.first, *np.zeros(record.TRACE_WIDTH - 2)])
        self.traces.append(trace if not self.traces else trace[1:])
        self.state, self.time, self.done, self.last = ended.state, rows[-1, record.ROW_END], place.stop, ended
        self.ending = part.first if self.over else place.stop
        self._note_first_discharge(rows, self.steps.direction[place])

    def _note_first_discharge(self, rows: np.ndarray, direction: np.ndarray) -> None:
        full = np.flatnonzero((direction < 0) & (rows[:, record.ROW_REASON] == events.VOLTAGE_LIMIT))
        if self.first_discharge == 0.0 and full.size:
            self.first_discharge = max(0.0, -float(rows[full[0], record.ROW_PASSED]))

    def discharges(self, part: Part, size: int) -> np.ndarray:
        """Charge that each cycle of a part gave [C/m2]."""
        rows = part.ended.rows
        down = self.steps.direction[part.first : part.first + len(rows)] < 0
        given = np.where(down, -rows[:, record.ROW_PASSED], 0.0).reshape(-1, size).sum(axis=1)
        self.largest = max(self.largest, given.max())
        return given

    def fill(self, block: Block) -> None:
        """Interpolate what was passed over in a block, between the cycles that were computed."""
        from scipy.interpolate import PchipInterpolator  # a quarter of a second that other runs need not wait

        cycles = (self.done - block.first) // block.size
        place = slice(block.first, block.first + cycles * block.size)
        computed = self.simulated[place].reshape(cycles, block.size)[:, 0]
        known, missing = np.flatnonzero(computed), np.flatnonzero(~computed)
        if not missing.size:
            return
        # What ended the run is a cliff: the cycles just before it are like those before them.
        smooth = known[known * block.size + block.first < self.ending]
        rows, states = (table[place].reshape(cycles, block.size, -1) for table in (self.rows, self.states))
        rows[known, :, record.ROW_END] -= rows[known, :, record.ROW_START]  # durations until `_time`
        within = np.minimum(missing, smooth[-1])
        for table in (rows, states):
            table[missing] = PchipInterpolator(smooth, table[smooth])(within)
        before = known[np.searchsorted(known, missing) - 1]
        rows[missing, :, record.ROW_REASON] = rows[before, :, record.ROW_REASON]
        self._lithium(rows, missing)
        self._time(block, rows, known, missing)

    def _lithium(self, rows: np.ndarray, missing: np.ndarray) -> None:
        """Places are interpolated one by one; the counter electrode, or the cathode, makes up for their sum."""
        store = record.ROW_LEDGER + PLACES.index("cathode" if self.physics.layout.cathode_cells else "counter")
        places = slice(record.ROW_LEDGER, record.ROW_LEDGER + len(PLACES))
        total = self.total * (1.0 + rows[missing, :, record.ROW_DRIFT])
        rows[missing, :, store] += total - rows[missing, :, places].sum(axis=-1)

    def _time(self, block: Block, rows: np.ndarray, known: np.ndarray, missing: np.ndarray) -> None:
        """Steps follow one another without a gap: interpolated durations are scaled to the time that has passed."""
        rows[known, :, record.ROW_END] += rows[known, :, record.ROW_START]
        for gap in np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1):
            begin = rows[gap[0] - 1, -1, record.ROW_END]
            end = self.rows[block.first + (gap[-1] + 1) * block.size, record.ROW_START]
            passed = np.cumsum(rows[gap, :, record.ROW_END].ravel())
            after = begin + passed * (end - begin) / max(passed[-1], 1e-300)
            rows[gap, :, record.ROW_END] = after.reshape(gap.size, -1)
            rows[gap, :, record.ROW_START] = np.concatenate([[begin], after[:-1]]).reshape(gap.size, -1)

    def ended(self) -> Ended:
        """Put the record together as that of one compiled run."""
        done, last = self.done, self.last
        return last._replace(
            index=done - 1, time=self.time, accepted=self.spent, rows=self.rows[:done], states=self.states[:done],
            trace=np.concatenate(self.traces), onsets=self.onsets, count=self.count,
            seconds=time.perf_counter() - self.began,
        )  # fmt: skip

    @property
    def over(self) -> bool:
        """Whether the run has ended before its protocol."""
        return self.last is not None and self.last.reason != CARRIED_OUT
