"""Gather the chunks of a sweep into one dataset, with the axes of a grid as its dimensions."""

from collections.abc import Sequence
from pathlib import Path

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
        For a grid, dimensions are the axes; otherwise `point`, with the axis values along it. A point that
        no chunk holds has the outcome `not_run`.

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
        for name, variable in chunk.data_vars.items():
            whole[name].values[at] = variable.values
    if whole is None:
        raise ValueError("a sweep has at least one chunk")
    whole = whole.assign(design.drop_vars("chunk").variables)
    return (_on_grid(whole, sweep) if sweep.gridded else _with_axes(whole, sweep)).assign_attrs(
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


def _on_grid(whole: xr.Dataset, sweep: Sweep) -> xr.Dataset:
    """Fold `point` into the axes, the last axis fastest, as the design lays the points out."""
    names = [axis.name for axis in sweep.axes]
    variables = {}
    for name, variable in whole.variables.items():
        if name in names:
            continue
        if "point" in variable.dims:
            shape = (*sweep.shape, *variable.shape[1:])
            folded = variable.values.reshape(shape)
            variables[name] = ((*names, *variable.dims[1:]), folded, variable.attrs)
        else:
            variables[name] = variable
    coords = {axis.name: (axis.name, axis.grid(), axis.attributes) for axis in sweep.axes}
    kept = {name: variables.pop(name) for name in ("cycle", "flaw_quantile")}
    return xr.Dataset(variables, coords | kept)


def _with_axes(whole: xr.Dataset, sweep: Sweep) -> xr.Dataset:
    return whole.set_coords([axis.name for axis in sweep.axes])
