"""Sensitivity indices of any function of independent numbers from 0 to 1: SALib's Sobol and PAWN, and regional ones."""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellmodel.errors import InputError

LEAST_SAMPLES = 8
"""Fewer complete samples than these tell nothing."""

SLICES = 10
"""Slices of a parameter's range in which PAWN looks at the result."""


class Indices(NamedTuple):
    """Sensitivity to each parameter, and what it rests on.

    Attributes
    ----------
    sobol_first, sobol_first_confidence : ndarray, shape (parameters,)
        Share of the variance that a parameter decides alone, half width of its 95 % confidence.
    sobol_total, sobol_total_confidence : ndarray, shape (parameters,)
        Share of the variance that it takes part in.
    pawn : ndarray, shape (parameters,)
        Median over slices of its range of the distance between distributions of the result (Kolmogorov and Smirnov).
    regional : ndarray, shape (parameters,)
        The same distance between its values on both sides of the boundary.
    pawn_of_noise, regional_of_noise : float
        What random numbers in place of a parameter show.
    share_below : float
        Share of the samples below or on the boundary.
    samples, samples_left_out, runs_without_answer : int
        Base samples used, those left out because one of their runs has no answer, and how many runs these are.
    """

    sobol_first: NDArray[np.float64]
    sobol_first_confidence: NDArray[np.float64]
    sobol_total: NDArray[np.float64]
    sobol_total_confidence: NDArray[np.float64]
    pawn: NDArray[np.float64]
    regional: NDArray[np.float64]
    pawn_of_noise: float
    regional_of_noise: float
    share_below: float
    samples: int
    samples_left_out: int
    runs_without_answer: int


def design(parameters: int, samples: int, seed: int, where: str) -> NDArray[np.float64]:
    """Lay out Saltelli's design.

    Parameters
    ----------
    parameters : int
        Number of parameters.
    samples : int
        Base samples, a power of two.
    seed : int
        Of the scrambled Sobol sequence.
    where : str
        For the message.

    Returns
    -------
    ndarray, shape (samples * (parameters + 2), parameters)
        From 0 to 1.

    Raises
    ------
    InputError
        When `samples` is no power of two from `LEAST_SAMPLES` on.

    References
    ----------
    A. Saltelli et al., Comput. Phys. Commun. 181 (2010) 259, doi:10.1016/j.cpc.2009.09.018.
    """
    from SALib.sample import sobol  # imports pandas

    if samples < LEAST_SAMPLES or samples & (samples - 1):
        below = max(LEAST_SAMPLES, 1 << (max(samples, 1).bit_length() - 1))
        problem, fix = "is not a power of two of at least 8", f"use {below} or {2 * below}"
        raise InputError(where, "samples", samples, fix=fix, problem=problem)
    return sobol.sample(_problem(parameters), samples, calc_second_order=False, seed=seed)


def analyse(
    shares: NDArray[np.float64], result: NDArray[np.float64], boundary: float | None, seed: int, where: str
) -> Indices:
    """Compute the indices from the results of a design.

    Parameters
    ----------
    shares : ndarray, shape (runs, parameters)
        As from `design`.
    result : ndarray, shape (runs,)
        Finite, or missing where a run has no answer.
    boundary : float or None
        Where regional sensitivity divides the runs; None is the median.
    seed : int
        Of what is resampled.
    where : str
        For the message.

    Returns
    -------
    Indices
        All zero where the result is the same everywhere.

    Raises
    ------
    InputError
        When fewer than `LEAST_SAMPLES` samples are complete.
    """
    number = shares.shape[1]
    blocks, block_shares = result.reshape(-1, number + 2), shares.reshape(-1, number + 2, number)
    complete = np.isfinite(blocks).all(axis=1)
    if complete.sum() < LEAST_SAMPLES:
        given = f"{complete.sum()} of {complete.size} samples"
        fix = "narrow the distributions, or raise the samples"
        raise InputError(where, "samples", given, problem="have an answer in all of their runs", fix=fix)
    kept = blocks[complete]
    # The first and the last of a block are independent; those between differ from the first in one number.
    x, y = (each[complete][:, [0, -1]].reshape(-1, *each.shape[2:]) for each in (block_shares, blocks))
    noise = np.random.default_rng(seed).random((len(x), 1))
    pawn, (regional, below) = _pawn(np.hstack([x, noise]), y), _regional(np.hstack([x, noise]), y, boundary)
    return Indices(
        *_sobol(kept.ravel(), number, seed),
        pawn=pawn[:-1],
        regional=regional[:-1],
        pawn_of_noise=float(pawn[-1]),
        regional_of_noise=float(regional[-1]),
        share_below=below,
        samples=int(complete.sum()),
        samples_left_out=int((~complete).sum()),
        runs_without_answer=int((~np.isfinite(result)).sum()),
    )


def _problem(parameters: int) -> dict[str, object]:
    names = [f"x{number}" for number in range(parameters)]
    return {"num_vars": parameters, "names": names, "bounds": [[0.0, 1.0]] * parameters}


def _sobol(result: NDArray[np.float64], number: int, seed: int) -> list[NDArray[np.float64]]:
    """First and total indices, each with its confidence; I. M. Sobol, doi:10.1016/S0378-4754(00)00270-6."""
    from SALib.analyze import sobol

    if np.ptp(result) == 0.0:
        return [np.zeros(number)] * 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a resampled set may be constant
        # SALib takes a seed of 0 for none.
        found = sobol.analyze(_problem(number), result, calc_second_order=False, seed=seed + 1)
    return [np.nan_to_num(np.asarray(found[name], dtype=float)) for name in ("S1", "S1_conf", "ST", "ST_conf")]


def _pawn(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """F. Pianosi, T. Wagener, Environ. Model. Softw. 108 (2018) 197, doi:10.1016/j.envsoft.2018.07.019."""
    from SALib.analyze import pawn

    if np.ptp(y) == 0.0:
        return np.zeros(x.shape[1])
    return np.asarray(pawn.analyze(_problem(x.shape[1]), x, y, S=SLICES)["median"], dtype=float)


def _regional(
    x: NDArray[np.float64], y: NDArray[np.float64], boundary: float | None
) -> tuple[NDArray[np.float64], float]:
    """Distances across the boundary, and the share below it.

    SALib's regional analysis divides at quantiles of the result, and the boundary of a failure is none.

    R. C. Spear, G. M. Hornberger, Water Res. 14 (1980) 43, doi:10.1016/0043-1354(80)90040-8.
    """
    from scipy.stats import ks_2samp

    below = y <= (np.median(y) if boundary is None else boundary)
    if below.all() or not below.any():
        return np.zeros(x.shape[1]), float(below.mean())
    return np.array([ks_2samp(column[below], column[~below]).statistic for column in x.T]), float(below.mean())
