"""From draws of uncertain parameters to probabilities of a short and of fade, and to bands of retention and life."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep.schema import Report

QUANTILES = (0.05, 0.5, 0.95)
"""Ends and middle of the bands: nine draws in ten lie between the first and the last."""

WITHOUT_ANSWER = (
    OutcomeKind.NOT_RUN,
    OutcomeKind.INVALID_DESIGN,
    OutcomeKind.SOLVER_FAILED,
    OutcomeKind.TIME_LIMIT,
)
"""Outcomes that say nothing about the cell; such draws count for nothing, and their number is told."""


def probabilities(found: xr.Dataset, report: Report) -> dict[str, xr.DataArray]:
    """Reduce the draws of every point.

    Parameters
    ----------
    found : xarray.Dataset
        Failure map with the dimension `draw`.
    report : Report
        Threshold and reference cycle of retention.

    Returns
    -------
    dict of str to xarray.DataArray
        `answered_draws`; `probability_of_short` and `probability_of_short_at_most` by cycle;
        `probability_of_retention`, `retention_quantiles`, `cycle_life_quantiles`. All without `draw`, and missing only
        where no draw has an answer.

    Notes
    -----
    A run gives the share of cells that have shorted, over the flaws of one parameter set; the probability of a short is
    its mean over the draws. A run ends as its median cell shorts, and what cells with smaller flaws would have done is
    not known: from then on `probability_of_short` keeps the share that has shorted, and `..._at_most` takes all. A cell
    that ended before a cycle delivers nothing in it, so its retention counts as 0.
    """
    answered = ~found["outcome"].isin(WITHOUT_ANSWER)
    retention = found["capacity_retention"].fillna(0.0).where(answered)
    at_end = retention.isel(retention_cycle=-1, drop=True)
    last, percent = int(found["retention_cycle"][-1]), f"{100 * report.threshold:g} %"
    kept = (at_end >= report.threshold).where(answered).mean("draw")
    shorted = _shorted(found)
    texts = {
        "answered_draws": "draws whose run says something about the cell",
        "probability_of_short": "probability that a cell has shorted by the end of the cycle, mean over the draws",
        "probability_of_short_at_most": "the same, if all cells short in which the median cell has shorted",
        "probability_of_retention": f"probability that {percent} of the capacity of cycle {report.reference_cycle} "
        f"is left in cycle {last}",
        "retention_quantiles": f"discharge capacity relative to cycle {report.reference_cycle}; quantiles of the draws",
        "cycle_life_quantiles": f"cycle in which less than {percent} is left or the cell ended; quantiles of draws; "
        f"infinite if later than cycle {last}",
    }
    values = {
        "answered_draws": answered.sum("draw"),
        "probability_of_short": shorted.where(answered).mean("draw"),
        "probability_of_short_at_most": shorted.where(shorted < 0.5, 1.0).where(answered).mean("draw"),
        "probability_of_retention": kept,
        "retention_quantiles": _over_draws(retention),
        "cycle_life_quantiles": _over_draws(cycle_life(found, report).where(answered)),
    }
    return {name: values[name].assign_attrs(units="1", long_name=text) for name, text in texts.items()}


def cycle_life(found: xr.Dataset, report: Report) -> xr.DataArray:
    """Return the cycle in which a cell has faded, shorted or ended in another way; infinite if it outlives the run."""
    fade = found[f"cycle_at_{100 * report.threshold:g}_percent"]
    end = found["outcome_cycle"].where(found["outcome"] != OutcomeKind.COMPLETED, np.inf)
    return np.fmin(fade, end)


def _shorted(found: xr.Dataset) -> xr.DataArray:
    """Return the probability of a short by cycle, kept from the cycle in which a run ended."""
    series = found["short_probability_by_cycle"].astype(float)
    return xr.apply_ufunc(
        np.fmax.accumulate, series.fillna(0.0), input_core_dims=[["cycle"]], output_core_dims=[["cycle"]],
        kwargs={"axis": -1},
    )  # fmt: skip


def _over_draws(values: xr.DataArray) -> xr.DataArray:
    along = xr.apply_ufunc(
        order_statistics, values, kwargs={"shares": QUANTILES}, input_core_dims=[["draw"]],
        output_core_dims=[["quantile"]],
    )  # fmt: skip
    label = {"units": "1", "long_name": "share of the draws with a smaller value"}
    return along.assign_coords(quantile=("quantile", list(QUANTILES), label))


def order_statistics(values: NDArray[np.float64], shares: Sequence[float]) -> NDArray[np.float64]:
    """Return quantiles that are values themselves: nothing can be interpolated between a number and never.

    Parameters
    ----------
    values : ndarray, shape (..., draws)
        Missing ones are left out; infinite ones are the largest.
    shares : sequence of float
        Shares of the values that are not larger.

    Returns
    -------
    ndarray, shape (..., shares)
        Missing only where all values are.
    """
    ordered = np.sort(values, axis=-1)  # missing ones last
    count = (~np.isnan(ordered)).sum(axis=-1, keepdims=True)
    places = np.ceil(np.asarray(shares) * count - 1e-9).astype(int) - 1
    return np.take_along_axis(ordered, np.clip(places, 0, None), axis=-1)
