"""The boundary of a refined sweep on a regular grid of its axes, with what is known of its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep.axes import Axis
from cellmodel.sweep.refine.batch import CONFIDENCE
from cellmodel.sweep.refine.boundary import OUTCOME, UNKNOWN, categories, level_of
from cellmodel.sweep.refine.level_set import LevelSet, fit, held_out, probability_below
from cellmodel.sweep.refine.points import to_unit
from cellmodel.sweep.rows import outcome_attributes

if TYPE_CHECKING:
    from cellmodel.sweep.definition import Sweep

Numbers = NDArray[np.float64]

GRID_POINTS, MOST_VALUES = 50_000, 41
BINS = np.linspace(0.0, 1.0, 6)
"""Borders of the predicted probabilities for which the share that came true is told."""


def surface(found: xr.Dataset, sweep: Sweep) -> xr.Dataset:
    """Interpolate the boundary of a refined sweep.

    Parameters
    ----------
    found : xarray.Dataset
        Failure map along `point`, with `even_sample`.
    sweep : Sweep
        The refined sweep.

    Returns
    -------
    xarray.Dataset
        Dimensions are the axes. For a level: `log_odds` of being above it, their standard deviation, `probability_below`
        and `in_doubt`. For outcomes: the most likely `outcome` and its `outcome_probability`. Attributes tell
        the cross-validated error and calibration, see `judged`.
    """
    kinds = categories(found, sweep)
    known = kinds != UNKNOWN
    kinds = kinds[known]
    unit = to_unit(np.stack([found[axis.name].values[known] for axis in sweep.axes], axis=1), sweep.axes)
    ticks = [_ticks(axis, len(sweep.axes)) for axis in sweep.axes]
    mesh = np.meshgrid(*ticks, indexing="ij")
    cells = to_unit(np.stack([each.ravel() for each in mesh], axis=1), sweep.axes)
    made = _of_outcomes if sweep.design.refine.of == OUTCOME else _of_level
    variables, probability, names = made(unit, kinds, cells, sweep.design.refine.seed)
    dims, shape = [axis.name for axis in sweep.axes], mesh[0].shape
    data = {name: (dims, values.reshape(shape), text) for name, (values, text) in variables.items()}
    coords = {axis.name: (axis.name, tick, axis.attributes) for axis, tick in zip(sweep.axes, ticks, strict=True)}
    told = judged(probability, np.searchsorted(names, kinds), found["even_sample"].values[known] == 1)
    attributes = {"title": f"boundary of sweep {sweep.name}", "boundary": text_of(sweep), "points": len(kinds)}
    return xr.Dataset(data, coords, attributes | {"points_without_answer": int((~known).sum())} | told)


def text_of(sweep: Sweep) -> str:
    """Return which boundary it is, such as ``margin_short = 0``."""
    spec = sweep.design.refine
    return "change of outcome" if spec.of == OUTCOME else f"{spec.of} = {level_of(sweep):g}"


def judged(probability: Numbers, truth: NDArray[np.int64], even: NDArray[np.bool_]) -> dict[str, Any]:
    """Tell how often probabilities are right of points that had no part in them.

    Parameters
    ----------
    probability : ndarray, shape (points, categories)
        Held-out probability of each category.
    truth : ndarray of int, shape (points,)
        Index of what each point was.
    even : ndarray of bool, shape (points,)
        Which points are of the even sequence.

    Returns
    -------
    dict
        `error`: share of the even points whose likeliest category is wrong, an estimate for the whole map (cautious, as
        a fifth of the points was left out), and `error_deviation`, its standard deviation; `error_at_boundary` of
        the others. `calibration_predicted`, `calibration_observed`, `calibration_points`: mean probability of a category
        in each of five bins, the share that came true, and how many went into it.
    """
    wrong = probability.argmax(axis=1) != truth
    said, true = probability.ravel(), (truth[:, None] == np.arange(probability.shape[1])).ravel()
    place = np.clip(np.digitize(said, BINS) - 1, 0, len(BINS) - 2)
    count = np.bincount(place, minlength=len(BINS) - 1)
    sums = [np.bincount(place, weights=each, minlength=len(BINS) - 1) for each in (said, true)]
    share = (wrong[even].sum() + 0.5) / (even.sum() + 1.0)  # keeps the deviation above zero without any wrong point
    return {
        "error": float(wrong[even].mean()) if even.any() else 1.0,
        "error_deviation": float(np.sqrt(share * (1.0 - share) / max(even.sum(), 1))),
        "error_at_boundary": float(wrong[~even].mean()) if (~even).any() else 0.0,
        "calibration_predicted": sums[0] / np.maximum(count, 1),
        "calibration_observed": sums[1] / np.maximum(count, 1),
        "calibration_points": count,
    }


def _ticks(axis: Axis, axes: int) -> Numbers:
    """Return the values of an axis on the grid: as many as keep it small, or the explicit ones."""
    if axis.layout == "values":
        return axis.grid()
    number = min(int(GRID_POINTS ** (1.0 / axes) + 1e-9), MOST_VALUES)
    return np.clip(axis.sample(np.linspace(0.0, 1.0, number)), *axis.ends)


def _log_odds(found: LevelSet | None, below: NDArray[np.bool_], cells: Numbers) -> tuple[Numbers, Numbers]:
    """Return mean and deviation of the log-odds of not being below; infinite where all points are on one side."""
    if found is None:
        return np.full(len(cells), -np.inf if below.all() else np.inf), np.zeros(len(cells))
    return found.mean_and_deviation(cells)


def _of_level(unit: Numbers, kinds: NDArray[np.int64], cells: Numbers, seed: int) -> tuple[dict, Numbers, Numbers]:
    """Return variables on the grid, held-out probabilities of each category, and the categories."""
    below = kinds == 1
    found = fit(unit, below, seed)
    mean, deviation = _log_odds(found, below, cells)
    probability = probability_below(mean, deviation)
    doubt = (np.abs(mean) < CONFIDENCE * deviation).astype(np.int8)
    flags = {"flag_values": np.array([0, 1], np.int8), "flag_meanings": "side_known side_in_doubt"}
    one = {"units": "1"}
    variables = {
        "log_odds": (mean, one | {"long_name": "log-odds of being above the level, mean; 0 at the boundary"}),
        "log_odds_deviation": (deviation, one | {"long_name": "standard deviation of the log-odds"}),
        "probability_below": (probability, one | {"long_name": "probability of being below the level"}),
        "in_doubt": (doubt, flags | {"long_name": f"whether log-odds of 0 are within {CONFIDENCE} deviations"}),
    }
    outside = below.astype(float) if found is None else held_out(unit, below, found, seed)
    return variables, np.stack([1.0 - outside, outside], axis=1), np.array([0, 1])


def _of_outcomes(unit: Numbers, kinds: NDArray[np.int64], cells: Numbers, seed: int) -> tuple[dict, Numbers, Numbers]:
    """Return the same for outcomes: each against all others, and probabilities scaled to a sum of 1."""
    names = np.unique(kinds) if kinds.size else np.array([OutcomeKind.NOT_RUN.value])
    fits = [fit(unit, kinds == name, seed) for name in names]
    on_grid, outside = np.empty((len(cells), len(names))), np.empty((len(kinds), len(names)))
    for number, (name, found) in enumerate(zip(names, fits, strict=True)):
        on_grid[:, number] = probability_below(*_log_odds(found, kinds == name, cells))
        outside[:, number] = held_out(unit, kinds == name, found, seed) if found else 1.0
    on_grid /= np.maximum(on_grid.sum(axis=1, keepdims=True), 1e-12)
    outside /= np.maximum(outside.sum(axis=1, keepdims=True), 1e-12)
    likeliest = names[on_grid.argmax(axis=1)].astype(np.int8)
    text = {"units": "1", "long_name": "probability of the most likely outcome"}
    flag = outcome_attributes() | {"long_name": "most likely outcome"}
    return {"outcome": (likeliest, flag), "outcome_probability": (on_grid.max(axis=1), text)}, outside, names
