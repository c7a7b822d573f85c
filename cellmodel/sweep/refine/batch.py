"""The points of a round: most of them where the boundary is least certain, the others in unexplored space."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from cellmodel.sweep.refine.level_set import LevelSet, fit

Numbers = NDArray[np.float64]

CANDIDATES_BITS = 14
"""Candidates of a round are this power of two of points of a Sobol sequence of its own."""

SHORT_LIST = 2000
"""Candidates nearest to the boundary, among which a batch is chosen with their covariance."""

CONFIDENCE = 1.96
"""Standard deviations within which the side of a candidate is in doubt."""

SIDE_NOISE = 4.0
"""Variance of the log-odds that a side near the boundary tells, 1 / (p (1 - p)) at p = 1/2."""


def even_points(axes: int, start: int, count: int, seed: int) -> Numbers:
    """Return points `start` to `start + count` of a scrambled Sobol sequence, shape (count, axes).

    Continued from round to round it fills the largest gaps that it left, and stays an even sample of the cube, from
    which the error of a map can be told without bias.
    """
    from scipy.stats import qmc  # a second to import

    engine = qmc.Sobol(axes, rng=np.random.default_rng([seed, 0]))
    if start:
        engine.fast_forward(start)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # only powers of two are balanced; this sequence goes on
        return engine.random(count)


def candidates(axes: int, seed: int, number: int) -> Numbers:
    """Return the points among which a round may choose, shape (candidates, axes): a Sobol set of its own."""
    from scipy.stats import qmc

    return qmc.Sobol(axes, rng=np.random.default_rng([seed, number])).random_base2(CANDIDATES_BITS)


def next_points(
    unit: Numbers, categories: NDArray[np.int64], count: int, candidates: Numbers, seed: int = 0
) -> NDArray[np.int64]:
    """Choose the points of the next round at the boundaries between categories.

    Parameters
    ----------
    unit : ndarray, shape (points, axes)
        Positions so far, in the unit cube.
    categories : ndarray of int, shape (points,)
        What each point turned out to be: below a level or not, or its outcome. Negative where it is not known.
    count : int
        How many to choose.
    candidates : ndarray, shape (candidates, axes)
        Whence to choose, at least `count`; none is chosen twice.
    seed : int
        Of the fits.

    Returns
    -------
    ndarray of int, shape (count,)
        Indices of candidates. Where there is one category alone, no boundary is known: the first candidates.

    Notes
    -----
    With three categories or more, each has a boundary against all others, and the boundaries share the points.
    """
    known = categories >= 0
    kinds = np.unique(categories[known])
    kinds = kinds[: 1 if len(kinds) == 2 else len(kinds)]
    chosen = np.empty(0, dtype=np.int64)
    for number, kind in enumerate(kinds):
        found = fit(unit[known], categories[known] == kind, seed)
        if found is None:
            break
        share = count * (number + 1) // len(kinds) - len(chosen)
        chosen = np.concatenate([chosen, boundary_points(found, candidates, share, chosen)])
    rest = np.setdiff1d(np.arange(len(candidates)), chosen)
    return np.concatenate([chosen, rest[: count - len(chosen)]])


def boundary_points(
    found: LevelSet, candidates: Numbers, count: int, taken: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Choose candidates at the uncertain boundary, spread out.

    Parameters
    ----------
    found : LevelSet
        What is known of the boundary.
    candidates : ndarray, shape (candidates, axes)
        Points of the unit cube.
    count : int
        How many to choose.
    taken : ndarray of int, optional
        Candidates that are chosen already.

    Returns
    -------
    ndarray of int, shape (count,)
        In the order of choice.

    Notes
    -----
    Each choice is that with the largest 1.96 sd - abs(mean), the `straddle` of Bryan et al. (NIPS 18, 2005). A chosen
    point will be known, so the deviations around it shrink at once, by the covariance of the posterior: the next one is
    taken elsewhere, and the batch spreads along the boundary.
    """
    taken = np.empty(0, dtype=np.int64) if taken is None else taken
    near = np.argsort(np.abs(found.mean(candidates)), kind="stable")[: max(SHORT_LIST, 2 * (count + len(taken)))]
    short = np.concatenate([taken, np.setdiff1d(near, taken)])
    mean, covariance = found.mean_and_covariance(candidates[short])
    variance, score = np.diag(covariance).copy(), np.empty(len(short))
    steps, used = np.empty((len(taken) + count, len(short))), np.zeros(len(short), dtype=bool)
    order: list[int] = []
    for number, step in enumerate(steps):
        score[:] = CONFIDENCE * np.sqrt(np.maximum(variance, 0.0)) - np.abs(mean)
        best = number if number < len(taken) else int(np.argmax(np.where(used, -np.inf, score)))
        used[best] = True
        order.append(best)
        column = covariance[best] - steps[:number, best] @ steps[:number]
        step[:] = column / np.sqrt(max(variance[best], 0.0) + SIDE_NOISE)
        variance -= step**2
    return short[order[len(taken) :]]
