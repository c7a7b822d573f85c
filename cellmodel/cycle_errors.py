"""What a jump over cycles may cost in accuracy, and what it is estimated to have cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cellmodel.model import events
from cellmodel.model import layout as at
from cellmodel.model.extrapolated import Frame
from cellmodel.model.physics import Physics
from cellmodel.model.run import CARRIED_OUT

ONSET_WEIGHT = 0.5
"""Of an onset's error, relative to its cycle, against the error of retention: it may be twice as large."""

OTHER_WEIGHT = 0.25
"""Of the onsets of other flaw quantiles against that of the median, which decides the run."""

FLOOR = 0.05
"""Share of what is left of the tolerated error that a jump may make whatever its length."""

MISSED_SHARE = 0.6
"""Error between the ends of a jump, over the change of the discharge that the slopes at its ends leave unexplained [1].

Where the fade has a kink within the jump; 0.25 to 0.51 were measured.
"""

AT_REST = 0.01
"""Growth of ln(depth) over the rest of a block below which it matters little how fast a flaw grows [1]."""

OUTSIDE_SHARE = 0.3
"""Of the tolerated error: lithium that an extrapolated state may have out of bounds, over the cell's capacity."""

STEEPER = 0.35
"""Increase of a flaw's mean speed over a jump, relative to that before it, beyond which it is not extrapolated [1]."""


class Jump(NamedTuple):
    """A state extrapolated over `length` cycles."""

    length: int
    added: np.ndarray  # float64[n + 2], increments of the state, of time [s] and of the discharge of a cycle [C/m2]
    state: np.ndarray  # float64[n]


class Verdict(NamedTuple):
    """Estimated errors of a jump."""

    ratio: float  # over what the jump may make; above 1 it is taken back
    retention: float  # of retention after it [1]
    inside: float  # of retention in the cycles that were passed over [1]
    onset: float  # of the median's onset, relative to its cycle, times `ONSET_WEIGHT` [1]


@dataclass
class Judge:
    """Errors of jumps against what is tolerated.

    Attributes
    ----------
    physics, frame
        The cell.
    error : float
        Tolerated error of retention [1].
    cycles : int
        Cycles of the whole protocol.
    retention_error, onset_error : float
        Estimated errors of all jumps so far [1]; the second times `ONSET_WEIGHT`. No jump may take more than a share
        of what is left of the tolerated error, so that their sum stays below it.
    largest_error : float
        Largest estimated error of retention in any cycle so far [1]. Between computed cycles retention is interpolated;
        what that misses is not carried on to later cycles.
    """

    physics: Physics
    frame: Frame
    error: float
    cycles: int
    retention_error: float = 0.0
    onset_error: float = 0.0
    largest_error: float = 0.0

    def __post_init__(self) -> None:
        """Find the unknowns that errors are measured by."""
        layout, flaws = self.physics.layout, self.physics.flaws
        self.lost = layout.scalars + np.array([at.INTERPHASE, at.DEAD, at.FILAMENT])
        self.contact = layout.scalars + at.CATHODE_CONTACT
        self.depths = slice(layout.depths, layout.size)
        self.median = np.arange(2 * layout.flaws) % layout.flaws == flaws.median
        self.weight = np.where(self.median, 1.0, OTHER_WEIGHT)
        self.crossed = np.log(self.physics.separator.thickness)
        self.adding = np.append(self.frame.ageing, [False, False])

    def trusts(
        self, state: np.ndarray, mean: np.ndarray, speed: np.ndarray, length: int, left: int, outside: float
    ) -> bool:
        """Tell whether a jump of `length` cycles can be made: few bounds met, and no flaw near the end of its way.

        `mean` and `speed` are the extrapolated mean and the present changes from cycle to cycle, `left` the cycles of
        the block, `outside` the lithium out of bounds over the cell's capacity.
        """
        depth, mean, speed = state[self.depths], mean[self.depths], speed[self.depths]
        near = depth + 2.0 * length * mean >= self.crossed
        steep = (mean > (1.0 + STEEPER / self.weight) * speed) & (speed * left > AT_REST)
        return outside <= OUTSIDE_SHARE * self.error and not np.any((depth < self.crossed) & (near | steep))

    def verdict(
        self,
        error: np.ndarray,
        values: np.ndarray,
        slope: np.ndarray,
        missed: float,
        length: int,
        cycle: int,
        left: int,
        capacity: float,
    ) -> Verdict:
        """Compare the error of a jump with what it may be.

        Parameters
        ----------
        error, values, slope : float64[n + 2]
            Error, value and change from cycle to cycle of state, time and discharge.
        missed : float
            Change of the discharge over the jump that the slopes at its ends do not explain [C/m2].
        length, cycle, left : int
            Cycles passed over, up to here in the protocol, and still to come in the block.
        capacity : float
            Largest discharge [C/m2].
        """
        retention = max(error[-1], (self.frame.weights * error[:-2])[self.lost].sum()) / capacity
        if self.physics.layout.cathode_cells:
            retention = max(retention, error[self.contact] / values[self.contact])
        late = error[self.depths] / (np.abs(slope[self.depths]) + AT_REST / max(left, 1)) / cycle
        late = ONSET_WEIGHT * np.where(values[self.depths] < self.crossed, late, 0.0)
        onset = late[self.median].max()
        inside, rest = MISSED_SHARE * abs(missed) / capacity, self._rest(self.retention_error)
        ratio = max(retention / rest, onset / self._rest(self.onset_error), (self.weight * late).max() / self.error)
        ratio /= min(1.0, length / max(self.cycles - cycle + length, 1) + FLOOR)
        ratio = max(ratio, inside / rest)
        ratio = float(ratio) if np.isfinite(ratio) else np.inf
        return Verdict(ratio, float(retention), float(inside), float(onset))

    def _rest(self, spent: float) -> float:
        """What is left of the tolerated error."""
        return max(self.error - spent, 1e-3 * self.error)

    def note(self, verdict: Verdict) -> None:
        """Add a jump that is kept to the errors of the run."""
        inside = self.retention_error + verdict.inside
        self.retention_error += verdict.retention
        self.largest_error = max(self.largest_error, inside, self.retention_error)
        self.onset_error += verdict.onset

    def too_close(self, length: int, reason: int, crossing: np.ndarray, cycle: int) -> bool:
        """Tell whether an event follows a jump so closely that it may lie within the jump.

        `reason` is what ended the run after the jump, `crossing` which flaw quantiles (bool[Q]) crossed the separator.
        A solver that fails after a jump is given a state that was computed.
        """
        if reason in (events.STEP_LIMIT, events.TIME_LIMIT, events.FAILURE):
            return reason == events.FAILURE
        allowed = max(1.0, self.error * cycle)
        if reason != CARRIED_OUT or crossing[self.physics.flaws.median]:
            return length > allowed
        return bool(crossing.any()) and length > allowed / OTHER_WEIGHT
