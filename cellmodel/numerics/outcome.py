"""How a run can end: the named outcomes, and what each one tells the reader to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class OutcomeKind(IntEnum):
    """Every run and every sweep point ends in exactly one of these."""

    NOT_RUN = 0
    COMPLETED = 1
    SHORTED = 2
    CAPACITY_BELOW_THRESHOLD = 3
    LITHIUM_EXHAUSTED = 4
    HOST_OVERFLOW = 5
    INVALID_DESIGN = 6
    SOLVER_FAILED = 7
    TIME_LIMIT = 8

    @property
    def label(self) -> str:
        """Lower-case words, as used in `flag_meanings` of datasets."""
        return self.name.lower()


ADVICE = {
    OutcomeKind.NOT_RUN: "the point has not been computed yet; run the sweep again",
    OutcomeKind.COMPLETED: "the protocol was carried out to its end",
    OutcomeKind.SHORTED: "a lithium filament crossed the separator",
    OutcomeKind.CAPACITY_BELOW_THRESHOLD: "the discharge capacity fell below the threshold of the run",
    OutcomeKind.LITHIUM_EXHAUSTED: "the counter electrode ran out of lithium; give it more, or plate less",
    OutcomeKind.HOST_OVERFLOW: "lithium grew between host and separator beyond the limit of the anode's data file",
    OutcomeKind.INVALID_DESIGN: "the cell cannot be built as described; see the message",
    OutcomeKind.SOLVER_FAILED: "the integrator could not go on; results until then are valid",
    OutcomeKind.TIME_LIMIT: "a limit on the run's cost was met; raise the setting named, or shorten the protocol",
}


@dataclass(frozen=True)
class Outcome:
    """What ended a run, where and when.

    Attributes
    ----------
    kind : OutcomeKind
    message : str
        One sentence with the place and the numbers.
    cycle : int
        Cycle (from 1) in which the run ended.
    step : int
        Index (from 0) of the protocol step in which the run ended.
    time : float
        Time since the start of the run [s].
    """

    kind: OutcomeKind
    message: str
    cycle: int
    step: int
    time: float

    def __str__(self) -> str:
        return f"{self.kind.label} (cycle {self.cycle}, {self.time / 3600:.2f} h): {self.message}"
