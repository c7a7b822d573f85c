"""Every law, compiled for dual numbers, gives the derivative of its plain version."""

from itertools import pairwise

import numpy as np
import pytest
from numba import TypingError, njit
from test_law_units import si_arguments

from cellmodel.numerics.dual import DIRECTIONS
from cellmodel.numerics.lane_arrays import collected, lanes_of, seeded
from cellmodel.numerics.lanes import LANES

RELATIVE_STEPS = 0.02 * 0.5 ** np.arange(5)
LANE_FACTORS = np.linspace(1.0, 1.07, LANES)
"""What distinguishes the arguments of the lanes."""
OF_PARAMETERS = ("bruggeman", "foam_modulus", "sintered_modulus")
"""Laws with powers, which are used of single numbers when a cell is packed."""


def extrapolated(function, x):
    """Derivative of a smooth function by central differences, extrapolated to steps of zero (Romberg)."""
    steps = RELATIVE_STEPS * (abs(x) or 1.0)
    table = [(function(x + h) - function(x - h)) / (2.0 * h) for h in steps]
    for order in range(1, len(table)):
        table = [(4**order * fine - coarse) / (4**order - 1) for coarse, fine in pairwise(table)]
    return table[0]


def dual_slopes(law, arguments):
    """Values (float64[LANES]) and derivatives (float64[k, LANES]) of a law, along each of its numbers.

    Each of `arguments` has its lane as last index; arrays are parameters.
    """
    numbers = [index for index, value in enumerate(arguments) if value.ndim == 1]
    names = [f"a{index}" for index in range(len(arguments))]
    given = [f"variables[{numbers.index(i)}]" if i in numbers else f"lanes_of({names[i]})" for i in range(len(names))]
    arrays = [names[i] for i in range(len(arguments)) if i not in numbers]
    scope = {"law": law, "seeded": seeded, "collected": collected, "lanes_of": lanes_of}
    lines = [
        f"def run({', '.join(['u', 'colours', 'seeds', 'value', 'slopes', *arrays])}):",
        "    variables = seeded(u, colours, 0, seeds)",
        f"    collected(value, slopes)[0] = law({', '.join(given)})",
    ]
    exec("\n".join(lines), scope)
    u = np.stack([arguments[i] for i in numbers])
    assert len(u) <= DIRECTIONS
    seeds = np.repeat(np.eye(DIRECTIONS + 1, DIRECTIONS), LANES, axis=1)
    value, slopes = np.empty((1, LANES)), np.empty((1, DIRECTIONS * LANES))
    given_arrays = [arguments[int(name[1:])] for name in arrays]
    njit(scope["run"])(u, np.arange(len(u)), seeds, value, slopes, *given_arrays)
    return numbers, value[0], slopes.reshape(DIRECTIONS, LANES)[: len(u)]


def test_derivatives_are_exact(law_name, laws):
    """In every lane, at its own arguments; the value is that of the law for single numbers."""
    law, arguments = laws[law_name], [np.asarray(value, dtype=float) for value in si_arguments(law_name)]
    several = [np.ascontiguousarray(np.multiply.outer(value, LANE_FACTORS)) for value in arguments]
    if all(value.ndim > 1 for value in several):  # of parameters alone
        return
    if law_name in OF_PARAMETERS:
        with pytest.raises(TypingError):
            dual_slopes(law, several)
        return
    numbers, values, slopes = dual_slopes(law, several)
    for lane, factor in enumerate(LANE_FACTORS):
        here = [value * factor for value in arguments]
        assert values[lane] == pytest.approx(law.py_func(*here), rel=1e-13)
        for index, slope in zip(numbers, slopes[:, lane], strict=True):

            def along(x, index=index, here=here):
                return law.py_func(*[x if i == index else other for i, other in enumerate(here)])

            at = float(here[index])
            noise = 1e-10 * abs(values[lane]) / (abs(at) or 1.0)
            assert slope == pytest.approx(extrapolated(along, at), rel=2e-7, abs=noise), f"argument {index}"
