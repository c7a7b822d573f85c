"""Which rows of the right-hand side depend on which unknowns, found once for each structure of cell."""

from __future__ import annotations

import numpy as np
from numba import njit

from cellmodel.compiled_cache import make_ready, use_cache_folder
from cellmodel.model import layout as at
from cellmodel.model.batch import make_bench, put_pool_everywhere
from cellmodel.model.ledger import PLACES, fill_ledger
from cellmodel.model.physics import Physics, view, view_lanes
from cellmodel.model.residual import CURRENT_MODE, DIRECTIONS_OF_PARTS, VOLTAGE_MODE, part_of_rows, rhs
from cellmodel.numerics import jacobian, sparse_lu
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import flatten, tables_of

use_cache_folder()

_plans: dict[at.Layout, tuple[sparse_lu.LUPlan, jacobian.ColourPlan]] = {}


@njit(nogil=True, error_model="numpy", cache=True)
def _evaluate(u, pool, control, out):
    rhs(0.0, lanes_of(u), view_lanes(pool), lanes_of(control), lanes_of(out))


class Evaluator:
    """The right-hand side of one cell, called from Python.

    Parameters
    ----------
    p : Physics
    """

    def __init__(self, p: Physics) -> None:
        self.pool = flatten(p)  # kept alive: the tables are read in it
        bench = make_bench(self.pool)
        put_pool_everywhere(self.pool, tables_of(self.pool[None], Physics)[0], bench)
        self.pools = bench.pools

    def __call__(self, states: np.ndarray, control: np.ndarray) -> np.ndarray:
        """Evaluate f at one state (float64[n]) or at up to `LANES` of them (float64[k, n]), under one control."""
        wanted = np.atleast_2d(states)
        u = np.repeat(wanted[:1], LANES, axis=0)
        u[: len(wanted)] = wanted
        out = np.empty((u.shape[1], LANES))
        given = np.ascontiguousarray(u.T), self.pools, np.repeat(control[:, None], LANES, axis=1), out
        make_ready(_evaluate, *given)
        _evaluate(*given)
        found = np.ascontiguousarray(out.T[: len(wanted)])
        return found[0] if states.ndim == 1 else found


@njit(nogil=True, error_model="numpy", cache=True)
def _total(u, pool, out):
    return fill_ledger(u, view(pool), out)


def total_lithium(u: np.ndarray, p: Physics) -> float:
    """Sum of the ledger of a state, float64[n] [C/m2]."""
    return _total(u, flatten(p), np.empty(len(PLACES)))


def structure(u: np.ndarray, p: Physics) -> tuple[sparse_lu.LUPlan, jacobian.ColourPlan]:
    """Elimination plan and colours of a cell's Jacobian; `u` (float64[n]) is any finite state."""
    if p.layout not in _plans:
        pattern = np.zeros((p.layout.size, p.layout.size), dtype=bool)
        f = Evaluator(p)
        for mode in (CURRENT_MODE, VOLTAGE_MODE):
            control = np.array([mode, 1.0])
            pattern |= jacobian.pattern_of(lambda states, c=control: f(states, c), u)
        s = p.layout.scalars
        lu = sparse_lu.plan(pattern, last=[s + at.VOLTAGE, s + at.CURRENT])
        _plans[p.layout] = (lu, jacobian.colour(pattern, lu, part_of_rows(p.layout), DIRECTIONS_OF_PARTS))
    return _plans[p.layout]
