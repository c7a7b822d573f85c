"""What a calibration found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.calibration.definition import Calibration
from cellmodel.calibration.identifiability import Identifiability
from cellmodel.calibration.problem import cost
from cellmodel.calibration.profiles import Profile

MOST_NAMED = 4
"""Most measurements named as those that fix a parameter."""

STRONG = 0.8
"""Correlations from here on are told [1]."""

LEAST_SHARE = 0.05
"""Share of what fixes a parameter below which a measurement is not named [1]."""


@dataclass(frozen=True)
class Fitted:
    """One parameter as found.

    Attributes
    ----------
    name, component, path, unit : str
    start, value, uncertainty : float
        In `unit`; the uncertainty is a standard one.
    factor : float or None
        The same as a factor, for parameters that are searched by factors [1].
    low, high : float
        Range searched, in `unit`.
    range : str
        The same as text.
    end : str
        ``low`` or ``high`` where the value sits at an end of its range, else empty.
    identified : bool
        Whether it is known better than its range tells.
    constrained_by : tuple of str
        Measurements that fix it, the strongest first.
    correlated_with : tuple of (str, float)
        Parameters that it is told apart from badly, and the correlation with each [1].
    """

    name: str
    component: str
    path: str
    unit: str
    start: float
    value: float
    uncertainty: float
    factor: float | None
    low: float
    high: float
    range: str
    end: str
    identified: bool
    constrained_by: tuple[str, ...]
    correlated_with: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Calibrated:
    """The result of a calibration.

    Attributes
    ----------
    calibration : Calibration
    start, point : float64[p]
        Places in their ranges of the starting values and of those found [1].
    start_misfits, misfits : dict of str to float64
        Weighted misfits of each target, with the starting values and with those found [1].
    known : Identifiability
    profiles : list of Profile
    comparisons : list of dict
        Each target with measured and simulated as text.
    curves : dict of str to xarray.Dataset
        Measured and simulated values, for measurements of one's own.
    evaluations : int
    provenance : dict of str to str
        Hashes and versions.
    """

    calibration: Calibration
    start: NDArray[np.float64]
    point: NDArray[np.float64]
    start_misfits: Mapping[str, NDArray[np.float64]]
    misfits: Mapping[str, NDArray[np.float64]]
    known: Identifiability
    profiles: Sequence[Profile]
    comparisons: Sequence[Mapping[str, str]]
    curves: Mapping[str, xr.Dataset]
    evaluations: int
    provenance: Mapping[str, str]

    @property
    def parameters(self) -> list[Fitted]:
        """Each free parameter as found."""
        return [self._fitted(number) for number in range(len(self.calibration.free))]

    def _fitted(self, number: int) -> Fitted:
        free, x = self.calibration.free[number], float(self.point[number])
        u = float(self.known.uncertainty[number])
        return Fitted(
            name=free.name,
            component=free.component,
            path=free.path,
            unit=free.parameter.unit,
            start=free.value(float(self.start[number])),
            value=free.value(x),
            uncertainty=abs(free.slope(x)) * u,
            factor=float(np.exp(u * np.log(free.high / free.low))) if free.log else None,
            low=free.low,
            high=free.high,
            range=free.range_text,
            end=free.end(x),
            identified=bool(self.known.identified[number]),
            constrained_by=self._constrained_by(number),
            correlated_with=self._correlated_with(number),
        )

    def _correlated_with(self, number: int) -> tuple[tuple[str, float], ...]:
        others = zip(self.calibration.free, self.known.correlation[number], strict=True)
        return tuple((other.name, float(r)) for i, (other, r) in enumerate(others) if i != number and abs(r) >= STRONG)

    def _constrained_by(self, number: int) -> tuple[str, ...]:
        information, first = {}, 0
        for each in self.calibration.targets:
            last = first + len(each.labels)
            information[each.id] = float((self.known.slopes[first:last, number] ** 2).sum())
            first = last
        total = sum(information.values())
        strongest = sorted(information, key=lambda name: -information[name])[:MOST_NAMED]
        return tuple(name for name in strongest if information[name] > LEAST_SHARE * total)

    @property
    def cost(self) -> float:
        """Half the sum of squared misfits, large ones counting less [1]."""
        return float(cost(np.concatenate(list(self.misfits.values()))))

    @property
    def start_cost(self) -> float:
        """The same with the starting values [1]."""
        return float(cost(np.concatenate(list(self.start_misfits.values()))))

    @property
    def fits(self) -> xr.Dataset:
        """Values, uncertainties, correlations and misfits as a dataset, for netCDF."""
        names = [each.name for each in self.calibration.free]
        labels = [label for each in self.calibration.targets for label in each.labels]
        table = self.parameters
        return xr.Dataset(
            {
                "value": ("parameter", [each.value for each in table], {"long_name": "value, in `unit`"}),
                "uncertainty": (
                    "parameter",
                    [each.uncertainty for each in table],
                    {"long_name": "standard uncertainty"},
                ),
                "start": ("parameter", [each.start for each in table], {"long_name": "where the search started"}),
                "unit": ("parameter", [each.unit for each in table]),
                "correlation": (("parameter", "other"), self.known.correlation, {"units": "1"}),
                "singular_value": ("direction", self.known.singular_values, {"units": "1"}),
                "combination": (("direction", "parameter"), self.known.directions, {"units": "1"}),
                "slope": (("misfit", "parameter"), self.known.slopes, {"long_name": "of misfits over the range"}),
                "misfit_start": ("misfit", np.concatenate(list(self.start_misfits.values())), {"units": "1"}),
                "misfit_found": ("misfit", np.concatenate(list(self.misfits.values())), {"units": "1"}),
            },
            coords={"parameter": names, "other": names, "misfit": labels},
            attrs={"title": self.calibration.description, **self.provenance},
        )
