"""The failure map of a table that is larger than memory: block by block of points, then put together."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.sweep import store
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.failure_map import failure_map
from cellmodel.sweep.tables import Source, blocks, gather, rows_of

ROW = "row"


def write_map(points: Path, sweep: Sweep, output: Path) -> None:
    """Write the failure map of a collected sweep.

    Parameters
    ----------
    points : Path
        Results of all points, as `collect.parts` gives them.
    sweep : Sweep
        The sweep.
    output : Path
        Where the map goes. Blocks of it stand beside it in the meantime.

    Raises
    ------
    StoreError
        The results are damaged or belong to another sweep, or the map cannot be written.
    ValueError
        As `failure_map`.
    """
    label, dims = sweep.label("failure_map"), _dims(sweep)
    one = store.read(points, sweep.label("points"), box={dim: slice(0, 1) for dim in dims})
    boxes = list(blocks(sweep.shape, one.nbytes))  # the draws of a point stay together
    if len(boxes) == 1:
        store.write(failure_map(store.read(points, sweep.label("points")), sweep), output, label)
        return
    folder = output.with_name(f".{output.name}.blocks")
    try:
        store.write_parts(_parts(points, sweep, boxes, folder), output, label)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _dims(sweep: Sweep) -> list[str]:
    return [axis.name for axis in sweep.axes] if sweep.gridded else ["point"]


def _parts(points: Path, sweep: Sweep, boxes: Sequence[tuple[slice, ...]], folder: Path) -> Iterator[xr.Dataset]:
    """Make the map of every block, and yield the whole a few variables at a time."""
    dims, sources, along = _dims(sweep), [], []
    for number, box in enumerate(boxes):
        table = store.read(points, sweep.label("points"), box=dict(zip(dims, box, strict=False)))
        found = failure_map(table, sweep)
        source = Source(folder / f"{number}.nc", f"block {number}", rows_of(box, sweep.shape))
        store.write(_flat(found, dims), source.path, source.identity)
        sources.append(source)
        along.append(found.coords.to_dataset().drop_dims([dim for dim in found.dims if dim not in dims]))
    coords = {name: each.variable for name, each in found.coords.items() if not set(dims) & set(each.dims)}
    coords |= dict(xr.concat(along, "point").variables) if not sweep.gridded else _axes(sweep)
    for part in gather(sources, int(np.prod(sweep.shape)), ROW, [str(name) for name in found.data_vars]):
        folded = {
            name: ((*dims, *each.dims[1:]), each.values.reshape(*sweep.shape, *each.shape[1:]), each.attrs)
            for name, each in part.data_vars.items()
        }
        yield xr.Dataset(folded, coords, found.attrs)


def _axes(sweep: Sweep) -> dict[str, Any]:
    return {axis.name: (axis.name, axis.grid(), axis.attributes) for axis in sweep.axes}


def _flat(found: xr.Dataset, dims: list[str]) -> xr.Dataset:
    """Return a block with one row after the other."""
    found = found.transpose(*dims, ...).drop_vars([name for name, c in found.coords.items() if set(dims) & set(c.dims)])
    variables = {
        name: ((ROW, *each.dims[len(dims) :]), each.values.reshape(-1, *each.shape[len(dims) :]), each.attrs)
        for name, each in found.data_vars.items()
    }
    return xr.Dataset(variables, found.coords)
