"""Functions of one variable as piecewise cubics: a look-up costs less than the exponentials that it replaces.

Values and slopes are met at equidistant nodes (Hermite), so the table is continuously differentiable; its error falls
with the fourth power of the interval. Beyond its ends it goes on as a straight line.

References
----------
C. de Boor, A Practical Guide to Splines (1978), chapter IV: piecewise cubic Hermite interpolation.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from cellmodel.numerics.dual import is_dual, make_dual, scaled
from cellmodel.numerics.lane_arrays import QUADS_VIEW
from cellmodel.numerics.lane_math import PLAIN, SHIFT
from cellmodel.numerics.lanes import DOUBLE, LANES, NUMBERS, WORDS, choose
from cellmodel.numerics.record_view import Quads


class CubicTable(NamedTuple):
    """A tabulated function.

    Attributes
    ----------
    start : float
        First node.
    per_unit : float
        Intervals per unit of the variable.
    last : float
        Intervals less a trace: from there on the table goes on as a straight line, which there it is to rounding.
    coefficients : float64[m, 4]
        Of 1, s, s^2, s^3 in each interval, s from 0 to 1.
    """

    start: float
    per_unit: float
    last: float
    coefficients: Quads


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
    return CubicTable(start, 1.0 / rise, intervals - TRACE, coefficients)


INDEX = ir.IntType(32)
ROW_BYTES = 32
"""Four numbers."""
TRACE = 1e-12
"""Share of the last interval."""


def _columns(builder: Any, rows: list[Any]) -> list[Any]:
    """Four columns of eight rows: transposed in two rounds of shuffles."""

    def shuffled(x: Any, y: Any, places: list[int]) -> Any:
        return builder.shuffle_vector(x, y, ir.Constant(ir.VectorType(INDEX, LANES), places))

    far = [shuffled(rows[r], rows[r + 4], list(range(LANES))) for r in range(4)]
    even, odd = [0, 8, 2, 10, 4, 12, 6, 14], [1, 9, 3, 11, 5, 13, 7, 15]
    low, high = ([shuffled(far[r], far[r + 1], places) for r in (0, 2)] for places in (even, odd))
    first, second = [0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15]
    return [shuffled(*pair, places) for places in (first, second) for pair in (low, high)]


@intrinsic
def _rows(typingctx: Any, quads: types.Type, shifted: types.Type) -> Any:
    """Four columns of the row whose number is `shifted` - SHIFT, in each lane; there must be such a row."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = cgutils.create_struct_proxy(QUADS_VIEW)(context, builder, args[0])
        number = builder.and_(builder.bitcast(args[1], WORDS), ir.Constant(WORDS, [0xFFFFFFFF] * LANES))
        bytes_ = builder.shl(number, ir.Constant(WORDS, [ROW_BYTES.bit_length() - 1] * LANES))
        places, quad = builder.add(builder.bitcast(view.begin, WORDS), bytes_), ir.VectorType(DOUBLE, 4)
        rows = []
        for lane in range(LANES):
            begin = builder.inttoptr(builder.extract_element(places, ir.Constant(INDEX, lane)), quad.as_pointer())
            rows.append(builder.load(begin, align=8))
        return context.make_tuple(builder, signature.return_type, _columns(builder, rows))

    return types.UniTuple(NUMBERS, 4)(QUADS_VIEW, NUMBERS), build


@njit(**PLAIN)
def value_and_slope(table, x):
    """Tabulated values and derivatives at lanes x."""
    s = (x - table.start) * table.per_unit
    inside = choose(s < 0.0, 0.0, s)
    inside = choose(inside > table.last, table.last, inside)  # not a number if s is none
    # The interval, some one also for what is no number: a node belongs to either of its neighbours.
    shifted = choose(inside > 0.0, inside, 0.0) - 0.5 + SHIFT
    a, b, c, d = _rows(table.coefficients, shifted)
    at = inside - (shifted - SHIFT)
    value = a + at * (b + at * (c + at * d))
    slope = b + at * (2.0 * c + at * (3.0 * d))
    return value + (s - inside) * slope, slope * table.per_unit


@njit(nogil=True, error_model="numpy")
def slope_at(table, x):
    """Derivative of a tabulated function at one number x, for decisions about a single cell."""
    c = table.coefficients
    s = min(max((x - table.start) * table.per_unit, 0.0), table.last)
    i = int(s)
    at = s - i
    return (c[i, 1] + at * (2.0 * c[i, 2] + at * 3.0 * c[i, 3])) * table.per_unit


def look_up(table: CubicTable, x: float) -> float:
    """Tabulated value at x: a number, or in compiled code lanes or a dual."""
    s = (x - table.start) * table.per_unit
    inside = min(max(s, 0.0), table.last)
    a, b, c, d = table.coefficients[int(inside)]
    at = inside - int(inside)
    return a + at * (b + at * (c + at * d)) + (s - inside) * (b + at * (2.0 * c + at * 3.0 * d))


@overload(look_up, jit_options=PLAIN)
def _look_up(table, x):
    if is_dual(x):

        def of_dual(table, x):
            value, slope = value_and_slope(table, x.value)
            return make_dual(value, scaled(slope, x.slopes))

        return of_dual
    return lambda table, x: value_and_slope(table, x)[0]
