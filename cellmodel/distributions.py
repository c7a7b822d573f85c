"""How uncertain a parameter is: a distribution within the parameter's allowed range."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDE = 10.0
"""A range whose ends differ by this factor or more is drawn in equal ratios unless something else is stated."""


@dataclass(frozen=True)
class Distribution:
    """Distribution of one number; what lies outside of the allowed range is cut off.

    Attributes
    ----------
    kind : str
        ``uniform``, ``loguniform``, ``normal`` or ``lognormal``.
    numbers : tuple of two floats
        Ends of the first two; mean and standard deviation of the others, for ``lognormal`` those of the number itself
        and not of its logarithm. In `unit`.
    unit : str
        Of the parameter.
    low, high : float
        Allowed range in `unit`.

    Examples
    --------
    >>> Distribution("loguniform", (1.0, 100.0), "um", 0.1, 200.0).quantile(0.5).round(9)
    np.float64(10.0)
    """

    kind: str
    numbers: tuple[float, float]
    unit: str
    low: float
    high: float

    @property
    def text(self) -> str:
        """The distribution in words, such as ``normal, 0.23 +- 0.04 MPa*m^0.5``."""
        between = "to" if self.kind.endswith("uniform") else "+-"
        first, second = self.numbers
        return f"{self.kind}, {first:g} {between} {second:g} {self.unit}".removesuffix(" 1")

    @property
    def share_allowed(self) -> float:
        """Share of the distribution that lies within the allowed range [1]."""
        if self.kind.endswith("uniform"):
            return 1.0
        first, last = self._shares_at_ends()
        return last - first

    def quantile(self, share: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Map evenly distributed numbers from 0 to 1 onto the distribution.

        Parameters
        ----------
        share : float or ndarray
            0 is the lower end of the allowed range, 1 the upper one.

        Returns
        -------
        ndarray, same shape
            In `unit`, within the allowed range.
        """
        if not self.kind.endswith("uniform"):
            first, last = self._shares_at_ends()
            share = first + np.asarray(share) * (last - first)
        return np.clip(self._frozen().ppf(share), self.low, self.high)

    def _shares_at_ends(self) -> tuple[float, float]:
        middle, spread = self._gaussian()
        ends = (self.low, self.high)
        if self.kind == "lognormal":
            ends = tuple(math.log(end) if end > 0.0 else -math.inf for end in ends)
        normal = NormalDist(middle, spread)
        return tuple(0.0 if end == -math.inf else normal.cdf(end) for end in ends)  # type: ignore[return-value]

    def _gaussian(self) -> tuple[float, float]:
        """Mean and standard deviation of the number, or of its logarithm for ``lognormal``."""
        mean, deviation = self.numbers
        if self.kind == "normal":
            return mean, deviation
        variance = math.log1p((deviation / mean) ** 2)
        return math.log(mean) - 0.5 * variance, math.sqrt(variance)

    def _frozen(self) -> Any:
        from scipy import stats  # a second to import

        first, second = self.numbers
        if self.kind == "uniform":
            return stats.uniform(first, second - first)
        if self.kind == "loguniform":
            return stats.loguniform(first, second)
        middle, spread = self._gaussian()
        return stats.norm(middle, spread) if self.kind == "normal" else stats.lognorm(spread, scale=math.exp(middle))


def over_range(low: float, high: float, unit: str, kind: str = "") -> Distribution:
    """Return the distribution over a whole range of which nothing else is known.

    Parameters
    ----------
    low, high : float
        The range, in `unit`.
    unit : str
        Unit of the parameter.
    kind : str, optional
        ``uniform`` or ``loguniform``; by default equal ratios where the ends differ by a factor of `WIDE` or more.

    Returns
    -------
    Distribution
        Over the whole range.
    """
    wide = low > 0.0 and high >= WIDE * low
    return Distribution(kind or ("loguniform" if wide else "uniform"), (low, high), unit, low, high)
