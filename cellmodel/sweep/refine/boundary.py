"""Which boundary a refined sweep looks for, and on which side of it each point of a failure map lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import InputError, did_you_mean
from cellmodel.sweep.probability import WITHOUT_ANSWER
from cellmodel.sweep.results import MARGINS, ONSETS, RESULTS, rule_of

if TYPE_CHECKING:
    from cellmodel.sweep.definition import Sweep

OUTCOME = "outcome"
UNKNOWN = -1
"""Category of a point whose run says nothing about its cell."""


def level_of(sweep: Sweep) -> float | None:
    """Return where the boundary of a refined sweep lies, in the unit of its quantity.

    Of an outcome None. By default 0 of a margin, the report's threshold of retention, 1/2 of the probability of a
    short; of an onset infinity, which divides cells that short from those that never do. None where there is no such
    choice.
    """
    spec = sweep.design.refine
    if spec.level is not None or spec.of == OUTCOME:
        return spec.level
    usual = dict.fromkeys(MARGINS, 0.0) | dict.fromkeys(ONSETS, np.inf)
    return (usual | {"capacity_retention": sweep.report.threshold, "short_probability": 0.5}).get(spec.of)


def check(sweep: Sweep, where: str) -> None:
    """Refuse a refined sweep whose boundary is none.

    Raises
    ------
    InputError
        An unknown quantity, a level that is missing or makes no sense, axes or parameters that cannot be refined.
    """
    spec, key = sweep.design.refine, "design.refine"
    if spec is None:
        return
    names = (*RESULTS, OUTCOME)
    if spec.of not in names:
        fix = did_you_mean(spec.of, names)
        raise InputError(where, f"{key}.of", spec.of, ", ".join(names), fix, problem="has no boundary")
    if spec.of == OUTCOME and spec.level is not None:
        fix = "leave the level out: the boundary is where the outcome changes"
        raise InputError(where, f"{key}.level", spec.level, problem="is a level, and an outcome has none", fix=fix)
    if spec.of != OUTCOME and level_of(sweep) is None:
        fix = f"say at which {spec.of} the boundary lies, such as level: 0.9"
        raise InputError(where, f"{key}.level", problem="is missing", fix=fix)
    if spec.of in ONSETS and not level_of(sweep) > 0:
        raise InputError(where, f"{key}.level", spec.level, "above 0", problem=f"is no {spec.of}")
    if sweep.draws:
        fix = "leave 'uncertain' out, or use a grid or a sobol design"
        raise InputError(where, key, problem="is not possible with uncertain parameters", fix=fix)
    if all(axis.layout == "values" for axis in sweep.axes):
        fix = "give an axis a range, linear or log, or use design: grid"
        raise InputError(where, key, problem="has nothing to refine: every axis has explicit values", fix=fix)


def categories(found: xr.Dataset, sweep: Sweep) -> NDArray[np.int64]:
    """Return what each point of a failure map is, shape (points,).

    Parameters
    ----------
    found : xarray.Dataset
        Failure map along `point`.
    sweep : Sweep
        Its design says which quantity and level.

    Returns
    -------
    ndarray of int, shape (points,)
        1 below the level and 0 elsewhere, or the flag of the outcome; `UNKNOWN` where a run has no answer.
    """
    unknown = found["outcome"].isin(WITHOUT_ANSWER).values
    if sweep.design.refine.of == OUTCOME:
        return np.where(unknown, UNKNOWN, found["outcome"].values.astype(int))
    rule, level = rule_of(sweep.design.refine.of, sweep, "design.refine.of"), level_of(sweep)
    values = rule.finite(found)
    # An onset is read as its reciprocal, 0 where it never comes: early ones are the large ones.
    below = values > 1.0 / level if rule.name in ONSETS else values < level
    return np.where(unknown | np.isnan(values), UNKNOWN, below.astype(int))
