"""The points of a sweep: axis values, chunk and content hash of each."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.sweep import store
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.hashing import identities
from cellmodel.sweep.identity import result_hash
from cellmodel.sweep.refine import points


def build(sweep: Sweep, found: xr.Dataset | None = None) -> xr.Dataset:
    """Lay out the points of a sweep.

    Parameters
    ----------
    sweep : Sweep
        A checked sweep, or a round of one that is refined.
    found : xarray.Dataset, optional
        For a round after the first: failure map along `point` of the rounds before.

    Returns
    -------
    xarray.Dataset
        Dimension `point`; one variable for each axis and uncertain parameter (in its unit), the chunk of each point and
        the content hash of each point.
    """
    table = values(sweep, found)
    variables: dict[str, Any] = {
        each.name: ("point", table[:, i], each.attributes) for i, each in enumerate(sweep.varied)
    }
    variables["chunk"] = ("point", chunk_of(sweep), {"long_name": "chunk that holds the point"})
    rest = [result_hash(), sweep.protocol.identity(), asdict(sweep.settings)]
    hashes = np.array(list(identities(sweep, table, rest)), dtype=object)
    variables["point_identity"] = (
        "point",
        hashes,
        {"long_name": "content hash of the point's parameters, protocol, settings and model sources"},
    )
    coords = {"point": ("point", np.arange(sweep.points), {"long_name": "number of the point in the design"})}
    return xr.Dataset(variables, coords, {"title": f"design of sweep {sweep.name}", "model": result_hash()})


def read_chunk(path: Path, identity: str, chunk: int) -> xr.Dataset:
    """Read the points of one chunk, one variable after the other: a design of millions is not held in memory.

    Parameters
    ----------
    path : Path
        Where the design was written.
    identity : str
        Content hash that it must carry.
    chunk : int
        Number of the chunk.

    Returns
    -------
    xarray.Dataset
        As from `build`, without the points of other chunks.

    Raises
    ------
    StoreError
        As `store.read`.
    """
    like = store.read(path, identity, box={"point": slice(0, 0)})
    mine = store.columns(path, identity, ["chunk"])["chunk"] == chunk
    variables = {}
    for name, variable in like.variables.items():
        values = store.columns(path, identity, [str(name)])[str(name)][mine]
        variables[name] = (
            "point",
            values.astype(str).astype(object) if values.dtype.kind == "S" else values,
            variable.attrs,
        )
    return xr.Dataset(variables, attrs=like.attrs).set_coords("point")


def values(sweep: Sweep, found: xr.Dataset | None = None) -> NDArray[np.float64]:
    """Return the values of every point, shape (points, varied), in the units of `sweep.varied`; as `build`.

    A grid's last axis varies fastest; the draws of a point follow each other.
    """
    table = axis_values(sweep, found)
    if sweep.draws is None:
        return table
    drawn = sweep.draws.values()
    return np.hstack([np.repeat(table, len(drawn), axis=0), np.tile(drawn, (len(table), 1))])


def axis_values(sweep: Sweep, found: xr.Dataset | None = None) -> NDArray[np.float64]:
    """Return the axis values of every point of the design, shape (design points, axes)."""
    if sweep.gridded:
        mesh = np.meshgrid(*(axis.grid() for axis in sweep.axes), indexing="ij")
        return np.stack([each.ravel() for each in mesh], axis=1)
    if sweep.design.refine:
        return points.axis_values(sweep, found)
    from scipy.stats import qmc  # a second to import, and most sweeps are grids

    if spec := sweep.design.sobol:
        engine = qmc.Sobol(len(sweep.axes), rng=spec.seed)
        shares = engine.random_base2(spec.points.bit_length() - 1)
    else:
        spec = sweep.design.latin_hypercube
        shares = qmc.LatinHypercube(len(sweep.axes), rng=spec.seed).random(spec.points)  # type: ignore[union-attr]
    return np.stack([axis.sample(shares[:, i]) for i, axis in enumerate(sweep.axes)], axis=1)


def chunk_of(sweep: Sweep) -> NDArray[np.int64]:
    """Return the chunk of every point, shape (points,).

    Points are dealt out in a fixed shuffled order: every chunk is a fair sample of the sweep, so that all
    take about as long and the time left can be told from the first one.
    """
    order = np.random.default_rng(0).permutation(sweep.points)
    chunk = np.empty(sweep.points, dtype=np.int64)
    chunk[order] = np.arange(sweep.points) % sweep.chunks
    return chunk
