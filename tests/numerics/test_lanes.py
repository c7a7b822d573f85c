"""Numbers in lanes: every operation does what it does for single numbers, in each lane by itself."""

import math

import numpy as np
import pytest
from arithmetic import beside_numbers, of_two
from numba import njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.numerics.dual import zero_like
from cellmodel.numerics.lane_arrays import lanes_of
from cellmodel.numerics.lanes import LANES, choose, lane

use_cache_folder()

INF, NAN = math.inf, math.nan
SPECIAL = np.array([0.0, -0.0, 1.0, -2.5, INF, -INF, NAN, 1e300, -1e-300])
PAIRS = np.array(np.meshgrid(SPECIAL, SPECIAL)).reshape(2, -1)


@njit
def binary(x, y, out):
    of_two(x, y, out)
    out[6] = choose(x < y, x, y)
    out[7] = choose(x <= y, x, y)
    out[8] = choose(x > y, x, y)
    out[9] = choose(x >= y, x, y)
    out[10] = -x
    out[11] = abs(x)


@njit
def with_numbers(x, out):
    beside_numbers(x, out)
    out[8] = min(x, 0.5)
    out[9] = max(0.5, x)
    out[10] = min(1, x)
    out[11] = choose(x > 0.25, 1, x)
    out[12] = choose(0.25 < x, x, -1.0)
    out[13] = 2.5
    out[14] = 7


@njit
def in_place(x, y, out):
    total = 0.0  # a number that becomes lanes
    total += x
    total *= y
    total -= 2.0 * y
    total /= y
    out[0] = total
    summed = zero_like(x)
    for i in range(3):
        summed += i * x
    out[1] = summed
    out[2] = 1.0
    out[2] += x
    out[2] *= 2.0


@njit
def functions(x, out):
    out[0] = math.exp(x)
    out[1] = math.log(x)
    out[2] = math.sqrt(x)
    out[3] = math.tanh(x)
    out[4] = math.asinh(x)


