"""Axis values of the points of a round."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.sweep.axes import Axis
from cellmodel.sweep.refine import layout
from cellmodel.sweep.refine.batch import candidates, even_points, next_points
from cellmodel.sweep.refine.boundary import categories

if TYPE_CHECKING:
    from cellmodel.sweep.definition import Sweep

DIGITS = 6
"""Significant digits of an axis value, so that a point is the same on every machine."""


def axis_values(part: Sweep, found: xr.Dataset | None) -> NDArray[np.float64]:
    """Return the axis values of every point of a round, shape (points, axes).

    Parameters
    ----------
    part : Sweep
        A round, one of `Sweep.parts`.
    found : xarray.Dataset or None
        Failure map along `point` of all rounds before; None for the first round.

    Returns
    -------
    ndarray, shape (points, axes)
        First those of the even sequence, which goes on from round to round, then those at the boundary. A function of
        the sweep file and of the results before alone.
    """
    spec, number = part.design.refine, part.round
    even = [layout.even(spec, each) for each in range(number + 1)]
    table = from_unit(even_points(len(part.axes), sum(even[:-1]), even[-1], spec.seed), part.axes)
    if found is None:
        return table
    before = np.stack([found[axis.name].values for axis in part.axes], axis=1)
    pool = from_unit(candidates(len(part.axes), spec.seed, number), part.axes)
    pool = _new(pool, np.vstack([before, table]))
    kinds, count = categories(found, part), spec.points - even[-1]
    chosen = next_points(to_unit(before, part.axes), kinds, count, to_unit(pool, part.axes), spec.seed)
    return np.vstack([table, pool[chosen]])


def from_unit(unit: NDArray[np.float64], axes: tuple[Axis, ...]) -> NDArray[np.float64]:
    """Map points of the unit cube to axis values of `DIGITS` digits, shape (points, axes)."""
    columns = []
    for axis, share in zip(axes, unit.T, strict=True):
        values = np.array([float(f"{value:.{DIGITS}g}") for value in axis.sample(share)])
        columns.append(axis.sample(share) if axis.layout == "values" else np.clip(values, *axis.ends))
    return np.stack(columns, axis=1)


def to_unit(table: NDArray[np.float64], axes: tuple[Axis, ...]) -> NDArray[np.float64]:
    """Map axis values to the unit cube, shape (points, axes); equal ratios of a log axis are equally far apart."""
    return np.stack([axis.position(table[:, i]) for i, axis in enumerate(axes)], axis=1)


def _new(pool: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points of `pool` that are neither there already nor twice in it, in order."""
    seen = set(map(tuple, before.tolist()))
    kept = [row for row in dict.fromkeys(map(tuple, pool.tolist())) if row not in seen]
    return np.array(kept).reshape(-1, pool.shape[1])
