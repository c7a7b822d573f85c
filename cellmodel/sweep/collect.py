"""Gather the chunks of a sweep into one dataset, with the axes of a grid as its dimensions."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.sweep import store
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.rows import outcome_attributes


def collect(sweep: Sweep, design: xr.Dataset, files: Sequence[Path]) -> xr.Dataset:
    """Read every chunk into one dataset.

    Room for all points is made once and filled chunk by chunk, so that memory holds the sweep and one
    chunk, never two copies of the sweep.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    design : xarray.Dataset
        Its points.
    files : sequence of Path
        The file of each chunk, in order.

    Returns
    -------
    xarray.Dataset
        For a grid, dimensions are the axes; otherwise `point`, with the axis values along it. Where parameters are
        drawn, `draw` is the next one. A point that no chunk holds has the outcome `not_run`.

    Raises
    ------
    StoreError
        A file is missing, damaged or belongs to another sweep.
    """
    whole = None
    for number, file in enumerate(files):
        chunk = store.read(file, sweep.label(f"chunk {number}"))
        chunk = chunk.drop_dims(("sample", "place"), errors="ignore")  # time series stay in the chunks
        if whole is None:
            whole = _room_for(chunk, sweep.points)
        at = chunk["point"].values
        if not np.array_equal(chunk["point_identity"].values, design["point_identity"].values[at]):
            fix = "remove it and run the workflow again"
            raise store.ForeignFile(str(file), problem="holds other points than the design", fix=fix)
        for name, variable in chunk.data_vars.items():
            whole[name].values[at] = variable.values
    if whole is None:
        raise ValueError("a sweep has at least one chunk")
    whole = whole.assign(design.drop_vars("chunk").variables)
    return _folded(whole, sweep).assign_attrs(
        title=f"results of sweep {sweep.name}", sweep_file=sweep.path.read_text(encoding="utf-8")
    )


def _room_for(chunk: xr.Dataset, points: int) -> xr.Dataset:
    """Return a dataset for all points with the chunk's variables, filled with what stands for 'not run'."""
    variables = {}
    for name, like in chunk.data_vars.items():
        fill = {"f": np.nan, "i": 0}.get(like.dtype.kind, "")
        room = np.full((points, *like.shape[1:]), fill, dtype=like.dtype)
        variables[name] = (like.dims, room, like.attrs)
    coords = {name: coord.variable for name, coord in chunk.coords.items() if "point" not in coord.dims}
    whole = xr.Dataset(variables, coords)
    whole["outcome"].attrs.update(outcome_attributes())
    return whole


def _folded(whole: xr.Dataset, sweep: Sweep) -> xr.Dataset:
    """Fold `point` into the axes of a grid, the last one fastest, and into draws, as the design lays the points out."""
    count = sweep.draws.count if sweep.draws else 1
    dims = [*([axis.name for axis in sweep.axes] if sweep.gridded else ["point"]), *(["draw"] if sweep.draws else [])]
    shape = (*sweep.shape, count) if sweep.draws else sweep.shape
    coords = _axis_coords(whole, sweep, count) | _draw_coords(whole, sweep)
    coords |= {name: whole.variables[name] for name in ("cycle", "flaw_quantile")}
    variables = {}
    for name, variable in whole.variables.items():
        if name not in coords:
            folded = variable.values.reshape(*shape, *variable.shape[1:])
            variables[name] = ((*dims, *variable.dims[1:]), folded, variable.attrs)
    return xr.Dataset(variables, coords)


def _axis_coords(whole: xr.Dataset, sweep: Sweep, count: int) -> dict[Hashable, Any]:
    """Return the axes: dimensions of a grid, otherwise numbers along `point`."""
    if sweep.gridded:
        return {axis.name: (axis.name, axis.grid(), axis.attributes) for axis in sweep.axes}
    number = ("point", np.arange(whole.sizes["point"] // count), whole["point"].attrs)
    return {"point": number} | {a.name: ("point", whole[a.name].values[::count], a.attributes) for a in sweep.axes}


def _draw_coords(whole: xr.Dataset, sweep: Sweep) -> dict[Hashable, Any]:
    """Return what was drawn, along `draw`; the draws of all points are the same."""
    if sweep.draws is None:
        return {}
    count = sweep.draws.count
    number = ("draw", np.arange(count), {"long_name": "number of the draw"})
    drawn = {u.name: ("draw", whole[u.name].values[:count], u.attributes) for u in sweep.draws.parameters}
    return {"draw": number} | drawn
