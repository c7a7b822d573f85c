"""The Jacobian of the compiled model, called from Python; it is compiled once and kept in the cache."""

import numpy as np
from numba import njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.model.physics import view_lanes
from cellmodel.model.residual import beside_particles, particles
from cellmodel.numerics import jacobian
from cellmodel.numerics.dual import DIRECTIONS
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import REFERENCES, refer, view_of

use_cache_folder()

view_colours = view_of(jacobian.ColourPlan, REFERENCES)
_jacobian = jacobian.build(beside_particles, particles)


@njit(cache=True)
def _model_slopes(u, pools, control, colours, value, slopes, out):
    _jacobian(0.0, u, view_lanes(pools), lanes_of(control), view_colours(colours), value, slopes, out)


def dense_slopes(compiled, states, p, controls, lu, colours):
    """Values (float64[LANES, n]) and Jacobians (float64[LANES, n, n]) of a state and a control for each lane."""
    u, control = np.ascontiguousarray(states.T), np.ascontiguousarray(np.transpose(controls))
    value, out = np.empty(u.shape), np.full((lu.entries[0].size, LANES), np.nan)
    compiled(u, p, control, refer(colours), value, np.empty((len(u), DIRECTIONS * LANES)), out)
    dense = np.zeros((LANES, len(u), len(u)))
    dense[:, *lu.entries] = -out.T
    return value.T, dense


def model_slopes(states, pools, controls, lu, colours):
    """The same of the model, cells side by side in `pools`."""
    return dense_slopes(_model_slopes, states, pools, controls, lu, colours)
