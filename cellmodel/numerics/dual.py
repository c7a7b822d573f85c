"""Dual numbers: a value and its slopes in several directions at once, carried through the same compiled laws.

A function of lanes becomes exact derivatives when it is compiled for duals: every operation below adds its
chain rule. A right-hand side of duals gives `DIRECTIONS` columns of its Jacobian for the price of few evaluations.

References
----------
A. Griewank, A. Walther, Evaluating Derivatives, 2nd ed. (2008), doi:10.1137/1.9780898717761: forward mode.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.typeconv import Conversion
from numba.extending import intrinsic, lower_cast, make_attribute_wrapper, models, overload, register_model

from cellmodel.numerics.lane_math import PLAIN
from cellmodel.numerics.lanes import DOUBLE, FUSED, LANES, NUMBERS, choose, is_lanes, is_number, no_lanes, splat

DIRECTIONS = 8
"""Directions of one dual: more need fewer evaluations, fewer stay in registers."""

WIDE = ir.VectorType(DOUBLE, DIRECTIONS * LANES)
"""Slopes of all lanes, direction by direction."""


class _SlopesType(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"Slopes{DIRECTIONS}x{LANES}")


class _DualType(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"Dual{DIRECTIONS}x{LANES}")

    def unify(self, typingctx: Any, other: types.Type) -> types.Type | None:
        """A variable that is once a number and once a dual is a dual."""
        return self if is_lanes(other) or isinstance(other, types.Number) else None

    def can_convert_from(self, typingctx: Any, other: types.Type) -> Any:
        """Numbers are duals without slopes; a mere conversion, so that numbers find what is compiled for them."""
        return Conversion.safe if is_lanes(other) or isinstance(other, types.Number) else None


SLOPES, DUAL = _SlopesType(), _DualType()


@register_model(_SlopesType)
class _SlopesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, WIDE)


@register_model(_DualType)
class _DualModel(models.StructModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, [("value", NUMBERS), ("slopes", SLOPES)])


make_attribute_wrapper(_DualType, "value", "value")
make_attribute_wrapper(_DualType, "slopes", "slopes")


@intrinsic
def make_dual(typingctx: Any, value: types.Type, slopes: types.Type) -> Any:
    """Join values and their slopes."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        dual = cgutils.create_struct_proxy(DUAL)(context, builder)
        dual.value, dual.slopes = args
        return dual._getvalue()

    return DUAL(NUMBERS, SLOPES), build


def _everywhere(builder: Any, lanes: Any) -> Any:
    """Repeat lanes for every direction."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), WIDE.count), list(range(LANES)) * DIRECTIONS)
    return builder.shuffle_vector(lanes, ir.Constant(lanes.type, ir.Undefined), mask)


@intrinsic
def combine(typingctx: Any, a: types.Type, x: types.Type, b: types.Type, y: types.Type) -> Any:
    """Slopes a x + b y of lanes a, b and slopes x, y: the chain rule of a function of two variables."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        a, x, b, y = args
        first = builder.fmul(_everywhere(builder, a), x, flags=FUSED)
        return builder.fadd(first, builder.fmul(_everywhere(builder, b), y, flags=FUSED), flags=FUSED)

    return SLOPES(NUMBERS, SLOPES, NUMBERS, SLOPES), build


