"""Jumps over the iterates of maps whose envelope is known."""

import numpy as np
import pytest

from cellmodel.numerics.cycle_jump import (
    LARGEST_FACTOR,
    MOST_GROWTH,
    SMALLEST_FACTOR,
    Window,
    corrected,
    followed,
    increment,
    next_length,
)

FREE, ADDING = np.array([False]), np.array([True])


def windows(curve, *ends):
    """Windows of a curve, each one iterate long."""
    return [Window(end - 0.5, np.atleast_1d(curve(end) - curve(end - 1.0))) for end in ends]


@pytest.mark.parametrize(("power", "count"), [(1, 2), (2, 2), (2, 3), (3, 3)])
def test_polynomial_envelopes_are_extrapolated_exactly(power, count):
    # The change of n^3 over one iterate is the slope in its middle plus 1/4.
    known = windows(lambda n: n**power - (0.25 * n if power == 3 else 0.0), 10.0, 14.0, 20.0)[3 - count :]
    assert increment(known, 20.0, 9.0, FREE) == pytest.approx(29.0**power - 20.0**power, rel=1e-12)


@pytest.mark.parametrize("rate", [0.05, -0.05])
def test_growth_that_feeds_itself_and_decay_are_extrapolated_exactly(rate):
    known = windows(lambda n: np.sign(rate) * np.exp(rate * n), 10.0, 14.0, 20.0)
    exact = np.sign(rate) * (np.exp(rate * 26.0) - np.exp(rate * 20.0))
    # Over one iterate the mean slope of an exponential is that in the middle times sinh(r/2) / (r/2).
    assert increment(known, 20.0, 6.0, ADDING) == pytest.approx(exact, rel=2e-4)


def test_growth_is_not_extrapolated_without_bound():
    known = windows(lambda n: np.exp(0.5 * n), 10.0, 14.0, 20.0)
    assert increment(known, 20.0, 30.0, ADDING) == pytest.approx(30.0 * MOST_GROWTH * known[-1].slope)


def test_what_only_grows_never_shrinks():
    known = [Window(4.5, np.array([1.0])), Window(9.5, np.array([0.1]))]
    assert increment(known, 10.0, 30.0, FREE) < 0.0 < increment(known, 10.0, 30.0, ADDING)


@pytest.mark.parametrize("adding", [FREE, ADDING])
def test_predictor_and_corrector_are_of_third_order(adding):
    errors = []
    for length in (16.0, 8.0, 4.0):
        centres = 50.0 + length * np.arange(-2.0, 2.0)
        known = [Window(c, np.array([-0.01 / (1.0 + 0.01 * c) ** 2])) for c in centres]
        exact = 1.0 / (1.5 + 0.01 * length) - 1.0 / 1.5
        predicted = increment(known[:3], 50.0, length, adding)
        shift, estimate = corrected(known, 50.0, length, adding, predicted)
        errors.append([abs(predicted - exact)[0], abs(predicted + shift - exact)[0], estimate[0]])
    rates = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(rates[:, :2] > 3.5)  # of one jump: a power more than of many over the same distance
    assert all(better < 0.3 * first and better < estimate for first, better, estimate in errors)


def test_followers_move_no_further_than_they_have_moved():
    earlier, later = (10.0, np.array([0.0, 0.0, 0.0])), (20.0, np.array([1.0, 1.0, -1.0]))
    moved = followed(np.array([9.0, 0.5, 2.0]), earlier, later, 5.0)
    assert moved == pytest.approx([0.5, 0.5, 0.0])


@pytest.mark.parametrize("limit", [True, False])
def test_fast_variables_make_jumps_unstable_unless_they_follow(limit):
    """A mode that keeps two thirds in each iterate, driven by an ageing one: jumps of up to 60 iterates."""

    def step(u):
        return np.array([u[0] + 1.0 / (1.0 + 0.001 * u[0]), 0.67 * u[1] + 0.33 * np.sin(0.01 * u[0])])

    states = [np.array([0.0, 1.0])]
    for _ in range(10):
        states.append(step(states[-1]))
    known = [Window(k - 0.5, states[k] - states[k - 1]) for k in (6, 8, 10)]
    ends, u, n, largest = [(8, states[8]), (10, states[10])], states[10], 10, 0.0
    while n < 900:
        length = min(60, n)
        added = increment(known[-3:], n, length, np.array([True, False]))
        if limit:
            added[1] = followed(added, ends[-2], ends[-1], length)[1]
        before = step(u + added)
        u, n = step(before), n + length + 2
        known.append(Window(n - 0.5, u - before))
        ends.append((n, u))
        largest = max(largest, abs(u[1]))
    assert (largest < 1.5) == limit


@pytest.mark.parametrize("error", [0.0, 1e-12, 0.1, 1.0, 10.0, 1e9, np.inf, np.nan])
def test_lengths_change_within_bounds(error):
    factor = next_length(10.0, error) / 10.0
    assert SMALLEST_FACTOR <= factor <= LARGEST_FACTOR
    assert factor < 1.0 or error < 1.0
