"""Records of several cells side by side, as the compiled run holds them."""

from cellmodel.model.batch import make_bench, put_pool
from cellmodel.numerics.record_view import flatten, tables_of

_flat = []
"""Kept alive: lanes read tables where they are."""


def pools_of(records):
    """What `view_of(record, SIDE_BY_SIDE)` reads, float64[m, LANES]: one record for each lane."""
    bench = make_bench(flatten(records[0]), type(records[0]))
    for lane, record in enumerate(records):
        put(record, bench, lane)
    return bench.pools


def put(record, bench, lane):
    """Put a record into a lane."""
    _flat.append(flatten(record))
    put_pool.py_func(_flat[-1], tables_of(_flat[-1][None], type(record))[0], bench, lane)
