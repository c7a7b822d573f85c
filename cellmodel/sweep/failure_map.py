"""The failure map: where each cell of a sweep shorted or faded, and how far the others were from it."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.probability import probabilities
from cellmodel.sweep.rows import MARGINS, ONSETS
from cellmodel.sweep.schema import Report

KEPT = (
    "outcome",
    "message",
    "outcome_cycle",
    "outcome_time",
    "short_areal_capacity",
    "short_cycle",
    "short_time",
    "short_probability",
    *ONSETS,
    *(f"margin_{name}" for name in MARGINS),
    "discharge_capacity",
    "coulombic_efficiency",
    "short_probability_by_cycle",
    "ledger_drift",
    "point_identity",
)
MISSING = (
    "a number is missing only where the outcome is not 'completed': from the cycle in which a run "
    "ended early, or for a point without a run"
)


def failure_map(points: xr.Dataset, sweep: Sweep) -> xr.Dataset:
    """Reduce the results of a sweep to what failed where.

    Parameters
    ----------
    points : xarray.Dataset
        As from `collect.collect`.
    sweep : Sweep
        The sweep; its `report` says which cycles and which threshold.

    Returns
    -------
    xarray.Dataset
        Same axes; outcome, onsets, retention, efficiencies, pressure, margins and the two series that the
        others are made of. Where parameters are drawn, all of these for each draw, and `probability.probabilities`.

    Raises
    ------
    ValueError
        When a number is missing that the outcome does not explain.
    """
    report = sweep.report
    points = points.assign(_complete_cycles(points))
    retention = relative_capacity(points, report.reference_cycle)
    found = points[[name for name in KEPT if name in points]]
    found = found.assign(
        capacity_retention=_at_cycles(retention, report),
        **{f"cycle_at_{100 * report.threshold:g}_percent": _fade_cycle(retention, points, report)},
        margin_fade=_fade_margin(retention, report),
        **_efficiencies(points["coulombic_efficiency"]),
        peak_stack_pressure=_peak_pressure(points["stack_pressure_max"]),
    )
    kinds = {"outcome_is_explained": MISSING, "title": f"failure map of sweep {sweep.name}"}
    found = found.assign_attrs(points.attrs | kinds)
    check_explained(found)
    return found.assign(probabilities(found, report)) if "draw" in found.dims else found


def summary(found: xr.Dataset) -> str:
    """Return how many points ended how, such as ``640 completed, 60 shorted``; the most frequent first."""
    kinds, counts = np.unique(found["outcome"], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return ", ".join(f"{counts[i]} {OutcomeKind(int(kinds[i])).name.lower()}".replace("_", " ") for i in order)


def relative_capacity(points: xr.Dataset, reference: int) -> xr.DataArray:
    """Return the discharge capacity of every cycle relative to that of the cycle `reference`.

    A first cycle at another rate is no measure of fade, hence the choice. A cell that is spent in the reference
    cycle or before is measured by its first cycle, or it would count as one that keeps its capacity. Without
    any capacity to compare with, all of it is lost: 0.
    """
    capacity = points["discharge_capacity"].astype(float)
    spent = points["outcome"] == OutcomeKind.CAPACITY_BELOW_THRESHOLD
    spent = spent & (points["outcome_cycle"] <= reference)
    full = xr.where(spent, capacity.isel(cycle=0, drop=True), capacity.sel(cycle=reference, drop=True))
    return xr.where(full > 0, capacity / full.where(full > 0, 1.0), 0.0 * capacity)


def check_explained(found: xr.Dataset) -> None:
    """Refuse a map with a missing number at a completed point, or with a point that was never run."""
    outcome = found["outcome"]
    if (outcome == OutcomeKind.NOT_RUN).any():
        raise ValueError(f"{int((outcome == OutcomeKind.NOT_RUN).sum())} points were never run")
    completed = outcome == OutcomeKind.COMPLETED
    for name, variable in found.data_vars.items():
        if variable.dtype.kind == "f" and bool((variable.isnull() & completed).any()):
            raise ValueError(f"{name} is missing at a completed point")


def _complete_cycles(points: xr.Dataset) -> dict[str, xr.DataArray]:
    """Leave out what a run that ended early says of its last cycle: it was charged and perhaps never discharged."""
    whole = points["outcome"].isin([OutcomeKind.COMPLETED, OutcomeKind.CAPACITY_BELOW_THRESHOLD])
    complete = whole | (points["cycle"] < points["outcome_cycle"])
    names = ("discharge_capacity", "coulombic_efficiency")
    return {name: points[name].where(complete.transpose(*points[name].dims)) for name in names}


def _at_cycles(retention: xr.DataArray, report: Report) -> xr.DataArray:
    """Return the retention at the chosen cycles, along `retention_cycle`."""
    chosen = retention.sel(cycle=report.retention_cycles).rename(cycle="retention_cycle")
    label = f"discharge capacity relative to cycle {report.reference_cycle}"
    return chosen.assign_attrs(units="1", long_name=label)


def _fade_cycle(retention: xr.DataArray, points: xr.Dataset, report: Report) -> xr.DataArray:
    """Return the cycle at which retention falls through the threshold, linear between cycles.

    Infinite where it never does; missing where the run ended before.
    """
    fade = xr.apply_ufunc(
        first_crossing,
        retention.sel(cycle=slice(report.reference_cycle, None)),
        report.threshold,
        report.reference_cycle,
        input_core_dims=[["cycle"], [], []],
    )
    fade = fade.where(np.isfinite(fade) | (points["outcome"] == OutcomeKind.COMPLETED))
    label = f"cycle at which {100 * report.threshold:g} % of the capacity is left; infinite if never"
    return fade.assign_attrs(units="1", long_name=label)


def first_crossing(series: NDArray[np.floating], threshold: float, first: int) -> NDArray[np.float64]:
    """Find where series fall through a threshold for the first time.

    Parameters
    ----------
    series : ndarray, shape (..., cycles)
        Missing entries never cross.
    threshold : float
        Same unit.
    first : int
        Number of the first cycle in `series`.

    Returns
    -------
    ndarray, shape (...)
        Cycle, linear between the two around the crossing; infinite where there is none.
    """
    below = series < threshold
    crossed = below.any(axis=-1)
    index = below.argmax(axis=-1)
    before = np.take_along_axis(series, np.maximum(index - 1, 0)[..., None], -1)[..., 0].astype(float)
    after = np.take_along_axis(series, index[..., None], -1)[..., 0].astype(float)
    drop = np.where(before > after, before - after, 1.0)
    share = np.where(index > 0, (before - threshold) / drop, 1.0)
    return np.where(crossed, first + index - 1 + share, np.inf)


def _fade_margin(retention: xr.DataArray, report: Report) -> xr.DataArray:
    """Return retention less threshold in the last cycle that ended."""
    ended = retention.notnull() & (retention["cycle"] >= report.reference_cycle)
    last = ended["cycle"].where(ended).max("cycle")
    at_end = retention.where(retention["cycle"] == last).max("cycle")
    label = f"capacity retention of the last cycle less {report.threshold:g}; negative where the cell has faded"
    return (at_end - report.threshold).assign_attrs(units="1", long_name=label)


def _efficiencies(efficiency: xr.DataArray) -> dict[str, xr.DataArray]:
    """Return the first and the mean of the later coulombic efficiencies."""
    first = efficiency.isel(cycle=0, drop=True)
    later = efficiency.isel(cycle=slice(1, None)) if efficiency.sizes["cycle"] > 1 else efficiency
    label = "coulombic efficiency, mean of all cycles after the first"
    return {
        "first_coulombic_efficiency": first.assign_attrs(units="1", long_name="coulombic efficiency of cycle 1"),
        "mean_coulombic_efficiency": later.mean("cycle").assign_attrs(units="1", long_name=label),
    }


def _peak_pressure(pressure: xr.DataArray) -> xr.DataArray:
    return pressure.max("cycle").assign_attrs(units="MPa", long_name="largest stack pressure of the run")
