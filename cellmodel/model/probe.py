"""Which rows of the right-hand side depend on which unknowns, found once for each structure of cell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.model import layout as at
from cellmodel.model.ledger import PLACES, fill_ledger
from cellmodel.model.physics import Physics, view
from cellmodel.model.residual import CURRENT_MODE, VOLTAGE_MODE, rhs
from cellmodel.numerics import jacobian, sparse_lu
from cellmodel.numerics.record_view import flatten

use_cache_folder()

_plans: dict[at.Layout, tuple[sparse_lu.LUPlan, jacobian.ColourPlan]] = {}


@njit(nogil=True, error_model="numpy", cache=True)
def _evaluate(u, pool, control, out):
    rhs(0.0, u, view(pool), control, out)


def evaluator(p: Physics) -> Callable[[np.ndarray, np.ndarray, np.ndarray], None]:
    """Make a function (u, control, out) that fills `out` (float64[n]) with f(u) of one cell."""
    pool = flatten(p)
    return lambda u, control, out: _evaluate(u, pool, control, out)


def evaluate(u: np.ndarray, p: Physics, control: np.ndarray, out: np.ndarray) -> None:
    """Evaluate the right-hand side from Python: fill `out` (float64[n]) with f(u)."""
    evaluator(p)(u, control, out)


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
        fill = evaluator(p)
        for mode in (CURRENT_MODE, VOLTAGE_MODE):
            control = np.array([mode, 1.0])
            pattern |= jacobian.pattern_of(lambda state, out, c=control: fill(state, c, out), u)
        s = p.layout.scalars
        lu = sparse_lu.plan(pattern, last=[s + at.VOLTAGE, s + at.CURRENT])
        _plans[p.layout] = (lu, jacobian.colour(pattern, lu))
    return _plans[p.layout]
