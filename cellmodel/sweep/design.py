"""The points of a sweep: axis values, chunk and content hash of each."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import InputError
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.identity import digest, result_hash
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
    hashes = np.array(list(_identities(sweep, table)), dtype=object)
    variables["point_identity"] = (
        "point",
        hashes,
        {"long_name": "content hash of the point's parameters, protocol, settings and model sources"},
    )
    coords = {"point": ("point", np.arange(sweep.points), {"long_name": "number of the point in the design"})}
    return xr.Dataset(variables, coords, {"title": f"design of sweep {sweep.name}", "model": result_hash()})


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


def _identities(sweep: Sweep, table: NDArray[np.float64]) -> Iterator[str]:
    """Hash what decides a point's result; a cell that cannot exist is hashed by what was asked for."""
    rest = [result_hash(), sweep.protocol.identity(), asdict(sweep.settings)]
    for row in table:
        try:
            content = sweep.cell_at(row).identity()
        except InputError:
            content = [sweep.cell.identity(), [each.path for each in sweep.varied], row.tolist()]
        yield digest([*rest, content])
