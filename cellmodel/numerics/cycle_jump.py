"""Jumps over the iterates of a map u -> F(u) whose increments change slowly, such as the cycles of an ageing cell.

The iterates u_n are taken for points of a smooth curve, their envelope. Its slope g is measured in windows, the
difference of two iterates that are computed one after the other, and integrated over the iterates that are passed over:

    u(n + N) = u(n) + integral of g over [n, n + N],        g = polynomial through the last windows

Windows before the jump extrapolate (predictor); with the window behind it they interpolate (corrector). With three
windows each the pair is of third order, as Adams-Bashforth and Adams-Moulton formulas are for an ordinary differential
equation, and the difference of both gives the error.

| symbol | meaning |
| --- | --- |
| n | number of an iterate |
| N | length of a jump: iterates that are passed over |
| g | slope of the envelope: change from iterate to iterate |

References
----------
Envelope following: L. R. Petzold, An efficient numerical method for highly oscillatory ordinary differential equations,
SIAM J. Numer. Anal. 18 (1981) 455. Jumps controlled by the change of slopes: D. Cojocaru, A. M. Karlsson, A simple
numerical method of cycle jumps for cyclically loaded structures, Int. J. Fatigue 28 (2006) 1677,
doi:10.1016/j.ijfatigue.2006.01.010. For batteries: V. Sulzer et al., Accelerated battery lifetime simulations using
adaptive inter-cycle extrapolation algorithm, J. Electrochem. Soc. 168 (2021) 120531. Error from predictor and corrector
(Milne's device): E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993),
section III.1, doi:10.1007/978-3-540-78862-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_WINDOWS = 3
"""Windows that a slope is interpolated through."""

MOST_GROWTH = 2.0
"""Largest ratio of an extrapolated slope to those that were measured, where slopes are extrapolated as exponentials."""

PREDICTOR_SHARE, TRAPEZOID_SHARE = 1.0 / 4.0, 1.0 / 4.0
"""Error of the corrector over its difference to the predictor and to the trapezoidal rule.

The first would be 1/10 for windows at equal distance; but jumps may be twice as long as those before, and slopes have
kinks.
"""

SAFETY = 0.8
"""Share of the length that would just meet the tolerance."""

SMALLEST_FACTOR, LARGEST_FACTOR = 0.2, 2.0
"""Bounds of the change of length from one jump to the next."""

_NODES = 0.5 + 0.5 * np.sqrt(0.6) * np.array([-1.0, 0.0, 1.0])
_WEIGHTS = np.array([5.0, 8.0, 5.0]) / 18.0  # Gauss-Legendre on [0, 1]


class Window(NamedTuple):
    """Slope of the envelope between two iterates that were computed one after the other."""

    centre: float  # number of the iterate in their middle
    slope: NDArray[np.float64]  # float64[n]


def increment(windows: Sequence[Window], start: float, length: float, adding: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Integrate the slope of the envelope over a jump.

    Parameters
    ----------
    windows : sequence of Window
        Whose slopes are extrapolated (all before the jump) or interpolated (on both sides of it).
    start, length : float
        The jump goes from iterate `start` to `start + length`.
    adding : bool[n]
        Variables that only grow or only shrink. Where all slopes of one have the same sign, it is their logarithm that
        is a polynomial: growth that feeds itself and decay are exponentials, and the sign cannot change.

    Returns
    -------
    float64[n]
    """
    last = windows[-1].slope
    same = adding & np.all([window.slope * last > 0.0 for window in windows], axis=0)
    values = [np.where(same, np.log(np.abs(np.where(same, w.slope, 1.0))), w.slope) for w in windows]
    most = np.log(MOST_GROWTH) + np.max(values, axis=0)
    total = np.zeros(last.size)
    for node, weight in zip(start + length * _NODES, _WEIGHTS, strict=True):
        value = np.sum([_share(windows, k, node) * values[k] for k in range(len(windows))], axis=0)
        total += weight * np.where(same, np.sign(last) * np.exp(np.where(same, np.minimum(value, most), 0.0)), value)
    return length * total


def _share(windows: Sequence[Window], k: int, node: float) -> float:
    """Lagrange polynomial of window k."""
    own = windows[k].centre
    return float(np.prod([(node - other.centre) / (own - other.centre) for other in windows if other.centre != own]))


def followed(
    extrapolated: NDArray[np.float64],
    earlier: tuple[float, NDArray[np.float64]],
    later: tuple[float, NDArray[np.float64]],
    length: float,
) -> NDArray[np.float64]:
    """Increment of variables that follow the others, and forget within some iterates where they came from.

    A transient that has not died out, and noise, would be multiplied by the length of the jump if slopes alone were
    extrapolated, which is unstable. The secant between the ends of the last two windows is what has really happened: it
    bounds the increment, which is zero where their signs differ (minmod).

    Parameters
    ----------
    extrapolated : float64[n]
        Increment as from `increment`.
    earlier, later : (float, float64[n])
        Number and values of the last iterate of each of the last two windows.
    length : float
        Of the jump.

    Returns
    -------
    float64[n]
    """
    secant = length * (later[1] - earlier[1]) / (later[0] - earlier[0])
    smaller = np.where(np.abs(secant) < np.abs(extrapolated), secant, extrapolated)
    return np.where(secant * extrapolated > 0.0, smaller, 0.0)


def corrected(
    windows: Sequence[Window],
    start: float,
    length: float,
    adding: NDArray[np.bool_],
    predicted: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Integrate the slope once it is known behind the jump, too.

    Parameters
    ----------
    windows, start, length, adding
        As for `increment`; the last window lies behind the jump.
    predicted : float64[n]
        Increment that the jump was made with.

    Returns
    -------
    shift : float64[n]
        What has to be added to the increment.
    error : float64[n]
        Estimated error of the corrected increment.
    """
    better = increment(windows[-MOST_WINDOWS:], start, length, adding)
    trapezoid = increment(windows[-2:], start, length, adding)
    shift = better - predicted
    return shift, np.maximum(PREDICTOR_SHARE * np.abs(shift), TRAPEZOID_SHARE * np.abs(better - trapezoid))


def next_length(length: float, error: float) -> float:
    """Length of the next jump, or of another attempt, from the error of this one over its tolerance.

    The error grows with the fourth power of the length, the tolerance with its first.
    """
    factor = SAFETY * max(error, 1e-9) ** (-1.0 / 3.0) if np.isfinite(error) else SMALLEST_FACTOR
    return length * float(np.clip(factor, SMALLEST_FACTOR, LARGEST_FACTOR))
