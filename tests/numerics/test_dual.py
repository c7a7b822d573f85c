"""Dual numbers: every operation carries its derivative in each lane."""

import math

import numpy as np
import pytest
from arithmetic import beside_numbers, of_two
from numba import njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.numerics.dual import DIRECTIONS, zero_like
from cellmodel.numerics.lane_arrays import collected, lanes_of, seeded
from cellmodel.numerics.lanes import LANES

use_cache_folder()

SEEDS = np.repeat(np.eye(DIRECTIONS + 1, DIRECTIONS), LANES, axis=1)
X, Y = np.linspace(0.7, 0.2, LANES), np.linspace(0.9, 1.9, LANES)
"""Another pair in each lane; x is always the smaller."""


@njit
def unary(x, out):
    out[0] = -x
    out[1] = abs(x)
    out[2] = abs(-x)
    out[3] = math.exp(x)
    out[4] = math.log(x)
    out[5] = math.sqrt(x)
    out[6] = math.tanh(x)
    out[7] = math.asinh(x)


def unary_slopes(x):
    one = np.ones_like(x)
    return [-one, one, one, np.exp(x), 1 / x, 0.5 / np.sqrt(x), 1 - np.tanh(x) ** 2, 1 / np.sqrt(1 + x * x)]


@njit
def binary(x, y, out):
    of_two(x, y, out)
    out[6] = min(y, x)
    out[7] = max(y, x)


def binary_slopes(x, y):
    one, no = np.ones_like(x), np.zeros_like(x)
    along_x = [one, one, y, 1 / y, one, no, one, no]
    along_y = [one, -one, x, -x / y**2, no, one, no, one]
    return along_x, along_y


@njit
def with_numbers(x, out):
    beside_numbers(x, out)
    out[8] = min(x, 0.1)
    out[9] = max(0.1, x)


def with_numbers_slopes(x):
    one = np.ones_like(x)
    return [one, one, one, -one, 3 * one, 3 * one, 0.25 * one, -4 / x**2, 0 * one, one]


@njit
def with_lanes(x, z, out):
    """Duals beside lanes that do not move, such as parameters of the cells."""
    out[0] = x + z
    out[1] = z - x
    out[2] = z * x
    out[3] = x / z
    out[4] = z / x
    out[5] = min(z, x)
    out[6] = max(z, x)
    out[7] = z
    total = z  # lanes that become a dual
    for _ in range(2):
        total = total * x
    out[8] = total


def with_lanes_slopes(x, z):
    one, no = np.ones_like(x), np.zeros_like(x)
    smaller = np.where(x < z, one, no)
    return [one, -one, z, 1 / z, -z / x**2, smaller, 1 - smaller, no, 2 * z * x]


@njit
def in_place(x, y, out):
    total = x
    total += y
    total *= x
    total -= 2.0 * y
    total /= y
    out[0] = total


@njit
def casts(x, y, out):
    total = 0.0  # a number that becomes a dual
    for i in range(3):
        total += i * x
    out[0] = total
    whole = 0  # the same from an integer
    whole += x
    out[1] = whole
    inner = zero_like(x)
    inner = inner + y
    out[2] = inner
    out[3] = 5.0  # rows of numbers have no slopes
    out[4] = 5
    out[5] = zero_like(3.0) + x


UNARY, BINARY, WITH_NUMBERS, WITH_LANES, IN_PLACE, CASTS = range(6)
ROWS = (8, 8, 10, 9, 1, 6)


@njit
def apply(which, x, y, z, out):
    if which == 0:
        unary(x, out)
    elif which == 1:
        binary(x, y, out)
    elif which == 2:
        with_numbers(x, out)
    elif which == 3:
        with_lanes(x, z, out)
    elif which == 4:
        in_place(x, y, out)
    else:
        casts(x, y, out)


@njit(cache=True)
def _run(which, u, colours, seeds, value, slopes):
    moved = seeded(u, colours, 0, seeds)
    apply(which, moved[0], moved[1], lanes_of(u)[2], collected(value, slopes))


@njit(cache=True)
def _plain(which, u, value):
    given = lanes_of(u)
    apply(which, given[0], given[1], given[2], lanes_of(value))


def differentiate(which, x=X, y=Y, z=X):
    """Values (float64[rows, LANES]), and slopes along x and y (float64[2, rows, LANES])."""
    u, rows = np.stack([x, y, z]), ROWS[which]
    value, plain, slopes = np.empty((rows, LANES)), np.empty((rows, LANES)), np.empty((rows, DIRECTIONS * LANES))
    _run(which, u, np.array([1, 6, 0]), SEEDS, value, slopes)
    _plain(which, u, plain)
    np.testing.assert_allclose(value, plain, rtol=1e-14)  # duals compute what lanes do
    by_direction = slopes.reshape(rows, DIRECTIONS, LANES).transpose(1, 0, 2)
    # Nothing moves along the other directions; where a slope is not a number, it spoils all of them.
    assert not np.nan_to_num(np.delete(by_direction, [1, 6], axis=0), posinf=0.0, neginf=0.0).any()
    return value, by_direction[[1, 6]]


def test_functions_of_one_variable():
    value, (along_x, along_y) = differentiate(UNARY)
    expected = [-X, X, X, np.exp(X), np.log(X), np.sqrt(X), np.tanh(X), np.arcsinh(X)]
    assert value == pytest.approx(np.array(expected), rel=1e-14)
    assert along_x == pytest.approx(np.array(unary_slopes(X)), rel=1e-14)
    assert np.all(along_y == 0.0)


