"""Dual numbers: every operation carries its derivative, control flow and casts do what they do for numbers."""

import math

import numpy as np
import pytest
from numba import TypingError, njit

from cellmodel.compiled_cache import use_cache_folder
from cellmodel.numerics.dual import LANES, zero_like
from cellmodel.numerics.dual_arrays import collected, seeded

use_cache_folder()

X, Y = 0.7, 1.9


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


UNARY = [-1.0, 1.0, 1.0, math.exp(X), 1 / X, 0.5 / math.sqrt(X), 1 - math.tanh(X) ** 2, 1 / math.sqrt(1 + X * X)]


@njit
def binary(x, y, out):
    out[0] = x + y
    out[1] = x - y
    out[2] = x * y
    out[3] = x / y
    out[4] = min(x, y)
    out[5] = max(x, y)
    out[6] = min(y, x)
    out[7] = max(y, x)
    out[8] = x**y


BINARY = [
    (1, 1), (1, -1), (Y, X), (1 / Y, -X / Y**2), (1, 0), (0, 1), (1, 0), (0, 1), (Y * X ** (Y - 1), X**Y * math.log(X)),
]  # fmt: skip


@njit
def with_numbers(x, out):
    """Constants on either side, floats and integers."""
    out[0] = x + 3
    out[1] = 3.0 + x
    out[2] = x - 3.0
    out[3] = 3 - x
    out[4] = x * 3
    out[5] = 3.0 * x
    out[6] = x / 4
    out[7] = 4.0 / x
    out[8] = x**2
    out[9] = x**2.5
    out[10] = 2.0**x
    out[11] = min(x, 0.5)
    out[12] = max(0.5, x)


WITH_NUMBERS = [
    1, 1, 1, -1, 3, 3, 0.25, -4 / X**2, 2 * X, 2.5 * X**1.5, 2**X * math.log(2), 0, 1,
]  # fmt: skip


@njit
def in_place(x, y, out):
    total = x
    total += y
    total *= x
    total -= 2.0 * y
    total /= y
    out[0] = total


@njit
def control_flow(x, y, out):
    total = 0.0  # a number that becomes a dual
    for i in range(3):
        total += i * x
    out[0] = total
    branch = 2.0 if x > y else x * y
    out[1] = branch
    whole = 0  # the same from an integer
    whole += x
    out[2] = whole
    inner = zero_like(x)
    if x < 1.0 and y >= x and x != y and not x == y and x <= 0.7:
        inner = inner + y
    out[3] = inner
    out[4] = 5.0  # rows of numbers have no slopes
    out[5] = 5
    out[6] = zero_like(3.0) + x
    done = x
    while done < 10.0:
        done = done * done + 1.0
    out[7] = done


@njit(cache=True)
def run_unary(u, colours, value, slopes):
    unary(seeded(u, colours, 0)[0], collected(value, slopes))


@njit(cache=True)
def run_binary(u, colours, value, slopes):
    variables = seeded(u, colours, 0)
    binary(variables[0], variables[1], collected(value, slopes))


@njit(cache=True)
def run_with_numbers(u, colours, value, slopes):
    with_numbers(seeded(u, colours, 0)[0], collected(value, slopes))


@njit(cache=True)
def run_in_place(u, colours, value, slopes):
    variables = seeded(u, colours, 0)
    in_place(variables[0], variables[1], collected(value, slopes))


@njit(cache=True)
def run_control_flow(u, colours, value, slopes):
    variables = seeded(u, colours, 0)
    control_flow(variables[0], variables[1], collected(value, slopes))


def differentiate(run, rows):
    """Values (float64[rows]) and slopes along x and y (float64[rows, 2]) at X, Y."""
    value, slopes = np.full(rows, np.nan), np.full((rows, LANES), np.nan)
    run(np.array([X, Y]), np.array([0, 1]), value, slopes)
    assert np.all(slopes[:, 2:] == 0.0)  # nothing moves along the other directions
    return value, slopes[:, :2]


def plain(function, rows, *arguments):
    out = np.empty(rows)
    function.py_func(*arguments, out)
    return out


