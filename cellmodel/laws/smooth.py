"""Smooth versions of the kinks of physics, so that Newton's method sees one derivative everywhere."""

from __future__ import annotations

from math import exp, log1p, sqrt

from cellmodel.laws.compiled import law

EXPONENT_BOUND = 60.0
"""Where the exponential is continued by its tangent [1]: exp(60) of any exchange current exceeds any cell's current."""


@law
def bounded_exp(x):
    """exp(x), continued by its tangent beyond +-60 so that a Newton overshoot cannot overflow [1]."""
    if x > EXPONENT_BOUND:
        return exp(EXPONENT_BOUND) * (1.0 + (x - EXPONENT_BOUND))
    if x < -EXPONENT_BOUND:
        return exp(-EXPONENT_BOUND)
    return exp(x)


@law
def logistic(x):
    """1 / (1 + exp(-x)) [1]."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    z = exp(x)
    return z / (1.0 + z)


@law
def positive_part(x, width):
    """(x + sqrt(x^2 + width^2)) / 2: max(x, 0) rounded over `width`, same unit as x; always positive."""
    return 0.5 * (x + sqrt(x * x + width * width))


@law
def softplus(x):
    """ln(1 + exp(x)): max(x, 0) rounded over 1 [1]."""
    if x > 0.0:
        return x + log1p(exp(-x))
    return log1p(exp(x))


@law
def soft_minimum(x, y):
    """X y / (x + y) for non-negative x and y: rates in series, the slower one decides; unit of x and y."""
    return x * y / (x + y + 1e-300)


@law
def magnitude(x, width):
    """sqrt(x^2 + width^2) - width: |x| rounded over `width`, unit of x."""
    return sqrt(x * x + width * width) - width
