"""Where a quantity crosses a level, as a Gaussian process tells it from the sides on which scattered points lie.

The process sees no more of a point than its side, the sign of the quantity less its level. A size would mislead: most
margins of a cell jump at the failure, from near 1 to minus the share of the protocol left undone; others have kinks,
are infinite (an onset that never comes), or differ in scale on both sides. The side needs no transformation for any
of these, and tells of the boundary alone. Boundaries of shorts were found from a third of the points that sizes,
squashed by a hyperbolic tangent, needed; where a margin passes through zero smoothly, sides needed no more.

References
----------
Rasmussen, C. E., Williams, C. K. I. Gaussian Processes for Machine Learning, MIT Press 2006, sections 3.4 (Laplace's
approximation) and 4.2 (Matern's covariance).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

Numbers = NDArray[np.float64]

MOST_FITTED = 3000
"""Of more points those nearest to the boundary are used: costs grow with the third power."""

MOST_TUNED = 400
"""Points from which length scales are learnt: they need far fewer than the boundary does."""

SMOOTHNESS = 1.5
"""Of Matern's covariance: the boundary may have kinks."""

ROWS_AT_ONCE = 4096
LEAST_WEIGHT = 1e-10


@dataclass(frozen=True)
class LevelSet:
    """The log-odds of being above a level, as a Gaussian process: the boundary is where their mean is zero.

    Attributes
    ----------
    process : GaussianProcessRegressor
        Posterior of the log-odds over the unit cube.
    """

    process: GaussianProcessRegressor

    def mean(self, unit: Numbers) -> Numbers:
        """Return the mean at points of the unit cube, shape (points, axes) -> (points,)."""
        return np.concatenate([self.process.predict(part) for part in _parts(unit)])

    def mean_and_deviation(self, unit: Numbers) -> tuple[Numbers, Numbers]:
        """Return mean and standard deviation at points, each of shape (points,)."""
        parts = [self.process.predict(part, return_std=True) for part in _parts(unit)]
        return np.concatenate([each[0] for each in parts]), np.concatenate([each[1] for each in parts])

    def mean_and_covariance(self, unit: Numbers) -> tuple[Numbers, Numbers]:
        """Return mean, shape (points,), and covariance, shape (points, points)."""
        return self.process.predict(unit, return_cov=True)

    def probability_below(self, unit: Numbers) -> Numbers:
        """Return the probability that the quantity is below its level at points, shape (points,)."""
        return probability_below(*self.mean_and_deviation(unit))


def probability_below(mean: Numbers, deviation: Numbers) -> Numbers:
    """Return the logistic function of minus the log-odds, averaged over their distribution (MacKay 1992)."""
    return expit(-mean / np.sqrt(1.0 + np.pi * deviation**2 / 8.0))


def fit(unit: Numbers, below: NDArray[np.bool_], seed: int = 0) -> LevelSet | None:
    """Fit the boundary between points below and not below a level.

    Parameters
    ----------
    unit : ndarray, shape (points, axes)
        Positions in the unit cube.
    below : ndarray of bool, shape (points,)
        On which side each point is.
    seed : int
        Of the choice of points from which length scales are learnt.

    Returns
    -------
    LevelSet or None
        None where all points are on one side.
    """
    if below.all() or not below.any():
        return None
    kept = _nearest(unit, below)
    unit, below = unit[kept], below[kept]
    some = np.random.default_rng(seed).permutation(len(unit))[:MOST_TUNED]
    return _posterior(unit, below, _tuned(unit, below, some))


def held_out(unit: Numbers, below: NDArray[np.bool_], found: LevelSet) -> Numbers:
    """Return the probability of each point to be below the level as all others tell it, shape (points,).

    Parameters
    ----------
    unit, below : ndarray
        What `found` was fitted to.
    found : LevelSet
        From `fit`.

    Notes
    -----
    Leaving one out needs no new fit: Rasmussen and Williams, equations 5.12, for the regression that stands for the
    classification.
    """
    from scipy.linalg import cho_solve

    answer = found.probability_below(unit)
    process, kept = found.process, _nearest(unit, below)
    inverse = cho_solve((process.L_, True), np.eye(len(kept)))
    alone = np.diag(inverse)
    mean = process.y_train_ - process.alpha_ / alone
    variance = np.maximum(1.0 / alone - process.alpha, 0.0)
    answer[kept] = probability_below(mean, np.sqrt(variance))
    return answer


def _nearest(unit: Numbers, below: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the points that a fit can bear: those that have one of the other side closest by."""
    if len(unit) <= MOST_FITTED:
        return np.arange(len(unit))
    from scipy.spatial import cKDTree

    reach = np.empty(len(unit))
    for side in (True, False):
        reach[below == side] = cKDTree(unit[below != side]).query(unit[below == side])[0]
    return np.sort(np.argsort(reach, kind="stable")[:MOST_FITTED])


def _tuned(unit: Numbers, below: NDArray[np.bool_], some: NDArray[np.int64]) -> Any:
    """Learn amplitude and length scales from some of the points, and the first of a side that these lack."""
    from sklearn.gaussian_process import GaussianProcessClassifier
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern

    for side in (below, ~below):
        some = some if side[some].any() else np.append(some, np.flatnonzero(side)[0])
    scales = Matern(np.full(unit.shape[1], 0.5), (0.02, 20.0), nu=SMOOTHNESS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length scale at its bound is an axis without influence: no fault
        return (
            GaussianProcessClassifier(ConstantKernel(10.0, (1e-1, 1e5)) * scales).fit(unit[some], below[some]).kernel_
        )


def _posterior(unit: Numbers, below: NDArray[np.bool_], kernel: Any) -> LevelSet:
    """Return the posterior for known length scales.

    Laplace's approximation to the posterior of a classification is that of a regression whose targets and noise follow
    from the mode; other than the classifier, a regression tells covariances between points as well.
    """
    from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor

    classifier = GaussianProcessClassifier(kernel, optimizer=None).fit(unit, ~below)
    mode = classifier.latent_mean_and_variance(unit)[0]
    share = expit(mode)
    weight = np.maximum(share * (1.0 - share), LEAST_WEIGHT)
    target = mode + (~below - share) / weight
    return LevelSet(GaussianProcessRegressor(kernel, alpha=1.0 / weight, optimizer=None).fit(unit, target))


def _parts(unit: Numbers) -> list[Numbers]:
    return [unit[i : i + ROWS_AT_ONCE] for i in range(0, len(unit), ROWS_AT_ONCE)]
