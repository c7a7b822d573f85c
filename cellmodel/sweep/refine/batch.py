"""The points of the next round: most of them where the boundary is least certain, the others in unexplored space."""

import numpy as np
from numpy.typing import NDArray

from cellmodel.sweep.refine.level_set import LevelSet, fit

CANDIDATES = 2**14
SHORT_LIST = 2000
"""Candidates nearest to the boundary, among which a batch is chosen with their covariance."""

CONFIDENCE = 1.96
"""Standard deviations within which a candidate's sign is in doubt (Bryan et al., NIPS 18, 2005: 'straddle')."""

APART = 1e-6
"""Points closer than this are one point [edge of the unit cube]."""


def boundary_points(
    found: LevelSet, candidates: NDArray[np.float64], count: int, noise: float
) -> NDArray[np.int64]:
    """Choose candidates at the uncertain boundary, spread out.

    Every choice is that with the largest 1.96 sd - |mean|, the `straddle`. A chosen point will be known: the standard
    deviations around it shrink at once, by the posterior covariance, so that the next is taken elsewhere.

    Parameters
    ----------
    found : LevelSet
        What is known of the boundary.
    candidates : ndarray, shape (candidates, axes)
        Points of the unit cube.
    count : int
        How many to choose.
    noise : float
        Variance with which a chosen point will be known.

    Returns
    -------
    ndarray, shape (count,)
        Indices of candidates, in the order of choice.
    """
    short = np.argsort(np.abs(found.mean(candidates)), kind="stable")[: max(SHORT_LIST, 2 * count)]
    mean, covariance = found.mean_and_covariance(candidates[short])
    chosen = []
    for _ in range(count):
        deviation = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        score = CONFIDENCE * deviation - np.abs(mean)
        score[chosen] = -np.inf
        best = int(np.argmax(score))
        chosen.append(best)
        column = covariance[:, best].copy()
        covariance -= np.outer(column, column / (column[best] + noise))
    return short[chosen]
