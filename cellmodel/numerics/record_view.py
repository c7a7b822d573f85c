"""Nested named tuples for compiled code, passed as one pointer.

Handing a named tuple of hundreds of numbers from one compiled function to the next by value makes the compiler copy
each of them at every call. Here a record becomes one array of words, and a view gives compiled code attribute access
to it: `view(words).host.width[c]` reads memory where it is needed.

`flatten` copies arrays into the words, so that one array holds a whole cell, and `write_lane` puts cells side by side.
`refer` writes down addresses only: for records whose arrays compiled code is to fill.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model
from numba.np.arrayobj import populate_array

from cellmodel.numerics.lane_arrays import QUADS_VIEW, LaneArrayType, place
from cellmodel.numerics.lanes import LANES, NUMBERS


class ArrayKind(NamedTuple):
    """What an array of a record holds."""

    ndim: int
    number: types.Type = types.float64
    quads: bool = False

    @property
    def words(self) -> int:
        """Where the array begins, and its shape."""
        return 1 + self.ndim

    @property
    def type(self) -> types.Type:
        """Compiled type of the array."""
        return types.Array(self.number, self.ndim, "C")


Vector = Annotated[np.ndarray, ArrayKind(1)]
"""Field of a record: float64 array of one dimension; a mere `np.ndarray` means the same."""
Matrix = Annotated[np.ndarray, ArrayKind(2)]
"""Field of a record: float64 array of two dimensions."""
Cube = Annotated[np.ndarray, ArrayKind(3)]
"""Field of a record: float64 array of three dimensions."""
Integers = Annotated[np.ndarray, ArrayKind(1, types.int64)]
"""Field of a record: int64 array of one dimension."""
Quads = Annotated[np.ndarray, ArrayKind(2, quads=True)]
"""Field of a record: float64[m, 4], whose rows are looked up. Side by side, each lane says where its table begins;
it may be that of other cells, too."""

_WORD = 8
CELL, SIDE_BY_SIDE, REFERENCES = "cell", "lanes", "references"


@lru_cache
def fields_of(record: type) -> dict[str, tuple[int, Any]]:
    """First word and kind of each field of a named tuple: `float`, `int`, an `ArrayKind`, or a named tuple."""
    places, word = {}, 0
    for name, hint in get_type_hints(record, include_extras=True).items():
        kind = get_args(hint)[1] if get_origin(hint) is Annotated else ArrayKind(1) if hint is np.ndarray else hint
        places[name] = (word, kind)
        word += _words(kind)
    return places


def _words(kind: Any) -> int:
    if kind is float or kind is int:
        return 1
    if isinstance(kind, ArrayKind):
        return kind.words
    return sum(_words(inner) for _, inner in fields_of(kind).values())


def flatten(record: Any) -> np.ndarray:
    """Write a record into one array: numbers at fixed places, arrays behind them, `Quads` last.

    Parameters
    ----------
    record : named tuple of floats, ints, float64 arrays and further such named tuples

    Returns
    -------
    float64[m]
        Integers are stored by their bits.
    """
    numbers, arrays = _collected(record)
    pool = np.empty(len(numbers) + sum(array.size for _, array in arrays))
    bits, end = _write_numbers(pool, numbers), len(numbers)
    quads = quads_of(type(record))
    for word, array in sorted(arrays, key=lambda item: item[0] in quads):
        bits[word] = end
        bits[word + 1 : word + 1 + array.ndim] = array.shape
        pool[end : end + array.size] = array.ravel()
        end += array.size
    return pool


def refer(record: Any) -> np.ndarray:
    """Write down the numbers of a record and where its arrays are; both record and result must stay alive.

    Parameters
    ----------
    record : named tuple of floats, ints, contiguous arrays of the kinds above and further such named tuples
    """
    numbers, arrays = _collected(record)
    words = np.empty(len(numbers))
    bits = _write_numbers(words, numbers)
    for word, array in arrays:
        if not array.flags.c_contiguous:
            raise ValueError("compiled code reads contiguous arrays only")
        bits[word] = array.ctypes.data
        bits[word + 1 : word + 1 + array.ndim] = array.shape
    return words


def _write_numbers(words: np.ndarray, numbers: list[float | int]) -> np.ndarray:
    bits = words.view(np.int64)
    for word, number in enumerate(numbers):
        (words if isinstance(number, float) else bits)[word] = number
    return bits


def _collected(record: Any) -> tuple[list[float | int], list[tuple[int, np.ndarray]]]:
    """Numbers of a record, with room for what is said of its arrays, and the arrays with their words."""
    numbers, arrays = [], []
    for name, (_, kind) in fields_of(type(record)).items():
        value = getattr(record, name)
        if kind is float or kind is int:
            numbers.append(kind(value))
        elif isinstance(kind, ArrayKind):
            arrays.append((len(numbers), value))
            numbers.extend([0] * kind.words)
        else:
            inner, below = _collected(value)
            arrays.extend((len(numbers) + word, array) for word, array in below)
            numbers.extend(inner)
    return numbers, arrays


def quads_of(record: type, first: int = 0) -> list[int]:
    """Words of a record that say where its `Quads` begin."""
    found = []
    for word, kind in fields_of(record).values():
        if isinstance(kind, ArrayKind):
            found.extend([first + word] if kind.quads else [])
        elif kind is not float and kind is not int:
            found.extend(quads_of(kind, first + word))
    return found


def tables_of(pools: np.ndarray, record: type) -> np.ndarray:
    """Where the `Quads` of cells begin; equal ones are those of the first cell that has them.

    What several cells look up in one place stays in the processor's nearest cache.

    Parameters
    ----------
    pools : float64[N, m]
        Cells of one kind of `record` as `flatten` wrote them.

    Returns
    -------
    float64[N, k]
        Bits of addresses within `pools`, which must stay alive.
    """
    words, first = quads_of(record), {}
    begins = np.empty((len(pools), len(words)), np.int64)
    for pool, row in zip(pools, begins, strict=True):
        bits = pool.view(np.int64)
        for k, word in enumerate(words):
            table = pool[bits[word] :][: 4 * bits[word + 1]]
            row[k] = first.setdefault(table.tobytes(), table.ctypes.data)
    return begins.view(float)


class ViewType(types.Type):
    """Compiled type of a view on `record`, whose first word stands at `first`."""

    def __init__(self, record: type, first: int, storage: str) -> None:
        self.record, self.first, self.storage = record, first, storage
        super().__init__(name=f"View({record.__module__}.{record.__qualname__}, {first}, {storage})")


@register_model(ViewType)
class _ViewModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, ir.DoubleType().as_pointer())


def view_of(record: type, storage: str = CELL) -> Any:
    """Make the compiled function `view(words)` of what `flatten` or `refer` wrote; the words must stay alive.

    Parameters
    ----------
    record : class of the named tuple
    storage : {CELL, SIDE_BY_SIDE, REFERENCES}
        What `flatten` wrote, float64[m]; several of these in the lanes of float64[m, LANES]; what `refer` wrote.
    """
    kind = ViewType(record, 0, storage)

    @intrinsic
    def view(typingctx, words):
        def build(context, builder, signature, args):
            return context.make_array(signature.args[0])(context, builder, args[0]).data

        return kind(types.Array(types.float64, 2 if storage == SIDE_BY_SIDE else 1, "C")), build

    return view


@infer_getattr
class _ViewAttributes(AttributeTemplate):
    key = ViewType

    def generic_resolve(self, view: ViewType, name: str) -> types.Type | None:
        """Type of a field."""
        if name not in fields_of(view.record):
            return None
        word, kind = fields_of(view.record)[name]
        lanes = view.storage == SIDE_BY_SIDE
        if kind is int:
            return types.int64
        if kind is float:
            return NUMBERS if lanes else types.float64
        if not isinstance(kind, ArrayKind):
            return ViewType(kind, view.first + word, view.storage)
        if lanes:
            return QUADS_VIEW if kind.quads else LaneArrayType(kind.ndim)
        return kind.type


@lower_getattr_generic(ViewType)
def _read_field(context: Any, builder: Any, view: ViewType, pointer: Any, name: str) -> Any:
    word, kind = fields_of(view.record)[name]
    integer, width = ir.IntType(64), LANES if view.storage == SIDE_BY_SIDE else 1

    def read(k: int, kind: Any) -> Any:
        address = builder.gep(pointer, [ir.Constant(integer, (view.first + word + k) * width)])
        return builder.load(builder.bitcast(address, kind.as_pointer()), align=_WORD)

    if kind is int:
        return read(0, integer)
    if kind is float:
        return read(0, context.get_value_type(NUMBERS if width > 1 else types.float64))
    if not isinstance(kind, ArrayKind):
        return pointer
    if width > 1 and kind.quads:
        table = cgutils.create_struct_proxy(QUADS_VIEW)(context, builder)
        table.begin = read(0, context.get_value_type(NUMBERS))
        return table._getvalue()
    start, *shape = (read(k, integer) for k in range(kind.words))
    if view.storage == REFERENCES:
        data = builder.inttoptr(start, context.get_data_type(kind.number).as_pointer())
        return _array(context, builder, kind.type, data, shape)
    data = place(builder, pointer, start, width)
    if width == 1:
        return _array(context, builder, kind.type, data, shape)
    lanes = cgutils.create_struct_proxy(LaneArrayType(kind.ndim))(context, builder)
    lanes.data, lanes.size = data, shape[-1]
    if kind.ndim == 2:
        lanes.rows = shape[0]
    return lanes._getvalue()


def _array(context: Any, builder: Any, kind: types.Array, data: Any, shape: list[Any]) -> Any:
    array = context.make_array(kind)(context, builder)
    strides = [ir.Constant(ir.IntType(64), _WORD)]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=strides[-1], meminfo=None)
    return array._getvalue()
