"""Views of plain arrays from which a right-hand side reads duals and to which it writes them.

They hold bare pointers: whoever makes a view keeps its arrays alive.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from cellmodel.numerics.dual import DUAL, LANES, direction, make_dual

_VALUES = types.Array(types.float64, 1, "C")
_COLOURS = types.Array(types.int64, 1, "C")
_SLOPES = types.Array(types.float64, 2, "C")


class _SeededType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Seeded")


class _CollectedType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Collected")


SEEDED, COLLECTED = _SeededType(), _CollectedType()
_NUMBERS, _INTEGERS = types.CPointer(types.float64), types.CPointer(types.int64)


@register_model(_SeededType)
class _SeededModel(models.StructModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, [("values", _NUMBERS), ("colours", _INTEGERS), ("first", types.int64)])


@register_model(_CollectedType)
class _CollectedModel(models.StructModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, [("values", _NUMBERS), ("slopes", _NUMBERS)])


def _data(context: Any, builder: Any, kind: types.Type, array: Any) -> Any:
    return context.make_array(kind)(context, builder, array).data


@intrinsic
def seeded(typingctx: Any, values: types.Type, colours: types.Type, first: types.Type) -> Any:
    """Unknowns as duals: unknown j moves in direction `colours[j] - first`.

    Parameters
    ----------
    values : float64[n]
    colours : int64[n]
    first : int64
        Colour of the first direction.
    """

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = cgutils.create_struct_proxy(SEEDED)(context, builder)
        view.values = _data(context, builder, _VALUES, args[0])
        view.colours = _data(context, builder, _COLOURS, args[1])
        view.first = args[2]
        return view._getvalue()

    return SEEDED(_VALUES, _COLOURS, types.int64), build


@intrinsic
def collected(typingctx: Any, values: types.Type, slopes: types.Type) -> Any:
    """Room for the rows of a right-hand side as duals.

    Parameters
    ----------
    values : float64[n]
    slopes : float64[n, LANES]
    """

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        view = cgutils.create_struct_proxy(COLLECTED)(context, builder)
        view.values = _data(context, builder, _VALUES, args[0])
        view.slopes = _data(context, builder, _SLOPES, args[1])
        return view._getvalue()

    return COLLECTED(_VALUES, _SLOPES), build


@intrinsic
def _value_at(typingctx: Any, view: types.Type, index: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = cgutils.create_struct_proxy(SEEDED)(context, builder, args[0]).values
        return builder.load(builder.gep(values, [args[1]]))

    return types.float64(SEEDED, types.int64), build


@intrinsic
def _lane_at(typingctx: Any, view: types.Type, index: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        fields = cgutils.create_struct_proxy(SEEDED)(context, builder, args[0])
        return builder.sub(builder.load(builder.gep(fields.colours, [args[1]])), fields.first)

    return types.int64(SEEDED, types.int64), build


@intrinsic
def _keep(typingctx: Any, view: types.Type, index: types.Type, dual: types.Type) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        fields = cgutils.create_struct_proxy(COLLECTED)(context, builder, args[0])
        given = cgutils.create_struct_proxy(DUAL)(context, builder, args[2])
        builder.store(given.value, builder.gep(fields.values, [args[1]]))
        place = builder.gep(fields.slopes, [builder.mul(args[1], ir.Constant(args[1].type, LANES))])
        builder.store(given.slopes, builder.bitcast(place, given.slopes.type.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.none(COLLECTED, types.int64, DUAL), build


@overload(operator.getitem)
def _getitem(array, index):
    if array == SEEDED:
        return lambda array, index: make_dual(_value_at(array, index), direction(_lane_at(array, index)))
    return None


@overload(operator.setitem)
def _setitem(array, index, value):
    if array == COLLECTED:
        return lambda array, index, value: _keep(array, index, value)
    return None
