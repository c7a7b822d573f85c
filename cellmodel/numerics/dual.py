"""Dual numbers: a value and its slopes in several directions at once, carried through the same compiled laws.

A function of plain numbers becomes exact derivatives when it is compiled for duals: every operation below
adds its chain rule. The slopes of one dual fill one vector register, so that a right-hand side gives
`LANES` columns of its Jacobian for little more than its own cost. Control flow looks at values only.

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
from numba.extending import (
    intrinsic,
    lower_cast,
    make_attribute_wrapper,
    models,
    overload,
    register_model,
)

LANES = 8
"""Directions of one dual: the doubles of the widest vector registers in use."""

_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
PLAIN = {"error_model": "numpy"}


class _SlopesType(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"Slopes{LANES}")


class _DualType(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"Dual{LANES}")

    def unify(self, typingctx: Any, other: types.Type) -> types.Type | None:
        """A variable that is once a number and once a dual is a dual."""
        return self if isinstance(other, types.Number) else None

    def can_convert_from(self, typingctx: Any, other: types.Type) -> Any:
        """Numbers are duals without slopes; as a mere conversion, so that numbers find what is compiled for them."""
        return Conversion.safe if isinstance(other, types.Number) else None


SLOPES, DUAL = _SlopesType(), _DualType()


@register_model(_SlopesType)
class _SlopesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, _VECTOR)


@register_model(_DualType)
class _DualModel(models.StructModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, [("value", types.float64), ("slopes", SLOPES)])


make_attribute_wrapper(_DualType, "value", "value")
make_attribute_wrapper(_DualType, "slopes", "slopes")


@intrinsic
def make_dual(typingctx: Any, value: types.Type, slopes: types.Type) -> Any:
    """Join a value and its slopes."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        dual = cgutils.create_struct_proxy(DUAL)(context, builder)
        dual.value, dual.slopes = args
        return dual._getvalue()

    return DUAL(types.float64, SLOPES), build


def _splat(builder: Any, value: Any) -> Any:
    single = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(single, ir.Constant(_VECTOR, ir.Undefined), mask)


@intrinsic
def combine(typingctx: Any, a: types.Type, x: types.Type, b: types.Type, y: types.Type) -> Any:
    """Slopes a x + b y of numbers a, b and slopes x, y: the chain rule of a function of two variables."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        a, x, b, y = args
        return builder.fadd(builder.fmul(_splat(builder, a), x), builder.fmul(_splat(builder, b), y))

    return SLOPES(types.float64, SLOPES, types.float64, SLOPES), build


@intrinsic
def scaled(typingctx: Any, a: types.Type, x: types.Type) -> Any:
    """Slopes a x: the chain rule of a function of one variable."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fmul(_splat(builder, args[0]), args[1])

    return SLOPES(types.float64, SLOPES), build


@intrinsic
def direction(typingctx: Any, lane: types.Type) -> Any:
    """Slopes of the variable that moves in direction `lane`; none if there is no such lane."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        slopes = ir.Constant(_VECTOR, [0.0] * LANES)
        for k in range(LANES):
            here = builder.icmp_signed("==", args[0], ir.Constant(args[0].type, k))
            one = builder.select(here, ir.Constant(ir.DoubleType(), 1.0), ir.Constant(ir.DoubleType(), 0.0))
            slopes = builder.insert_element(slopes, one, ir.Constant(ir.IntType(32), k))
        return slopes

    return SLOPES(types.int64), build


@lower_cast(types.Number, _DualType)
def _dual_of_number(context: Any, builder: Any, number: types.Type, dual: types.Type, value: Any) -> Any:
    made = cgutils.create_struct_proxy(DUAL)(context, builder)
    made.value = context.cast(builder, value, number, types.float64)
    made.slopes = ir.Constant(_VECTOR, [0.0] * LANES)
    return made._getvalue()


def is_dual(kind: Any) -> bool:
    """Whether a compiled type is that of duals."""
    return isinstance(kind, _DualType)


def is_number(kind: Any) -> bool:
    """Whether a compiled type is that of numbers."""
    return isinstance(kind, (types.Number, types.Literal))


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
    """Give `function` of two duals or a dual and a number: rule(x, y) returns value and both derivatives."""
    rule = njit(**PLAIN)(rule)

    @overload(function, jit_options=PLAIN)
    def of_duals(x, y):
        if is_dual(x) and is_dual(y):

            def apply(x, y):
                value, a, b = rule(x.value, y.value)
                return make_dual(value, combine(a, x.slopes, b, y.slopes))

            return apply
        if is_dual(x) and is_number(y):

            def apply_left(x, y):
                value, a, _ = rule(x.value, float(y))
                return make_dual(value, scaled(a, x.slopes))

            return apply_left
        if is_number(x) and is_dual(y):

            def apply_right(x, y):
                value, _, b = rule(float(x), y.value)
                return make_dual(value, scaled(b, y.slopes))

            return apply_right
        return None


def _comparison(function: Callable) -> None:
    """Compare duals by their values."""

    @overload(function, jit_options=PLAIN)
    def of_duals(x, y):
        if is_dual(x) and is_dual(y):
            return lambda x, y: function(x.value, y.value)
        if is_dual(x) and is_number(y):
            return lambda x, y: function(x.value, y)
        if is_number(x) and is_dual(y):
            return lambda x, y: function(x, y.value)
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


def _power(x, y):
    value = x**y
    slope = y * value / x if x != 0.0 else y * x ** (y - 1.0)
    return value, slope, value * math.log(x)


_unary(operator.neg, lambda x: (-x, -1.0))
_unary(abs, lambda x: (abs(x), math.copysign(1.0, x)))
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
_binary(operator.pow, _power)
_binary(min, lambda x, y: (x, 1.0, 0.0) if x < y else (y, 0.0, 1.0))
_binary(max, lambda x, y: (x, 1.0, 0.0) if x > y else (y, 0.0, 1.0))
for _function in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
    _comparison(_function)


def zero_like(x: Any) -> Any:
    """0 of the kind of x: a number, or a dual without slopes."""
    return 0.0


@overload(zero_like, jit_options=PLAIN)
def _zero_like(x):
    if is_dual(x):
        return lambda x: make_dual(0.0, scaled(0.0, x.slopes))
    return lambda x: 0.0
