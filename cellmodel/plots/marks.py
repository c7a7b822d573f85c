"""What every map shares: axis labels, colours of a quantity, markers of failed points, the legend."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, Colormap, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, NullFormatter, StrMethodFormatter
from numpy.typing import NDArray

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.plots.style import FIELD_COLOURS, NO_VALUE, OUTCOMES, label

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LEGEND_INCHES = 1.6
MARKS_ACROSS = 12
"""Markers of one kind along an axis of a grid, at most: more would cover each other and the colours."""
_HALO = [patheffects.withStroke(linewidth=1.8, foreground="white")]
_NOTHING_FAILED = (OutcomeKind.NOT_RUN, OutcomeKind.COMPLETED)


class Shown(NamedTuple):
    """What one figure shows.

    Attributes
    ----------
    name : str
        File name without ending.
    field : xarray.DataArray
        Coloured quantity; the outcome flag itself for the map of outcomes.
    title : str
        Title of the figure.
    missing : str
        What a cell without a colour means.
    unmarked : tuple of OutcomeKind
        Outcomes that get no marker, because the colour already tells of them.
    levels : tuple of float
        Values of the quantity that are drawn as lines on a map of two axes or more.
    """

    name: str
    field: xr.DataArray
    title: str
    missing: str
    unmarked: tuple[OutcomeKind, ...] = _NOTHING_FAILED
    levels: tuple[float, ...] = ()

    @property
    def categorical(self) -> bool:
        """Whether the outcome itself is shown."""
        return self.field.name == "outcome"

    def at(self, **position: int) -> "Shown":
        """Return the same quantity at a position of some of its dimensions."""
        return self._replace(field=self.field.isel(position))


def axis_text(axis: xr.DataArray, value: float | None = None, between: str = " ") -> str:
    """Return the label of an axis with its unit, or a value on it with `between` before the number."""
    name, unit = axis.attrs["long_name"], axis.attrs["units"]
    unit = "" if unit == "1" else f" {_spelt(unit)}"
    return f"{name},{unit}".removesuffix(",") if value is None else f"{name}{between}{value:.3g}{unit}"


def set_scale(axis: Axis, values: NDArray[np.floating], log: bool) -> None:
    """Set the scale of an axis with few and plain numbers: 0.1, 1, 10, and 2, 3, 4 within a decade."""
    if not log:
        axis.set_major_locator(MaxNLocator(4))
        return
    axis._set_axes_scale("log")
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    narrow = values.max() < 10.0 * values.min()
    axis.set_minor_formatter(StrMethodFormatter("{x:g}") if narrow else NullFormatter())


def _spelt(unit: str) -> str:
    """Set powers high and spell degrees and micro as print does: mg/cm2 becomes mg/cm²."""
    high = re.sub(r"(?<=[A-Za-z])-?\d+", lambda found: found[0].translate(_SUPERSCRIPTS), unit)
    return re.sub(r"^u(?=[A-Za-z])", "µ", high.replace("degC", "°C"))


def colours(shown: Shown) -> tuple[Colormap, Normalize]:
    """Return colour map and scale of a quantity, the same for all panels of its figure."""
    if shown.categorical:
        painted = ListedColormap([OUTCOMES[kind][0] for kind in OutcomeKind])
        return painted, BoundaryNorm(np.arange(len(OutcomeKind) + 1) - 0.5, painted.N)
    values = shown.field.values[np.isfinite(shown.field.values)]
    low, high = (values.min(), values.max()) if values.size else (0.0, 1.0)
    return mpl.colormaps[FIELD_COLOURS], Normalize(low, high if high > low else low + 1.0)


def mark_failures(
    panel: Axes, shown: Shown, outcome: NDArray[np.int8], x: NDArray[np.floating], y: NDArray[np.floating]
) -> None:
    """Put a marker on every failed point of a panel; on a fine grid, on one of each kind in every block of `blocks`.

    Parameters
    ----------
    panel : Axes
        Where to draw.
    shown : Shown
        Says which outcomes get none.
    outcome, x, y : ndarray, equal shapes
        Outcome and position of each point.
    """
    if shown.categorical:
        return
    for kind in kinds_in(outcome):
        if kind not in shown.unmarked:
            at = first_in_blocks(outcome == kind)
            panel.plot(x[at], y[at], path_effects=_HALO, **_marker(kind))


def blocks(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many points of a grid share a marker along each of its first two axes; points of a list share none."""
    if len(shape) < 2 or 1 in shape[:2]:
        return (1,) * min(len(shape), 2)
    return tuple(-(-count // MARKS_ACROSS) for count in shape[:2])


def first_in_blocks(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the marked points are the first ones in their blocks: no block that has any loses its mark."""
    places = np.argwhere(marked)
    _, first = np.unique(places // blocks(marked.shape), axis=0, return_index=True)
    kept = np.zeros_like(marked)
    kept[tuple(places[first].T)] = True
    return kept


def draw_levels(panel: Axes, shown: Shown, x: NDArray[np.floating], y: NDArray[np.floating]) -> None:
    """Draw the lines on which a quantity has its levels, as far as the panel crosses them.

    Parameters
    ----------
    panel : Axes
        Where to draw.
    shown : Shown
        Says which levels.
    x, y : ndarray, equal shapes of two dimensions
        Position of each value.
    """
    values = np.ma.masked_invalid(shown.field.values.reshape(x.shape))
    crossed = [level for level in shown.levels if values.count() and values.min() < level < values.max()]
    if min(x.shape) < 2 or not crossed:
        return
    lines = panel.contour(x, y, values, levels=crossed, colors="white", linewidths=1.0, linestyles="solid")
    lines.set_path_effects([patheffects.withStroke(linewidth=2.0, foreground="black")])
    panel.clabel(lines, fmt=lambda level: f"{100 * level:g} %", fontsize=6)


def kinds_in(outcome: NDArray[np.int8]) -> list[OutcomeKind]:
    """Return the outcomes that occur, in the order of their flags."""
    return [OutcomeKind(int(value)) for value in np.unique(outcome)]


def add_key(figure: Figure, panels: Iterable[Axes], shown: Shown, outcome: NDArray[np.int8]) -> None:
    """Add the colour bar and a legend of the markers and of cells without a colour."""
    kinds = kinds_in(outcome)
    if shown.categorical:
        handles = [Patch(color=OUTCOMES[kind][0], label=label(kind)) for kind in kinds]
    else:
        painted, scale = colours(shown)
        figure.colorbar(ScalarMappable(scale, painted), ax=list(panels), shrink=0.8, aspect=30)
        marked = [kind for kind in kinds if kind not in shown.unmarked]
        handles = [Line2D([], [], path_effects=_HALO, label=label(kind), **_marker(kind)) for kind in marked]
        if marked and max(shared := blocks(outcome.shape)) > 1:
            handles.append(Line2D([], [], linestyle="none", label=f"a marker in {shared[0]} x {shared[1]} points"))
        if not np.isfinite(shown.field.values).all():
            handles.append(Patch(color=NO_VALUE, label=shown.missing))
    if handles:
        columns = max(1, min(len(handles), int(figure.get_figwidth() / LEGEND_INCHES)))
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)


def _marker(kind: OutcomeKind) -> dict[str, object]:
    colour, shape = OUTCOMES[kind]
    return {"marker": shape, "color": colour, "linestyle": "none", "markersize": 3.5, "markeredgewidth": 1.0}
