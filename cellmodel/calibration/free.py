"""Free parameters, and the unit cube that a search moves in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.parameters import Parameter

AT_END = 0.005
"""Share of the range from its ends within which a value sits at the end: it would go further if it could [1]."""


@dataclass(frozen=True)
class Free:
    """A parameter that a calibration moves.

    Attributes
    ----------
    component, path : str
        Component, material or family of components, and the parameter inside it.
    parameter : Parameter
        As the data file has it.
    low, high, start : float
        In the parameter's unit.
    log : bool
        Whether a factor counts, and not a difference.
    start_stated : bool
        Whether the calibration file gives the start, and not the component file.
    carriers : tuple of str
        Components and materials that have it: those that take it over, too.
    """

    component: str
    path: str
    parameter: Parameter
    low: float
    high: float
    start: float
    log: bool
    start_stated: bool
    carriers: tuple[str, ...]

    @property
    def name(self) -> str:
        """``lpscl: conductivity``."""
        return f"{self.component}: {self.path}"

    def value(self, x: float) -> float:
        """Value in the parameter's unit of a place in the range, 0 to 1."""
        if self.log:
            found = math.exp(math.log(self.low) + x * math.log(self.high / self.low))
        else:
            found = self.low + x * (self.high - self.low)
        return min(max(found, self.low), self.high)

    def place(self, value: float) -> float:
        """Place in the range, 0 to 1, of a value in the parameter's unit."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def slope(self, x: float) -> float:
        """Change of the value with its place in the range."""
        return self.value(x) * math.log(self.high / self.low) if self.log else self.high - self.low

    def text(self, value: float) -> str:
        """A value with the parameter's unit."""
        return f"{value:.4g} {self.parameter.unit}".removesuffix(" 1")

    @property
    def range_text(self) -> str:
        """The range with the parameter's unit."""
        return f"{self.low:.4g} to {self.high:.4g} {self.parameter.unit}".removesuffix(" 1")

    def end(self, x: float) -> str:
        """``low`` or ``high`` where a place is at an end of the range, else empty."""
        return "low" if x <= AT_END else "high" if x >= 1.0 - AT_END else ""


def overrides(free: Sequence[Free], point: NDArray[np.float64]) -> dict[str, dict[str, str]]:
    """Parameters by component for a point of the unit cube.

    Parameters
    ----------
    free : sequence of Free
    point : float64[n]
        Places in their ranges [1].

    Returns
    -------
    dict of str to dict
        As `validation.evaluate` takes them.
    """
    found: dict[str, dict[str, str]] = {}
    for each, x in zip(free, point, strict=True):
        value = f"{each.value(float(x))!r} {each.parameter.unit}".removesuffix(" 1")
        for component in each.carriers:
            found.setdefault(component, {})[each.path] = value
    return found


def start_point(free: Sequence[Free]) -> NDArray[np.float64]:
    """Places of the starting values, float64[n] [1]."""
    return np.array([each.place(each.start) for each in free])
