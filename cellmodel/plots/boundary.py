"""Map of a refined sweep: the interpolated boundary with its band, and the points that were simulated."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.plots.maps import PANEL_INCHES, edges, label_panels
from cellmodel.plots.marks import LEGEND_INCHES, Shown, axis_text, colours, kinds_in, set_scale
from cellmodel.plots.probabilities import LEVELS
from cellmodel.plots.style import OUTCOMES, STYLE, label, save

MOST_SLICES = (5, 4)
"""Values of the third and of the fourth axis that get panels of their own."""

SURE = 0.95
"""Where the most likely outcome is less likely than this, the map is hatched."""

_HALO = [patheffects.withStroke(linewidth=2.2, foreground="black")]


def draw_boundary(surface: xr.Dataset, found: xr.Dataset, below: NDArray[np.int64], folder: Path) -> list[Path]:
    """Draw the boundary of a refined sweep and write it as PNG and SVG.

    Parameters
    ----------
    surface : xarray.Dataset
        As from `refine.surface.surface`.
    found : xarray.Dataset
        Failure map along `point`.
    below : ndarray of int, shape (points,)
        As from `refine.boundary.categories`.
    folder : Path
        Where the files `boundary.png` and `boundary.svg` go.

    Returns
    -------
    list of Path
        The two files.
    """
    with mpl.rc_context(STYLE):
        drawn = figure(surface, found, below)
    return save(drawn, folder / "boundary")


def figure(surface: xr.Dataset, found: xr.Dataset, below: NDArray[np.int64]) -> Figure:
    """Draw one panel over the first two axes for each of some values of the next two.

    Returns
    -------
    Figure
        Colours tell the probability of being below the level, a line the boundary, dashed lines its band; or the most
        likely outcome, hatched where it is in doubt. Dots are the points nearest to the values of a panel. Axes beyond
        the fourth are held at their middle value, which the title names.
    """
    names = [str(name) for name in next(iter(surface.data_vars.values())).dims]
    held = {name: surface.sizes[name] // 2 for name in names[4:]}
    title = "; ".join([_title(surface), *(axis_text(surface[n], float(surface[n][i])) for n, i in held.items())])
    slices = {name: _spread(surface.sizes[name], most) for name, most in zip(names[2:4], MOST_SLICES, strict=False)}
    shown = surface.isel(held | slices)
    columns, rows = (shown.sizes[names[i]] if len(names) > i else 1 for i in (2, 3))
    drawn = Figure(figsize=(max(columns * PANEL_INCHES[0], 3.4) + 1.3, max(rows * PANEL_INCHES[1], 2.6) + 1.1))
    drawn.suptitle(title)
    panels = drawn.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    nearest = [np.abs(_position(found[n], shown[n])).argmin(axis=1) for n in names[2:4]]
    for (row, column), panel in np.ndenumerate(panels):
        here = dict(zip(names[2:4], (column, row), strict=False))
        mine = np.flatnonzero(np.all([np.ones(below.shape, bool), *(
            each == here[n] for each, n in zip(nearest, names[2:4], strict=False)
        )], axis=0))  # fmt: skip
        _panel(panel, shown.isel(here), found.isel(point=mine), below[mine])
    label_panels(panels, shown, names[:4])
    _add_key(drawn, panels, shown, found, below)
    return drawn


def _title(surface: xr.Dataset) -> str:
    told = f"{surface.attrs['points']} points; {surface.attrs['expected_error']:.1%} of the map expected wrong"
    return f"Boundary: {surface.attrs['boundary']} ({told})"


def _spread(size: int, most: int) -> NDArray[np.int64]:
    """Return evenly spaced positions on an axis, ends included."""
    return np.unique(np.linspace(0, size - 1, min(size, most)).round().astype(int))


def _position(points: xr.DataArray, ticks: xr.DataArray) -> NDArray[np.float64]:
    """Return distances of points from the values of an axis, on its own scale, shape (points, ticks)."""
    scaled = np.log if ticks.attrs["scale"] == "log" else np.asarray
    return scaled(points.values)[:, None] - scaled(ticks.values)[None, :]


def _panel(panel: Axes, shown: xr.Dataset, found: xr.Dataset, below: NDArray[np.int64]) -> None:
    """Draw colours, lines and points; a single axis becomes a strip."""
    axes = [shown[name] for name in next(iter(shown.data_vars.values())).dims]
    centres = [axes[0].values, axes[1].values if len(axes) > 1 else np.zeros(1)]
    logs = [axis.attrs["scale"] == "log" for axis in axes] + [False] * (2 - len(axes))
    fields = {str(name): field.values.reshape([len(c) for c in centres]).T for name, field in shown.data_vars.items()}
    if "outcome" in fields:
        painted, norm = colours(Shown("outcome", shown["outcome"], "", ""))
        field = fields["outcome"]
    else:
        painted, norm = mpl.colormaps["cividis"], mpl.colors.Normalize(0.0, 1.0)
        field = fields["probability_below"]
    borders = [edges(each, log) for each, log in zip(centres, logs, strict=True)]
    panel.pcolormesh(*borders, field, cmap=painted, norm=norm)
    if min(field.shape) > 1:
        _lines(panel, centres, fields)
    y = found[axes[1].name].values if len(axes) > 1 else np.zeros(found.sizes["point"])
    _points(panel, found[axes[0].name].values, y, found["outcome"].values, below, "outcome" in fields)
    set_scale(panel.xaxis, centres[0], logs[0])
    set_scale(panel.yaxis, centres[1], logs[1])
    panel.set(xlim=borders[0][[0, -1]], ylim=borders[1][[0, -1]])
    if len(axes) == 1:
        panel.set_yticks([])


def _lines(panel: Axes, centres: list[NDArray[np.floating]], fields: dict[str, NDArray]) -> None:
    """Draw the boundary and its band, or hatch where an outcome is in doubt."""
    if "outcome" in fields:
        doubt = fields["outcome_probability"]
        if doubt.min() < SURE:
            panel.contourf(*centres, doubt, levels=[0.0, SURE], colors="none", hatches=["////"])
        return
    probability = fields["probability_below"]
    for level, look, width in zip(LEVELS, ("dashed", "solid", "dashed"), (0.8, 1.2, 0.8), strict=True):
        if probability.min() < level < probability.max():
            lines = panel.contour(
                *centres, probability, levels=[level], colors="white", linestyles=look, linewidths=width
            )
            lines.set_path_effects(_HALO)


def _points(
    panel: Axes, x: NDArray, y: NDArray, outcome: NDArray[np.int8], below: NDArray[np.int64], categorical: bool
) -> None:
    for kind, (colour, shape, _) in _looks(outcome, below, categorical).items():
        mine = (outcome if categorical else below) == kind
        panel.plot(x[mine], y[mine], shape, color=colour, markersize=2.6, markeredgecolor="black", markeredgewidth=0.3)


def _looks(outcome: NDArray[np.int8], below: NDArray[np.int64], categorical: bool) -> dict[int, tuple[str, str, str]]:
    """Return colour, marker and name of every kind of point."""
    if categorical:
        return {kind.value: (OUTCOMES[kind][0], "o", label(kind)) for kind in kinds_in(outcome)}
    looks = {0: ("#56B4E9", "o", "not below"), 1: ("#D55E00", "s", "below"), -1: ("#999999", "*", "without an answer")}
    return {kind: look for kind, look in looks.items() if (below == kind).any()}


def _add_key(drawn: Figure, panels: NDArray, shown: xr.Dataset, found: xr.Dataset, below: NDArray[np.int64]) -> None:
    """Add the colour bar, and a legend of points and lines."""
    categorical = "outcome" in shown
    looks = _looks(found["outcome"].values, below, categorical)
    point = {"linestyle": "none", "markersize": 4, "markeredgecolor": "black", "markeredgewidth": 0.3}
    handles = [
        Line2D([], [], marker=shape, color=colour, label=name, **point) for colour, shape, name in looks.values()
    ]
    if categorical:
        painted = {OutcomeKind(int(kind)) for kind in np.unique(shown["outcome"].values)}
        handles = [each for each in handles if each.get_label() not in {label(kind) for kind in painted}]
        handles += [Patch(color=OUTCOMES[kind][0], label=label(kind)) for kind in sorted(painted)]
        handles.append(Patch(facecolor="none", hatch="////", edgecolor="black", label=f"less likely than {SURE:.0%}"))
    else:
        scale = mpl.cm.ScalarMappable(mpl.colors.Normalize(0.0, 1.0), "cividis")
        drawn.colorbar(scale, ax=panels.ravel().tolist(), shrink=0.8, aspect=30, label="probability of being below")
        handles += [Line2D([], [], color="white", path_effects=_HALO, linestyle=look, label=name)
                    for look, name in (("solid", "boundary"), ("dashed", "5 and 95 %"))]  # fmt: skip
    columns = max(1, min(len(handles), int(drawn.get_figwidth() / LEGEND_INCHES)))
    drawn.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
