"""The boundary of a refined sweep on a regular grid of its axes, with what is known of its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import expit

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep.axes import Axis
from cellmodel.sweep.refine.boundary import OUTCOME, UNKNOWN, categories, level_of
from cellmodel.sweep.refine.calibration import judged, sharpened, sharpness
from cellmodel.sweep.refine.level_set import LevelSet, fit, held_out, probability_below
from cellmodel.sweep.refine.points import to_unit
from cellmodel.sweep.rows import outcome_attributes

if TYPE_CHECKING:
    from cellmodel.sweep.definition import Sweep

Numbers = NDArray[np.float64]
Made = tuple[dict[str, tuple[NDArray[Any], dict[str, Any]]], Numbers, Numbers, NDArray[np.int64]]

GRID_POINTS, MOST_VALUES = 50_000, 41
BAND = (0.05, 0.95)
"""Probabilities between which the side of a place, or its outcome, is in doubt."""


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
        Dimensions are the axes. For a level: `log_odds` of being above it, their standard deviation, calibrated
        `probability_below`, and `in_doubt`. For outcomes: the most likely `outcome` and its `outcome_probability`.
        Attributes tell `expected_error`, the mean over the grid of the probability that the likelier side or outcome is
        wrong, and the cross-validated error and calibration, see `calibration.judged`.
    """
    kinds = categories(found, sweep)
    known = kinds != UNKNOWN
    kinds = kinds[known]
    unit = to_unit(np.stack([found[axis.name].values[known] for axis in sweep.axes], axis=1), sweep.axes)
    ticks = [_ticks(axis, len(sweep.axes)) for axis in sweep.axes]
    mesh = np.meshgrid(*ticks, indexing="ij")
    cells = to_unit(np.stack([each.ravel() for each in mesh], axis=1), sweep.axes)
    made = _of_outcomes if sweep.design.refine.of == OUTCOME else _of_level
    variables, doubt, probability, names = made(unit, kinds, cells, sweep.design.refine.seed)
    dims, shape = [axis.name for axis in sweep.axes], mesh[0].shape
    data = {name: (dims, values.reshape(shape), text) for name, (values, text) in variables.items()}
    coords = {axis.name: (axis.name, tick, axis.attributes) for axis, tick in zip(sweep.axes, ticks, strict=True)}
    told = judged(probability, np.searchsorted(names, kinds), found["even_sample"].values[known] == 1)
    told["expected_error"] = float(doubt.mean())
    attributes = {"title": f"boundary of sweep {sweep.name}", "boundary": text_of(sweep), "points": len(kinds)}
    return xr.Dataset(data, coords, attributes | {"points_without_answer": int((~known).sum())} | told)


def text_of(sweep: Sweep) -> str:
    """Return which boundary it is, such as ``margin_short = 0``."""
    spec = sweep.design.refine
    return "change of outcome" if spec.of == OUTCOME else f"{spec.of} = {level_of(sweep):g}"


def _ticks(axis: Axis, axes: int) -> Numbers:
    """Return the values of an axis on the grid: as many as keep it small, or the explicit ones."""
    if axis.layout == "values":
        return axis.grid()
    number = min(int(GRID_POINTS ** (1.0 / axes) + 1e-9), MOST_VALUES)
    return np.clip(axis.sample(np.linspace(0.0, 1.0, number)), *axis.ends)


def _log_odds(found: LevelSet | None, below: NDArray[np.bool_], cells: Numbers) -> tuple[Numbers, Numbers]:
    """Return mean and deviation of the log-odds of not being below; infinite where all points are on one side."""
    if not below.size:
        return np.zeros(len(cells)), np.zeros(len(cells))
    if found is None:
        return np.full(len(cells), -np.inf if below.all() else np.inf), np.zeros(len(cells))
    return found.mean_and_deviation(cells)


def _side(unit: Numbers, below: NDArray[np.bool_], cells: Numbers, seed: int) -> dict[str, Any]:
    """Return mean, deviation and calibrated probability on the grid, and the held-out probability of the points."""
    found = fit(unit, below, seed)
    mean, deviation = _log_odds(found, below, cells)
    if found is None:
        return {"mean": mean, "deviation": deviation, "grid": expit(-mean), "points": below.astype(float)}
    outside = held_out(unit, below, found)
    factor = sharpness(outside, below)
    grid = sharpened(probability_below(mean, deviation), factor)
    return {"mean": mean, "deviation": deviation, "grid": grid, "points": sharpened(outside, factor)}


def _of_level(unit: Numbers, kinds: NDArray[np.int64], cells: Numbers, seed: int) -> Made:
    """Return variables and doubt on the grid, held-out probabilities of each category, and the categories."""
    side = _side(unit, kinds == 1, cells, seed)
    in_band = ((side["grid"] > BAND[0]) & (side["grid"] < BAND[1])).astype(np.int8)
    flags = {"flag_values": np.array([0, 1], np.int8), "flag_meanings": "side_known side_in_doubt"}
    between = f"whether the probability lies between {BAND[0]} and {BAND[1]}"
    one = {"units": "1"}
    variables = {
        "log_odds": (side["mean"], one | {"long_name": "log-odds of not being below the level, mean of the process"}),
        "log_odds_deviation": (side["deviation"], one | {"long_name": "standard deviation of the log-odds"}),
        "probability_below": (side["grid"], one | {"long_name": "probability of being below the level, calibrated"}),
        "in_doubt": (in_band, flags | {"long_name": between}),
    }
    doubt = np.minimum(side["grid"], 1.0 - side["grid"])
    return variables, doubt, np.stack([1.0 - side["points"], side["points"]], axis=1), np.array([0, 1])


def _of_outcomes(unit: Numbers, kinds: NDArray[np.int64], cells: Numbers, seed: int) -> Made:
    """Return the same for outcomes: each against all others, and probabilities scaled to a sum of 1."""
    names = np.unique(kinds) if kinds.size else np.array([OutcomeKind.NOT_RUN.value])
    sides = [_side(unit, kinds == name, cells, seed) for name in names]
    on_grid, outside = (np.stack([side[key] for side in sides], axis=1) for key in ("grid", "points"))
    on_grid = on_grid / np.maximum(on_grid.sum(axis=1, keepdims=True), 1e-12)
    outside = outside / np.maximum(outside.sum(axis=1, keepdims=True), 1e-12)
    likeliest = names[on_grid.argmax(axis=1)].astype(np.int8)
    text = {"units": "1", "long_name": "probability of the most likely outcome"}
    flag = outcome_attributes() | {"long_name": "most likely outcome"}
    sure = on_grid.max(axis=1)
    return {"outcome": (likeliest, flag), "outcome_probability": (sure, text)}, 1.0 - sure, outside, names
