"""The compiled pieces that carry a cell through one protocol step: start, accept or reject, meet an event exactly."""

from __future__ import annotations

import numpy as np
from numba import njit

from cellmodel.model import layout as at
from cellmodel.model.events import EVENTS, event_values
from cellmodel.model.residual import CURRENT_MODE, rhs
from cellmodel.numerics import esdirk

prepare = esdirk.build_prepare(rhs)
newton = esdirk.build_newton(rhs, prepare)
step = esdirk.build_step(newton)

START = 1e-3
"""Length of the implicit Euler step that finds potentials after a change of control [s]."""
FIRST = 0.02
"""First step after a change of control [s]: the double layer charges within milliseconds."""
GROWTH, CAUTIOUS_GROWTH, CONFIDENCE = 4.0, 1.1, 1.25
"""Largest ratio of successive steps; the same after Newton's method failed; how fast the one returns to the other."""
SMALLEST = 1e-7
"""Below this step size a run is given up [s]."""
LEAST_SHARE = 1e-5
"""Smallest part of a change of set point that is tried at a time [1]."""
LOCATE_TRIES = 40
OLDEST_SLOPES = 20.0
"""Steps after which the Jacobian is renewed even if Newton's method still converges."""


@njit(nogil=True, error_model="numpy")
def settle(t, u, length, p, control, plan, work):
    """Take one implicit Euler step of `length`: u becomes the new state, its slope is kept. False if it diverges."""
    work.error[:] = u
    work.stage[3][:] = u
    if not prepare(t, u, length, True, p, control, plan, work):
        return False
    for _ in range(3):  # far from the solution one round of renewed slopes may not be enough
        status = newton(t, work.error, work.stage[3], length, p, control, plan, work)
        if status == esdirk.CONVERGED:
            for i in range(u.size):
                work.slope[0, i] = (work.stage[3, i] - u[i]) / length if work.mass[i] > 0.0 else 0.0
            u[:] = work.stage[3]
            return True
        if status == esdirk.SINGULAR or not np.all(np.isfinite(work.stage[3])):
            return False
    return False


@njit(nogil=True, error_model="numpy")
def start(t, u, p, control, plan, work):
    """Find consistent potentials after a change of control by implicit Euler.

    Where the new set point is too far for Newton's method it is approached in stages from the present one.

    Returns
    -------
    time after the start [s], or a negative number if no stage was small enough
    """
    target = control[1]
    present = u[p.layout.scalars + (at.CURRENT if control[0] == CURRENT_MODE else at.VOLTAGE)]
    done, share = 0.0, 1.0
    while done < 1.0:
        control[1] = present + min(done + share, 1.0) * (target - present)
        if settle(t, u, START, p, control, plan, work):
            t += START
            done += share
            share *= 2.0
        else:
            share *= 0.25
            if share < LEAST_SHARE:
                control[1] = target
                return -1.0
    control[1] = target
    return t


@njit(nogil=True, error_model="numpy")
def attempt(t, u, h, p, control, plan, work):
    """Try one step of length h, refreshing the Jacobian where Newton's method asks for it; returns the error norm."""
    renew = work.scalar[2] > OLDEST_SLOPES
    renewed = work.count[1]
    for _ in range(2):
        if prepare(t, u, h * esdirk.GAMMA, renew, p, control, plan, work):
            status, error = step(t, u, h, p, control, plan, work)
            if status == esdirk.CONVERGED:
                work.scalar[2] += 1.0
                return error
        if work.count[1] > renewed:
            break
        renew = True
    work.scalar[2] = 2.0 * OLDEST_SLOPES  # slopes of a failed iterate are no use for the next try
    return np.inf


@njit(nogil=True, error_model="numpy")
def locate(t, u, h, before, after, p, control, limits, watch_short, plan, work, values):
    """Shorten the step until the first event is met within its sharpness (Illinois rule on the step size).

    Parameters
    ----------
    before, after : values of the leading event at the beginning and at the end of the step

    Returns
    -------
    length of the step that meets the event [s] (work.stage[3] is its state), or a negative number on failure
    """
    low, high = 0.0, h
    g_low, g_high = before, after
    side = 0
    for _ in range(LOCATE_TRIES):
        middle = high - g_high * (high - low) / (g_high - g_low)
        middle = min(max(middle, low + 0.01 * (high - low)), high - 0.01 * (high - low))
        error = attempt(t, u, middle, p, control, plan, work)
        if not np.isfinite(error):
            return -1.0
        leading = event_values(work.stage[3], p, limits, watch_short, values)
        g = values[leading]
        if abs(g) <= 1.0 or high - low <= 1e-9 * (1.0 + t):
            return middle
        if g > 0.0:
            high, g_high = middle, g
            if side == 1:
                g_low *= 0.5
            side = 1
        else:
            low, g_low = middle, g
            if side == -1:
                g_high *= 0.5
            side = -1
    return middle


@njit(nogil=True, error_model="numpy")
def accept(u, work):
    """Make the last stage the present state; its slope becomes the first of the next step."""
    u[:] = work.stage[3]
    work.slope[0][:] = work.slope[3]


@njit(nogil=True, error_model="numpy")
def next_size(h, error, growth):
    """Step size for the next try from the error norm of this one, at most `growth` times larger."""
    if not np.isfinite(error):
        return 0.4 * h
    return h * min(growth, max(0.2, 0.85 * (error + 1e-10) ** (-1.0 / esdirk.ORDER)))


@njit(nogil=True)
def make_values():
    """Room for the values of all events."""
    return np.empty(EVENTS)


@njit(nogil=True, error_model="numpy")
def begin_counters(u, p):
    """Charge and energy count from zero in every protocol step."""
    u[p.layout.scalars + at.PASSED] = 0.0
    u[p.layout.scalars + at.ENERGY] = 0.0
