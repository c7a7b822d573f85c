"""Maps of a sampled design: every pair of axes, one dot for each point."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellmodel.plots.marks import Shown, add_key, axis_text, colours, mark_failures, set_scale
from cellmodel.plots.style import NO_VALUE


def figure(found: xr.Dataset, shown: Shown) -> Figure:
    """Draw one quantity of scattered points.

    Parameters
    ----------
    found : xarray.Dataset
        Failure map along `point`, the axes as coordinates.
    shown : Shown
        The quantity.

    Returns
    -------
    Figure
        A triangle of panels, one for each pair of axes.
    """
    axes = [coord for coord in found.coords.values() if "parameter_path" in coord.attrs]
    across, down = (axes[:-1], axes[1:]) if len(axes) > 1 else (axes, axes)
    size = max(1.6 * len(across), 3.0)
    drawn = Figure(figsize=(size + 1.3, size + 0.6))
    drawn.suptitle(shown.title)
    panels = drawn.subplots(len(down), len(across), squeeze=False, sharex="col", sharey="row")
    for (row, column), panel in np.ndenumerate(panels):
        if column > row:
            panel.set_visible(False)
            continue
        _panel(panel, found, shown, across[column], down[row])
        if row == len(down) - 1:
            panel.set_xlabel(axis_text(across[column]))
        if column == 0:
            panel.set_ylabel(axis_text(down[row]))
    add_key(drawn, panels.ravel(), shown, found["outcome"].values)
    return drawn


def _panel(panel: Axes, found: xr.Dataset, shown: Shown, x: xr.DataArray, y: xr.DataArray) -> None:
    """Points without a value stay visible in grey, under the others."""
    painted, norm = colours(shown)
    panel.scatter(x, y, c=NO_VALUE, s=14)
    panel.scatter(x, y, c=shown.field.values, cmap=painted, norm=norm, s=14)
    mark_failures(panel, shown, found["outcome"].values, x.values, y.values)
    set_scale(panel.xaxis, x.values, x.attrs["scale"] == "log")
    set_scale(panel.yaxis, y.values, y.attrs["scale"] == "log")
