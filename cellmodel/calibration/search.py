"""The search for the best values: differential evolution over the ranges, then least squares from the best point.

Outcomes are cliffs (a short or none), so slopes cannot be trusted far from the optimum; near it they are by far the
fastest, and they are needed for uncertainties anyway. Both methods are scipy's. They are deterministic for a seed, so
that a search that was stopped repeats its way through the journal and goes on where it ended.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import differential_evolution, least_squares
from scipy.stats import qmc

from cellmodel.calibration.problem import SIDE_BY_SIDE, SMALL, BudgetSpent, Problem, cost
from cellmodel.validation.expectations import LARGEST

STEP = 0.01
"""Half the longest distance over which slopes are taken, as a share of the range [1]."""

SHORTEST_STEP = 5e-4
"""Half the shortest one [1]: outcomes carry noise of time steps."""

CLOSE_ENOUGH = 1e-3
"""Relative change of cost, and change of places in their ranges, at which least squares stop [1]."""

GLOBAL_SHARE = 0.6
"""Share of the budget that differential evolution may take [1]."""


def search(problem: Problem, start: NDArray[np.float64], method: str, seed: int) -> NDArray[np.float64]:
    """Look for the point of least cost.

    Parameters
    ----------
    problem : Problem
        Its budget bounds the search.
    start : float64[p]
        Places of the starting values [1].
    method : str
        ``global`` or ``local``.
    seed : int
        Of the random numbers.

    Returns
    -------
    float64[p]
        The best point found.
    """
    try:
        problem.misfits(start)
        if method == "global":
            evolve(problem, start, seed)
        descend(problem, problem.best())
    except BudgetSpent:
        pass
    return problem.best()


def population(parameters: int) -> int:
    """Members of a generation: four a parameter, in whole batches."""
    return SIDE_BY_SIDE * max(1, -(-4 * parameters // SIDE_BY_SIDE))


def evolve(problem: Problem, start: NDArray[np.float64], seed: int) -> None:
    """Differential evolution, a whole generation evaluated at once, until its share of the budget is used."""
    parameters = len(start)
    members = population(parameters)
    first = qmc.LatinHypercube(parameters, rng=seed).random(members)
    first[0] = start
    generations = int(GLOBAL_SHARE * problem.budget) // members - 1
    differential_evolution(
        lambda points: cost(problem.misfits(points.T)),
        [(0.0, 1.0)] * parameters,
        init=first,
        maxiter=max(1, generations),
        rng=seed,
        mutation=(0.4, 0.9),
        recombination=0.9,
        tol=CLOSE_ENOUGH,
        polish=False,
        updating="deferred",
        vectorized=True,
    )


def descend(problem: Problem, start: NDArray[np.float64]) -> None:
    """Least squares with slopes from differences, from a point inside the ranges."""
    steps = np.full(len(start), STEP)

    def jacobian(point: NDArray[np.float64]) -> NDArray[np.float64]:
        found = slopes(problem, point, steps)
        steps[:] = suited(found)
        return found

    least_squares(
        lambda point: problem.misfits(point)[0],
        np.clip(start, 1e-6, 1.0 - 1e-6),
        jac=jacobian,
        bounds=(0.0, 1.0),
        loss="soft_l1",
        f_scale=SMALL,
        ftol=CLOSE_ENOUGH,
        xtol=CLOSE_ENOUGH,
        gtol=CLOSE_ENOUGH,
        max_nfev=50,
    )


def suited(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances over which misfits change by one, float64[p], for slopes as found: short where they are steep."""
    steepness = np.sqrt((found**2).sum(axis=0))
    return np.clip(1.0 / np.maximum(steepness, 1.0), SHORTEST_STEP, STEP)


def sharp_slopes(problem: Problem, point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slopes as from `slopes`, over distances that suit them."""
    return slopes(problem, point, suited(slopes(problem, point)))


def slopes(
    problem: Problem, point: NDArray[np.float64], steps: NDArray[np.float64] | float = STEP
) -> NDArray[np.float64]:
    """Slopes of the weighted misfits at a point by central differences, all evaluated at once.

    A cliff has no slope: where a value cannot be had on one side of a point that has it (a cell shorts, a host
    overflows), the slope is that of the other side, and 0 if there is none on either.

    Parameters
    ----------
    problem : Problem
    point : float64[p]
        Places in the ranges [1].
    steps : float64[p] or float
        Half the distances [1].

    Returns
    -------
    float64[n, p]
        Change of each misfit over the whole range of each parameter, if it went on like that [1].
    """
    low, high = np.maximum(point - steps, 0.0), np.minimum(point + steps, 1.0)
    parameters = len(point)
    places = np.tile(point, (2 * parameters, 1))
    places[np.arange(parameters), np.arange(parameters)] = high
    places[parameters + np.arange(parameters), np.arange(parameters)] = low
    *sides, centre = np.vsplit(problem.misfits(np.vstack([places, point])), [parameters, 2 * parameters])
    beyond = 0.999 * LARGEST * problem.weights
    ends = [np.where((abs(side) > beyond) & (abs(centre) < beyond), np.nan, side) for side in sides]
    reach = (high - point, point - low)
    spans = [np.where(np.isnan(end), 0.0, span[:, None]) for end, span in zip(ends, reach, strict=True)]
    rise = np.where(np.isnan(ends[0]), centre, ends[0]) - np.where(np.isnan(ends[1]), centre, ends[1])
    return (rise / np.maximum(spans[0] + spans[1], SHORTEST_STEP)).T