@intrinsic
def scaled(typingctx: Any, a: types.Type, x: types.Type) -> Any:
    """Slopes a x: the chain rule of a function of one variable."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fmul(_everywhere(builder, args[0]), args[1])

    return SLOPES(NUMBERS, SLOPES), build


@intrinsic
def _no_slopes(typingctx: Any) -> Any:
    return SLOPES(), lambda context, builder, signature, args: ir.Constant(WIDE, [0.0] * WIDE.count)


def _constant_dual(context: Any, builder: Any, value: Any) -> Any:
    made = cgutils.create_struct_proxy(DUAL)(context, builder)
    made.value, made.slopes = value, ir.Constant(WIDE, [0.0] * WIDE.count)
    return made._getvalue()


@lower_cast(types.Number, _DualType)
def _dual_of_number(context: Any, builder: Any, number: types.Type, dual: types.Type, value: Any) -> Any:
    return _constant_dual(context, builder, splat(builder, context.cast(builder, value, number, types.float64)))


@lower_cast(type(NUMBERS), _DualType)
def _dual_of_lanes(context: Any, builder: Any, lanes: types.Type, dual: types.Type, value: Any) -> Any:
    return _constant_dual(context, builder, value)


def is_dual(kind: Any) -> bool:
    """Whether a compiled type is that of duals."""
    return isinstance(kind, _DualType)


def _is_plain(kind: Any) -> bool:
    return is_lanes(kind) or is_number(kind)


def _unary(function: Callable, rule: Callable) -> None:
    """Give `function` of a dual: rule(x) returns its value and its derivative."""
    rule = njit(**PLAIN)(rule)

    @overload(function, jit_options=PLAIN)
    def of_dual(x):
        if not is_dual(x):
            return None

        def apply(x):
            value, slope = rule(x.value)
            return make_dual(value, scaled(slope, x.slopes))

        return apply


def _binary(function: Callable, rule: Callable) -> None:
    """Give `function` of two duals or a dual and plain numbers: rule(x, y) returns value and both derivatives."""
    rule = njit(**PLAIN)(rule)

    @overload(function, jit_options=PLAIN)
    def of_duals(x, y):
        if is_dual(x) and is_dual(y):

            def apply(x, y):
                value, a, b = rule(x.value, y.value)
                return make_dual(value, combine(a, x.slopes, b, y.slopes))

            return apply
        if is_dual(x) and _is_plain(y):

            def apply_left(x, y):
                value, a, _ = rule(x.value, y)
                return make_dual(value, scaled(a, x.slopes))

            return apply_left
        if _is_plain(x) and is_dual(y):

            def apply_right(x, y):
                value, _, b = rule(x, y.value)
                return make_dual(value, scaled(b, y.slopes))

            return apply_right
        return None


def _exp(x):
    value = math.exp(x)
    return value, value


def _sqrt(x):
    value = math.sqrt(x)
    return value, 0.5 / value


def _tanh(x):
    value = math.tanh(x)
    return value, 1.0 - value * value


def _quotient(x, y):
    inverse = 1.0 / y
    value = x * inverse
    return value, inverse, -value * inverse


def _smaller(x, y):
    share = choose(x < y, 1.0, 0.0)
    return min(x, y), share, 1.0 - share


def _larger(x, y):
    share = choose(x > y, 1.0, 0.0)
    return max(x, y), share, 1.0 - share


_unary(operator.neg, lambda x: (-x, -1.0))
_unary(abs, lambda x: (abs(x), choose(x < 0.0, -1.0, 1.0)))
_unary(math.exp, _exp)
_unary(math.log, lambda x: (math.log(x), 1.0 / x))
_unary(math.sqrt, _sqrt)
_unary(math.tanh, _tanh)
_unary(math.asinh, lambda x: (math.asinh(x), 1.0 / math.sqrt(1.0 + x * x)))
for _plain, _in_place, _rule in (
    (operator.add, operator.iadd, lambda x, y: (x + y, 1.0, 1.0)),
    (operator.sub, operator.isub, lambda x, y: (x - y, 1.0, -1.0)),
    (operator.mul, operator.imul, lambda x, y: (x * y, y, x)),
    (operator.truediv, operator.itruediv, _quotient),
):
    _binary(_plain, _rule)
    _binary(_in_place, _rule)
_binary(min, _smaller)
_binary(max, _larger)


def zero_like(x: Any) -> Any:
    """0 of the kind of x: a number, lanes, or duals without slopes."""
    return 0.0


@overload(zero_like, jit_options=PLAIN)
def _zero_like(x):
    if is_dual(x):
        return lambda x: make_dual(0.0, _no_slopes())
    if is_lanes(x):
        return lambda x: no_lanes()
    return lambda x: 0.0
