"""Where a stage of a Rosenbrock method is evaluated, and room for its result: sums that are taken where they are used.

A sum over increments is a few multiplications, but reads as many numbers from memory, which takes longer. A
right-hand side that reads each unknown once need not find its sums in an array, and writes its results as they go into
the linear system.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from cellmodel.numerics.lane_arrays import MATRIX_VIEW, POINTER, VECTOR_VIEW, load, place, store
from cellmodel.numerics.lanes import FUSED, NUMBERS, WORD, splat


class _PointType(types.Type):
    """Compiled type of u + sum_j a_j k_j over the first `count` increments."""

    def __init__(self, count: int) -> None:
        self.factors = types.UniTuple(NUMBERS, count)
        super().__init__(name=f"StagePoint({count})")


class _RoomType(types.Type):
    """Compiled type of room where sum_j c_j k_j M / h is added to what is written."""

    def __init__(self, count: int) -> None:
        self.factors = types.UniTuple(NUMBERS, count)
        super().__init__(name=f"StageRoom({count})")


@register_model(_PointType)
@register_model(_RoomType)
class _SumModel(models.StructModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        members = [("data", POINTER), ("increments", POINTER), ("size", types.int64), ("factors", kind.factors)]
        if isinstance(kind, _RoomType):
            members += [("mass", POINTER), ("inverse", NUMBERS)]
        super().__init__(manager, kind, members)


def _filled(context: Any, builder: Any, kind: Any, args: Any) -> Any:
    """View with its data, increments and factors."""
    view = cgutils.create_struct_proxy(kind)(context, builder)
    data, increments, factors = (
        cgutils.create_struct_proxy(each)(context, builder, given)
        for each, given in zip((VECTOR_VIEW, MATRIX_VIEW, VECTOR_VIEW), args[:3], strict=True)
    )
    view.data, view.increments, view.size = data.data, increments.data, increments.size
    held = [load(builder, place(builder, factors.data, ir.Constant(WORD, j))) for j in range(kind.factors.count)]
    view.factors = context.make_tuple(builder, kind.factors, held)
    return view


@intrinsic(prefer_literal=True)
def stage_point(typingctx: Any, u: types.Type, increments: types.Type, factors: types.Type, count: types.Type) -> Any:
    """View whose element i is `u[i]` plus the sum of `factors[j] * increments[j][i]` over the first `count` j."""
    kind = _PointType(count.literal_value)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _filled(context, builder, kind, args)._getvalue()

    return kind(VECTOR_VIEW, MATRIX_VIEW, VECTOR_VIEW, count), build


@intrinsic(prefer_literal=True)
def stage_room(
    typingctx: Any, out: types.Type, increments: types.Type, factors: types.Type, count: types.Type,
    mass: types.Type, inverse: types.Type,
) -> Any:  # fmt: skip
    """View of `out` that adds `mass[i] * inverse * sum_j factors[j] * increments[j][i]` to what is written to i."""
    kind, masses = _RoomType(count.literal_value), types.Array(types.float64, 1, "C")

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = _filled(context, builder, kind, args)
        view.mass, view.inverse = context.make_array(masses)(context, builder, args[4]).data, args[5]
        return view._getvalue()

    return kind(VECTOR_VIEW, MATRIX_VIEW, VECTOR_VIEW, count, masses, NUMBERS), build


def _sum(builder: Any, view: Any, index: Any) -> Any:
    """Sum of increments times factors at an index."""
    total, spot = None, place(builder, view.increments, index)
    for j, factor in enumerate(cgutils.unpack_tuple(builder, view.factors)):
        row = place(builder, spot, builder.mul(view.size, ir.Constant(WORD, j)))
        product = builder.fmul(factor, load(builder, row), flags=FUSED)
        total = product if total is None else builder.fadd(total, product, flags=FUSED)
    return total


@intrinsic
def _read_point(typingctx: Any, view: types.Type, index: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        point = cgutils.create_struct_proxy(view)(context, builder, args[0])
        here = load(builder, place(builder, point.data, args[1]))
        return builder.fadd(here, _sum(builder, point, args[1]), flags=FUSED)

    return NUMBERS(view, types.int64), build


@intrinsic
def _write_room(typingctx: Any, view: types.Type, index: types.Type, value: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        room = cgutils.create_struct_proxy(view)(context, builder, args[0])
        mass = splat(builder, builder.load(builder.gep(room.mass, [args[1]])))
        rate = builder.fmul(mass, builder.fmul(room.inverse, _sum(builder, room, args[1])))
        store(builder, builder.fadd(args[2], rate, flags=FUSED), place(builder, room.data, args[1]))
        return context.get_dummy_value()

    return types.none(view, types.int64, NUMBERS), build


@overload(operator.getitem)
def _getitem(array, index):
    if isinstance(array, _PointType):
        return lambda array, index: _read_point(array, index)
    return None


@overload(operator.setitem)
def _setitem(array, index, value):
    if isinstance(array, _RoomType):
        return lambda array, index, value: _write_room(array, index, value)
    return None
