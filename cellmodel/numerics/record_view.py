"""Nested named tuples for compiled code, passed as one pointer.

Handing a named tuple of hundreds of numbers from one compiled function to the next by value makes the compiler copy
each of them at every call. `flatten` writes such a record into one array, `view` gives compiled code attribute access
to it: `view(pool, record).host.width[c]` reads memory where it is needed. Compiled functions take either, the named
tuple or the view.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model
from numba.np.arrayobj import populate_array

Vector = np.ndarray
"""Field of a record: float64 array of one dimension."""
Matrix = Annotated[np.ndarray, 2]
"""Field of a record: float64 array of two dimensions."""

_WORD = 8


@lru_cache
def fields_of(record: type) -> dict[str, tuple[int, Any]]:
    """First word and kind of each field of a named tuple: `float`, `int`, a number of dimensions, or a named tuple."""
    places, word = {}, 0
    for name, hint in get_type_hints(record, include_extras=True).items():
        kind = get_args(hint)[1] if get_origin(hint) is Annotated else 1 if hint is np.ndarray else hint
        places[name] = (word, kind)
        word += _words(kind)
    return places


def _words(kind: Any) -> int:
    if kind is float or kind is int:
        return 1
    if isinstance(kind, int):
        return 1 + kind  # where the array begins, and its shape
    return sum(_words(inner) for _, inner in fields_of(kind).values())


def flatten(record: Any) -> np.ndarray:
    """Write a record into one array: numbers at fixed places, arrays behind them.

    Parameters
    ----------
    record : named tuple of floats, ints, float64 arrays and further such named tuples

    Returns
    -------
    float64[m]
        Integers are stored by their bits.
    """
    numbers, arrays = [], []
    _collect(record, numbers, arrays)
    pool = np.empty(len(numbers) + sum(array.size for _, array in arrays))
    bits = pool.view(np.int64)
    for word, number in enumerate(numbers):
        (pool if isinstance(number, float) else bits)[word] = number
    end = len(numbers)
    for word, array in arrays:
        bits[word] = end
        bits[word + 1 : word + 1 + array.ndim] = array.shape
        pool[end : end + array.size] = array.ravel()
        end += array.size
    return pool


def _collect(record: Any, numbers: list[float | int], arrays: list[tuple[int, np.ndarray]]) -> None:
    for name, (_, kind) in fields_of(type(record)).items():
        value = getattr(record, name)
        if kind is float or kind is int:
            numbers.append(kind(value))
        elif isinstance(kind, int):
            arrays.append((len(numbers), np.asarray(value, dtype=float).reshape(value.shape)))
            numbers.extend([0] * (1 + kind))
        else:
            _collect(value, numbers, arrays)


class ViewType(types.Type):
    """Compiled type of a view on `record`, whose first word stands at `first`."""

    def __init__(self, record: type, first: int) -> None:
        self.record, self.first = record, first
        super().__init__(name=f"View({record.__module__}.{record.__qualname__}, {first})")


@register_model(ViewType)
class _ViewModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, ir.DoubleType().as_pointer())


def view_of(record: type) -> Any:
    """Make the compiled function `view(pool)` of what `flatten` wrote of a `record`; the pool must stay alive."""
    kind = ViewType(record, 0)

    @intrinsic
    def view(typingctx, pool):
        def build(context, builder, signature, args):
            return context.make_array(signature.args[0])(context, builder, args[0]).data

        return kind(types.Array(types.float64, 1, "C")), build

    return view


@infer_getattr
class _ViewAttributes(AttributeTemplate):
    key = ViewType

    def generic_resolve(self, view: ViewType, name: str) -> types.Type | None:
        """Type of a field."""
        if name not in fields_of(view.record):
            return None
        word, kind = fields_of(view.record)[name]
        if kind is float:
            return types.float64
        if kind is int:
            return types.int64
        if isinstance(kind, int):
            return types.Array(types.float64, kind, "C")
        return ViewType(kind, view.first + word)


def _load(builder: Any, pointer: Any, word: int, kind: Any) -> Any:
    place = builder.gep(pointer, [ir.Constant(ir.IntType(64), word)])
    value = builder.load(builder.bitcast(place, kind.as_pointer()))
    # The pool never changes during a run: stores to other arrays need not make the compiler read it again.
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


@lower_getattr_generic(ViewType)
def _read_field(context: Any, builder: Any, view: ViewType, pointer: Any, name: str) -> Any:
    word, kind = fields_of(view.record)[name]
    word += view.first
    if kind is float:
        return _load(builder, pointer, word, ir.DoubleType())
    integer = ir.IntType(64)
    if kind is int:
        return _load(builder, pointer, word, integer)
    if not isinstance(kind, int):
        return pointer
    start, *shape = (_load(builder, pointer, word + k, integer) for k in range(1 + kind))
    array = context.make_array(types.Array(types.float64, kind, "C"))(context, builder)
    size = ir.Constant(integer, _WORD)
    strides = [size] if kind == 1 else [builder.mul(shape[1], size), size]
    data = builder.gep(pointer, [start])
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
    return array._getvalue()
