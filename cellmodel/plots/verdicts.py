"""Measured against simulated, over all observations of a validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellmodel.plots.style import STYLE

Row = Mapping[str, Any]

PASSED, FAILED, UNKNOWN = ("#0072B2", "o", "passed"), ("#D55E00", "X", "failed"), ("#000000", "+", "not evaluated")
"""Colour, marker and name of each verdict."""

FURTHEST = 3.0
"""Larger misfits are drawn here [tolerances]."""

MOST_PANELS = 4
ROW_HEIGHT, PANEL_HEIGHT = 0.135, 1.75  # inch


def validation_overview(rows: Sequence[Row]) -> Figure:
    """Draw a strip of all observations, and parity plots of those with a value.

    Parameters
    ----------
    rows : sequence of mapping
        As from `cellmodel.validation.report.row`.

    Returns
    -------
    Figure
        Left: distance to what was measured in units of what is tolerated. Right: simulated over measured, a panel for
        each of the commonest units.
    """
    units = _units(rows)
    lines = len(rows) + len({row["file"] for row in rows})
    height = max(3.0, 0.9 + ROW_HEIGHT * lines, 0.5 + PANEL_HEIGHT * len(units))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, height))
        grid = figure.add_gridspec(max(len(units), 1), 2, width_ratios=(1.15, 1.0) if units else (1.0, 0.01))
        _strip(figure.add_subplot(grid[:, 0]), rows)
        for place, unit in enumerate(units):
            _parity(figure.add_subplot(grid[place, 1]), unit, [row for row in _valued(rows) if row["unit"] == unit])
        passed = sum(row["verdict"] == "passed" for row in rows)
        figure.suptitle(f"{passed} of {len(rows)} observations passed")
    return figure


def _valued(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["interval"] and isinstance(row["simulated"], float)]


def _units(rows: Sequence[Row]) -> list[str]:
    """The commonest units of observations with a value."""
    counts: dict[str, int] = {}
    for row in _valued(rows):
        counts[row["unit"]] = counts.get(row["unit"], 0) + 1
    return sorted(counts, key=lambda unit: -counts[unit])[:MOST_PANELS]


def _look(row: Row) -> tuple[str, str, str]:
    value = row["simulated"]
    if value is None or (isinstance(value, Mapping) and None in value.values()):
        return UNKNOWN
    return PASSED if row["verdict"] == "passed" else FAILED


def _strip(axes: Axes, rows: Sequence[Row]) -> None:
    """One line an observation, with a gap between files."""
    places, place, before = [], 0.0, None
    for row in rows:
        place += 1.0 if before in (None, row["file"]) else 2.0
        places.append(place)
        before = row["file"]
    axes.axvspan(-1.0, 1.0, color="0.92", linewidth=0)
    axes.axvline(0.0, color="0.6", linewidth=0.6)
    for look in (PASSED, FAILED, UNKNOWN):
        chosen = [(min(max(row["misfit"], -FURTHEST), FURTHEST), at) for row, at in zip(rows, places, strict=True)
                  if _look(row) == look]  # fmt: skip
        if chosen:
            colour, marker, name = look
            axes.scatter(*zip(*chosen, strict=True), c=colour, marker=marker, s=22, linewidths=0.8, label=name)
    axes.set(yticks=places, ylim=(place + 0.8, 0.2), xlim=(-FURTHEST - 0.3, FURTHEST + 0.3))
    axes.set_yticklabels([row["id"] for row in rows], fontsize=6)
    axes.set_xlabel(f"distance from measured (tolerances; drawn up to {FURTHEST:g})")
    axes.legend(frameon=False, fontsize=6.5, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), handletextpad=0.2)


def _parity(axes: Axes, unit: str, rows: Sequence[Row]) -> None:
    """Simulated over measured, with what is tolerated."""
    middle = [0.5 * sum(row["interval"]) for row in rows]
    reach = [0.5 * (row["interval"][1] - row["interval"][0]) for row in rows]
    ends = [*(end for row in rows for end in row["interval"]), *(row["simulated"] for row in rows)]
    room = 0.05 * (max(ends) - min(ends)) or 1.0
    low, high = min(ends) - room, max(ends) + room
    axes.plot([low, high], [low, high], color="0.6", linewidth=0.8, zorder=0)
    for row, at, half in zip(rows, middle, reach, strict=True):
        colour, marker, _ = _look(row)
        axes.errorbar(at, row["simulated"], xerr=half, color=colour, marker=marker, markersize=4, linewidth=0.8)
    axes.set(xlim=(low, high), ylim=(low, high), xlabel=f"measured ({unit})", ylabel=f"simulated ({unit})")
    if unit == "1":
        axes.set_title("efficiencies, retentions, shares")