@njit(cache=True)
def _run(which, u, out):
    given, result = lanes_of(u), lanes_of(out)
    for i in range(given.size // 2):
        row = result[i]
        if which == 0:
            binary(given[2 * i], given[2 * i + 1], row)
        elif which == 1:
            with_numbers(given[2 * i], row)
        elif which == 2:
            in_place(given[2 * i], given[2 * i + 1], row)
        else:
            functions(given[2 * i], row)


BINARY, WITH_NUMBERS, IN_PLACE, FUNCTIONS = range(4)
MOST_ROWS = 15


def run(which, x, y=None):
    """Results, float64[MOST_ROWS, m], of m pairs of numbers that fill the lanes one after the other."""
    x = np.asarray(x, dtype=float)
    pairs = np.stack([x, x if y is None else np.asarray(y, dtype=float)], axis=1)
    padded = np.concatenate([pairs, np.ones((-len(pairs) % LANES, 2))])
    u = np.ascontiguousarray(padded.reshape(-1, LANES, 2).transpose(0, 2, 1)).reshape(-1, LANES)
    out = np.full((len(u) // 2, MOST_ROWS, LANES), NAN)
    _run(which, u, out)
    return out.transpose(1, 0, 2).reshape(MOST_ROWS, -1)[:, : len(x)]


def expected_of_two(x, y):
    with np.errstate(all="ignore"):
        chosen = [np.where(mask, x, y) for mask in (x < y, x <= y, x > y, x >= y)]
        return np.array([x + y, x - y, x * y, x / y, np.minimum(x, y), np.maximum(x, y), *chosen, -x, np.abs(x)])


def random_numbers(count, seed=0):
    """Of both signs over the whole range of normal numbers."""
    generator = np.random.default_rng(seed)
    return generator.choice([-1.0, 1.0], count) * 2.0 ** generator.uniform(-1000.0, 1000.0, count)


def equal(found, expected):
    return np.array_equal(found, expected, equal_nan=True)


def test_operations_are_those_of_single_numbers():
    """To the last bit, also where they overflow; every lane holds another pair."""
    x, y = random_numbers(4000, 1), random_numbers(4000, 2)
    y[::3] = x[::3] * np.random.default_rng(3).uniform(-2.0, 2.0, y[::3].size)  # of similar size
    y[::50] = x[::50]
    assert equal(run(BINARY, x, y)[:12], expected_of_two(x, y))


def test_zero_infinity_and_nan():
    """In each lane as alone: NaN comes out of every operation on it, smaller and larger of two in both places, too."""
    x, y = PAIRS
    found, expected = run(BINARY, x, y), expected_of_two(x, y)
    assert equal(found[:12], expected)
    nan = np.isnan(x) | np.isnan(y)
    assert np.all(np.isnan(found[:6, nan]))
    assert np.array_equal(np.signbit(found[[2, 3, 10, 11]][:, ~nan]), np.signbit(expected[[2, 3, 10, 11]][:, ~nan]))


def test_comparison_with_nan_is_false():
    """So that `choose` takes the other number."""
    found = run(BINARY, [NAN, 1.0], [1.0, NAN])
    assert np.all(found[6:10, 0] == 1.0)
    assert np.all(np.isnan(found[6:10, 1]))


def test_numbers_on_either_side():
    x = np.concatenate([random_numbers(400, 4), np.random.default_rng(5).normal(size=400), SPECIAL])
    with np.errstate(all="ignore"):
        expected = [
            x + 3, 3 + x, x - 3, 3 - x, x * 3, 3 * x, x / 4, 4 / x, np.minimum(x, 0.5), np.maximum(0.5, x),
            np.minimum(1, x), np.where(x > 0.25, 1.0, x), np.where(x > 0.25, x, -1.0), 0 * np.ones_like(x) + 2.5,
            0 * np.ones_like(x) + 7,
        ]  # fmt: skip
    assert equal(run(WITH_NUMBERS, x), np.array(expected))


def test_operations_in_place():
    generator = np.random.default_rng(6)
    x, y = generator.normal(size=100), generator.uniform(1.0, 2.0, 100)
    found = run(IN_PLACE, x, y)
    assert found[0] == pytest.approx(x - 2.0, rel=1e-14, abs=1e-14)
    assert found[1] == pytest.approx(3.0 * x, rel=1e-15)
    assert found[2] == pytest.approx(2.0 + 2.0 * x, rel=1e-15, abs=1e-15)


def test_square_root_is_rounded_correctly():
    x = np.concatenate([np.abs(random_numbers(2000, 7)), [0.0, INF, NAN, -1.0]])
    with np.errstate(invalid="ignore"):
        assert equal(run(FUNCTIONS, x)[2], np.sqrt(x))


def units_in_the_last_place(found, x, function):
    """Largest error, against a result of more digits than a double has."""
    exact = function(np.asarray(x, dtype=np.longdouble))
    unit = np.spacing(np.abs(exact).astype(float)).astype(np.longdouble)
    return float((np.abs(found - exact) / unit).max())


def test_numbers_to_compare_with_have_more_digits():
    assert np.finfo(np.longdouble).nmant >= 63


GENERATOR = np.random.default_rng(8)
SMALL = GENERATOR.choice([-1.0, 1.0], 20000) * 10.0 ** GENERATOR.uniform(-300.0, 0.0, 20000)
WIDE = GENERATOR.choice([-1.0, 1.0], 20000) * 10.0 ** GENERATOR.uniform(-300.0, 150.0, 20000)
WITHIN_TWO_UNITS = {
    "exp": (0, np.exp, [SMALL, GENERATOR.uniform(-2.0, 2.0, 40000), GENERATOR.uniform(-708.0, 709.0, 40000)]),
    "log": (1, np.log, [np.abs(WIDE), GENERATOR.uniform(0.01, 2.0, 40000), 1.0 + 0.3 * SMALL]),
    "asinh": (4, np.arcsinh, [SMALL, GENERATOR.uniform(-10.0, 10.0, 40000), WIDE]),
}


@pytest.mark.parametrize("name", WITHIN_TWO_UNITS)
def test_functions_are_within_two_units_in_the_last_place(name):
    row, function, ranges = WITHIN_TWO_UNITS[name]
    for x in ranges:
        assert units_in_the_last_place(run(FUNCTIONS, x)[row], x, function) < 2.0


def test_tangent_is_absolutely_accurate():
    for x in (SMALL, GENERATOR.uniform(-2.0, 2.0, 40000), GENERATOR.uniform(-30.0, 30.0, 40000), WIDE):
        assert np.abs(run(FUNCTIONS, x)[3] - np.tanh(x)).max() < 5e-16


def test_exponential_beyond_the_range_of_numbers():
    """An infinite one, not the largest number: Newton's method must see that it has leapt too far."""
    x = [710.0, 1e4, 1e300, INF, -746.0, -1e4, -1e300, -INF, 0.0, -0.0]
    assert list(run(FUNCTIONS, x)[0]) == [INF] * 4 + [0.0] * 4 + [1.0] * 2


def test_logarithm_is_of_positive_numbers():
    assert np.all(np.isnan(run(FUNCTIONS, [0.0, -0.0, -1.0, -INF, INF])[1]))
    assert list(run(FUNCTIONS, [1.0, 2.0, 0.5])[1]) == [0.0, math.log(2.0), -math.log(2.0)]


def test_functions_level_off_and_pass_nan_on():
    assert list(run(FUNCTIONS, [INF, 400.0, 0.0, -400.0, -INF])[3]) == [1.0, 1.0, 0.0, -1.0, -1.0]
    assert np.all(np.isnan(run(FUNCTIONS, [NAN])[:5]))


def test_lanes_are_taken_out_one_by_one():
    @njit
    def taken(u, out):
        for k in range(LANES):
            out[k] = lane(lanes_of(u)[0] * 2.0, k)

    out, u = np.empty(LANES), np.arange(1.0, LANES + 1.0)[None]
    taken(u, out)
    assert np.array_equal(out, 2.0 * u[0])


def test_rows_of_a_matrix():
    @njit
    def sums(u, out):
        matrix, result = lanes_of(u), lanes_of(out)
        for i in range(u.shape[0]):
            row, total = matrix[i], zero_like(matrix[0][0])
            for j in range(row.size):
                total += row[j]
            result[i] = total

    u, out = np.random.default_rng(0).normal(size=(3, 5, LANES)), np.empty((3, LANES))
    sums(u, out)
    assert out == pytest.approx(u.sum(axis=1), abs=1e-14)
