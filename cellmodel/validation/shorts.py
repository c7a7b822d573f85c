"""Whether, when and at which current the median cell shorts."""

from __future__ import annotations

import math
from typing import Any

from cellmodel.dataset import broken_contact_step
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.validation.ending import ended_early
from cellmodel.validation.registry import Unmeasurable, quantity


def _onset(run: Any, name: str) -> float:
    """Onset of the median cell's short; infinite if the protocol was carried out without one.

    Raises
    ------
    Unmeasurable
        If the run ended for another reason, or a contact broke: whether the cell would have shorted is not known.
    """
    if run.short is not None:
        return run.short[name]
    if run.outcome.kind != OutcomeKind.COMPLETED:
        raise ended_early(run)
    if (step := broken_contact_step(run.compiled, run.steps, run.cell)) is not None:
        cycle = int(run.compiled.cycle[step])
        raise Unmeasurable(
            f"contact broke in step {step + 1} (cycle {cycle}): it ran to the cycler's limit, not to its own"
        )
    return math.inf


@quantity("1", kind="flag")
def shorted(run: Any) -> bool:
    """Whether the median cell shorts."""
    return math.isfinite(_onset(run, "time"))


@quantity("mAh/cm2")
def short_onset_capacity(run: Any) -> float:
    """Areal capacity passed in the half cycle in which it shorts; infinite if it never does."""
    within = _onset(run, "areal_capacity")
    return within if math.isinf(within) else within + _passed_before(run)


def _passed_before(run: Any) -> float:
    """Areal capacity of the steps before, as far back as none goes in the other direction."""
    step, capacity, way = int(run.outcome.step), 0.0, int(run.compiled.direction[run.outcome.step])
    for before in range(step - 1, -1, -1):
        direction = int(run.compiled.direction[before])
        if direction and direction == -way:
            break
        way = way or direction  # a cell that shorts at rest is in the half cycle before
        capacity += abs(float(run.steps["capacity"].values[before]))
    return capacity


@quantity("1")
def short_onset_cycle(run: Any) -> float:
    """Cycle in which it shorts; infinite if it never does."""
    return _onset(run, "cycle")


@quantity("h")
def short_onset_time(run: Any) -> float:
    """Time until it shorts; infinite if it never does."""
    return _onset(run, "time")


@quantity("mA/cm2")
def critical_current_density(run: Any) -> float:
    """Current density, such as that of a ramp, at which it shorts; infinite if it never does."""
    return run.critical_current_density if math.isfinite(_onset(run, "time")) else math.inf
