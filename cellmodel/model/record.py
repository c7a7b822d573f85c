"""What a run writes down: a row per accepted step (trace), a row and a state per protocol step."""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.laws.nucleation import coverage, patch_radius
from cellmodel.model import layout as at
from cellmodel.model.ledger import fill_ledger
from cellmodel.numerics.system import assign

TRACE_SCALARS = 2  # a trace row is [time, protocol step, scalars (23), ledger (10), median depth / separator]
TRACE_LEDGER = TRACE_SCALARS + at.SCALARS
TRACE_DEPTH = TRACE_LEDGER + 10
TRACE_WIDTH = TRACE_DEPTH + 1

# A protocol step's row: extremes within the step, then its end.
ROW_START, ROW_END, ROW_REASON, ROW_PASSED, ROW_ENERGY = 0, 1, 2, 3, 4
ROW_PRESSURE_LOW, ROW_PRESSURE_HIGH, ROW_CONTACT_LOW, ROW_TOP_HIGH, ROW_VOLTAGE_END = 5, 6, 7, 8, 9
ROW_COVERED, ROW_DRIFT, ROW_COUNTER_CONTACT_LOW, ROW_LEDGER = 10, 11, 12, 13
ROW_DEPTHS = ROW_LEDGER + 10  # deeper side of every quantile over the separator's thickness


class Onsets(NamedTuple):
    """Where each flaw quantile crossed the separator; infinite where it never did.

    Attributes
    ----------
    time : float64[Q] [s]
    step : int64[Q] protocol step, -1 where never
    passed : float64[Q] charge passed in that step [C/m2]
    """

    time: np.ndarray
    step: np.ndarray
    passed: np.ndarray


@njit(nogil=True)
def make_onsets(flaws):
    """No quantile has crossed yet."""
    return Onsets(np.full(flaws, np.inf), np.full(flaws, -1, np.int64), np.full(flaws, np.inf))


@njit(nogil=True, error_model="numpy")
def median_fraction(u, p, quantile):
    """Depth of one quantile over the separator's thickness, the deeper of both sides [1]."""
    deeper = max(u[p.layout.depths + quantile], u[p.layout.counter_depths + quantile])
    return exp(min(deeper, 0.0)) / p.separator.thickness


@njit(nogil=True, error_model="numpy")
def note_onsets(t_before, before, t, u, index, p, onsets):
    """Record quantiles that crossed between two accepted states, by interpolating the logarithm of their depth."""
    crossing = log(p.separator.thickness)
    for q in range(p.layout.flaws):
        deeper = max(u[p.layout.depths + q], u[p.layout.counter_depths + q])
        if deeper >= crossing - 1e-6 and onsets.step[q] < 0:
            new, old = median_fraction(u, p, q), median_fraction(before, p, q)
            share = 1.0 if new <= old else min(1.0, max(0.0, -log(old) / log(new / old)))
            s = p.layout.scalars + at.PASSED
            onsets.time[q] = t_before + share * (t - t_before)
            onsets.step[q] = index
            onsets.passed[q] = before[s] + share * (u[s] - before[s])


@njit(nogil=True, error_model="numpy")
def note_short(t, u, index, p, onsets):
    """Record the median cell's short where its filament takes half of the current just before it has crossed."""
    median = p.flaws.median
    if onsets.step[median] < 0:
        onsets.time[median], onsets.step[median] = t, index
        onsets.passed[median] = u[p.layout.scalars + at.PASSED]


@njit(nogil=True, error_model="numpy")
def fill_trace(t, index, u, p, row):
    """Fill one row of the trace; returns the sum of the ledger [C/m2]."""
    s = p.layout.scalars
    row[0], row[1] = t, index
    assign(row[TRACE_SCALARS : TRACE_SCALARS + at.SCALARS], u[s : s + at.SCALARS])
    row[TRACE_DEPTH] = median_fraction(u, p, p.flaws.median)
    return fill_ledger(u, p, row[TRACE_LEDGER:TRACE_DEPTH])


@njit(nogil=True, error_model="numpy")
def open_row(t, u, p, row):
    """Begin the row of a protocol step."""
    s = p.layout.scalars
    row[:] = 0.0
    row[ROW_START] = t
    row[ROW_PRESSURE_LOW] = row[ROW_PRESSURE_HIGH] = u[s + at.PRESSURE]
    row[ROW_CONTACT_LOW], row[ROW_TOP_HIGH] = u[s + at.CONTACT], u[s + at.TOP]
    row[ROW_COUNTER_CONTACT_LOW] = u[s + at.COUNTER_CONTACT]


@njit(nogil=True, error_model="numpy")
def watch(u, p, row):
    """Keep the extremes of a protocol step."""
    s = p.layout.scalars
    row[ROW_PRESSURE_LOW] = min(row[ROW_PRESSURE_LOW], u[s + at.PRESSURE])
    row[ROW_PRESSURE_HIGH] = max(row[ROW_PRESSURE_HIGH], u[s + at.PRESSURE])
    row[ROW_CONTACT_LOW] = min(row[ROW_CONTACT_LOW], u[s + at.CONTACT])
    row[ROW_COUNTER_CONTACT_LOW] = min(row[ROW_COUNTER_CONTACT_LOW], u[s + at.COUNTER_CONTACT])
    row[ROW_TOP_HIGH] = max(row[ROW_TOP_HIGH], u[s + at.TOP])


@njit(nogil=True, error_model="numpy")
def close_row(t, u, p, reason, total, row):
    """Finish the row of a protocol step; `total` is the lithium of the fresh cell [C/m2]."""
    s = p.layout.scalars
    row[ROW_END], row[ROW_REASON] = t, reason
    row[ROW_PASSED], row[ROW_ENERGY] = u[s + at.PASSED], u[s + at.ENERGY]
    row[ROW_VOLTAGE_END] = u[s + at.VOLTAGE]
    density = exp(u[s + at.PATCHES])
    radius = patch_radius(u[s + at.TOP], density, u[s + at.DEPOSIT_POROSITY], p.top.regular)
    row[ROW_COVERED] = coverage(density, radius)
    row[ROW_DRIFT] = fill_ledger(u, p, row[ROW_LEDGER : ROW_LEDGER + 10]) / total - 1.0
    for q in range(p.layout.flaws):
        row[ROW_DEPTHS + q] = median_fraction(u, p, q)


@njit(nogil=True)
def grown(table):
    """Twice the room, same content."""
    larger = np.empty((2 * table.shape[0], table.shape[1]))
    for i in range(table.shape[0]):
        assign(larger[i], table[i])
    return larger
