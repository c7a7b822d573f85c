"""Nested records in memory: compiled code reads from each kind of storage what was put into it."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from numba import TypingError, njit
from pools import pools_of, put

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.numerics.cubic_table import CubicTable, look_up
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import (
    CELL,
    REFERENCES,
    SIDE_BY_SIDE,
    Cube,
    Integers,
    Matrix,
    Vector,
    flatten,
    quads_of,
    refer,
    tables_of,
    view_of,
)

use_cache_folder()


class Sizes(NamedTuple):
    rows: int
    nodes: int


class Part(NamedTuple):
    first: float
    table: CubicTable
    grid: Matrix
    last: float


class Whole(NamedTuple):
    """Tables stand before and between other arrays; numbers, whole ones, too, at every depth."""

    number: float
    sizes: Sizes
    left: Part
    vector: np.ndarray
    right: Part
    end: float


ROWS, COLUMNS, LENGTH, NODES = 3, 4, 5, 6


def part(generator):
    table = CubicTable(generator.normal(), 1.0 + generator.random(), NODES - 1e-12, generator.normal(size=(NODES, 4)))
    return Part(generator.normal(), table, generator.normal(size=(ROWS, COLUMNS)), generator.normal())


def whole(seed):
    generator = np.random.default_rng(seed)
    return Whole(
        number=generator.normal(), sizes=Sizes(ROWS, -(2**62) + NODES), left=part(generator),
        vector=generator.normal(size=LENGTH), right=part(generator), end=generator.normal(),
    )  # fmt: skip


@njit
def read_part(part, rows, out, k):
    out[k] = part.first
    out[k + 1] = part.table.start
    out[k + 2] = part.table.per_unit
    k += 3
    for i in range(rows):
        row = part.grid[i]
        for j in range(row.size):
            out[k] = row[j]
            k += 1
    out[k] = part.last
    return k + 1


@njit
def read(view, out):
    """Everything but the tables' coefficients, in the order of the fields."""
    out[0] = view.number
    out[1] = float(view.sizes.rows)
    out[2] = float(view.sizes.nodes + 2**62)  # exact only if all bits are there
    k = read_part(view.left, view.sizes.rows, out, 3)
    for i in range(view.vector.size):
        out[k] = view.vector[i]
        k += 1
    k = read_part(view.right, view.sizes.rows, out, k)
    out[k] = view.end


def contents(record):
    def of_part(part):
        return [part.first, part.table.start, part.table.per_unit, *part.grid.ravel(), part.last]

    numbers = [record.number, ROWS, NODES, *of_part(record.left), *record.vector, *of_part(record.right), record.end]
    return np.array(numbers)


SIZE = contents(whole(0)).size
view_cell, view_lanes, view_references = (view_of(Whole, storage) for storage in (CELL, SIDE_BY_SIDE, REFERENCES))


@njit(cache=True)
def read_cell(words, out):
    read(view_cell(words), out)


@njit(cache=True)
def read_references(words, out):
    read(view_references(words), out)


@njit(cache=True)
def read_lanes(pools, out):
    read(view_lanes(pools), lanes_of(out))


@njit(cache=True)
def read_tables(pools, x, left, right):
    """Both tables of every lane at x."""
    view, given = view_lanes(pools), lanes_of(x)
    for i in range(given.size):
        lanes_of(left)[i] = look_up(view.left.table, given[i])
        lanes_of(right)[i] = look_up(view.right.table, given[i])


@njit(cache=True)
def coefficients(words, left, right):
    view = view_cell(words)
    left[:], right[:] = view.left.table.coefficients, view.right.table.coefficients


def middles_of(pools):
    """Values of both tables of every lane in the middle of each of its intervals, float64[2, LANES, NODES]."""
    x, found = np.empty((NODES, LANES)), np.empty((2, NODES, LANES))
    for k, side in enumerate(("left", "right")):
        tables = [getattr(record, side).table for record in RECORDS]
        start, per_unit = (np.array([getattr(table, name) for table in tables]) for name in ("start", "per_unit"))
        x[:] = start + (np.arange(NODES)[:, None] + 0.5) / per_unit
        both = np.empty_like(found)
        read_tables(pools, x, *both)
        found[k] = both[k]
    return found.swapaxes(1, 2)


def middles(record):
    powers = 0.5 ** np.arange(4)
    return np.stack([record.left.table.coefficients @ powers, record.right.table.coefficients @ powers])


RECORDS = [whole(seed) for seed in range(LANES)]


def test_flat_cell_holds_everything():
    record, out = RECORDS[0], np.empty(SIZE)
    words = flatten(record)
    read_cell(words, out)
    assert np.array_equal(out, contents(record))
    left, right = np.empty((NODES, 4)), np.empty((NODES, 4))
    coefficients(words, left, right)
    assert np.array_equal(left, record.left.table.coefficients)
    assert np.array_equal(right, record.right.table.coefficients)


def test_tables_stand_last():
    """So that all before them may be copied number by number."""
    words = flatten(RECORDS[0])
    assert words.size - words.view(np.int64)[quads_of(Whole)].min() == 2 * 4 * NODES


def test_strided_arrays_are_flattened_in_their_order():
    record, out = whole(1), np.empty(SIZE)
    left = record.left._replace(grid=np.asfortranarray(record.left.grid))
    strided = record._replace(vector=np.repeat(record.vector, 2)[::2], left=left)
    read_cell(flatten(strided), out)
    assert np.array_equal(out, contents(record))


