"""Records of several cells side by side, as the compiled run holds them."""

from types import SimpleNamespace

import numpy as np

from cellmodel.model.batch import put_pool
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import flatten, quads_of, tables_of
from cellmodel.numerics.system import aligned

_flat = []
"""Kept alive: lanes read tables where they are."""


def pools_of(records):
    """What `view_of(record, SIDE_BY_SIDE)` reads, float64[m, LANES]: one record for each lane."""
    bench = bench_of(type(records[0]), flatten(records[0]))
    for lane, record in enumerate(records):
        put(record, bench, lane)
    return bench.pools


def bench_of(kind, pool):
    """Room for records of one kind, which do not hold their tables."""
    quads = np.array(quads_of(kind), dtype=np.int64)
    plain = pool.view(np.int64)[quads].min() if quads.size else pool.size
    return SimpleNamespace(pools=aligned((plain, LANES)), quads=quads)


def put(record, bench, lane):
    """Put a record into a lane."""
    _flat.append(flatten(record))
    put_pool.py_func(_flat[-1], tables_of(_flat[-1][None], type(record))[0], bench, lane)
