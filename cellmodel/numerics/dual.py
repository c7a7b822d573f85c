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
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import (
    intrinsic,
    lower_builtin,
    lower_cast,
    make_attribute_wrapper,
    models,
    overload,
    register_model,
)

from cellmodel.numerics.lane_math import PLAIN
from cellmodel.numerics.lanes import (
    DOUBLE,
    FUSED,
    LANES,
    NUMBERS,
    VECTOR,
    choose,
    extreme,
    is_lanes,
    is_number,
    no_lanes,
    splat,
)

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


def _arithmetic(function: Callable, emit: Callable) -> None:
    """Give `function` of two duals, or of a dual and plain numbers.

    `emit(builder, x, y)` emits code of the value and both derivatives, None for 1. It stands where it is used and is no
    function of its own: most of a right-hand side is arithmetic, and calls would be most of the work of compiling it.
    """

    class Template(AbstractTemplate):
        def generic(self, args: tuple, kws: dict) -> Any:
            """Numbers beside duals become lanes."""
            if any(is_dual(a) for a in args) and all(is_dual(a) or _is_plain(a) for a in args):
                return signature(DUAL, *(DUAL if is_dual(a) else NUMBERS for a in args))
            return None

    infer_global(function)(type(f"Dual_{function.__name__}", (Template,), {"key": function}))
    for kinds in (DUAL, DUAL), (DUAL, NUMBERS), (NUMBERS, DUAL):

        @lower_builtin(function, *kinds)
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            (x, x_slopes), (y, y_slopes) = (
                _parts(context, builder, *each) for each in zip(sig.args, args, strict=True)
            )
            made = cgutils.create_struct_proxy(DUAL)(context, builder)
            made.value, by_x, by_y = emit(builder, x, y)
            changes = [_chained(builder, *each) for each in ((by_x, x_slopes), (by_y, y_slopes)) if each[1] is not None]
            made.slopes = changes[0] if len(changes) == 1 else builder.fadd(*changes, flags=FUSED)
            return made._getvalue()


def _parts(context: Any, builder: Any, kind: types.Type, given: Any) -> tuple[Any, Any]:
    if not is_dual(kind):
        return given, None
    dual = cgutils.create_struct_proxy(DUAL)(context, builder, given)
    return dual.value, dual.slopes


def _chained(builder: Any, factor: Any, slopes: Any) -> Any:
    return slopes if factor is None else builder.fmul(_everywhere(builder, factor), slopes, flags=FUSED)


def _every(number: float) -> Any:
    return ir.Constant(VECTOR, [number] * LANES)


def _product(builder: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
    return builder.fmul(x, y, flags=FUSED), y, x


def _quotient(builder: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
    inverse = builder.fdiv(_every(1.0), y)
    value = builder.fmul(x, inverse, flags=FUSED)
    return value, inverse, builder.fmul(builder.fneg(value), inverse)


def _extreme(order: str) -> Callable:
    def emit(builder: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
        first = builder.fcmp_ordered(order, x, y)
        shares = (builder.select(first, _every(one), _every(1.0 - one)) for one in (1.0, 0.0))
        return (extreme(order)(builder, x, y), *shares)

    return emit


def _exp(x):
    value = math.exp(x)
    return value, value


def _sqrt(x):
    value = math.sqrt(x)
    return value, 0.5 / value


def _tanh(x):
    value = math.tanh(x)
    return value, 1.0 - value * value


_unary(operator.neg, lambda x: (-x, -1.0))
_unary(abs, lambda x: (abs(x), choose(x < 0.0, -1.0, 1.0)))
_unary(math.exp, _exp)
_unary(math.log, lambda x: (math.log(x), 1.0 / x))
_unary(math.sqrt, _sqrt)
_unary(math.tanh, _tanh)
_unary(math.asinh, lambda x: (math.asinh(x), 1.0 / math.sqrt(1.0 + x * x)))
for _plain, _in_place, _emit in (
    (operator.add, operator.iadd, lambda b, x, y: (b.fadd(x, y, flags=FUSED), None, None)),
    (operator.sub, operator.isub, lambda b, x, y: (b.fsub(x, y, flags=FUSED), None, _every(-1.0))),
    (operator.mul, operator.imul, _product),
    (operator.truediv, operator.itruediv, _quotient),
):
    _arithmetic(_plain, _emit)
    _arithmetic(_in_place, _emit)
_arithmetic(min, _extreme("<"))
_arithmetic(max, _extreme(">"))


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
