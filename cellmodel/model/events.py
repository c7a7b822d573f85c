"""What ends a protocol step or a run, as functions that cross zero from below."""

from __future__ import annotations

from numba import njit

from cellmodel.model import layout as at
from cellmodel.model.short_circuit import short_progress

VOLTAGE_LIMIT, CAPACITY_LIMIT, CURRENT_LIMIT, SHORT, OVERFLOW, EXHAUSTION = 0, 1, 2, 3, 4, 5
EVENTS = 6
DURATION, STEP_LIMIT, FAILURE, TIME_LIMIT = 6, 7, 8, 9  # other reasons for which a step ends
REASONS = (
    "voltage limit", "capacity limit", "current limit", "short circuit", "host overflow", "lithium exhausted",
    "duration", "limit of solver steps", "solver failure", "limit of seconds",
)  # fmt: skip

EXHAUSTED_SHARE = 0.005
"""A counter foil with less than this share of its lithium is spent [1]."""

VOLTAGE_SHARPNESS, RELATIVE_SHARPNESS = 1e-5, 1e-6
"""How closely a voltage [V] and a relative limit [1] are met."""


@njit(nogil=True, error_model="numpy")
def event_values(u, p, limits, watch_short, out):
    """Fill out (float64[6]) with each event in units of its sharpness; positive means passed.

    Parameters
    ----------
    limits : float64[4]
        Voltage [V], sign of its approach, capacity [C/m2], current [A/m2]; NaN or inf where there is none.
    watch_short : bool
        False after the short has been reported.

    Returns
    -------
    int
        The event that is furthest beyond (or nearest before) its limit.
    """
    s = p.layout.scalars
    full = p.layout.cathode_cells > 0
    never = -1e9
    voltage = limits[1] * (u[s + at.VOLTAGE] - limits[0]) / VOLTAGE_SHARPNESS
    out[VOLTAGE_LIMIT] = voltage if limits[0] == limits[0] else never
    capacity = (abs(u[s + at.PASSED]) / limits[2] - 1.0) / RELATIVE_SHARPNESS
    out[CAPACITY_LIMIT] = capacity if limits[2] < 1e300 else never
    current = (1.0 - abs(u[s + at.CURRENT]) / limits[3]) / RELATIVE_SHARPNESS
    out[CURRENT_LIMIT] = current if limits[3] == limits[3] else never
    out[SHORT] = (short_progress(u, p) - 1.0) / RELATIVE_SHARPNESS if watch_short else never
    out[OVERFLOW] = (u[s + at.TOP] / p.limits.overflow - 1.0) / RELATIVE_SHARPNESS if p.layout.host_cells > 0 else never
    left = u[s + at.COUNTER] / max(p.counter.lithium, 1e-300)
    out[EXHAUSTION] = never if full else (1.0 - left / EXHAUSTED_SHARE) / RELATIVE_SHARPNESS
    first = 0
    for e in range(1, EVENTS):
        if out[e] > out[first]:
            first = e
    return first
