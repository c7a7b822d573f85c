"""Tables larger than memory: gathered from many files a few variables at a time, or worked through in blocks."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.sweep import store

GROUP_BYTES = 3e8
"""Variables are gathered together up to this size; every file is opened once for each group."""

BLOCK_BYTES = 6e7
"""Tables are worked through in blocks of this size; what is computed from a block takes several times as much."""


class Source(NamedTuple):
    """A file, the content hash that it must carry, and the rows of the table that it holds, in its order."""

    path: Path
    identity: str
    rows: NDArray[np.int64]


class _Column(NamedTuple):
    dims: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: np.dtype
    attrs: dict[str, Any]

    @property
    def is_text(self) -> bool:
        return self.dtype.kind in "OUST"


def gather(sources: Sequence[Source], rows: int, along: str, names: Sequence[str]) -> Iterator[xr.Dataset]:
    """Put the rows of many files into one table, group by group of variables.

    Parameters
    ----------
    sources : sequence of Source
        At least one; all hold the same variables.
    rows : int
        Rows of the table. One that no file holds is 0, missing or an empty text.
    along : str
        First dimension of the variables, along which rows are laid out.
    names : sequence of str
        Variables to gather.

    Yields
    ------
    xarray.Dataset
        Some of the variables, whole; texts as UTF-8 in arrays of fixed bytes, which take less than as many objects
        would. Forget it before the next one comes.

    Raises
    ------
    StoreError
        A file is missing, damaged or carries another content hash.
    """
    like = store.read(sources[0].path, sources[0].identity)
    layout = {name: _column(like[name]) for name in names}
    for group in _groups(layout, rows):
        room = {name: _room(layout[name], rows) for name in group}
        for source in sources:
            for name, values in store.columns(source.path, source.identity, group).items():
                if values.dtype.itemsize > room[name].dtype.itemsize:
                    room[name] = room[name].astype(values.dtype)  # longer texts than in the files before
                room[name][source.rows] = values
        yield xr.Dataset({name: ((along, *layout[name].dims), room.pop(name), layout[name].attrs) for name in group})


def decoded(table: xr.Dataset) -> xr.Dataset:
    """Return a table whose texts are strings."""
    texts = {
        name: variable.copy(data=np.char.decode(variable.values, "utf-8").astype(object))
        for name, variable in table.data_vars.items()
        if variable.dtype.kind == "S"
    }
    for text in texts.values():
        text.attrs.pop("_Encoding", None)
    return table.assign(texts)


def blocks(shape: Sequence[int], row_bytes: float, most: float | None = None) -> Iterator[tuple[slice, ...]]:
    """Cut a table into stretches of successive rows that are boxes as well.

    Parameters
    ----------
    shape : sequence of int
        Lengths of the dimensions over which rows are spread, the last one fastest.
    row_bytes : float
        Size of a row.
    most : float, optional
        Size of a block, by default `BLOCK_BYTES`; a single row may be larger.

    Yields
    ------
    tuple of slice
        For the first dimensions; all of the others.
    """
    most = BLOCK_BYTES if most is None else most
    below = math.prod(shape[1:]) * row_bytes
    if below <= most or len(shape) == 1:
        step = max(1, int(most // below))
        for start in range(0, shape[0], step):
            yield (slice(start, min(start + step, shape[0])),)
        return
    for start in range(shape[0]):
        for rest in blocks(shape[1:], row_bytes, most):
            yield (slice(start, start + 1), *rest)


def rows_of(block: Sequence[slice], shape: Sequence[int]) -> NDArray[np.int64]:
    """Return the numbers of the rows in a block, as from `blocks`."""
    first = [each.start for each in block] + [0] * (len(shape) - len(block))
    sizes = [each.stop - each.start for each in block] + list(shape[len(block) :])
    start = int(np.ravel_multi_index(first, shape))
    return np.arange(start, start + math.prod(sizes))


def _column(variable: xr.DataArray) -> _Column:
    attrs = dict(variable.attrs)
    column = _Column(variable.dims[1:], variable.shape[1:], variable.dtype, attrs)
    if column.is_text:
        attrs["_Encoding"] = "utf-8"
    return column


def _groups(layout: dict[str, _Column], rows: int) -> Iterator[list[str]]:
    """Split names into groups of up to `GROUP_BYTES`; a text is a group of its own, as its length is not known."""
    group, size = [], 0.0
    for name, column in layout.items():
        if column.is_text:
            yield [name]
            continue
        own = rows * math.prod(column.shape) * column.dtype.itemsize
        if group and size + own > GROUP_BYTES:
            yield group
            group, size = [], 0.0
        group.append(name)
        size += own
    if group:
        yield group


def _room(column: _Column, rows: int) -> NDArray[Any]:
    if column.is_text:
        return np.zeros((rows, *column.shape), dtype="S1")
    return np.full((rows, *column.shape), np.nan if column.dtype.kind == "f" else 0, dtype=column.dtype)
