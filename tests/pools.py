"""Records of several cells side by side, as the compiled run holds them."""

from types import SimpleNamespace

import numpy as np

from cellmodel.model.batch import put_pool
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import flatten, quads_of
from cellmodel.numerics.system import aligned


def pools_of(records):
    """What `view_of(record, SIDE_BY_SIDE)` reads, float64[m, LANES]: one record for each lane."""
    words = [flatten(record) for record in records]
    bench = SimpleNamespace(
        pools=aligned((words[0].size, LANES)), quads=np.array(quads_of(type(records[0])), dtype=np.int64)
    )
    for lane, pool in enumerate(words):
        put_pool.py_func(pool, bench, lane)
    return bench.pools
