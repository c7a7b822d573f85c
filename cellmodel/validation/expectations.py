"""What was measured, and how far a simulated value is from it.

The misfit of a value is its distance from what was measured in units of what is tolerated: up to 1 the observation is
met. Where only one side is bounded it is 1 at the bound and falls to 0 inside.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

LARGEST = 10.0
"""Largest misfit [1]: beyond it a value is no more wrong than one that cannot be had at all."""

ONE_SIDED = 0.1
"""Relative distance within which the misfit of a one-sided bound changes by 1 [1]."""

ROUNDING = 1e-9

RESOLUTION = 1e-4
"""Relative difference that time steps at the default tolerance may leave: cells closer than this are equal [1]."""


class Expectation(ABC):
    """One form of `expect`."""

    kind: ClassVar[str]
    """Kind of quantity that it goes with."""

    @abstractmethod
    def misfit(self, simulated: Any) -> float:
        """Distance to what was measured in units of what is tolerated [1]; signed where both sides count."""

    def met(self, simulated: Any) -> bool:
        """Whether a simulated value agrees with what was measured."""
        return abs(self.misfit(simulated)) <= 1.0 + ROUNDING

    @property
    @abstractmethod
    def text(self) -> str:
        """What was measured, without its unit."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lowest and highest value that agrees, where there are both."""
        return None


@dataclass(frozen=True)
class Value(Expectation):
    """A number and its tolerance."""

    value: float
    tolerance: float
    kind: ClassVar[str] = "number"

    def misfit(self, simulated: float) -> float:
        """See `Expectation`."""
        return clipped((simulated - self.value) / self.tolerance)

    @property
    def text(self) -> str:
        """See `Expectation`."""
        return f"{self.value:g} +- {self.tolerance:g}"

    @property
    def interval(self) -> tuple[float, float]:
        """See `Expectation`."""
        return self.value - self.tolerance, self.value + self.tolerance


@dataclass(frozen=True)
class Bound(Expectation):
    """A number that is not fallen short of, or not exceeded (`side` 1 or -1)."""

    bound: float
    side: int
    kind: ClassVar[str] = "number"

    def misfit(self, simulated: float) -> float:
        """See `Expectation`."""
        scale = ONE_SIDED * abs(self.bound) or 1.0
        return max(0.0, clipped(1.0 + self.side * (self.bound - simulated) / scale))

    @property
    def text(self) -> str:
        """See `Expectation`."""
        return f"{'at least' if self.side > 0 else 'at most'} {self.bound:g}"


@dataclass(frozen=True)
class Between(Expectation):
    """A range."""

    low: float
    high: float
    kind: ClassVar[str] = "number"

    def misfit(self, simulated: float) -> float:
        """See `Expectation`."""
        return clipped((simulated - 0.5 * (self.low + self.high)) / (0.5 * (self.high - self.low)))

    @property
    def text(self) -> str:
        """See `Expectation`."""
        return f"{self.low:g} to {self.high:g}"

    @property
    def interval(self) -> tuple[float, float]:
        """See `Expectation`."""
        return self.low, self.high


@dataclass(frozen=True)
class Values(Expectation):
    """A list of numbers and the tolerance of each."""

    values: tuple[float, ...]
    tolerance: float
    kind: ClassVar[str] = "list"

    def misfit(self, simulated: tuple[float, ...]) -> float:
        """See `Expectation`; the worst of all, and the largest where one is missing or too many."""
        if len(simulated) != len(self.values):
            return LARGEST
        gaps = [(ours - theirs) / self.tolerance for ours, theirs in zip(simulated, self.values, strict=True)]
        return clipped(max(gaps, key=abs))

    @property
    def text(self) -> str:
        """See `Expectation`."""
        return f"{', '.join(f'{each:g}' for each in self.values)} +- {self.tolerance:g}"


@dataclass(frozen=True)
class Is(Expectation):
    """True or false."""

    value: bool
    kind: ClassVar[str] = "flag"

    def misfit(self, simulated: bool) -> float:
        """See `Expectation`."""
        return 0.0 if bool(simulated) == self.value else LARGEST

    @property
    def text(self) -> str:
        """See `Expectation`."""
        return "yes" if self.value else "no"


@dataclass(frozen=True)
class Order(Expectation):
    """Cells in ascending order of the quantity; cells of one group are not ordered among themselves."""

    groups: tuple[tuple[str, ...], ...]
    margin: float = 0.0
    kind: ClassVar[str] = "number"

    def steps(self, simulated: Mapping[str, float]) -> list[tuple[float, float]]:
        """Highest value of each group and lowest of the next."""
        pairs = zip(self.groups[:-1], self.groups[1:], strict=True)
        return [(max(simulated[n] for n in low), min(simulated[n] for n in high)) for low, high in pairs]

    def misfit(self, simulated: Mapping[str, float]) -> float:
        """See `Expectation`; that of the smallest step up."""
        return max(self._misfit(low, high) for low, high in self.steps(simulated))

    def _misfit(self, low: float, high: float) -> float:
        scale = max(self.margin, ONE_SIDED * _level(low, high)) or 1.0
        if low == high:  # both may be infinite
            return 1.0 + max(self.margin / scale, ONE_SIDED)
        return max(0.0, clipped(1.0 - (high - low - self._least(low, high)) / scale))

    def _least(self, low: float, high: float) -> float:
        return max(self.margin, RESOLUTION * _level(low, high))

    def met(self, simulated: Mapping[str, float]) -> bool:
        """Whether every step goes up, by the margin at least and by more than the error of the simulations."""
        steps = self.steps(simulated)
        return all(high > low and high - low >= self._least(low, high) - ROUNDING for low, high in steps)

    @property
    def text(self) -> str:
        """See `Expectation`."""
        order = " < ".join(group[0] if len(group) == 1 else f"({', '.join(group)})" for group in self.groups)
        return f"{order}, each by {self.margin:g}" if self.margin else order


def _level(low: float, high: float) -> float:
    """The smaller magnitude of two values, 0 if it is infinite."""
    level = min(abs(low), abs(high))
    return level if math.isfinite(level) else 0.0


def clipped(misfit: float) -> float:
    """A misfit no larger than the largest, of either sign."""
    return min(max(misfit, -LARGEST), LARGEST)
