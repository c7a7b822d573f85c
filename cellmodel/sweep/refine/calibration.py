"""How far the probabilities of a boundary can be trusted, told by points that had no part in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Numbers = NDArray[np.float64]

BINS = np.linspace(0.0, 1.0, 6)
"""Borders of the predicted probabilities for which the share that came true is told."""

SHARPEST = 20.0
CERTAIN = 1e-9


def sharpness(probability: Numbers, truth: NDArray[np.bool_]) -> float:
    """Return the factor of log-odds with which held-out probabilities are most likely.

    Runs of a model do not scatter, but a classification allows for sides that are wrong by chance: its probabilities
    are too cautious. One factor on all log-odds (temperature scaling, Guo et al., ICML 2017) puts that right and moves
    no boundary. Half a wrong point of middling log-odds is added, so that it stays finite where none is wrong.

    Parameters
    ----------
    probability : ndarray, shape (points,)
        Held-out probability.
    truth : ndarray of bool, shape (points,)
        What came true.

    Returns
    -------
    float
        Between 1 / `SHARPEST` and `SHARPEST`.
    """
    from scipy.optimize import minimize_scalar

    odds = logit(np.clip(probability, CERTAIN, 1.0 - CERTAIN)) * np.where(truth, 1.0, -1.0)
    doubt = -np.median(np.abs(odds))

    def loss(log_factor: float) -> float:
        factor = np.exp(log_factor)
        return float(np.logaddexp(0.0, -factor * odds).sum() + 0.5 * np.logaddexp(0.0, -factor * doubt))

    reach = np.log(SHARPEST)
    return float(np.exp(minimize_scalar(loss, bounds=(-reach, reach), method="bounded").x))


def sharpened(probability: Numbers, factor: float) -> Numbers:
    """Return probabilities whose log-odds are multiplied by a factor."""
    with np.errstate(divide="ignore"):  # log-odds of what is certain are infinite, and stay so
        return expit(factor * logit(probability))


def judged(probability: Numbers, truth: NDArray[np.int64], even: NDArray[np.bool_]) -> dict[str, Any]:
    """Tell how often probabilities are right.

    Parameters
    ----------
    probability : ndarray, shape (points, categories)
        Held-out probability of each category.
    truth : ndarray of int, shape (points,)
        Index of what each point was.
    even : ndarray of bool, shape (points,)
        Which points are of the even sequence.

    Returns
    -------
    dict
        `error`: share of the even points whose likeliest category is wrong, which estimates that of the whole map;
        `error_deviation`, its standard deviation; `error_at_boundary` of the other points. `calibration_predicted`,
        `calibration_observed`, `calibration_points`: mean probability of a category in each of five bins, the share
        that came true, and how many went into it.
    """
    wrong = probability.argmax(axis=1) != truth
    said, true = probability.ravel(), (truth[:, None] == np.arange(probability.shape[1])).ravel()
    place = np.clip(np.digitize(said, BINS) - 1, 0, len(BINS) - 2)
    count = np.bincount(place, minlength=len(BINS) - 1)
    predicted, observed = (np.bincount(place, weights=each, minlength=len(BINS) - 1) for each in (said, true))
    share = (wrong[even].sum() + 0.5) / (even.sum() + 1.0)  # keeps the deviation above zero without any wrong point
    return {
        "error": float(wrong[even].mean()) if even.any() else 1.0,
        "error_deviation": float(np.sqrt(share * (1.0 - share) / max(even.sum(), 1))),
        "error_at_boundary": float(wrong[~even].mean()) if (~even).any() else 0.0,
        "calibration_predicted": predicted / np.maximum(count, 1),
        "calibration_observed": observed / np.maximum(count, 1),
        "calibration_points": count,
    }
