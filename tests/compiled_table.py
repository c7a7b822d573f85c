"""Tables of cubics as compiled code looks them up: in lanes, and with slopes through duals."""

import numpy as np
from numba import njit
from pools import pools_of

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.numerics.cubic_table import CubicTable, look_up
from cellmodel.numerics.dual import DIRECTIONS
from cellmodel.numerics.lane_arrays import collected, lanes_of, seeded
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import SIDE_BY_SIDE, view_of

use_cache_folder()

_view = view_of(CubicTable, SIDE_BY_SIDE)
_SEEDS = np.repeat(np.eye(DIRECTIONS + 1, DIRECTIONS), LANES, axis=1)
_DIRECTION = 2


@njit(cache=True)
def _values(words, x, value):
    given, found = lanes_of(x), lanes_of(value)
    for i in range(given.size):
        found[i] = look_up(_view(words), given[i])


@njit(cache=True)
def _slopes(words, x, colours, seeds, value, slopes):
    given, found = seeded(x, colours, 0, seeds), collected(value, slopes)
    for i in range(x.shape[0]):
        found[i] = look_up(_view(words), given[i])


def in_all_lanes(table):
    """The same table in every lane."""
    return pools_of([table] * LANES)


def values_at(words, points):
    """Each lane's table at points (float64[m] or float64[LANES, m]), float64[LANES, m]."""
    x = np.ascontiguousarray(np.broadcast_to(points, (LANES, np.shape(points)[-1])).T)
    value = np.empty_like(x)
    _values(words, x, value)
    return value.T


def slopes_at(words, points):
    """Values and slopes of each lane's table at its points, float64[LANES, m]."""
    x = np.ascontiguousarray(np.broadcast_to(points, (LANES, np.shape(points)[-1])).T)
    value, slopes = np.empty_like(x), np.empty((len(x), DIRECTIONS * LANES))
    _slopes(words, x, np.full(len(x), _DIRECTION), _SEEDS, value, slopes)
    by_direction = slopes.reshape(len(x), DIRECTIONS, LANES)
    assert not np.nan_to_num(np.delete(by_direction, _DIRECTION, axis=1)).any()
    return value.T, by_direction[:, _DIRECTION].T
