"""Every law, compiled for dual numbers, gives the derivative of its plain version."""

from itertools import pairwise

import numpy as np
import pytest
from numba import njit
from test_law_units import si_arguments

from cellmodel.numerics.dual import LANES
from cellmodel.numerics.dual_arrays import collected, seeded

RELATIVE_STEPS = 0.02 * 0.5 ** np.arange(5)


def extrapolated(function, x):
    """Derivative of a smooth function by central differences, extrapolated to steps of zero (Romberg)."""
    steps = RELATIVE_STEPS * (abs(x) or 1.0)
    table = [(function(x + h) - function(x - h)) / (2.0 * h) for h in steps]
    for order in range(1, len(table)):
        table = [(4**order * fine - coarse) / (4**order - 1) for coarse, fine in pairwise(table)]
    return table[0]


def dual_slopes(law, arguments):
    """Value and derivatives of a law by its numbers, each along its own direction; arrays are parameters."""
    numbers = [index for index, value in enumerate(arguments) if np.isscalar(value)]
    names = [f"a{index}" for index in range(len(arguments))]
    given = [f"variables[{numbers.index(i)}]" if i in numbers else names[i] for i in range(len(arguments))]
    arrays = [names[i] for i in range(len(arguments)) if i not in numbers]
    scope = {"law": law, "seeded": seeded, "collected": collected}
    lines = [
        f"def run({', '.join(['u', 'colours', 'value', 'slopes', *arrays])}):",
        "    variables = seeded(u, colours, 0)",
        f"    collected(value, slopes)[0] = law({', '.join(given)})",
    ]
    exec("\n".join(lines), scope)
    u, value, slopes = np.array([float(arguments[i]) for i in numbers]), np.empty(1), np.empty((1, LANES))
    assert len(u) <= LANES
    njit(scope["run"])(u, np.arange(len(u)), value, slopes, *[arguments[int(name[1:])] for name in arrays])
    return numbers, value[0], slopes[0, : len(u)]


def test_derivatives_are_exact(law_name, laws):
    law, arguments = laws[law_name], si_arguments(law_name)
    numbers, value, slopes = dual_slopes(law, arguments)
    assert value == pytest.approx(law(*arguments), rel=1e-14)
    for index, slope in zip(numbers, slopes, strict=True):

        def along(x, index=index):
            return law.py_func(*[x if i == index else other for i, other in enumerate(arguments)])

        noise = 1e-10 * abs(value) / (abs(arguments[index]) or 1.0)
        assert slope == pytest.approx(extrapolated(along, arguments[index]), rel=2e-7, abs=noise), f"argument {index}"
