"""What the maps of a sweep with uncertain parameters show: probabilities, and the middle of the bands."""

import numpy as np
import xarray as xr

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.plots.marks import Shown

LEVELS = (0.05, 0.5, 0.95)
"""Probabilities drawn as lines: the band within which a boundary lies."""


def without_draws(found: xr.Dataset) -> xr.Dataset:
    """Return what is left of a failure map when its draws are reduced.

    Parameters
    ----------
    found : xarray.Dataset
        Failure map with the dimension `draw`.

    Returns
    -------
    xarray.Dataset
        `outcome` is `completed` where at least one draw has an answer, otherwise that of the first draw.
    """
    first = found["outcome"].isel(draw=0, drop=True)
    outcome = first.where(found["answered_draws"] == 0, OutcomeKind.COMPLETED.value).astype(np.int8)
    return found.drop_dims("draw").assign(outcome=outcome.assign_attrs(found["outcome"].attrs))


def quantities(found: xr.Dataset) -> list[Shown]:
    """Return what the figures show, one for each map in `cellmodel.plots.FIGURES_OF_DRAWS`."""
    short, kept = found["probability_of_short"].isel(cycle=-1), found["probability_of_retention"]
    retention = found["retention_quantiles"].isel(retention_cycle=-1).sel(quantile=0.5)
    life, last = found["cycle_life_quantiles"].sel(quantile=0.5), int(found["cycle"][-1])
    unanswered = "no draw has an answer"
    text = kept.attrs["long_name"]
    return [
        Shown(
            "probability_of_short",
            short,
            f"Probability of a short circuit within {last} cycles",
            unanswered,
            levels=LEVELS,
        ),
        Shown("probability_of_retention", kept, text[0].upper() + text[1:], unanswered, levels=LEVELS),
        Shown(
            "capacity_retention",
            retention,
            f"Median over the draws: discharge capacity of cycle {last}, relative",
            unanswered,
        ),
        Shown(
            "cycle_life",
            life.where(np.isfinite(life)),
            "Median over the draws: cycles until the cell has faded or ended",
            f"more than {last}",
        ),
    ]
