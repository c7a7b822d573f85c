"""Views of plain arrays from which compiled code reads lanes or duals and to which it writes them.

They hold bare pointers: whoever makes a view keeps its array alive.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, make_attribute_wrapper, models, overload, register_model

from cellmodel.numerics.dual import DIRECTIONS, DUAL, SLOPES, WIDE, make_dual
from cellmodel.numerics.lanes import LANES, NUMBERS, VECTOR, WORD

POINTER, _INTEGERS = types.CPointer(types.float64), types.CPointer(types.int64)
_COLOURS = types.Array(types.int64, 1, "C")


class LaneArrayType(types.Type):
    """Compiled type of a view with `ndim` indices besides that of the lane."""

    def __init__(self, ndim: int) -> None:
        self.ndim = ndim
        super().__init__(name=f"LaneArray({ndim})")


class _SeededType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Seeded")


class CollectedType(types.Type):
    """Compiled type of room for duals of which the first `directions` are kept."""

    def __init__(self, directions: int) -> None:
        self.width = directions * LANES
        super().__init__(name=f"Collected({directions})")


class _QuadsType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Quads")


VECTOR_VIEW, MATRIX_VIEW = LaneArrayType(1), LaneArrayType(2)
SEEDED, QUADS_VIEW = _SeededType(), _QuadsType()


@register_model(LaneArrayType)
class _LaneArrayModel(models.StructModel):
    def __init__(self, manager: Any, kind: LaneArrayType) -> None:
        lengths = [("size", types.int64)] if kind.ndim == 1 else [("rows", types.int64), ("size", types.int64)]
        super().__init__(manager, kind, [("data", POINTER), *lengths])


@register_model(_SeededType)
class _SeededModel(models.StructModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        members = [("data", POINTER), ("seeds", POINTER), ("colours", _INTEGERS), ("first", types.int64)]
        super().__init__(manager, kind, members)


@register_model(CollectedType)
class _CollectedModel(models.StructModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, [("data", POINTER), ("slopes", POINTER)])


@register_model(_QuadsType)
class _QuadsModel(models.StructModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, [("begin", NUMBERS)])


make_attribute_wrapper(LaneArrayType, "size", "size")


def _array(context: Any, builder: Any, kind: types.Type, value: Any) -> Any:
    return context.make_array(kind)(context, builder, value)


@intrinsic
def lanes_of(typingctx: Any, array: types.Type) -> Any:
    """View float64[n, LANES] as n lanes, or float64[m, n, LANES] as m rows of n lanes."""
    kind = LaneArrayType(array.ndim - 1)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        given = _array(context, builder, array, args[0])
        lengths = cgutils.unpack_tuple(builder, given.shape)
        view = cgutils.create_struct_proxy(kind)(context, builder)
        view.data, view.size = given.data, lengths[-2]
        if kind.ndim == 2:
            view.rows = lengths[0]
        return view._getvalue()

    return kind(types.Array(types.float64, array.ndim, "C")), build


@intrinsic
def seeded(typingctx: Any, values: types.Type, colours: types.Type, first: types.Type, seeds: types.Type) -> Any:
    """Unknowns as duals: unknown j moves in direction `colours[j] - first`, if there is such a direction.

    Parameters
    ----------
    values : float64[n, LANES]
    colours : int64[n]
    first : int64
        Colour of the first direction.
    seeds : float64[DIRECTIONS + 1, DIRECTIONS * LANES]
        Slopes of an unknown that moves in each direction, and of one that does not move.
    """

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = cgutils.create_struct_proxy(SEEDED)(context, builder)
        view.data = _array(context, builder, signature.args[0], args[0]).data
        view.colours = _array(context, builder, _COLOURS, args[1]).data
        view.first = args[2]
        view.seeds = _array(context, builder, signature.args[3], args[3]).data
        return view._getvalue()

    two = types.Array(types.float64, 2, "C")
    return SEEDED(two, _COLOURS, types.int64, two), build


def collecting(directions: int) -> Callable:
    """Make room for the rows of a right-hand side as duals, of which the first few directions are kept.

    Slopes in the others are not computed, either: the compiler leaves out what nobody keeps.

    Returns
    -------
    compiled function of values, float64[n, LANES], and slopes, float64[n, directions * LANES] or more
    """
    kind = CollectedType(directions)

    @intrinsic
    def room(typingctx: Any, values: types.Type, slopes: types.Type) -> Any:
        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            view = cgutils.create_struct_proxy(kind)(context, builder)
            view.data = _array(context, builder, signature.args[0], args[0]).data
            view.slopes = _array(context, builder, signature.args[1], args[1]).data
            return view._getvalue()

        two = types.Array(types.float64, 2, "C")
        return kind(two, two), build

    return room


collected = collecting(DIRECTIONS)
"""Room for the rows of a right-hand side as duals with all their directions."""


def place(builder: Any, data: Any, index: Any, width: int = LANES) -> Any:
    """Address of the index-th group of `width` numbers."""
    return builder.gep(data, [builder.mul(index, ir.Constant(WORD, width))])


def load(builder: Any, address: Any, kind: Any = VECTOR) -> Any:
    """Read a vector that may begin at any number."""
    return builder.load(builder.bitcast(address, kind.as_pointer()), align=8)


def store(builder: Any, vector: Any, address: Any) -> None:
    """Write a vector that may begin at any number."""
    builder.store(vector, builder.bitcast(address, vector.type.as_pointer()), align=8)


@intrinsic
def _read(typingctx: Any, view: types.Type, index: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = cgutils.create_struct_proxy(view)(context, builder, args[0]).data
        return load(builder, place(builder, data, args[1]))

    return NUMBERS(view, types.int64), build


@intrinsic
def _row(typingctx: Any, view: types.Type, index: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        matrix = cgutils.create_struct_proxy(MATRIX_VIEW)(context, builder, args[0])
        row = cgutils.create_struct_proxy(VECTOR_VIEW)(context, builder)
        row.data = place(builder, matrix.data, builder.mul(args[1], matrix.size))
        row.size = matrix.size
        return row._getvalue()

    return VECTOR_VIEW(MATRIX_VIEW, types.int64), build


@intrinsic
def _write(typingctx: Any, view: types.Type, index: types.Type, value: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = cgutils.create_struct_proxy(view)(context, builder, args[0]).data
        store(builder, args[2], place(builder, data, args[1]))
        return context.get_dummy_value()

    return types.none(view, types.int64, NUMBERS), build


@intrinsic
def _slopes_of(typingctx: Any, view: types.Type, index: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        fields = cgutils.create_struct_proxy(SEEDED)(context, builder, args[0])
        colour = builder.sub(builder.load(builder.gep(fields.colours, [args[1]])), fields.first)
        none = ir.Constant(WORD, DIRECTIONS)
        direction = builder.select(builder.icmp_unsigned("<", colour, none), colour, none)
        return load(builder, place(builder, fields.seeds, direction, WIDE.count), WIDE)

    return SLOPES(SEEDED, types.int64), build


@intrinsic
def _keep(typingctx: Any, view: types.Type, index: types.Type, dual: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        fields = cgutils.create_struct_proxy(view)(context, builder, args[0])
        given = cgutils.create_struct_proxy(DUAL)(context, builder, args[2])
        store(builder, given.value, place(builder, fields.data, args[1]))
        first = ir.Constant(ir.VectorType(ir.IntType(32), view.width), list(range(view.width)))
        kept = builder.shuffle_vector(given.slopes, ir.Constant(WIDE, ir.Undefined), first)
        store(builder, kept, place(builder, fields.slopes, args[1], view.width))
        return context.get_dummy_value()

    return types.none(view, types.int64, DUAL), build


@overload(operator.getitem)
def _getitem(array, index):
    if array == VECTOR_VIEW:
        return lambda array, index: _read(array, index)
    if array == MATRIX_VIEW:
        return lambda array, index: _row(array, index)
    if array == SEEDED:
        return lambda array, index: make_dual(_read(array, index), _slopes_of(array, index))
    return None


@overload(operator.setitem)
def _setitem(array, index, value):
    if array == VECTOR_VIEW:
        return lambda array, index, value: _write(array, index, value)
    if isinstance(array, CollectedType):
        return lambda array, index, value: _keep(array, index, value)
    return None
