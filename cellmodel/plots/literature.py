"""Published lithium metal cells over a failure map: at which currents and areal capacities others have cycled."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import xarray as xr
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cellmodel import units
from cellmodel.errors import InputError, nearest
from cellmodel.plots.maps import gridded, quantities
from cellmodel.plots.style import STYLE

TABLE = Path(__file__).resolve().parents[1] / "data/literature/solid_state_lithium_cycling.csv"
CURRENT, CAPACITY = "mA/cm2", "mAh/cm2"
SMALL = 5.5
"""Size of the references [pt]."""
_INK = {"color": "black", "path_effects": [patheffects.withStroke(linewidth=1.5, foreground="white")]}
_LINE = {"color": "black", "linewidth": 0.6}


class Cycled(NamedTuple):
    """A published cell with lithium metal and a solid electrolyte."""

    number: str  # of its reference in the review that compiled the table
    current: float  # [mA/cm2]
    capacity: float  # plated in each cycle [mAh/cm2]
    cycles: int
    electrolyte: str
    source: str


def published_cells() -> list[Cycled]:
    """Read the table that ships with the package; its first line says who compiled it.

    Returns
    -------
    list of Cycled
        In the order of the table.
    """
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return [
        Cycled(
            row["ref"],
            float(row["current_density_mA_cm-2"]),
            float(row["areal_capacity_mAh_cm-2"]),
            int(row["cycles"]),
            row["electrolyte"],
            row["source"],
        )
        for row in rows
    ]


def literature_map(found: xr.Dataset, quantity: str = "outcome") -> Figure:
    """Draw one map of a sweep with published cells over it.

    Parameters
    ----------
    found : xarray.Dataset
        Failure map of a grid. One of its first two axes is a current density (such as `one_c`, the current of a
        protocol at 1C). If the other is an areal capacity, a cell is a dot, else a line at its current.
    quantity : str
        Name of a figure, as in `cellmodel.plots.FIGURES`.

    Returns
    -------
    Figure
        Numbers at the dots or lines are those of the references beside the map.

    Raises
    ------
    InputError
        The map is no grid or has no axis of current density where it is drawn, or there is no such figure.
    """
    shown = {each.name: each for each in quantities(found)}
    if quantity not in shown:
        close = nearest(quantity, shown)
        fix = f"write '{close}'" if close else ""
        raise InputError("literature_map", "quantity", quantity, ", ".join(shown), fix, problem="is no figure")
    across, up = _drawn_axes(found)
    with mpl.rc_context(STYLE):
        figure = gridded(found, shown[quantity])
        drawn: dict[str, Cycled] = {}
        for panel in figure.axes:
            if panel.get_label() != "<colorbar>":
                drawn |= _mark(panel, across, up)
        _list_references(figure, drawn.values())
    return figure


def _drawn_axes(found: xr.Dataset) -> list[tuple[str, float]]:
    """What each of the two drawn axes measures, and the unit of the table in that of the axis."""
    if "point" in found.dims:
        raise InputError("literature_map", problem="the map is of a sample", allowed="maps of a grid")
    axes = [found[name] for name in found["outcome"].dims]
    kinds = [_kind(axis) for axis in axes[:2]]
    if CURRENT not in (kind for kind, _ in kinds):
        given = ", ".join(f"{axis.name} ({axis.attrs['units']})" for axis in axes)
        fix = "sweep a current, such as one_c with a protocol at 1C, as first or second axis"
        problem = "have no current of the cell among the two that are drawn"
        raise InputError("literature_map", "axes", given, f"an axis in {CURRENT}", fix, problem=problem)
    return [*kinds, ("", 1.0)][:2]


def _kind(axis: xr.DataArray) -> tuple[str, float]:
    """Currents and capacities of components are those of a material, not of the cell."""
    given = units.unit(axis.attrs["units"])
    for kind in (CURRENT, CAPACITY):
        wanted = units.unit(kind)
        if given.dimension == wanted.dimension and "." not in axis.attrs["parameter_path"]:
            return kind, float(units.convert(1.0, wanted, given))
    return "", 1.0


def _mark(panel: Axes, across: tuple[str, float], up: tuple[str, float]) -> dict[str, Cycled]:
    """Mark the cells that lie within a panel, those of one place together; return them by their number."""
    x_range, y_range = panel.get_xlim(), panel.get_ylim()
    inside, at_place = {}, defaultdict(list)
    for cell in published_cells():
        measured = {CURRENT: cell.current, CAPACITY: cell.capacity}
        place = tuple(measured[kind] * scale if kind else None for kind, scale in (across, up))
        if _within(place[0], *x_range) and _within(place[1], *y_range):
            inside[cell.number] = cell
            at_place[place].append(cell.number)
    for (x, y), numbers in at_place.items():
        text, turned = ", ".join(numbers), 0
        if x is None:
            panel.axhline(y, **_LINE)
        elif y is None:
            panel.axvline(x, **_LINE)
            turned = 90
        else:
            panel.plot(x, y, marker="o", markersize=2.5, **_INK)
        start = (x_range[0] if x is None else x, y_range[0] if y is None else y)
        panel.annotate(text, start, (2, 2), textcoords="offset points", fontsize=SMALL, rotation=turned, **_INK)
    panel.set(xlim=x_range, ylim=y_range)
    return inside


def _within(value: float | None, first: float, last: float) -> bool:
    return value is None or min(first, last) <= value <= max(first, last)


def _list_references(figure: Figure, cells: Iterable[Cycled]) -> None:
    lines = [
        f"{each.number}: {each.current:g} {CURRENT}, {each.capacity:g} {CAPACITY}, {each.source}" for each in cells
    ]
    if not lines:
        return
    handles = [Line2D([], [], linestyle="none", label=line) for line in lines]
    title = "lithium metal, solid electrolyte; numbers as in Park, Song, Lee (2023)"
    width, height = figure.get_size_inches()
    figure.set_size_inches(width + 3.4, max(height, 0.1 * len(lines) + 1.0))
    figure.legend(
        handles=handles, loc="outside right center", fontsize=SMALL, title=title, title_fontsize=SMALL,
        frameon=False, handlelength=0.0, handletextpad=0.0, labelspacing=0.15,
    )  # fmt: skip
