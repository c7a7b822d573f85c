"""One step of RODAS4P for M u' = f(t, u), M diagonal with ones and zeros.

A Rosenbrock method solves one linear system per stage and no nonlinear one. With J = df/du at the beginning of
the step, h its size and increments k_i,

    (M / (gamma h) - J) k_i = f(u + sum_j a_ij k_j) + M sum_j (c_ij / h) k_j,    i = 1..6,
    u_new = u + sum_j b_j k_j,    error = k_6,

of order 4, with an embedded solution of order 3. The scheme is L-stable and stiffly accurate, keeps its order for
index-1 systems and parabolic problems, and because J is exact it keeps linear invariants, such as the amount of
lithium, to rounding. The system must be autonomous during the step.

References
----------
G. Steinebach, Order-reduction of ROW-methods for DAEs and method of lines applications, preprint 1741, TH Darmstadt
(1995); coefficients of the set RODAS4P.
E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), doi:10.1007/978-3-642-05221-7, section IV.7.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from cellmodel.numerics import sparse_lu
from cellmodel.numerics.lane_arrays import lanes_of, leading, sum_of_products
from cellmodel.numerics.system import ERROR, INVERSE, WORST, weighted_norm

ORDER = 4
STAGES = 6
GAMMA = 0.25
_LAST = (-7.170454962423024, -4.741636671481785, -16.31002631330971, -1.062004044111401)
A = np.array(
    [
        (0.0, 0.0, 0.0, 0.0, 0.0),
        (3.0, 0.0, 0.0, 0.0, 0.0),
        (1.831036793486759, 0.4955183967433795, 0.0, 0.0, 0.0),
        (2.304376582692669, -0.05249275245743001, -1.176798761832782, 0.0, 0.0),
        (*_LAST, 0.0),
        (*_LAST, 1.0),
    ]
)
C = np.array(
    [
        (0.0, 0.0, 0.0, 0.0, 0.0),
        (-12.0, 0.0, 0.0, 0.0, 0.0),
        (-8.791795173947035, -2.207865586973518, 0.0, 0.0, 0.0),
        (10.81793056857153, 6.780270611428266, 19.53485944642410, 0.0, 0.0),
        (34.19095006749676, 15.49671153725963, 54.74760875964130, 14.16005392148534, 0.0),
        (34.62605830930532, 15.30084976114473, 56.99955578662667, 18.40807009793095, -5.714285714285717),
    ]
)
RATES = GAMMA * C
WEIGHTS = np.array((*_LAST, 1.0, 1.0))
DENSE = np.array(
    [
        (25.09876703708589, 11.62013104361867, 28.49148307714626, -5.664021568594133, 0.0),
        (1.638054557396973, -0.7373619806678748, 8.477918219238990, 15.99253148779520, -1.882352941176471),
    ]
)


def _beginning(i: int) -> Callable:
    """Compile what comes before the i-th right-hand side: where it is taken, and what is added to it."""

    @njit(nogil=True, error_model="numpy")
    def begin(u, mass, inverse, weights, stage, new, right):
        where, rate = leading(weights[i], i), leading(weights[STAGES + i], i)
        for m in range(mass.size):
            # The last stage begins where the one before it ended.
            point = u[m] + sum_of_products(where, stage, m) if i < STAGES - 1 else new[m] + stage[i - 1][m]
            # Both sums come before either is kept, so that the increments are read once.
            right[m] = mass[m] * inverse * sum_of_products(rate, stage, m)
            new[m] = point

    return begin


def build_stages(rhs: Callable) -> Callable:
    """Compile the stages of a step of `rhs(t, u, p, control, out)`; `Work.weights` tells what kind of step."""
    second, third, fourth, fifth, sixth = (_beginning(i) for i in range(1, STAGES))

    @njit(nogil=True, error_model="numpy")
    def finish(k, t, p, plan, work):
        """Compute the increment k of a stage that has begun."""
        right = lanes_of(work.right)
        rhs(t, lanes_of(work.new), p, lanes_of(work.control), k)
        for m in range(k.size):
            k[m] += right[m]
        sparse_lu.solve(lanes_of(work.factors), plan.lu, k)

    @njit(nogil=True, error_model="numpy")
    def stages(t, p, plan, work):
        """Advance from work.u: work.new is the state reached. Fills the rows ERROR and WORST of work.step.

        The factors must be those of M/(h GAMMA) - J, and the first increment must be known.
        """
        u, new, right, k = lanes_of(work.u), lanes_of(work.new), lanes_of(work.right), lanes_of(work.stage)
        step, weights, mass = lanes_of(work.step), lanes_of(work.weights), plan.mass
        inverse = step[INVERSE]
        second(u, mass, inverse, weights, k, new, right)
        finish(k[1], t, p, plan, work)
        third(u, mass, inverse, weights, k, new, right)
        finish(k[2], t, p, plan, work)
        fourth(u, mass, inverse, weights, k, new, right)
        finish(k[3], t, p, plan, work)
        fifth(u, mass, inverse, weights, k, new, right)
        finish(k[4], t, p, plan, work)
        sixth(u, mass, inverse, weights, k, new, right)
        finish(k[5], t, p, plan, work)
        for m in range(mass.size):
            new[m] += k[5][m]
        step[ERROR], step[WORST] = weighted_norm(k[5], new, plan.tolerance)

    return stages


@njit(nogil=True, error_model="numpy")
def interpolate(share, first, u, new, stage, out):
    """State of one cell at u's time plus `share` of the step, of order 3; linear invariants hold there, too.

    Parameters
    ----------
    share : from 0, at u, to 1, at `new`
    first : int, unknowns before it are left out
    u, new, out : float64[n]
    stage : float64[6, n]
    """
    rest = 1.0 - share
    for m in range(first, u.size):
        second = third = 0.0
        for j in range(STAGES - 1):
            second += DENSE[0, j] * stage[j, m]
            third += DENSE[1, j] * stage[j, m]
        out[m] = rest * u[m] + share * (new[m] + rest * (second + share * third))


@njit(nogil=True, error_model="numpy")
def final_slope(h, u, new, stage):
    """Derivative of the interpolant of one unknown at the end of a step of length h; stage is float64[6]."""
    curved = 0.0
    for j in range(STAGES - 1):
        curved += (DENSE[0, j] + DENSE[1, j]) * stage[j]
    return (new - u - curved) / h
