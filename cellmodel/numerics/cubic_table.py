"""Functions of one variable as piecewise cubics: a look-up costs less than the exponentials that it replaces.

Values and slopes are met at equidistant nodes (Hermite), so the table is continuously differentiable; its error falls
with the fourth power of the interval. Beyond its ends it goes on as a straight line.

References
----------
C. de Boor, A Practical Guide to Splines (1978), chapter IV: piecewise cubic Hermite interpolation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numba.extending import overload

from cellmodel.numerics.dual import PLAIN, is_dual, make_dual, scaled
from cellmodel.numerics.record_view import Matrix


class CubicTable(NamedTuple):
    """A tabulated function.

    Attributes
    ----------
    start : float
        First node.
    per_unit : float
        Intervals per unit of the variable.
    coefficients : float64[m, 4]
        Of 1, s, s^2, s^3 in each interval, s from 0 to 1.
    """

    start: float
    per_unit: float
    coefficients: Matrix


def make_table(start: float, end: float, values: np.ndarray, slopes: np.ndarray) -> CubicTable:
    """Tabulate a function.

    Parameters
    ----------
    start, end : float
        First and last node.
    values, slopes : float64[m+1]
        Of the function at equidistant nodes.
    """
    intervals = values.size - 1
    left, right = values[:-1], values[1:]
    rise = (end - start) / intervals
    d_left, d_right = rise * slopes[:-1], rise * slopes[1:]
    second = 3.0 * (right - left) - 2.0 * d_left - d_right
    third = d_left + d_right - 2.0 * (right - left)
    coefficients = np.ascontiguousarray(np.column_stack([left, d_left, second, third]))
    return CubicTable(start, 1.0 / rise, coefficients)


@njit(nogil=True, error_model="numpy", fastmath={"contract"})
def value_and_slope(table, x):
    """Tabulated value and derivative at a number x."""
    c = table.coefficients
    s = (x - table.start) * table.per_unit
    if not s > 0.0:  # NaN goes this way, too, and comes out as NaN
        return c[0, 0] + s * c[0, 1], c[0, 1] * table.per_unit
    last = c.shape[0] - 1
    if s > last + 1.0:
        slope = c[last, 1] + 2.0 * c[last, 2] + 3.0 * c[last, 3]
        end = c[last, 0] + c[last, 1] + c[last, 2] + c[last, 3]
        return end + (s - last - 1.0) * slope, slope * table.per_unit
    i = min(int(s), last)
    s -= i
    value = c[i, 0] + s * (c[i, 1] + s * (c[i, 2] + s * c[i, 3]))
    return value, (c[i, 1] + s * (2.0 * c[i, 2] + s * 3.0 * c[i, 3])) * table.per_unit


def look_up(table: CubicTable, x: float) -> float:
    """Tabulated value at x, a number or a dual."""
    return value_and_slope(table, x)[0]


@overload(look_up, jit_options=PLAIN)
def _look_up(table, x):
    if is_dual(x):

        def of_dual(table, x):
            value, slope = value_and_slope(table, x.value)
            return make_dual(value, scaled(slope, x.slopes))

        return of_dual
    return lambda table, x: value_and_slope(table, x)[0]
