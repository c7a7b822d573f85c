"""Pieces of the compiled model that tests call from Python; each is compiled once and kept in the cache."""

from numba import njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.model.residual import rhs
from cellmodel.numerics import jacobian, rosenbrock, system

use_cache_folder()

_jacobian, _step = jacobian.build(rhs), rosenbrock.build_step(rhs)


@njit(cache=True)
def model_slopes(u, p, control, colours, value, slopes, out):
    """Fill value (float64[n]) and Jacobian (on the factors' pattern) of the model."""
    _jacobian(0.0, u, p, control, colours, value, slopes, out)


@njit(cache=True)
def model_step(u, h, p, control, plan, work):
    """One step from u with the slopes that `work` holds; its end is work.new."""
    system.factorise(h * rosenbrock.GAMMA, plan, work)
    return _step(0.0, u, h, p, control, plan, work)
