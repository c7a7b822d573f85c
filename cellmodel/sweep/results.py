"""Results of which a sensitivity can be told, and how each becomes a finite number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import InputError, did_you_mean
from cellmodel.sweep.probability import WITHOUT_ANSWER, cycle_life

if TYPE_CHECKING:
    from cellmodel.sweep.definition import Sweep

MARGINS = ("margin_short", "margin_overflow", "margin_fade", "margin_exhaustion", "margin_contact")
ONSETS = ("short_areal_capacity", "short_cycle", "short_time", "cycle_life")
SHARES = ("capacity_retention", "short_probability", "first_coulombic_efficiency", "mean_coulombic_efficiency")
RESULTS = (*MARGINS, *ONSETS, *SHARES, "peak_stack_pressure")


@dataclass(frozen=True)
class Rule:
    """How a result is read from a failure map.

    Attributes
    ----------
    name : str
        One of `RESULTS`.
    text : str
        What is analysed.
    read : callable
        Failure map along `point` to numbers, shape (points,).
    boundary : float or None
        Where regional sensitivity divides the runs; None is the median.
    """

    name: str
    text: str
    read: Callable[[xr.Dataset], xr.DataArray]
    boundary: float | None

    def finite(self, found: xr.Dataset) -> NDArray[np.float64]:
        """Return the result of every run, missing only where a run says nothing about its cell."""
        values = self.read(found).astype(float)
        return values.where(~found["outcome"].isin(WITHOUT_ANSWER)).values


def rule_of(name: str, sweep: Sweep, where: str) -> Rule:
    """Return how a result is read.

    Parameters
    ----------
    name : str
        One of `RESULTS`.
    sweep : Sweep
        Its report gives threshold and cycles.
    where : str
        For the message.

    Returns
    -------
    Rule
        Margins and shares as they are; of onsets the reciprocal, which is 0 where they never come. A share or a fade
        that a run did not live to see is that of a cell that delivers nothing.

    Raises
    ------
    InputError
        For an unknown result; the nearest is offered.
    """
    report, threshold = sweep.report, sweep.report.threshold
    if name == "cycle_life":
        return Rule(
            name, f"1/{name}, 0 if it outlives the protocol", lambda found: 1.0 / cycle_life(found, report), 0.0
        )
    if name in ONSETS:
        return Rule(name, f"1/{name}, 0 if it never shorts", lambda found: 1.0 / found[name], 0.0)
    if name == "margin_fade":
        text = "margin_fade; nothing is left of a cell that ended before it could fade"
        return Rule(name, text, lambda found: found[name].fillna(-threshold), 0.0)
    if name in MARGINS:
        return Rule(name, name, lambda found: found[name], 0.0)
    if name == "capacity_retention":
        last = report.retention_cycles[-1]
        text = f"capacity retention in cycle {last}, 0 if the cell ended before"
        return Rule(name, text, lambda found: found[name].isel(retention_cycle=-1).fillna(0.0), threshold)
    if name == "short_probability":
        return Rule(name, name, lambda found: found[name].fillna(0.0), 0.5)
    if name in RESULTS:
        text = name if name == "peak_stack_pressure" else f"{name}, 0 if the cell ended before"
        return Rule(name, text, lambda found: found[name].fillna(0.0), None)
    fix = did_you_mean(name, RESULTS)
    raise InputError(where, "result", name, ", ".join(RESULTS), fix, problem="is not a result")
