"""How far a run went, and whether what it did is what its protocol asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.validation.registry import Unmeasurable

_OWN_ENDS = (OutcomeKind.COMPLETED, OutcomeKind.CAPACITY_BELOW_THRESHOLD)


def finished_steps(run: Any) -> int:
    """Number of protocol steps that came to their own end, not to that of the run."""
    return run.outcome.step + (run.outcome.kind in _OWN_ENDS)


def ended_early(run: Any) -> Unmeasurable:
    """The reason for which a later part of the protocol tells nothing."""
    return Unmeasurable(f"the run ended early: {run.outcome}")


def finished(run: Any, cycle: int, direction: int) -> np.ndarray:
    """Protocol steps of one direction in a cycle, all of them carried out.

    Raises
    ------
    Unmeasurable
        If there are none, or the run ended before their end.
    """
    steps = np.flatnonzero((run.compiled.cycle == cycle) & (run.compiled.direction == direction))
    if not steps.size:
        raise Unmeasurable(f"no step of cycle {cycle} {'charges' if direction > 0 else 'discharges'} the cell")
    if steps[-1] >= finished_steps(run):
        raise ended_early(run)
    return steps


def first_plating(run: Any) -> int:
    """First protocol step that plates or charges; it may be unfinished."""
    steps = np.flatnonzero(run.compiled.direction > 0)
    if not steps.size or steps[0] > run.outcome.step:
        raise ended_early(run) if steps.size else Unmeasurable("no step of the protocol plates lithium")
    return int(steps[0])


def last_plating(run: Any) -> int:
    """Last protocol step that plates or charges, if the run carried it out."""
    steps = np.flatnonzero(run.compiled.direction > 0)
    if not steps.size:
        raise Unmeasurable("no step of the protocol plates lithium")
    if steps[-1] >= finished_steps(run):
        raise ended_early(run)
    return int(steps[-1])


def half_cell(run: Any, what: str) -> None:
    """Refuse a full cell, whose voltage does not tell the anode's.

    Raises
    ------
    Unmeasurable
    """
    if run.cell.is_full:
        raise Unmeasurable(f"{what} is read from a half cell, and this is a full cell")
