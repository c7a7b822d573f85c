"""Tables of piecewise cubics: order, smoothness, ends; in lanes, and derivatives through duals."""

import numpy as np
import pytest
from compiled_table import in_all_lanes, slopes_at, values_at
from pools import pools_of

from cellmodel.numerics.cubic_table import look_up, make_table
from cellmodel.numerics.lanes import LANES

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


POINTS = {
    "inside": np.linspace(START, END, 400), "at the nodes": np.linspace(START, END, 65),
    "beyond the ends": np.array([-1e300, -2.0, START - 1e-9, END + 1e-9, 50.0, 1e300]),
}  # fmt: skip


def several():
    """Tables over different ranges of different functions, but of one size: one for each lane."""
    tables = []
    for lane in range(LANES):
        nodes = np.linspace(START - 0.1 * lane, END + 0.2 * lane, 65)
        tables.append(make_table(nodes[0], nodes[-1], wave(nodes) + lane, wave_slope(nodes)))
    return tables


@pytest.mark.parametrize("place", POINTS)
def test_lanes_look_up_what_single_numbers_do(place):
    table = table_of(64)
    found, expected = values_at(in_all_lanes(table), POINTS[place]), at(table, POINTS[place])
    for lane in range(LANES):
        assert found[lane] == pytest.approx(expected, rel=1e-14, abs=1e-14)
        assert np.array_equal(found[lane], found[0])


@pytest.mark.parametrize("place", POINTS)
def test_every_lane_looks_up_in_its_own_table(place):
    tables = several()
    found = values_at(pools_of(tables), POINTS[place])
    for table, ours in zip(tables, found, strict=True):
        assert ours == pytest.approx(at(table, POINTS[place]), rel=1e-13, abs=1e-14)
        assert np.array_equal(values_at(in_all_lanes(table), POINTS[place])[0], ours)


def test_not_a_number_stays_in_its_lane():
    points = np.linspace(START, END, LANES)
    expected = values_at(in_all_lanes(table_of(64)), points)[0]
    for place in range(LANES):
        x = np.tile(points, (LANES, 1))
        x[place] = np.nan
        found, slopes = slopes_at(in_all_lanes(table_of(64)), x)
        assert np.isnan(found).sum() == np.isnan(slopes).sum() == points.size
        assert np.all(np.isnan(found[place]))
        assert np.array_equal(np.delete(found, place, axis=0), np.tile(expected, (LANES - 1, 1)))


@pytest.mark.parametrize("place", ["inside", "beyond the ends"])
def test_duals_carry_the_slope_of_the_table(place):
    tables, step = several(), 1e-6
    points = np.array([-0.3, 0.2, 1.2]) if place == "inside" else np.array([-9.0, 6.0, 50.0])
    values, slopes = slopes_at(pools_of(tables), np.tile(points, (LANES, 1)))
    assert np.array_equal(values, values_at(pools_of(tables), points))
    for table, slope in zip(tables, slopes, strict=True):
        expected = (at(table, points + step) - at(table, points - step)) / (2.0 * step)
        assert slope == pytest.approx(expected, rel=1e-6, abs=1e-7)
