"""Bands: how retention and the probability of a short follow the first axis of a sweep with uncertain parameters."""

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellmodel.plots.marks import axis_text, set_scale
from cellmodel.plots.style import STYLE

MOST_CURVES = 3
"""Values of the second axis that get a curve of their own; of more the first, the last and some between are shown."""


def figure(found: xr.Dataset) -> Figure:
    """Draw two panels over the first axis: retention in the last cycle with its band, bounds on shorts.

    Parameters
    ----------
    found : xarray.Dataset
        Failure map with draws. Points of a sampled design are drawn as dots with bars.

    Returns
    -------
    Figure
        One curve for each of some values of the second axis; axes beyond are held at their middle value, which the
        title names.
    """
    axes = [coord for coord in found.coords.values() if "parameter_path" in coord.attrs and "draw" not in coord.dims]
    gridded = "point" not in found.dims
    held = {str(axis.name): axis.size // 2 for axis in axes[2:]} if gridded else {}
    shown = found.isel(held)
    retention = shown["retention_quantiles"].isel(retention_cycle=-1)
    short = [shown[name].isel(cycle=-1) for name in ("probability_of_short", "probability_of_short_at_most")]
    last = int(found["cycle"][-1])
    with mpl.rc_context(STYLE):
        drawn = Figure(figsize=(7.2, 3.2))
        panels = drawn.subplots(1, 2, sharex=True)
        for each in _curves(axes, gridded):
            x = axes[0].values
            _band(panels[0], x, retention.isel(each), gridded, _label(axes, each))
            (line,) = panels[1].plot(x, short[0].isel(each), ".-" if gridded else ".")
            if gridded:
                low, high = (bound.isel(each) for bound in short)
                panels[1].fill_between(x, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
        panels[0].set(ylabel=f"discharge capacity of cycle {last}, relative", ylim=(0.0, None))
        panels[1].set(ylabel=f"probability of a short in {last} cycles", ylim=(-0.02, 1.02))
        for panel in panels:
            panel.set_xlabel(axis_text(axes[0]))
            set_scale(panel.xaxis, axes[0].values, axes[0].attrs["scale"] == "log")
        if len(axes) > 1 and gridded:
            drawn.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
        text = "Median and 5 to 95 % of the draws"
        drawn.suptitle("; ".join([text, *(axis_text(found[n], float(found[n][at])) for n, at in held.items())]))
    return drawn


def _curves(axes: list[xr.DataArray], gridded: bool) -> list[dict[str, int]]:
    if not gridded or len(axes) < 2:
        return [{}]
    count = min(axes[1].size, MOST_CURVES)
    return [{str(axes[1].name): int(at)} for at in np.linspace(0, axes[1].size - 1, count).round()]


def _label(axes: list[xr.DataArray], at: dict[str, int]) -> str | None:
    return next((axis_text(axes[1], float(axes[1][place])) for place in at.values()), None)


def _band(panel: Axes, x: np.ndarray, retention: xr.DataArray, gridded: bool, label: str | None) -> None:
    low, middle, high = (retention.isel(quantile=number).values for number in range(3))
    if not gridded:
        panel.errorbar(x, middle, (middle - low, high - middle), fmt=".", elinewidth=0.6)
        return
    (line,) = panel.plot(x, middle, ".-", label=label)
    panel.fill_between(x, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