def test_functions_of_one_variable():
    value, slopes = differentiate(run_unary, 8)
    assert value == pytest.approx(plain(unary, 8, X), rel=1e-15)
    assert slopes[:, 0] == pytest.approx(UNARY, rel=1e-14)
    assert np.all(slopes[:, 1] == 0.0)


def test_functions_of_two_variables():
    value, slopes = differentiate(run_binary, 9)
    assert value == pytest.approx(plain(binary, 9, X, Y), rel=1e-15)
    assert slopes == pytest.approx(np.array(BINARY, dtype=float), rel=1e-14)


def test_operations_with_numbers():
    value, slopes = differentiate(run_with_numbers, 13)
    assert value == pytest.approx(plain(with_numbers, 13, X), rel=1e-15)
    assert slopes[:, 0] == pytest.approx(WITH_NUMBERS, rel=1e-14)


def test_power_at_zero():
    """x^2 has a slope there, and no 0/0."""

    @njit
    def square(u, colours, value, slopes):
        collected(value, slopes)[0] = seeded(u, colours, 0)[0] ** 2

    value, slopes = np.empty(1), np.empty((1, LANES))
    square(np.zeros(1), np.array([0]), value, slopes)
    assert value[0] == slopes[0, 0] == 0.0


def test_operations_in_place():
    """((x + y) x - 2 y) / y = x^2/y + x - 2."""
    value, slopes = differentiate(run_in_place, 1)
    assert value[0] == pytest.approx(X * X / Y + X - 2.0, rel=1e-15)
    assert slopes[0] == pytest.approx([2.0 * X / Y + 1.0, -X * X / Y**2], rel=1e-14)


def test_control_flow_and_casts():
    value, slopes = differentiate(run_control_flow, 8)
    assert value == pytest.approx(plain(control_flow, 8, X, Y), rel=1e-15)
    looped, slope = X, 1.0
    while looped < 10.0:
        looped, slope = looped * looped + 1.0, 2.0 * looped * slope
    expected = [(3, 0), (Y, X), (1, 0), (0, 1), (0, 0), (0, 0), (1, 0), (slope, 0)]
    assert slopes == pytest.approx(np.array(expected, dtype=float), rel=1e-14)


def test_each_direction_is_its_own():
    """Variable j moves along `colours[j] - first`; those of other directions stand still."""

    @njit
    def squares(u, colours, first, value, slopes):
        variables, out = seeded(u, colours, first), collected(value, slopes)
        for i in range(u.size):
            out[i] = variables[i] * variables[i]

    u = np.linspace(1.0, 2.0, 11)
    colours = np.array([3, 0, 9, 8, 7, 15, 16, 0, 1, 2, 4])
    for first in (0, 8, 16):
        value, slopes = np.empty(11), np.empty((11, LANES))
        squares(u, colours, first, value, slopes)
        expected = np.zeros((11, LANES))
        for i, lane in enumerate(colours - first):
            if 0 <= lane < LANES:
                expected[i, lane] = 2.0 * u[i]
        assert value == pytest.approx(u * u)
        assert slopes == pytest.approx(expected)


def test_numbers_are_not_mistaken_for_duals():
    """A function that has been compiled for duals first is still compiled for numbers."""

    @njit
    def inner(x, y):
        return x * y

    @njit
    def outer(x):
        return inner(x, 2.0)

    @njit
    def of_duals(u, colours, value, slopes):
        x = seeded(u, colours, 0)[0]
        collected(value, slopes)[0] = inner(x, x)

    of_duals(np.array([X]), np.array([0]), np.empty(1), np.empty((1, LANES)))
    assert outer(X) == 2.0 * X


def test_unknown_function_is_refused_when_it_is_compiled():
    """Not a wrong derivative, but none."""

    @njit
    def wave(u, colours, value, slopes):
        collected(value, slopes)[0] = math.sin(seeded(u, colours, 0)[0])

    with pytest.raises(TypingError):
        wave(np.array([X]), np.array([0]), np.empty(1), np.empty((1, LANES)))
