"""How arrays are stored in a file: compressed, with checksums, and in pieces of which each can be read alone."""

import numpy as np
import xarray as xr

PIECE_BYTES = 2**20
"""Arrays are compressed in pieces of this size."""


def encoding(dataset: xr.Dataset) -> dict[str, dict[str, object]]:
    """Compress and checksum every array; text as characters, since HDF5 can do neither for strings."""
    packed = {"zlib": True, "complevel": 4, "shuffle": True, "fletcher32": True}
    found: dict[str, dict[str, object]] = {}
    for name, variable in dataset.variables.items():
        text = variable.dtype.kind in "OUT"
        fill = {"_FillValue": np.nan if variable.dtype.kind == "f" else None}
        pieces = {"chunksizes": _pieces(variable)} if variable.nbytes > PIECE_BYTES and not text else {}
        found[str(name)] = (packed | pieces if variable.ndim else {}) | ({"dtype": "S1"} if text else fill)
    return found


def _pieces(variable: xr.Variable) -> tuple[int, ...]:
    """Return the shape of stretches of successive rows, so that a part of a table is read without the rest of it."""
    shape, left = list(variable.shape), max(1, PIECE_BYTES // variable.dtype.itemsize)
    for place in reversed(range(len(shape))):
        shape[place] = min(shape[place], left)
        left = max(1, left // shape[place])
    characters = (variable.dtype.itemsize,) if variable.dtype.kind == "S" else ()
    return (*shape, *characters)