def test_absolute_value_of_what_is_negative():
    value, slopes = differentiate(UNARY, x=-X)
    assert np.array_equal(value[:3], [X, X, X])
    assert np.all(slopes[0, 1:3] == -1.0)


def test_functions_of_two_variables():
    value, slopes = differentiate(BINARY)
    assert value == pytest.approx(np.array([X + Y, X - Y, X * Y, X / Y, X, Y, X, Y]), rel=1e-15)
    assert slopes == pytest.approx(np.array(binary_slopes(X, Y)), rel=1e-14)


def test_smaller_and_larger_choose_in_each_lane():
    """The slope is that of the number chosen; of equal ones it is either's."""
    y = np.where(np.arange(LANES) % 2 == 0, Y, 0.5 * X)
    y[0] = X[0]
    _, slopes = differentiate(BINARY, y=y)
    smaller = X < y
    assert np.array_equal(slopes[0, [4, 6]][:, 1:], np.tile(smaller[1:], (2, 1)))
    assert np.array_equal(slopes[1, [5, 7]][:, 1:], np.tile(smaller[1:], (2, 1)))
    assert np.all(slopes.sum(axis=0)[4:] == 1.0)


def test_operations_with_numbers():
    _, slopes = differentiate(WITH_NUMBERS)
    assert slopes[0] == pytest.approx(np.array(with_numbers_slopes(X)), rel=1e-14)


def test_operations_with_lanes():
    z = np.where(np.arange(LANES) % 3 == 0, 0.8 * X, 1.3 * X)
    _, slopes = differentiate(WITH_LANES, z=z)
    assert slopes[0] == pytest.approx(np.array(with_lanes_slopes(X, z)), rel=1e-14)


def test_operations_in_place():
    """((x + y) x - 2 y) / y = x^2/y + x - 2."""
    value, slopes = differentiate(IN_PLACE)
    assert value[0] == pytest.approx(X * X / Y + X - 2.0, rel=1e-14)
    assert slopes[:, 0] == pytest.approx(np.stack([2.0 * X / Y + 1.0, -X * X / Y**2]), rel=1e-14)


def test_numbers_become_duals():
    value, slopes = differentiate(CASTS)
    five = np.full(LANES, 5.0)
    assert value == pytest.approx(np.array([3.0 * X, X, Y, five, five, X]), rel=1e-14)
    expected = np.array([(3, 0), (1, 0), (0, 1), (0, 0), (0, 0), (1, 0)], dtype=float).T
    assert np.array_equal(slopes, np.repeat(expected[..., None], LANES, axis=2))


@pytest.mark.parametrize("which", [UNARY, BINARY, WITH_NUMBERS, WITH_LANES, IN_PLACE])
def test_lanes_do_not_mix(which):
    """A NaN or infinity beside a cell changes nothing of its values and slopes; they are its own to the last bit."""
    value, slopes = differentiate(which)
    for place in range(LANES):
        x, y = np.where(np.arange(LANES) % 2 == 0, np.nan, np.inf), np.full(LANES, 1e308)
        x[place], y[place] = X[place], Y[place]
        found, derived = differentiate(which, x=x, y=y, z=np.where(np.arange(LANES) == place, X, 0.0))
        assert np.array_equal(found[:, place], value[:, place])
        assert np.array_equal(derived[..., place], slopes[..., place])


def test_nan_of_a_variable_is_in_values_and_slopes():
    """Smaller and larger of two do not hide it, whichever of the two it is."""
    for x, y in ((np.full(LANES, np.nan), Y), (X, np.full(LANES, np.nan))):
        value, _ = differentiate(BINARY, x=x, y=y)
        assert np.all(np.isnan(value))


def test_each_direction_is_its_own():
    """Variable j moves along `colours[j] - first`; those of other directions stand still."""

    @njit
    def squares(u, colours, first, seeds, value, slopes):
        variables, out = seeded(u, colours, first, seeds), collected(value, slopes)
        for i in range(u.shape[0]):
            out[i] = variables[i] * variables[i]

    u = np.linspace(1.0, 2.0, 11)[:, None] + np.linspace(0.0, 3.0, LANES)
    colours = np.array([3, 0, 9, 8, 7, 15, 16, 0, 1, 2, 4])
    for first in (0, 8, 16):
        value, slopes = np.empty((11, LANES)), np.empty((11, DIRECTIONS * LANES))
        squares(u, colours, first, SEEDS, value, slopes)
        expected = np.zeros((11, DIRECTIONS, LANES))
        for i, direction in enumerate(colours - first):
            if 0 <= direction < DIRECTIONS:
                expected[i, direction] = 2.0 * u[i]
        assert value == pytest.approx(u * u)
        assert slopes.reshape(expected.shape) == pytest.approx(expected)


def test_numbers_are_not_mistaken_for_duals():
    """A function that has been compiled for duals first is still compiled for lanes and for numbers."""

    @njit
    def inner(x, y):
        return x * y

    @njit
    def outer(x):
        return inner(x, 2.0)

    @njit
    def of_all(u, colours, seeds, value, slopes):
        x = seeded(u, colours, 0, seeds)[0]
        collected(value, slopes)[0] = inner(x, x)
        lanes_of(value)[1] = inner(lanes_of(u)[0], 2.0)

    value = np.empty((2, LANES))
    of_all(X[None], np.array([0]), SEEDS, value, np.empty((2, DIRECTIONS * LANES)))
    assert np.array_equal(value, [X * X, 2.0 * X])
    assert outer(0.7) == 1.4
