"""How well measurements fix the parameters: covariance from slopes, and what they leave open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EVEN = 1.0 / np.sqrt(12.0)
"""Standard deviation of a place that could be anywhere in its range [1]."""

KNOWN = 0.5
"""Share of `EVEN` below which a parameter counts as identified: measurements say more than its range does [1]."""

PART = 0.3
"""Smallest component of a combination of parameters that is named [1]."""


@dataclass(frozen=True)
class Identifiability:
    """What slopes at the optimum tell, in places within the ranges [1].

    Attributes
    ----------
    uncertainty : float64[p]
        Standard uncertainty of each place.
    correlation : float64[p, p]
    singular_values : float64[p]
        Of the slopes, descending: by how many tolerances the misfits change over the range, for each combination.
    directions : float64[p, p]
        These combinations, one a row.
    scale : float
        By what uncertainties were enlarged because misfits are larger than tolerances allow.
    slopes : float64[n, p]
        Of the misfits.
    """

    uncertainty: NDArray[np.float64]
    correlation: NDArray[np.float64]
    singular_values: NDArray[np.float64]
    directions: NDArray[np.float64]
    scale: float
    slopes: NDArray[np.float64]

    @property
    def identified(self) -> NDArray[np.bool_]:
        """Whether each parameter is known better than its range tells, bool[p]."""
        return self.uncertainty <= KNOWN * EVEN

    def open_combinations(self, names: list[str]) -> list[str]:
        """Combinations that the measurements do not fix, such as ``diffusivity - 0.8 conduction_power``."""
        weak = self.singular_values / self.scale < 1.0 / (KNOWN * EVEN)
        return [_combination(direction, names) for direction in self.directions[weak]]


def identifiability(
    slopes: NDArray[np.float64], misfits: NDArray[np.float64], reached: NDArray[np.bool_] | None = None
) -> Identifiability:
    """Uncertainties and correlations from slopes and misfits at the optimum.

    Parameters
    ----------
    slopes : float64[n, p]
        Of the weighted misfits, over places in the ranges [1].
    misfits : float64[n]
        Weighted, at the optimum [1].
    reached : bool[n], optional
        Which of them count for the degree to which misfits are explained; all unless given. One whose quantity cannot
        be had says nothing about that.

    Returns
    -------
    Identifiability

    Notes
    -----
    A tolerance is taken for the standard uncertainty of what was measured. The covariance is that of Gauss and Newton,
    with every range as a further measurement of `EVEN`; without these, parameters that nothing fixes would have no
    uncertainty at all. Where misfits are larger than tolerances explain, chi-squared per degree of freedom enlarges
    it, as the scale factor of particle physics does (R. L. Workman et al., Prog. Theor. Exp. Phys. 2022, 083C01,
    section 5.2, doi:10.1093/ptep/ptac097). Combinations of parameters that the ranges decide take no degree of freedom.

    Examples
    --------
    >>> found = identifiability(np.array([[100.0, 0.0]]), np.array([0.0]))
    >>> [bool(each) for each in found.identified]
    [True, False]
    """
    count, parameters = slopes.shape
    counted = misfits if reached is None else misfits[reached]
    strength = np.linalg.svd(slopes, compute_uv=False) ** 2
    freedom = len(counted) - (strength / (strength + 1.0 / EVEN**2)).sum()
    scale = float(np.sqrt(max(1.0, (counted**2).sum() / max(freedom, 1.0))))
    precision = slopes.T @ slopes / scale**2 + np.eye(parameters) / EVEN**2
    covariance = np.linalg.inv(precision)
    uncertainty = np.sqrt(np.diag(covariance))
    # With fewer misfits than parameters, rows of zeros stand for the combinations that nothing sees.
    padded = np.vstack([slopes, np.zeros((max(0, parameters - count), parameters))])
    _, singular, directions = np.linalg.svd(padded, full_matrices=False)
    correlation = covariance / np.outer(uncertainty, uncertainty)
    return Identifiability(uncertainty, correlation, singular, directions, scale, slopes)


def _combination(direction: NDArray[np.float64], names: list[str]) -> str:
    order = np.argsort(-np.abs(direction), kind="stable")
    parts = [n for n in order if abs(direction[n]) >= PART]
    first = direction[parts[0]]
    text = names[parts[0]]
    for n in parts[1:]:
        share = direction[n] / first
        text += f" {'+' if share > 0 else '-'} {abs(share):.1f} {names[n]}"
    return text
