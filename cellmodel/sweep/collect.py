"""Gather the chunks of a sweep into one dataset, with the axes of a grid as its dimensions."""

from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.sweep import store
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.rows import outcome_attributes
from cellmodel.sweep.tables import Source, decoded, gather


def collect(sweep: Sweep, design: xr.Dataset, files: Sequence[Path]) -> xr.Dataset:
    """Read every chunk into one dataset in memory.

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
    return xr.merge(
        map(decoded, parts(sweep, design, files)), join="exact", compat="override", combine_attrs="override"
    )


def assemble(sweep: Sweep, design: xr.Dataset, table: xr.Dataset) -> xr.Dataset:
    """Lay out the rows of all points as a sweep does.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    design : xarray.Dataset
        Its points.
    table : xarray.Dataset
        A row for each point, in order, as from `rows.table`.

    Returns
    -------
    xarray.Dataset
        As from `collect`.
    """
    whole = table.drop_dims(("sample", "place"), errors="ignore")  # time series stay in the chunks
    whole = whole.assign(design.drop_vars("chunk").variables)
    whole["outcome"].attrs.update(outcome_attributes())
    return _folded(whole, sweep, design).assign_attrs(_about(sweep))


def parts(sweep: Sweep, design: xr.Dataset, files: Sequence[Path]) -> Iterator[xr.Dataset]:
    """Yield what `collect` returns, a few variables at a time, so that memory never holds the whole sweep.

    Parameters
    ----------
    sweep, design, files
        As for `collect`.

    Yields
    ------
    xarray.Dataset
        Some of the variables; texts in fixed bytes, as from `tables.gather`.

    Raises
    ------
    StoreError
        As in `collect`.
    """
    if not files:
        raise ValueError("a sweep has at least one chunk")
    labels = [sweep.label(f"chunk {number}") for number in range(len(files))]
    sources = [_source(*each, design) for each in zip(files, labels, strict=True)]
    first = store.read(files[0], labels[0])
    # Time series stay in the chunks.
    names = [str(name) for name, variable in first.data_vars.items() if variable.dims[0] == "point"]
    coords = {name: first.variables[name] for name in ("cycle", "flaw_quantile")}
    about = _about(sweep)
    for table in gather(sources, sweep.points, "point", names):
        if "outcome" in table:
            table["outcome"].attrs.update(outcome_attributes())
        yield _folded(table.assign_coords(coords), sweep, design).assign_attrs(about)
    own = design.drop_vars(["chunk", *(each.name for each in sweep.varied), *names], errors="ignore")
    yield _folded(own, sweep, design).assign_attrs(about)


def _about(sweep: Sweep) -> dict[str, str]:
    return {"title": f"results of sweep {sweep.name}", "sweep_file": sweep.path.read_text(encoding="utf-8")}


def _source(file: Path, label: str, design: xr.Dataset) -> Source:
    found = store.columns(file, label, ["point", "point_identity"])
    if not np.array_equal(found["point_identity"].astype(str), design["point_identity"].values[found["point"]]):
        fix = "remove it and run the workflow again"
        raise store.ForeignFile(str(file), problem="holds other points than the design", fix=fix)
    return Source(file, label, found["point"])


def _folded(table: xr.Dataset, sweep: Sweep, design: xr.Dataset) -> xr.Dataset:
    """Fold `point` into the axes of a grid, the last one fastest, and into draws, as the design lays the points out."""
    count = sweep.draws.count if sweep.draws else 1
    dims = [*([axis.name for axis in sweep.axes] if sweep.gridded else ["point"]), *(["draw"] if sweep.draws else [])]
    shape = (*sweep.shape, count) if sweep.draws else sweep.shape
    coords = _axis_coords(design, sweep, count) | _draw_coords(design, sweep)
    coords |= {name: coord.variable for name, coord in table.coords.items() if name != "point"}
    variables = {}
    for name, variable in table.variables.items():
        if name not in coords:
            folded = variable.values.reshape(*shape, *variable.shape[1:])
            variables[name] = ((*dims, *variable.dims[1:]), folded, variable.attrs)
    return xr.Dataset(variables, coords)


def _axis_coords(design: xr.Dataset, sweep: Sweep, count: int) -> dict[Hashable, Any]:
    """Return the axes: dimensions of a grid, otherwise numbers along `point`."""
    if sweep.gridded:
        return {axis.name: (axis.name, axis.grid(), axis.attributes) for axis in sweep.axes}
    number = ("point", np.arange(sweep.points // count), design["point"].attrs)
    return {"point": number} | {a.name: ("point", design[a.name].values[::count], a.attributes) for a in sweep.axes}


def _draw_coords(design: xr.Dataset, sweep: Sweep) -> dict[Hashable, Any]:
    """Return what was drawn, along `draw`; the draws of all points are the same."""
    if sweep.draws is None:
        return {}
    count = sweep.draws.count
    number = ("draw", np.arange(count), {"long_name": "number of the draw"})
    drawn = {u.name: ("draw", design[u.name].values[:count], u.attributes) for u in sweep.draws.parameters}
    return {"draw": number} | drawn
