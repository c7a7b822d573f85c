"""Tables of piecewise cubics: order, smoothness, ends, and derivatives through duals."""

import numpy as np
import pytest
from numba import njit

from cellmodel.numerics.cubic_table import look_up, make_table
from cellmodel.numerics.dual import LANES
from cellmodel.numerics.dual_arrays import collected, seeded

START, END = -0.4, 1.3


def wave(x):
    return np.sin(5.0 * x) + 0.3 * x


def wave_slope(x):
    return 5.0 * np.cos(5.0 * x) + 0.3


def table_of(intervals):
    nodes = np.linspace(START, END, intervals + 1)
    return make_table(START, END, wave(nodes), wave_slope(nodes))


def at(table, points):
    return np.array([look_up(table, x) for x in points])


@njit
def square_each(table, u, out):
    """A right-hand side that looks up and goes on calculating, compiled for numbers and for duals."""
    for i in range(3):
        looked_up = look_up(table, u[i])
        out[i] = looked_up * looked_up


@njit
def with_slopes(table, u, directions, values, slopes):
    square_each(table, seeded(u, directions, 0), collected(values, slopes))


def test_values_and_slopes_at_the_nodes_are_those_given():
    table, nodes = table_of(16), np.linspace(START, END, 17)
    assert at(table, nodes) == pytest.approx(wave(nodes), abs=1e-13)
    step = 1e-6
    slopes = (at(table, nodes + step) - at(table, nodes - step)) / (2.0 * step)
    assert slopes == pytest.approx(wave_slope(nodes), rel=1e-4, abs=1e-4)


def test_error_falls_with_the_fourth_power_of_the_interval():
    points = np.linspace(START, END, 4001)
    errors = [np.abs(at(table_of(intervals), points) - wave(points)).max() for intervals in (16, 32, 64, 128)]
    assert np.log2(np.divide(errors[:-1], errors[1:])) == pytest.approx([4.0, 4.0, 4.0], abs=0.1)
    # Bound of Hermite interpolation: h^4/384 times the largest fourth derivative.
    assert errors[-1] < ((END - START) / 128) ** 4 / 384.0 * 625.0 * 1.01


def test_slope_does_not_jump_at_nodes_and_ends():
    table, width = table_of(16), (END - START) / 16
    for node in START + width * np.arange(17):
        before, here, after = at(table, [node - 1e-5, node, node + 1e-5])
        assert after - here == pytest.approx(here - before, abs=1e-7)


def test_goes_on_as_a_straight_line():
    table = table_of(64)
    for end, outward in ((START, -1.0), (END, 1.0)):
        away = end + outward * np.array([0.01, 1.0, 1e3])
        assert at(table, away) == pytest.approx(wave(end) + (away - end) * wave_slope(end), rel=1e-9, abs=1e-12)


def test_not_a_number_stays_so():
    """The pattern of a Jacobian is found by where a NaN comes out."""
    assert np.isnan(look_up(table_of(8), np.nan))


PLACES = {"inside": [-0.3, 0.2, 1.2], "beyond the ends": [-2.0, 1.4, 50.0], "not a number": [np.nan] * 3}


@pytest.mark.parametrize("place", PLACES)
def test_duals_carry_the_slope_of_the_table(place):
    table, u = table_of(64), np.array(PLACES[place])
    values, slopes = np.empty(3), np.empty((3, LANES))
    with_slopes(table, u, np.array([2, 0, LANES - 1]), values, slopes)
    expected = np.zeros((3, LANES))
    step = 1e-6
    derivative = (at(table, u + step) ** 2 - at(table, u - step) ** 2) / (2.0 * step)
    expected[[0, 1, 2], [2, 0, LANES - 1]] = derivative
    assert values == pytest.approx(at(table, u) ** 2, nan_ok=True)
    if place == "not a number":
        assert np.all(np.isnan(slopes[[0, 1, 2], [2, 0, LANES - 1]]))
    else:
        assert slopes == pytest.approx(expected, rel=1e-6, abs=1e-9)
