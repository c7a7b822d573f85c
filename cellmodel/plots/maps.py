"""Maps of a sweep: one quantity over the first two axes, one panel for each combination of the next two."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.plots import bands, probabilities, scattered
from cellmodel.plots.marks import Shown, add_key, axis_text, colours, draw_levels, mark_failures, set_scale
from cellmodel.plots.style import NO_VALUE, STYLE, save

PANEL_INCHES = (1.5, 1.35)
MOST_SHAPES = 1000
"""Cells of a panel that are shapes of their own in an SVG; more are one picture, which is smaller and drawn at once."""


def draw_maps(found: xr.Dataset, folder: Path) -> list[Path]:
    """Draw and write the maps of a sweep.

    Parameters
    ----------
    found : xarray.Dataset
        As from `failure_map.failure_map`; a grid, or points along `point`.
    folder : Path
        Where the files go.

    Returns
    -------
    list of Path
        Two files (PNG and SVG) for each name in `cellmodel.plots.FIGURES`, or in `FIGURES_OF_DRAWS` where parameters
        are drawn.
    """
    files, drawn = [], "draw" in found.dims
    if drawn:
        files += save(bands.figure(found), folder / "bands")
        found = probabilities.without_draws(found)
    for shown in probabilities.quantities(found) if drawn else quantities(found):
        with mpl.rc_context(STYLE):
            figure = scattered.figure(found, shown) if "point" in found.dims else gridded(found, shown)
        files += save(figure, folder / shown.name)
    return files


def quantities(found: xr.Dataset) -> list[Shown]:
    """Return what the figures show, one for each name in `cellmodel.plots.FIGURES`."""
    onset = found["short_areal_capacity"]
    retention = found["capacity_retention"].isel(retention_cycle=-1)
    last, reference = int(retention["retention_cycle"]), retention.attrs["long_name"].rsplit(" ", 1)[-1]
    unmarked = (OutcomeKind.NOT_RUN, OutcomeKind.COMPLETED, OutcomeKind.SHORTED)
    return [
        Shown("outcome", found["outcome"], "How each cell ended", ""),
        Shown(
            "short_onset_capacity",
            onset.where(np.isfinite(onset)),
            "Short circuit: areal capacity plated at its onset, mAh/cm²",
            "no short",
            unmarked,
        ),
        Shown(
            "short_probability",
            found["short_probability"],
            "Probability of a short circuit by the end of the run",
            "not known",
        ),
        Shown(
            "capacity_retention",
            retention,
            f"Discharge capacity of cycle {last} relative to cycle {reference}",
            "cycle not reached",
        ),
    ]


def gridded(found: xr.Dataset, shown: Shown) -> Figure:
    """Draw one quantity of a grid.

    Parameters
    ----------
    found : xarray.Dataset
        Failure map whose dimensions are the axes.
    shown : Shown
        The quantity.

    Returns
    -------
    Figure
        The third axis runs over columns of panels, the fourth over rows; axes beyond are held at their
        middle value, which the title names.
    """
    names = [str(name) for name in found["outcome"].dims]
    middle = {name: found.sizes[name] // 2 for name in names[4:]}
    shown, outcome = shown.at(**middle), found["outcome"].isel(middle)
    columns, rows = (found.sizes[names[i]] if len(names) > i else 1 for i in (2, 3))
    figure = Figure(figsize=(max(columns * PANEL_INCHES[0], 3.0) + 1.3, max(rows * PANEL_INCHES[1], 2.3) + 0.9))
    held = [axis_text(found[name], float(found[name][at])) for name, at in middle.items()]
    figure.suptitle("; ".join([shown.title, *held]))
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    scale = colours(shown)
    for (row, column), panel in np.ndenumerate(panels):
        here = dict(zip(names[2:4], (column, row), strict=False))
        _panel(panel, found, shown.at(**here), outcome.isel(here), scale)
    label_panels(panels, found, names)
    add_key(figure, panels.ravel(), shown, outcome.values)
    return figure


def label_panels(panels: NDArray[np.object_], found: xr.Dataset, names: list[str]) -> None:
    """Name each axis once: values of the third above the columns, of the fourth beside the rows."""
    panels[-1, panels.shape[1] // 2].set_xlabel(axis_text(found[names[0]]))
    if len(names) > 1:
        panels[panels.shape[0] // 2, 0].set_ylabel(axis_text(found[names[1]]))
    if len(names) > 2:
        for panel, value in zip(panels[0], found[names[2]].values, strict=True):
            panel.set_title(axis_text(found[names[2]], value, "\n"))
    if len(names) > 3:
        for panel, value in zip(panels[:, -1], found[names[3]].values, strict=True):
            text = axis_text(found[names[3]], value, "\n")
            panel.text(1.05, 0.5, text, transform=panel.transAxes, rotation=90, va="center", ha="left")


def _panel(
    panel: Axes,
    found: xr.Dataset,
    shown: Shown,
    outcome: xr.DataArray,
    scale: tuple[mpl.colors.Colormap, mpl.colors.Normalize],
) -> None:
    """Draw one panel; a single axis becomes a strip."""
    axes = [found[name] for name in outcome.dims]
    centres = [axis.values for axis in axes] if len(axes) > 1 else [axes[0].values, np.zeros(1)]
    logs = [axis.attrs["scale"] == "log" for axis in axes] + [False] * (2 - len(axes))
    shape = tuple(len(each) for each in centres)
    x_edges, y_edges = (edges(each, log) for each, log in zip(centres, logs, strict=True))
    panel.set_facecolor(NO_VALUE)
    painted, norm = scale
    field = shown.field.values.reshape(shape).T
    panel.pcolormesh(x_edges, y_edges, field, cmap=painted, norm=norm, rasterized=field.size > MOST_SHAPES)
    x, y = np.meshgrid(*centres, indexing="ij")
    draw_levels(panel, shown, x, y)
    mark_failures(panel, shown, outcome.values.reshape(shape), x, y)
    set_scale(panel.xaxis, centres[0], logs[0])
    set_scale(panel.yaxis, centres[1], logs[1])
    if len(axes) == 1:
        panel.set_yticks([])


def edges(centres: NDArray[np.floating], log: bool) -> NDArray[np.float64]:
    """Return the borders of the cells around the values of an axis.

    Parameters
    ----------
    centres : ndarray, shape (n,)
        Values of the axis, in any order that is monotonic.
    log : bool
        Whether the middle between two values is their geometric mean.

    Returns
    -------
    ndarray, shape (n + 1,)
        The outer borders are as far from the outer values as the inner ones.
    """
    at = np.log(centres) if log else np.asarray(centres, dtype=float)
    if len(at) == 1:
        step = 0.1 if log else 0.1 * (abs(at[0]) or 1.0)
        borders = np.array([at[0] - step, at[0] + step])
    else:
        middle = 0.5 * (at[1:] + at[:-1])
        borders = np.concatenate([[2 * at[0] - middle[0]], middle, [2 * at[-1] - middle[-1]]])
    return np.exp(borders) if log else borders
