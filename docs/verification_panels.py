"""Panels of the figure of closed solutions in docs/verification.md: formulas as lines, the model as points."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellmodel.plots.style import STYLE

BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"  # of the style's cycle


def draw_limits(data: dict) -> Figure:
    """Draw seven limits."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.0, 4.4))
        panels = figure.subplots(2, 4).flatten()
        for axes, draw in zip(panels, (ohmic, rest, stripping, covered, filled, critical, pressed, key), strict=True):
            draw(axes, data)
    return figure


def points(axes: Axes, x: np.ndarray, model: np.ndarray, exact: np.ndarray) -> None:
    """Draw a closed solution as a line and the model as points."""
    axes.plot(x, exact, "-", color=BLUE, linewidth=1.0)
    axes.plot(x, model, "o", color=BLUE, markersize=3.5)


def ohmic(axes: Axes, data: dict) -> None:
    """Voltage of a stack of resistances."""
    order = np.argsort(data["ohmic"].x)
    current, model, exact = (np.asarray(column)[order] for column in data["ohmic"])
    points(axes, 0.1 * current, 1e3 * model, 1e3 * exact)
    axes.set(xlabel="current (mA cm$^{-2}$)", ylabel="voltage (mV)", title="ohmic stack")


def rest(axes: Axes, data: dict) -> None:
    """Contact at rest."""
    run = data["healing"]
    every = np.searchsorted(run.x, np.linspace(0.0, run.x[-1], 13)).clip(max=len(run.x) - 1)
    axes.plot(run.x, run.exact, "-", color=BLUE, linewidth=1.0)
    axes.plot(run.x[every], run.model[every], "o", color=BLUE, markersize=3.5)
    axes.set(xlabel="time at rest (h)", ylabel="contact fraction", title="voids close, 3 MPa")


def stripping(axes: Axes, data: dict) -> None:
    """Contact that stripping leaves."""
    model, exact = np.array(list(data["stripping"].values())).T
    points(axes, np.array(list(data["stripping"])), model, exact)
    axes.set(xlabel="stack pressure (MPa)", ylabel="steady contact fraction", title="stripping at 1 mA cm$^{-2}$")


def covered(axes: Axes, data: dict) -> None:
    """Coverage of a foil."""
    run = data["coverage"]
    points(axes, run.x / 36.0, run.model, run.exact)
    axes.set(xscale="log", xlabel="plated (uAh cm$^{-2}$)".replace("u", "\N{MICRO SIGN}"), ylabel="covered share",
             title="island coverage")  # fmt: skip


def filled(axes: Axes, data: dict) -> None:
    """Depth of the median flaw while it is filled."""
    for colour, (exchange, run) in zip((BLUE, RED, GREEN), data["filling"].items(), strict=True):
        grown = 1e6 * (run.x[:, 2] - run.x[0, 2])
        axes.plot(run.exact[:, 2] / 60.0, grown, "-", color=colour, linewidth=1.0)
        label = f"$i_0$ = {0.1 * exchange:g} mA cm$^{{-2}}$"
        axes.plot(run.model[:, 2] / 60.0, grown, "o", color=colour, markersize=3.5, label=label)
    axes.set(xlabel="time (min)", ylabel="flaw grown by (\N{MICRO SIGN}m)", title="filling at 0.5 mA cm$^{-2}$")
    axes.legend(frameon=False, fontsize=6.5, handletextpad=0.1, borderaxespad=0.1)


def critical(axes: Axes, data: dict) -> None:
    """Growth of flaws around the critical depth."""
    for marker, (pressure, (ratios, growth)) in zip("osv", data["threshold"].items(), strict=True):
        axes.semilogy(ratios, growth, marker, markersize=3.5, label=f"{pressure} MPa")
    axes.axvline(1.0, color="0.6", linewidth=0.8, linestyle="--")
    axes.set(xlabel="depth over Griffith's", ylabel="growth in 1000 h (\N{MICRO SIGN}m)", title="fracture threshold")
    axes.legend(frameon=False, fontsize=6.5, handletextpad=0.1)


def pressed(axes: Axes, data: dict) -> None:
    """Rise of the stack pressure in fixtures of different stiffness."""
    for colour, (name, run) in zip((BLUE, RED, GREEN), data["pressure"].items(), strict=True):
        every = np.searchsorted(run.x, np.linspace(0.0, run.x[-1], 12)[1:]).clip(max=len(run.x) - 1)
        axes.plot(run.x / 36e3, 1e-6 * run.exact, "-", color=colour, linewidth=1.0)
        axes.plot(run.x[every] / 36e3, 1e-6 * run.model[every], "o", color=colour, markersize=3.5, label=name)
    axes.set(yscale="log", ylim=(1e-3, 1e3), xlabel="charged (mAh cm$^{-2}$)", ylabel="pressure rise (MPa)",
             title="stack in a fixture")  # fmt: skip
    axes.legend(frameon=False, fontsize=6.5, loc="upper left", ncols=2, columnspacing=1.0, handletextpad=0.2)


def key(axes: Axes, _: dict) -> None:
    """What lines and points are."""
    axes.plot([], [], "-", color="0.2", linewidth=1.0, label="closed solution")
    axes.plot([], [], "o", color="0.2", markersize=3.5, label="model")
    axes.plot([], [], "--", color="0.6", linewidth=0.8, label="Griffith's depth")
    axes.legend(frameon=False, loc="center")
    axes.set_axis_off()
