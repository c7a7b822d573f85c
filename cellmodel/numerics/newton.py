"""Newton's method for one implicit Euler step.

It finds the algebraic unknowns after a jump of the control, where no earlier state tells anything of them. A first
round makes five more corrections with the slopes of the first. With increments k_j of u that is

    (M/h - J) k_i = f(u + sum_j k_j) - M sum_j k_j / h,    j < i,

the stages of a Rosenbrock step with other weights, so that cells that start and cells that step are computed together.
Where this does not do, the Jacobian is renewed at every iterate.

References
----------
E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), doi:10.1007/978-3-642-05221-7, section IV.8.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from cellmodel.numerics import sparse_lu
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.system import CORRECTION, INVERSE, LEAPING, MOST_STAGES, SHARE, weighted_norm

MAX_ITERATIONS = 30
ENOUGH = 1e-2
"""Size of the last correction relative to the tolerance."""
WHERE = np.ones((MOST_STAGES, MOST_STAGES - 1))
RATES = -WHERE
"""Weights by which the stages of a time step are corrections by kept slopes."""


@njit(nogil=True, error_model="numpy")
def first_increment(away, plan, work):
    """Solve (M/h - J) k = f(point) - M (point - u)/h in the first stage, which holds f(point): Newton's correction.

    Where the point is u itself in all lanes (`away` is false), that is the first increment of a Rosenbrock method.
    """
    k, mass = lanes_of(work.stage)[0], plan.mass
    if away:
        point, u, inverse = lanes_of(work.point), lanes_of(work.u), lanes_of(work.step)[INVERSE]
        for i in range(mass.size):
            k[i] = k[i] - mass[i] * (point[i] - u[i]) * inverse
    sparse_lu.solve(lanes_of(work.factors), plan.lu, k)


@njit(nogil=True, error_model="numpy")
def correct(plan, work):
    """Add the correction to the point, shortened as a whole where an unknown would leap: work.iterate.

    Fills the rows SHARE, CORRECTION and LEAPING of work.step.
    """
    k, point, iterate = lanes_of(work.stage)[0], lanes_of(work.point), lanes_of(work.iterate)
    step, per_reach = lanes_of(work.step), plan.tolerance.per_reach
    leap = abs(k[0]) * per_reach[0]
    for i in range(1, per_reach.size):
        leap = max(leap, abs(k[i]) * per_reach[i])
    share = 1.0 / max(leap, 1.0)
    for i in range(per_reach.size):
        iterate[i] = point[i] + share * k[i]
    step[SHARE] = share
    step[CORRECTION], step[LEAPING] = weighted_norm(k, iterate, plan.tolerance)
