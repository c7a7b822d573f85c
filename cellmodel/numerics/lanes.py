"""Numbers of several cells at once: one `Lanes` holds the same quantity of `LANES` cells in one vector register.

A law that is compiled for lanes is evaluated for all cells by the same instructions. The cells stay independent:
no operation mixes lanes, so what comes out for one cell does not depend on its neighbours to the last bit. Comparisons
give a mask and never a branch: compiled laws must be free of branches on numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typeconv import Conversion
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, lower_cast, models, register_model

LANES = 8
"""Cells that are computed at once: the doubles of the widest vector registers in use."""

DOUBLE, WORD = ir.DoubleType(), ir.IntType(64)
VECTOR, WORDS, BITS = (ir.VectorType(kind, LANES) for kind in (DOUBLE, WORD, ir.IntType(1)))
FUSED = ("contract",)
"""Lets a product and a sum become one instruction."""


class _LanesType(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"Lanes{LANES}")

    def unify(self, typingctx: Any, other: types.Type) -> types.Type | None:
        """A variable that is once a number and once lanes is lanes."""
        return self if isinstance(other, types.Number) else None

    def can_convert_from(self, typingctx: Any, other: types.Type) -> Any:
        """Numbers are lanes of equal content; a mere conversion, so that numbers find what is compiled for them."""
        return Conversion.safe if isinstance(other, types.Number) else None


class _MaskType(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"Mask{LANES}")


NUMBERS, MASK = _LanesType(), _MaskType()


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, VECTOR)


@register_model(_MaskType)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, BITS)


def is_lanes(kind: Any) -> bool:
    """Whether a compiled type is that of lanes."""
    return isinstance(kind, _LanesType)


def is_number(kind: Any) -> bool:
    """Whether a compiled type is that of numbers."""
    return isinstance(kind, (types.Number, types.Literal))


def splat(builder: Any, value: Any, kind: Any = VECTOR) -> Any:
    """Put one number into every lane."""
    single = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count)
    return builder.shuffle_vector(single, ir.Constant(kind, ir.Undefined), mask)


@lower_cast(types.Number, _LanesType)
def _lanes_of_number(context: Any, builder: Any, number: types.Type, lanes: types.Type, value: Any) -> Any:
    return splat(builder, context.cast(builder, value, number, types.float64))


@lower_cast(types.IntegerLiteral, _LanesType)
def _lanes_of_literal(context: Any, builder: Any, literal: types.Type, lanes: types.Type, value: Any) -> Any:
    return splat(builder, ir.Constant(DOUBLE, float(literal.literal_value)))


def _operation(function: Callable, result: types.Type, emit: Callable) -> None:
    """Type `function` of lanes, and of lanes and numbers, and lower it by `emit(builder, *vectors)`."""

    class Template(AbstractTemplate):
        def generic(self, args: tuple, kws: dict) -> Any:
            """Numbers beside lanes become lanes."""
            if any(is_lanes(a) for a in args) and all(is_lanes(a) or is_number(a) for a in args):
                return signature(result, *([NUMBERS] * len(args)))
            return None

    infer_global(function)(type(f"Lanes_{function.__name__}", (Template,), {"key": function}))
    for count in (1, 2):

        @lower_builtin(function, *([NUMBERS] * count))
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return emit(builder, *args)


def call_vector(builder: Any, name: str, *vectors: Any) -> Any:
    """Call one of LLVM's functions of vectors of doubles."""
    kind = ir.FunctionType(VECTOR, [VECTOR] * len(vectors))
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{LANES}f64")
    return builder.call(function, vectors)


def extreme(order: str) -> Callable:
    """Smaller or larger of two; NaN if either is NaN."""

    def emit(builder: Any, x: Any, y: Any) -> Any:
        chosen = builder.select(builder.fcmp_ordered(order, x, y), x, y)  # y if either is NaN
        return builder.select(builder.fcmp_unordered("uno", x, x), x, chosen)

    return emit


for _name, _plain, _in_place in (
    ("fadd", operator.add, operator.iadd),
    ("fsub", operator.sub, operator.isub),
    ("fmul", operator.mul, operator.imul),
    ("fdiv", operator.truediv, operator.itruediv),
):
    for _function in (_plain, _in_place):
        _operation(_function, NUMBERS, lambda b, x, y, name=_name: getattr(b, name)(x, y, flags=FUSED))
_operation(operator.neg, NUMBERS, lambda b, x: b.fneg(x))
_operation(abs, NUMBERS, lambda b, x: call_vector(b, "fabs", x))
_operation(min, NUMBERS, extreme("<"))
_operation(max, NUMBERS, extreme(">"))
for _order, _function in (("<", operator.lt), ("<=", operator.le), (">", operator.gt), (">=", operator.ge)):
    _operation(_function, MASK, lambda b, x, y, order=_order: b.fcmp_ordered(order, x, y))


@intrinsic
def choose(typingctx: Any, mask: types.Type, x: types.Type, y: types.Type) -> Any:
    """Lanes of x where the mask is true, of y elsewhere; lanes or numbers."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(*args)

    return NUMBERS(MASK, NUMBERS, NUMBERS), build


@intrinsic
def lane(typingctx: Any, numbers: types.Type, index: types.Type) -> Any:
    """Number of one lane."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.extract_element(args[0], args[1])

    return types.float64(NUMBERS, types.int64), build


@intrinsic
def no_lanes(typingctx: Any) -> Any:
    """0 in every lane."""
    return NUMBERS(), lambda context, builder, signature, args: ir.Constant(VECTOR, [0.0] * LANES)
