"""Profile likelihood: how much worse the best fit becomes as one parameter is held away from its optimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from cellmodel.calibration.identifiability import Identifiability
from cellmodel.calibration.problem import SMALL, Problem, cost
from cellmodel.calibration.search import CLOSE_ENOUGH, slopes, suited

DISTANCES = (-2.0, -1.0, 1.0, 2.0)
"""Where a profile is computed, in standard uncertainties from the optimum."""

TRIALS = 4
"""Most steps of least squares for the other parameters at each of them: they start where slopes say."""


@dataclass(frozen=True)
class Profile:
    """The profile of one parameter.

    Attributes
    ----------
    name : str
    places : float64[m]
        Ascending, in its range [1].
    rise : float64[m]
        Of twice the cost over that of the optimum, per scale squared: 1 at one standard uncertainty if all is linear.
    """

    name: str
    places: NDArray[np.float64]
    rise: NDArray[np.float64]

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """Places left and right of the optimum where the rise is 1; None where it is not reached."""
        optimum = int(np.argmin(np.abs(self.rise)))
        left = _crossing(self.places[optimum::-1], self.rise[optimum::-1])
        return left, _crossing(self.places[optimum:], self.rise[optimum:])


def _crossing(places: NDArray[np.float64], rise: NDArray[np.float64]) -> float | None:
    above = np.flatnonzero(rise >= 1.0)
    if not above.size or above[0] == 0:
        return None
    n = above[0]
    share = (1.0 - rise[n - 1]) / (rise[n] - rise[n - 1])
    return float(places[n - 1] + share * (places[n] - places[n - 1]))


def profile(problem: Problem, number: int, optimum: NDArray[np.float64], known: Identifiability, name: str) -> Profile:
    """Compute the profile of one parameter.

    Parameters
    ----------
    problem : Problem
    number : int
        Which parameter.
    optimum : float64[p]
        Places of all of them [1].
    known : Identifiability
        Says where to look, and where the others go meanwhile.
    name : str

    Returns
    -------
    Profile
    """
    u = known.uncertainty
    ways = known.correlation[number] * u / u[number]
    distances = (min(max(optimum[number] + k * u[number], 0.0), 1.0) - optimum[number] for k in DISTANCES)
    found = {0.0: float(cost(problem.misfits(optimum)[0]))}
    for distance in distances:
        if distance not in found:
            held = np.clip(optimum + ways * distance, 0.0, 1.0)
            found[distance] = _refitted(problem, number, held, suited(known.slopes))
    order = sorted(found)
    rise = np.array([2.0 * (found[each] - found[0.0]) for each in order]) / known.scale**2
    return Profile(name, optimum[number] + np.array(order), rise)


def _refitted(problem: Problem, number: int, held: NDArray[np.float64], steps: NDArray[np.float64]) -> float:
    """The least cost with one parameter held."""
    others = np.arange(len(held)) != number
    if not others.any():
        return float(cost(problem.misfits(held)[0]))

    def whole(part: NDArray[np.float64]) -> NDArray[np.float64]:
        point = held.copy()
        point[others] = part
        return point

    found = least_squares(
        lambda part: problem.misfits(whole(part))[0],
        np.clip(held[others], 1e-6, 1.0 - 1e-6),
        jac=lambda part: slopes(problem, whole(part), steps)[:, others],
        bounds=(0.0, 1.0),
        loss="soft_l1",
        f_scale=SMALL,
        ftol=CLOSE_ENOUGH,
        xtol=CLOSE_ENOUGH,
        max_nfev=TRIALS,
    )
    return float(found.cost)
