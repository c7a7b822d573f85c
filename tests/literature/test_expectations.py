"""Verdicts: what agrees with a measurement, and how far off the rest is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellmodel.validation.expectations import LARGEST, Between, Bound, Is, Order, Value, Values

NUMBERS = st.floats(-1e3, 1e3)


@given(simulated=NUMBERS, value=NUMBERS, tolerance=st.floats(1e-3, 1e2), low=NUMBERS, width=st.floats(1e-3, 1e2))
def test_up_to_a_misfit_of_one_a_number_agrees(simulated, value, tolerance, low, width):
    slack = 1e-6 * (1.0 + abs(simulated) + abs(value))
    agrees = {
        Value(value, tolerance): tolerance - abs(simulated - value),
        Bound(value, 1): simulated - value,
        Bound(value, -1): value - simulated,
        Between(low, low + width): min(simulated - low, low + width - simulated),
    }
    for expected, room in agrees.items():
        assert abs(expected.misfit(simulated)) <= LARGEST
        if abs(room) > slack:
            assert expected.met(simulated) == (room > 0.0)
            assert (abs(expected.misfit(simulated)) <= 1.0) == (room > 0.0)


def test_misfit_tells_how_far_and_on_which_side():
    assert Value(0.8, 0.02).misfit(0.85) == pytest.approx(2.5)
    assert Value(0.8, 0.02).misfit(0.77) == pytest.approx(-1.5)
    assert Bound(100.0, 1).misfit(95.0) == pytest.approx(1.5)
    assert Bound(100.0, 1).misfit(math.inf) == 0.0
    assert Bound(100.0, -1).misfit(math.inf) == LARGEST
    assert Between(2.0, 4.0).misfit(5.0) == pytest.approx(2.0)


def test_lists_agree_one_by_one():
    expected = Values((0.14, 0.08), 0.03)
    assert expected.met((0.12, 0.1)) and not expected.met((0.12, 0.12))
    assert not expected.met((0.14,)) and not expected.met((0.14, 0.1, 0.08))


def test_flags():
    assert Is(True).met(True) and not Is(True).met(False) and Is(False).met(False)


def test_order_goes_up_strictly_and_groups_are_not_ordered_inside():
    order = Order((("a", "b"), ("c",)))
    assert order.met({"a": 2.0, "b": 1.0, "c": 3.0}) and order.misfit({"a": 2.0, "b": 1.0, "c": 3.0}) < 1.0
    assert not order.met({"a": 2.0, "b": 3.5, "c": 3.0}) and order.misfit({"a": 2.0, "b": 3.5, "c": 3.0}) > 1.0
    assert not order.met({"a": 3.0, "b": 1.0, "c": 3.0})


def test_cells_closer_than_the_error_of_simulations_are_equal():
    order = Order((("a",), ("b",)))
    assert not order.met({"a": 0.9922, "b": 0.99221}) and order.misfit({"a": 0.9922, "b": 0.99221}) > 1.0
    assert order.met({"a": 0.9922, "b": 0.9924})
    assert order.misfit({"a": math.inf, "b": math.inf}) > 1.0


def test_order_with_a_margin():
    order = Order((("a",), ("b",), ("c",)), margin=0.01)
    assert order.met({"a": 0.80, "b": 0.81, "c": 0.83})
    assert not order.met({"a": 0.80, "b": 0.805, "c": 0.83})


def test_cells_that_never_short_are_not_ordered():
    order = Order((("a",), ("b",)))
    assert order.met({"a": 3.0, "b": math.inf}) and order.misfit({"a": 3.0, "b": math.inf}) == 0.0
    assert not order.met({"a": math.inf, "b": math.inf})
    assert not order.met({"a": math.inf, "b": 3.0}) and order.misfit({"a": math.inf, "b": 3.0}) == LARGEST


@given(values=st.lists(st.one_of(NUMBERS, st.just(math.inf)), min_size=4, max_size=4), margin=st.floats(0.0, 10.0))
def test_up_to_a_misfit_of_one_cells_are_in_order(values, margin):
    order, simulated = Order((("a", "b"), ("c",), ("d",)), margin), dict(zip("abcd", values, strict=True))
    steps = order.steps(simulated)
    close = any(math.isfinite(high - low) and abs(high - low - margin) < 1e-2 * (1.0 + abs(low)) for low, high in steps)
    if not close:
        assert order.met(simulated) == (order.misfit(simulated) <= 1.0)
        assert order.met(simulated) == all(high > low and high - low > margin for low, high in steps)
