"""Smooth versions of the kinks of physics, so that Newton's method sees one derivative everywhere."""

from __future__ import annotations

from math import exp, sqrt

from cellmodel.laws.compiled import law

EXPONENT_BOUND = 8.0
"""Where the exponential is continued by its tangent [1]: e^8 exchange currents (0.4 V) exceed any cell's
current, and a site that has run empty must not make the system as stiff as the full exponential of 1 V."""


@law
def bounded_exp(x):
    """exp(x), continued by its tangent above `EXPONENT_BOUND` [1]."""
    return exp(max(min(x, EXPONENT_BOUND), -100.0)) * (1.0 + max(x - EXPONENT_BOUND, 0.0))


@law
def logistic(x):
    """1 / (1 + exp(-x)) [1]."""
    return 1.0 / (1.0 + exp(-max(x, -300.0)))


@law
def positive_part(x, width):
    """(x + sqrt(x^2 + width^2)) / 2: max(x, 0) rounded over `width`, same unit as x; always positive."""
    return 0.5 * (x + sqrt(x * x + width * width))


@law
def rectified(x, width):
    """x_+^2 / (x_+ + width) with x_+ = positive_part(x, width): max(x, 0) that leaves next to nothing at x <= 0.

    In the unit of x; width/6 at x = 0, x - width/2 for large x: for rates that must stop when nothing flows.
    """
    part = positive_part(x, width)
    return part * part / (part + width)


@law
def soft_minimum(x, y):
    """X y / (x + y) for non-negative x and y: rates in series, the slower one decides; unit of x and y."""
    return x * y / (x + y + 1e-300)


@law
def met_share(demand, supply):
    """1 / sqrt(1 + (demand/supply)^2) for positive supply: share of a demand that is met [1].

    A bound that is not felt far from it; demand and supply of one unit.
    """
    ratio = demand / supply
    return 1.0 / sqrt(1.0 + ratio * ratio)


@law
def magnitude(x, width):
    """sqrt(x^2 + width^2) - width: |x| rounded over `width`, unit of x."""
    return sqrt(x * x + width * width) - width
