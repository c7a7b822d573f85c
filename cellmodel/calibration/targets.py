"""What a calibration compares with: published observations and measurements of one's own, as lists of misfits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.calibration.curves import HalfCycle, of_run
from cellmodel.calibration.tables import Cycles, Series
from cellmodel.validation.expectations import LARGEST
from cellmodel.validation.observation import ALONE, Member, Observation

if TYPE_CHECKING:
    from cellmodel.result import Run
    from cellmodel.validation.evaluation import Verdict

POINTS = 20
"""Places of the charge at which the voltages of a half cycle are compared."""

CAPACITIES = {"charge_capacity": 1, "discharge_capacity": -1}
"""Which direction each is of."""

UNITS = {"voltage": "V", "charge_capacity": "mAh/cm2", "discharge_capacity": "mAh/cm2", "coulombic_efficiency": "1"}
"""What a measurement can be compared in, with the unit that its tolerance is kept in."""


class Target(ABC):
    """Something that was measured.

    Attributes
    ----------
    id : str
    weight : float
        How many times it counts [1].
    """

    id: str
    weight: float

    @property
    @abstractmethod
    def members(self) -> Mapping[str, Member]:
        """Its cells by name."""

    @property
    @abstractmethod
    def traced(self) -> bool:
        """Whether it is read from time series."""

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """Name of each misfit."""

    @abstractmethod
    def misfits(self, runs: Mapping[str, Run | str]) -> NDArray[np.float64]:
        """Distances to what was measured in units of what is tolerated [1], one for each label."""

    @property
    @abstractmethod
    def identity(self) -> Any:
        """What was measured, for hashing; without cells and protocols."""


@dataclass(frozen=True)
class Observed(Target):
    """A published observation."""

    observation: Observation
    weight: float = 1.0

    @property
    def id(self) -> str:  # type: ignore[override]
        """As in its file."""
        return self.observation.id

    @property
    def members(self) -> Mapping[str, Member]:
        """See `Target`."""
        return self.observation.members

    @property
    def traced(self) -> bool:
        """See `Target`."""
        return self.observation.traced

    @property
    def labels(self) -> tuple[str, ...]:
        """See `Target`; one."""
        return (self.id,)

    def verdict(self, runs: Mapping[str, Run | str]) -> Verdict:
        """Simulated beside measured."""
        from cellmodel.validation.evaluation import judge

        return judge(self.observation, runs)

    def misfits(self, runs: Mapping[str, Run | str]) -> NDArray[np.float64]:
        """See `Target`."""
        return np.array([self.verdict(runs).misfit])

    @property
    def identity(self) -> Any:
        """See `Target`."""
        return [self.id, self.observation.asked.text, repr(self.observation.expected), self.weight]


@dataclass(frozen=True)
class Measured(Target):
    """A measurement of one's own: a time series of a cycler, or a table with one row a cycle.

    Attributes
    ----------
    member : Member
        Cell and protocol.
    data : Series or Cycles
    tolerances : dict of str to float
        By what is compared, in `UNITS`.
    """

    id: str
    member: Member
    data: Series | Cycles
    tolerances: Mapping[str, float]
    weight: float = 1.0

    @property
    def members(self) -> Mapping[str, Member]:
        """See `Target`."""
        return {ALONE: self.member}

    @property
    def traced(self) -> bool:
        """See `Target`."""
        return isinstance(self.data, Series)

    @cached_property
    def measured(self) -> dict[str, NDArray[np.float64]]:
        """Measured values by name; voltages [V] of one half cycle by ``voltage(half cycle 1)``."""
        found = self._values(self.data.half_cycles if isinstance(self.data, Series) else None, None)
        return {name: values for name, values in found.items() if values.size}

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """See `Target`."""
        return tuple(f"{self.id}: {name}" for name, values in self.measured.items() for _ in values)

    def simulated(self, run: Run) -> dict[str, NDArray[np.float64]]:
        """What a run gives for `measured`; not a number for half cycles and cycles that it did not reach."""
        return self._values(of_run(run) if isinstance(self.data, Series) else None, run)

    def misfits(self, runs: Mapping[str, Run | str]) -> NDArray[np.float64]:
        """See `Target`."""
        run = runs[ALONE]
        if isinstance(run, str):
            return np.full(len(self.labels), LARGEST)
        found = self.simulated(run)
        gaps = [(found[name] - values) / self._tolerance[name] for name, values in self.measured.items()]
        return np.clip(np.nan_to_num(np.concatenate(gaps), nan=LARGEST), -LARGEST, LARGEST)

    @cached_property
    def _tolerance(self) -> dict[str, NDArray[np.float64] | float]:
        """By name of what is measured; of voltages larger where the curve is steep between two samples."""
        found: dict[str, NDArray[np.float64] | float] = dict(self.tolerances)
        for name, half in zip(self.measured, getattr(self.data, "half_cycles", ()), strict=False):
            if name.startswith("voltage"):
                found[name] = np.hypot(self.tolerances["voltage"], half.blur(_places(half)))
        return found

    def _values(self, halves: list[HalfCycle] | None, run: Run | None) -> dict[str, NDArray[np.float64]]:
        if isinstance(self.data, Series):
            return self._of_series(halves or [])
        columns = self.data.columns if run is None else _cycle_columns(run, self.data.columns["cycle"])
        return {name: columns[name] for name in self.tolerances}

    def _of_series(self, halves: list[HalfCycle]) -> dict[str, NDArray[np.float64]]:
        """Of half cycles that were measured or simulated; as many values as the measured ones give."""
        measured = self.data.half_cycles
        found = {}
        if "voltage" in self.tolerances:
            for number, each in enumerate(measured):
                reached = number < len(halves)
                values = halves[number].at(_places(each)) if reached else np.full(POINTS, np.nan)
                found[f"voltage(half cycle {number + 1})"] = values
        capacity = np.full(len(measured), np.nan)
        capacity[: len(halves)] = [each.capacity[-1] for each in halves[: len(measured)]]
        directions = np.array([each.direction for each in measured])
        for name, direction in CAPACITIES.items():
            if name in self.tolerances:
                found[name] = capacity[directions == direction]
        if "coulombic_efficiency" in self.tolerances:
            charges, discharges = capacity[directions > 0], capacity[directions < 0]
            pairs = min(len(charges), len(discharges))
            found["coulombic_efficiency"] = discharges[:pairs] / charges[:pairs]
        return found

    @property
    def identity(self) -> Any:
        """See `Target`."""
        return [
            self.id,
            {name: values.tolist() for name, values in self.measured.items()},
            dict(self.tolerances),
            self.weight,
        ]


def _places(half: HalfCycle) -> NDArray[np.float64]:
    """Charges at which a half cycle is compared [mAh/cm2]."""
    return half.capacity[-1] * (np.arange(POINTS) + 0.5) / POINTS


def _cycle_columns(run: Run, wanted: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Per-cycle values of a run at some cycles, numbered from 1; not a number for those that it did not complete."""
    found = {}
    complete = int(run.outcome.cycle) if run.outcome.kind.label == "completed" else int(run.outcome.cycle) - 1
    for name in (*CAPACITIES, "coulombic_efficiency"):
        values = run.cycle_columns[name][0]
        places = wanted.astype(np.int64) - 1
        inside = places < min(len(values), complete)
        found[name] = np.where(inside, values[np.minimum(places, len(values) - 1)], np.nan)
    return found
