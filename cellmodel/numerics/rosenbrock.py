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
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.stage_views import stage_point, stage_room
from cellmodel.numerics.system import ERROR, INVERSE, WORST, weighted_norm

ORDER = 4
STAGES, LAST = 6, 5
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


@njit(nogil=True, error_model="numpy")
def _nothing(t, u, p, control, out):
    """Fill no row."""


def _stage(i: int, rhs: Callable, chains: Callable) -> Callable:
    """Compile the i-th stage."""

    @njit(nogil=True, error_model="numpy", inline="always")
    def stage(t, p, plan, work):
        new, k, weights = lanes_of(work.new), lanes_of(work.stage), lanes_of(work.weights)
        control, colours = lanes_of(work.control), plan.colours
        inverse = lanes_of(work.step)[INVERSE]
        point = stage_point(lanes_of(work.u), k, weights[i], i)
        room = stage_room(k[i], k, weights[STAGES + i], i, plan.mass, inverse)
        for m in colours.read:
            new[m] = point[m]
        chains(t, point, p, control, room)
        rhs(t, new, p, control, k[i])
        for m in colours.filled:
            room[m] = k[i][m]
        sparse_lu.solve(lanes_of(work.factors), plan.lu, k[i])

    return stage


def build_stages(rhs: Callable, chains: Callable = _nothing) -> Callable:
    """Compile the stages of a step of `rhs(t, u, p, control, out)`; `Work.weights` tells what kind of step.

    Where most unknowns belong to chains, their rows are a part of their own, the last of those that the Jacobian is
    built of: it reads each unknown once, where sums over increments are taken as they are read.
    """
    second, third, fourth, fifth, sixth = (_stage(i, rhs, chains) for i in range(1, STAGES))

    @njit(nogil=True, error_model="numpy")
    def stages(t, p, plan, work):
        """Advance from work.u: work.new is the state reached. Fills the rows ERROR and WORST of work.step.

        The factors must be those of M/(h GAMMA) - J, and the first increment must be known.
        """
        second(t, p, plan, work)
        third(t, p, plan, work)
        fourth(t, p, plan, work)
        fifth(t, p, plan, work)
        sixth(t, p, plan, work)
        new, k, step = lanes_of(work.new), lanes_of(work.stage), lanes_of(work.step)
        last = stage_point(lanes_of(work.u), k, lanes_of(work.weights)[LAST], LAST)
        for m in range(plan.mass.size):
            new[m] = last[m] + k[LAST][m]
        step[ERROR], step[WORST] = weighted_norm(k[LAST], new, plan.tolerance)

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
