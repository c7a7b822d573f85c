"""The compiled pieces that carry a cell through one protocol step: start, accept or reject, meet an event exactly."""

from __future__ import annotations

import numpy as np
from numba import njit

from cellmodel.model import layout as at
from cellmodel.model.events import EVENTS, VOLTAGE_LIMIT, event_values
from cellmodel.model.residual import CURRENT_MODE, rhs
from cellmodel.numerics import newton, rosenbrock, system
from cellmodel.numerics.system import assign, factorise

linearise = system.build_linearise(rhs)
euler = newton.build_euler(linearise)
step = rosenbrock.build_step(rhs)

STARTS = (1e-3, 1e-6, 1e-9, 1e-12)
"""Lengths of the implicit Euler step that finds potentials after a change of control, in the order tried [s]."""
START_TOLERANCE = 1e-3
"""Tolerance below which they shrink in proportion: nothing else checks this step, whose error is of first order [1]."""
FIRST = 20.0
"""Length of the first step after a change of control over that of the implicit Euler step."""
GROWTH, CAUTIOUS_GROWTH, CONFIDENCE = 4.0, 1.1, 1.25
"""Largest ratio of successive steps; the same after Newton's method failed; how fast the one returns to the other."""
MOST_REJECTED = 12
"""Rejected tries in a row after which implicit Euler puts the algebraic unknowns back on their equations."""
MOST_RESCUED = 50
"""How often that may happen in one protocol step before the run is given up."""
LEAST_SHARE = 1e-5
"""Smallest part of a change of set point that is tried at a time [1]."""
LOCATE_TRIES = 40


@njit(nogil=True, error_model="numpy")
def settle(t, u, length, p, control, plan, work):
    """Take one implicit Euler step of `length`: u becomes the new state. False if it diverges."""
    assign(work.new, u)
    if not euler(t, u, work.new, length, p, control, plan, work):
        return False
    assign(u, work.new)
    return True


@njit(nogil=True, error_model="numpy")
def restart(t, u, p, control, plan, work):
    """Put the algebraic unknowns on their equations by the longest implicit Euler step that Newton's method can take.

    Returns
    -------
    length of the step [s], or a negative number if none succeeded
    """
    share = min(1.0, plan.tolerance.relative.max() / START_TOLERANCE)
    for longest in STARTS:
        length = share * longest
        if settle(t, u, length, p, control, plan, work):
            return length
    return -1.0


@njit(nogil=True, error_model="numpy")
def start(t, u, p, control, limits, plan, work, values):
    """Find consistent potentials after a change of control.

    Where the new set point is too far for Newton's method it is approached in stages from the present one, and no
    further than to the voltage that ends the protocol step.

    Returns
    -------
    length of the implicit Euler steps [s], or a negative number if no stage was small enough; length of the last one
    """
    target = control[1]
    present = u[p.layout.scalars + (at.CURRENT if control[0] == CURRENT_MODE else at.VOLTAGE)]
    done, share, taken = 0.0, 1.0, 0.0
    while done < 1.0:
        control[1] = present + min(done + share, 1.0) * (target - present)
        length = restart(t, u, p, control, plan, work)
        if length > 0.0:
            taken += length
            done += share
            share *= 2.0
            event_values(u, p, limits, False, values)
            if values[VOLTAGE_LIMIT] > 0.0:
                break
        else:
            share *= 0.25
            if share < LEAST_SHARE:
                control[1] = target
                return -1.0, 0.0
    control[1] = target
    return taken, length


@njit(nogil=True, error_model="numpy")
def attempt(t, u, h, p, control, plan, work):
    """Try one step of length h with the present Jacobian; returns the error norm."""
    if not factorise(h * rosenbrock.GAMMA, plan, work):
        return np.inf
    return step(t, u, h, p, control, plan, work)


@njit(nogil=True, error_model="numpy")
def locate(u, leading, p, limits, watch_short, work, values):
    """Share of the step just taken at which its interpolant meets the first event (Illinois rule).

    Parameters
    ----------
    leading : event furthest beyond its limit at the end of the step; `values` holds the values there
    """
    low, high, g_high = 0.0, 1.0, values[leading]
    event_values(u, p, limits, watch_short, values)
    g_low = min(values[leading], -1e-3)
    side, middle = 0, 1.0
    for _ in range(LOCATE_TRIES):
        middle = high - g_high * (high - low) / (g_high - g_low)
        middle = min(max(middle, low + 0.01 * (high - low)), high - 0.01 * (high - low))
        rosenbrock.interpolate(middle, u, work, work.trial)
        g = values[event_values(work.trial, p, limits, watch_short, values)]
        if abs(g) <= 1.0:
            break
        if g > 0.0:
            high, g_high = middle, g
            g_low *= 0.5 if side == 1 else 1.0
            side = 1
        else:
            low, g_low = middle, g
            g_high *= 0.5 if side == -1 else 1.0
            side = -1
    return middle


@njit(nogil=True, error_model="numpy")
def accept(u, work):
    """Make the state that the step led to the present one."""
    assign(u, work.new)


@njit(nogil=True, error_model="numpy")
def next_size(h, error, growth):
    """Step size for the next try from the error norm of this one, at most `growth` times larger."""
    if not np.isfinite(error):
        return 0.4 * h
    return h * min(growth, max(0.2, 0.85 * (error + 1e-10) ** (-1.0 / rosenbrock.ORDER)))


@njit(nogil=True)
def make_values():
    """Room for the values of all events."""
    return np.empty(EVENTS)


@njit(nogil=True, error_model="numpy")
def begin_counters(u, p):
    """Charge and energy count from zero in every protocol step."""
    u[p.layout.scalars + at.PASSED] = 0.0
    u[p.layout.scalars + at.ENERGY] = 0.0
