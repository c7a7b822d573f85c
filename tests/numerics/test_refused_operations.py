"""What lanes and duals cannot do is refused when it is compiled, not done wrongly when it is run."""

import math

import numpy as np
import pytest
from numba import TypingError, njit

from cellmodel.numerics.dual import DIRECTIONS
from cellmodel.numerics.lane_arrays import collected, lanes_of, seeded
from cellmodel.numerics.lanes import LANES


@njit
def branching(x):
    return 1.0 if x > 0.5 else x


@njit
def looping(x):
    while x < 10.0:
        x = x * x + 1.0
    return x


@njit
def both(x):
    return x if x > 0.5 and x < 1.0 else 2.0 * x


REFUSED = {
    "branch": branching, "loop": looping, "conjunction": both, "power": njit(lambda x: x**2),
    "root": njit(lambda x: x**0.5), "sine": njit(lambda x: math.sin(x)), "whole": njit(lambda x: float(int(x))),
    "equality": njit(lambda x: x if x == 1.0 else 2.0 * x), "truth": njit(lambda x: x if x else 1.0),
}  # fmt: skip


def of_lanes(law):
    @njit
    def apply(u, out):
        lanes_of(out)[0] = law(lanes_of(u)[0])

    apply(np.ones((1, LANES)), np.ones((1, LANES)))


def of_duals(law):
    @njit
    def apply(u, colours, seeds, value, slopes):
        collected(value, slopes)[0] = law(seeded(u, colours, 0, seeds)[0])

    slopes = np.zeros((DIRECTIONS + 1, DIRECTIONS * LANES))
    apply(np.ones((1, LANES)), np.array([0]), slopes, np.ones((1, LANES)), slopes[:1])


@pytest.mark.parametrize("kind", [of_lanes, of_duals])
@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_wrong_is_refused(kind, name):
    """A branch would send all cells the way of one of them; a function without a rule has no derivative."""
    with pytest.raises(TypingError):
        kind(REFUSED[name])


@pytest.mark.parametrize("kind", [of_lanes, of_duals])
def test_what_is_meant_is_compiled(kind):
    """So that a refusal above is not that of the test's own code."""
    kind(njit(lambda x: min(math.exp(-2 * x), 1.0)))
