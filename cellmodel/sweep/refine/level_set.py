"""Where a quantity crosses its level, as a Gaussian process over the unit cube tells it from scattered points.

Two descriptions are fitted, and the one with the better cross-validated likelihood is kept:

- `side`: classification by the side of the level on which a point lies (Laplace's approximation);
- `size`: regression on the distance from the level, each side squashed by the hyperbolic tangent of its own median.

Margins of a cell call for both. Most jump at a failure, from near 1 to minus the share of the protocol left undone: a
smooth process through the jump would ring, while the sides alone say all there is. Others pass through zero smoothly,
and there the size is worth many points. The squashing takes infinite values, sets no side's unit above the other's and
keeps a cliff far away from shaping the boundary; a rank would stretch the boundary itself, as points crowd there.

References
----------
Rasmussen, C. E., Williams, C. K. I. Gaussian Processes for Machine Learning, MIT Press 2006, chapters 2, 3 and 5.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import expit, ndtr

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

MOST_FITTED = 3000
"""Of more points those nearest to the boundary are used: costs grow with the third power."""

MOST_TUNED = 400
"""Points from which length scales are learnt: they need far fewer than the boundary does."""

FOLDS = 5
SMOOTHNESS = 1.5
"""Of the Matern kernel: one derivative, so that a boundary may have kinks."""

SQUASHED_NOISE = 1e-6
ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class LevelSet:
    """A fitted process; its latent function is positive above the level and negative below.

    Attributes
    ----------
    process : GaussianProcessRegressor
        Posterior of the latent function.
    kind : str
        ``side`` or ``size``.
    """

    process: GaussianProcessRegressor
    kind: str

    def mean(self, unit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of the latent function at points of the unit cube, shape (points, axes) -> (points,)."""
        parts = [self.process.predict(part) for part in _parts(unit)]
        return np.concatenate(parts) if parts else np.empty(0)

    def mean_and_deviation(self, unit: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean and standard deviation of the latent function at points, each of shape (points,)."""
        parts = [self.process.predict(part, return_std=True) for part in _parts(unit)]
        return np.concatenate([each[0] for each in parts]), np.concatenate([each[1] for each in parts])

    def mean_and_covariance(self, unit: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean, shape (points,), and covariance, shape (points, points), of the latent function."""
        return self.process.predict(unit, return_cov=True)

    def probability_below(self, unit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability that the quantity is below its level at points, shape (points,)."""
        return _probability(*self.mean_and_deviation(unit), self.kind)


def fit(unit: NDArray[np.float64], distance: NDArray[np.float64], seed: int = 0, kind: str = "") -> LevelSet | None:
    """Fit the boundary between points below and above a level.

    Parameters
    ----------
    unit : ndarray, shape (points, axes)
        Positions in the unit cube.
    distance : ndarray, shape (points,)
        The quantity less its level; may be infinite. Points without a value are left out.
    seed : int
        Of the choice of points for length scales and folds.
    kind : str
        ``side`` or ``size``, by default what cross-validation prefers.

    Returns
    -------
    LevelSet or None
        None where all points are on one side.
    """
    known = ~np.isnan(distance)
    unit, distance = unit[known], distance[known]
    below = distance < 0
    if below.all() or not below.any():
        return None
    unit, distance = _nearest(unit, distance)
    order = np.random.default_rng(seed).permutation(len(unit))
    kinds = [kind] if kind else ["side", "size"]
    kernels = {each: _tuned(unit, distance, order[:MOST_TUNED], each) for each in kinds}
    chosen = min(kinds, key=lambda each: _loss(unit, distance, order, each, kernels[each])) if not kind else kind
    return _fitted(unit, distance, chosen, kernels[chosen])


def held_out(
    unit: NDArray[np.float64], distance: NDArray[np.float64], found: LevelSet, seed: int = 0
) -> NDArray[np.float64]:
    """Return the probability of being below the level of each point by the others, shape (points,).

    Parameters
    ----------
    unit, distance : ndarray
        As for `fit`; missing values get a missing probability.
    found : LevelSet
        Gives length scales and kind.
    seed : int
        Of the folds.

    Returns
    -------
    ndarray, shape (points,)
        By `FOLDS`-fold cross-validation.
    """
    answer = np.full(len(unit), np.nan)
    known = np.flatnonzero(~np.isnan(distance))
    order = np.random.default_rng(seed).permutation(len(known))
    answer[known[order]] = _held_out(unit[known], distance[known], order, found.kind, found.process.kernel_)
    return answer


def _nearest(unit: NDArray[np.float64], distance: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Keep what a fit can bear: the points that have one of the other side closest by."""
    if len(unit) <= MOST_FITTED:
        return unit, distance
    below, reach = distance < 0, np.empty(len(unit))
    for side in (True, False):
        reach[below == side] = cKDTree(unit[below != side]).query(unit[below == side])[0]
    kept = np.sort(np.argsort(reach, kind="stable")[:MOST_FITTED])
    return unit[kept], distance[kept]


def _squashed(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return distances between -1 and 1, each side in units of its median; zero stays zero."""
    answer = np.zeros(len(distance))
    for side in (distance < 0, distance > 0):
        if side.any():
            scale = np.median(np.abs(distance[side]))
            finite = np.abs(distance[side])[np.isfinite(distance[side])]
            scale = scale if np.isfinite(scale) else (finite.max() if finite.size else 1.0)
            answer[side] = np.tanh(distance[side] / scale)
    return answer


def _tuned(unit: NDArray[np.float64], distance: NDArray[np.float64], some: NDArray[np.int64], kind: str) -> Any:
    """Learn amplitude and length scales from `some` of the points."""
    from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    some = _both_sides(distance, some)
    scales = Matern(np.full(unit.shape[1], 0.5), (0.02, 20.0), nu=SMOOTHNESS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length scale at its bound means an axis without influence: no fault
        if kind == "side":
            process = GaussianProcessClassifier(ConstantKernel(10.0, (1e-1, 1e5)) * scales)
            return process.fit(unit[some], distance[some] < 0).kernel_
        noise = WhiteKernel(1e-4, (SQUASHED_NOISE, 1e-1))
        process = GaussianProcessRegressor(ConstantKernel(1.0, (1e-2, 1e2)) * scales + noise)
        return process.fit(unit[some], _squashed(distance)[some]).kernel_


def _both_sides(distance: NDArray[np.float64], some: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add the first points of a side of which `some` has none."""
    for side in (distance < 0, distance >= 0):
        if not side[some].any():
            some = np.concatenate([some, np.flatnonzero(side)[:1]])
    return some


def _fitted(unit: NDArray[np.float64], distance: NDArray[np.float64], kind: str, kernel: Any) -> LevelSet:
    """Return the posterior for known length scales.

    Laplace's approximation to the posterior of a classification is the posterior of a regression on targets and with
    noise that follow from its mode, which gives covariances between points as well.
    """
    from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor

    if kind == "size":
        process = GaussianProcessRegressor(kernel, alpha=SQUASHED_NOISE, optimizer=None)
        return LevelSet(process.fit(unit, _squashed(distance)), kind)
    classifier = GaussianProcessClassifier(kernel, optimizer=None).fit(unit, distance >= 0)
    mode = classifier.latent_mean_and_variance(unit)[0]
    share = expit(mode)
    weight = np.maximum(share * (1.0 - share), 1e-10)
    target = mode + ((distance >= 0) - share) / weight
    process = GaussianProcessRegressor(kernel, alpha=1.0 / weight, optimizer=None)
    return LevelSet(process.fit(unit, target), kind)


def _held_out(
    unit: NDArray[np.float64], distance: NDArray[np.float64], order: NDArray[np.int64], kind: str, kernel: Any
) -> NDArray[np.float64]:
    """Return probabilities in the order of `order`; a fold without one of the sides keeps its share."""
    answer = np.empty(len(order))
    folds = np.arange(len(order)) % FOLDS
    for fold in range(FOLDS):
        rest, out = order[folds != fold], order[folds == fold]
        below = distance[rest] < 0
        if below.all() or not below.any():
            answer[folds == fold] = below.mean()
            continue
        kept = _nearest(unit[rest], distance[rest])
        answer[folds == fold] = _fitted(*kept, kind, kernel).probability_below(unit[out])
    return answer


def _loss(
    unit: NDArray[np.float64], distance: NDArray[np.float64], order: NDArray[np.int64], kind: str, kernel: Any
) -> float:
    """Return minus the mean logarithm of the probability of what was held out."""
    order = order[: 2 * MOST_TUNED]
    below = _held_out(unit, distance, order, kind, kernel)
    right = np.where(distance[order] < 0, below, 1.0 - below)
    return float(-np.log(np.clip(right, 1e-4, 1.0)).mean())


def _probability(mean: NDArray[np.float64], deviation: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    """Probability of a negative latent value; of a classification by MacKay's average over the logistic function."""
    if kind == "side":
        return expit(-mean / np.sqrt(1.0 + np.pi * deviation**2 / 8.0))
    return ndtr(-mean / np.maximum(deviation, 1e-12))


def _parts(unit: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    return [unit[i : i + ROWS_AT_ONCE] for i in range(0, len(unit), ROWS_AT_ONCE)]