def test_every_lane_holds_its_own_cell():
    out = np.empty((SIZE, LANES))
    read_lanes(pools_of(RECORDS), out)
    assert np.array_equal(out.T, [contents(record) for record in RECORDS])


def test_every_lane_holds_its_own_tables():
    found = middles_of(pools_of(RECORDS))
    for lane, record in enumerate(RECORDS):
        assert found[:, lane] == pytest.approx(middles(record), rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("place", range(LANES))
def test_cell_that_takes_a_lane_leaves_the_others_alone(place):
    pools, parts = pools_of(RECORDS), {side: getattr(RECORDS[place], side) for side in ("left", "right")}
    before, tables = np.empty((SIZE, LANES)), middles_of(pools)
    read_lanes(pools, before)
    for side, given in parts.items():
        parts[side] = given._replace(table=given.table._replace(coefficients=-2.0 * given.table.coefficients))
    other = whole(99)._replace(**parts)
    put(other, SimpleNamespace(pools=pools, quads=np.array(quads_of(Whole), dtype=np.int64)), place)
    after, found = np.empty((SIZE, LANES)), middles_of(pools)
    read_lanes(pools, after)
    others = np.arange(LANES) != place
    assert np.array_equal(after[:, others], before[:, others])
    assert np.array_equal(found[:, others], tables[:, others])
    assert np.array_equal(after[:, place], contents(other))
    assert found[:, place] == pytest.approx(middles(other), rel=1e-11, abs=1e-12)


def test_all_of_the_pool_is_written():
    """Nothing of the cell before is left over."""
    pools = pools_of(RECORDS)
    expected, bench = pools.copy(), SimpleNamespace(pools=pools, quads=np.array(quads_of(Whole), dtype=np.int64))
    pools[:] = np.nan
    for lane, record in enumerate(RECORDS):
        put(record, bench, lane)
    plain = np.delete(np.arange(len(pools)), bench.quads)  # the tables are elsewhere now
    assert np.array_equal(pools[plain].view(np.int64), expected[plain].view(np.int64))
    assert not np.isnan(pools[bench.quads]).any()


def test_equal_tables_are_those_of_the_first_cell():
    """Compared by content: what several cells look up is read in one place."""
    other = RECORDS[1]._replace(left=RECORDS[0].left, number=7.0)
    pools = np.stack([flatten(record) for record in (RECORDS[0], other, RECORDS[1])])
    (left, right), second, third = tables_of(pools, Whole).view(np.int64)
    assert second[0] == left
    assert second[1] == third[1] != right
    assert third[0] not in (left, right, *second)
    assert left - pools.ctypes.data == 8 * pools[0].view(np.int64)[quads_of(Whole)][0]


def test_references_read_the_record_s_own_arrays():
    record, out = whole(2), np.empty(SIZE)
    words = refer(record)
    read_references(words, out)
    assert np.array_equal(out, contents(record))
    record.vector[1], record.right.grid[2, 3] = 7.0, 8.0
    read_references(words, out)
    assert np.array_equal(out, contents(record))
    assert {7.0, 8.0} <= set(out)


class Filled(NamedTuple):
    counts: Integers
    vector: Vector
    matrix: Matrix
    cube: Cube
    scale: float


view_filled = view_of(Filled, REFERENCES)


@njit(cache=True)
def fill(words):
    view = view_filled(words)
    for i in range(view.counts.size):
        view.counts[i] = 2**53 + i
    view.vector[:] = view.scale
    planes, rows, columns = view.cube.shape
    for i in range(rows):
        for j in range(columns):
            view.matrix[i, j] = 10.0 * i + j
            for k in range(planes):
                view.cube[k, i, j] = 100.0 * k + view.matrix[i][j]
    view.cube.reshape(view.cube.size)[0] = -1.0


def test_compiled_code_fills_the_arrays_that_are_referred_to():
    """Whole numbers of all 64 bits, and arrays of up to three dimensions of any shape."""
    record = Filled(np.zeros(3, np.int64), np.zeros(4), np.zeros((2, 5)), np.zeros((3, 2, 5)), 2.5)
    fill(refer(record))
    assert list(record.counts) == [2**53, 2**53 + 1, 2**53 + 2]
    assert np.all(record.vector == 2.5)
    expected = 10.0 * np.arange(2)[:, None] + np.arange(5)
    assert np.array_equal(record.matrix, expected)
    cube = 100.0 * np.arange(3)[:, None, None] + expected
    cube[0, 0, 0] = -1.0
    assert np.array_equal(record.cube, cube)


STRIDED = {
    "vector": np.zeros(8)[::2], "matrix": np.zeros((5, 2)).T, "cube": np.zeros((3, 2, 10))[:, :, ::2],
    "counts": np.zeros(6, np.int64)[::-1][:3],
}  # fmt: skip


@pytest.mark.parametrize("name", STRIDED)
def test_array_that_is_not_contiguous_is_refused(name):
    record = Filled(np.zeros(3, np.int64), np.zeros(4), np.zeros((2, 5)), np.zeros((3, 2, 5)), 2.5)
    with pytest.raises(ValueError, match="contiguous"):
        refer(record._replace(**{name: STRIDED[name]}))


def test_field_that_is_not_there_is_refused_when_it_is_compiled():
    @njit
    def misspelt(words):
        return view_cell(words).numbre

    with pytest.raises(TypingError):
        misspelt(flatten(RECORDS[0]))
