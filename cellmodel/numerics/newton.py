"""Newton's method for one implicit Euler step, with the Jacobian renewed at every iterate.

It finds the algebraic unknowns after a jump of the control, where no earlier state tells anything of them.

References
----------
E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), doi:10.1007/978-3-642-05221-7, section IV.8.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from cellmodel.numerics import sparse_lu
from cellmodel.numerics.system import factorise, weighted_norm

MAX_ITERATIONS = 30
ENOUGH = 1e-2
"""Size of the last correction relative to the tolerance."""


@njit(nogil=True, error_model="numpy")
def update(u, correction, tolerance):
    """Add a Newton correction to u, shortened as a whole if an unknown would leap; returns the share taken."""
    share = 1.0
    for i in range(u.size):
        if abs(correction[i]) * share > tolerance.reach[i]:
            share = tolerance.reach[i] / abs(correction[i])
    for i in range(u.size):
        u[i] += share * correction[i]
    return share


def build_euler(linearise: Callable) -> Callable:
    """Compile an implicit Euler step with the `linearise` of a system."""

    @njit(nogil=True, error_model="numpy")
    def euler(t, known, u, h, p, control, plan, work):
        """Solve M (u - known) / h = f(t, u) for u, in place; False if it does not converge."""
        for _ in range(MAX_ITERATIONS):
            linearise(t, u, p, control, plan, work)
            if not factorise(h, plan, work):
                return False
            for i in range(u.size):
                work.right[i] = work.value[i] - work.mass[i] * (u[i] - known[i]) / h
            sparse_lu.solve(work.factors, plan.lu, work.right, work.row)
            share = update(u, work.right, plan.tolerance)
            size, work.count[4] = weighted_norm(work.right, u, plan.tolerance)
            if not np.isfinite(size):
                return False
            if share == 1.0 and size <= ENOUGH:
                return True
        return False

    return euler
