"""Exponential, logarithm and their kin for lanes: polynomials, since the C library's functions take one number.

Errors, measured in tests/numerics/test_lanes.py, are below 2 units in the last place of double precision; only that of
the tangent is 4e-16 whatever its size, so that a small one has fewer digits. The logarithm is NaN unless its argument
is positive and finite, and asinh is beyond 1e154.

References
----------
P. T. P. Tang, ACM Trans. Math. Softw. 15 (1989) 144, doi:10.1145/63522.214389: reduction of the argument.
J.-M. Muller, Elementary Functions, 3rd ed. (2016), doi:10.1007/978-1-4899-7983-4, chapters 3 and 11.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

from cellmodel.numerics.lanes import NUMBERS, VECTOR, WORDS, _operation, call_vector, choose, is_lanes

PLAIN = {"error_model": "numpy"}
LARGEST, SMALLEST = 709.5, -709.0
"""Arguments at which and beyond which the exponential is infinite or 0: their powers of 2 are."""
PER_LN2, LN2_HIGH, LN2_LOW = 1.4426950408889634, 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""1/ln 2, and ln 2 in two parts, the first of which has trailing zeros."""
SHIFT = 6755399441055744.0
"""1.5 * 2**52: added to a number of modest size, it leaves the nearest integer in the last bits."""
ROOT_HALF = 0.7071067811865476

_operation(math.sqrt, NUMBERS, lambda b, x: call_vector(b, "sqrt", x))


def _constant(value: int) -> ir.Constant:
    return ir.Constant(WORDS, [value] * WORDS.count)


@intrinsic
def _power_of_two(typingctx: Any, shifted: types.Type) -> Any:
    """2**n of a number n + SHIFT."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        exponent = builder.add(builder.bitcast(args[0], WORDS), _constant(1023))
        return builder.bitcast(builder.shl(exponent, _constant(52)), VECTOR)

    return NUMBERS(NUMBERS), build


@intrinsic
def _exponent_of(typingctx: Any, scaled: types.Type) -> Any:
    """Integer e + SHIFT of numbers m 2**e with m from 1 to 2."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        raw = builder.lshr(builder.bitcast(args[0], WORDS), _constant(52))
        high = ir.Constant(WORDS, [0x4338000000000000 - 1023] * WORDS.count)
        return builder.bitcast(builder.add(raw, high), VECTOR)

    return NUMBERS(NUMBERS), build


@njit(**PLAIN)
def _exp(x):
    """exp(x) = 2**n exp(r), |r| <= ln(2)/2, by a Taylor polynomial in r."""
    x = choose(x < SMALLEST, SMALLEST, x)
    x = choose(x > LARGEST, LARGEST, x)
    shifted = x * PER_LN2 + SHIFT
    n = shifted - SHIFT
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    # Terms in pairs, and pairs of pairs: a processor need not wait for one before it begins the next.
    square = r * r
    fourth = square * square
    low = (0.16666666666666666 * r + 0.5) + square * (0.008333333333333333 * r + 0.041666666666666664)
    middle = (0.0001984126984126984 * r + 0.001388888888888889) + square * (
        2.7557319223985893e-06 * r + 2.48015873015873e-05
    )
    high = (2.505210838544172e-08 * r + 2.755731922398589e-07) + square * (
        1.6059043836821613e-10 * r + 2.08767569878681e-09
    )
    tail = low + fourth * (middle + fourth * high)
    return (tail * square + r + 1.0) * _power_of_two(shifted)


@njit(**PLAIN)
def _log(x):
    """ln(x) = e ln 2 + 2 artanh((m - 1)/(m + 1)) of x = m 2**e, m around 1; NaN unless x is positive and finite."""
    shifted = _exponent_of(x / ROOT_HALF)
    m = x / _power_of_two(shifted)
    e = shifted - SHIFT
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    square = z * z
    fourth = square * square
    low = (0.4 * z + 0.6666666666666666) + square * (0.2222222222222222 * z + 0.2857142857142857)
    high = (0.15384615384615385 * z + 0.18181818181818182) + square * (0.11764705882352941 * z + 0.13333333333333333)
    top = (0.09523809523809523 * z + 0.10526315789473684) + square * 0.08695652173913043
    series = low + fourth * (high + fourth * top)
    # 2 artanh(s) = f - s (f - 2 s^2/3 - ...) keeps the digits of a small f.
    near = f - s * (f - z * series)
    return choose(x > 0.0, e * LN2_HIGH + (near + e * LN2_LOW), math.nan)


@overload(math.exp, jit_options=PLAIN)
def _exp_of_lanes(x):
    return (lambda x: _exp(x)) if is_lanes(x) else None


@overload(math.log, jit_options=PLAIN)
def _log_of_lanes(x):
    return (lambda x: _log(x)) if is_lanes(x) else None


@overload(math.tanh, jit_options=PLAIN)
def _tanh_of_lanes(x):
    return (lambda x: 1.0 - 2.0 / (_exp(2.0 * x) + 1.0)) if is_lanes(x) else None


@overload(math.asinh, jit_options=PLAIN)
def _asinh_of_lanes(x):
    if not is_lanes(x):
        return None

    def of_lanes(x):
        size = abs(x)
        # The argument of log1p, so that small x keep their digits.
        beyond = size + size * size / (1.0 + math.sqrt(1.0 + size * size))
        grown = 1.0 + beyond
        exact = _log(grown) + (beyond - (grown - 1.0)) / grown
        return choose(x < 0.0, -exact, exact)

    return of_lanes
