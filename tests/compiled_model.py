"""Jacobians of compiled systems as full matrices, one for each lane."""

import numpy as np

from cellmodel.model.linearised import model_slopes as compiled_slopes
from cellmodel.model.linearised import view_colours
from cellmodel.numerics.dual import DIRECTIONS
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import refer

__all__ = ["dense_slopes", "model_slopes", "view_colours"]


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
    return dense_slopes(compiled_slopes, states, pools, controls, lu, colours)
