"""The exact Jacobian of a cell's right-hand side, called from Python."""

from __future__ import annotations

import numpy as np
from numba import njit

from cellmodel.compiled_cache import make_ready, use_cache_folder
from cellmodel.model.physics import Physics, view_lanes
from cellmodel.model.probe import Evaluator, structure
from cellmodel.model.residual import DIRECTIONS_OF_PARTS, PARTS
from cellmodel.numerics import jacobian
from cellmodel.numerics.dual import DIRECTIONS
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import REFERENCES, refer, view_of

use_cache_folder()

view_colours = view_of(jacobian.ColourPlan, REFERENCES)
_jacobian = jacobian.build(*PARTS, directions=DIRECTIONS_OF_PARTS)


@njit(nogil=True, error_model="numpy", cache=True)
def model_slopes(u, pools, control, colours, value, slopes, out):
    """Fill values and, on the factors' pattern, minus the slopes of the model, cells side by side."""
    _jacobian(0.0, u, view_lanes(pools), lanes_of(control), view_colours(colours), value, slopes, out)


def slopes_of(u: np.ndarray, p: Physics, control: np.ndarray) -> np.ndarray:
    """Jacobian of f at a state.

    Parameters
    ----------
    u : float64[n]
    p : Physics
    control : float64[2]
        As for `residual.rhs`.

    Returns
    -------
    float64[n, n]
    """
    lu, colours = structure(u, p)
    state, controls = (np.repeat(each[:, None], LANES, axis=1) for each in (u, control))
    out = np.empty((lu.entries[0].size, LANES))
    scratch = np.empty((u.size, DIRECTIONS * LANES))
    cell = Evaluator(p)
    given = state, cell.pools, controls, refer(colours), np.empty(state.shape), scratch, out
    make_ready(model_slopes, *given)
    model_slopes(*given)
    dense = np.zeros((u.size, u.size))
    dense[lu.entries] = -out[:, 0]
    return dense
