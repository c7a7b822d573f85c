"""One run at a glance: voltage, capacity and efficiency, stack pressure, and where the lithium is."""

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.plots.style import OUTCOMES, STYLE

if TYPE_CHECKING:
    from cellmodel.simulation import Run

ELSEWHERE = ("cathode", "counter", "double_layer")
FEW_CYCLES = 3
SMALLEST_SHARE = 1e-3
"""Places that never hold more than this share of the lithium are left out of the ledger's panel."""


def run_overview(run: "Run") -> Figure:
    """Draw a run.

    Parameters
    ----------
    run : Run
        As from `simulate`, with its trace.

    Returns
    -------
    Figure
        Four panels: voltage, capacity and coulombic efficiency of every cycle, stack pressure, lithium ledger.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 4.8))
        panels = figure.subplots(2, 2)
        figure.suptitle(f"{run.cell.names['anode']}: {run.outcome}", wrap=True)
        _voltage(panels[0, 0], run)
        _capacity(panels[0, 1], run)
        _pressure(panels[1, 0], run)
        _ledger(panels[1, 1], run)
    return figure


def _voltage(panel: Axes, run: "Run") -> None:
    panel.plot(run.trace["time"], run.trace["voltage"], linewidth=0.8)
    panel.set(xlabel="time, h", ylabel="cell voltage, V")
    if run.short:
        onset, colour = run.short["time"], OUTCOMES[OutcomeKind.SHORTED][0]
        panel.axvline(onset, color=colour, linestyle="--")
        panel.text(onset, 1.0, " short", color=colour, transform=panel.get_xaxis_transform(), va="top")


def _capacity(panel: Axes, run: "Run") -> None:
    """Capacity on the left, efficiency on the right; one cycle is a dot."""
    cycles = run.cycles
    style = {"marker": ".", "markersize": 4 if cycles.sizes["cycle"] < 50 else 2, "linewidth": 0.8}
    (capacity,) = panel.plot(cycles["cycle"], cycles["discharge_capacity"], **style)
    panel.set(xlabel="cycle", ylabel="discharge capacity, mAh/cm²", ylim=(0, None))
    panel.yaxis.label.set_color(capacity.get_color())
    panel.xaxis.get_major_locator().set_params(integer=True)
    beside = panel.twinx()
    (efficiency,) = beside.plot(cycles["cycle"], 100 * cycles["coulombic_efficiency"], color="C1", **style)
    beside.set_ylabel("coulombic efficiency, %", color=efficiency.get_color())
    beside.spines["right"].set_visible(True)


def _pressure(panel: Axes, run: "Run") -> None:
    panel.plot(run.trace["time"], run.trace["stack_pressure"], linewidth=0.8, color="C2")
    panel.set(xlabel="time, h", ylabel="stack pressure, MPa")


def _ledger(panel: Axes, run: "Run") -> None:
    """Lithium that is neither in the cathode nor in the counter electrode.

    Over time for the first cycles; what each cycle leaves behind where there are many.
    """
    if run.cycles.sizes["cycle"] > FEW_CYCLES:
        last = ~run.steps["cycle"].to_index().duplicated(keep="last")
        lithium, at = run.steps["lithium"].values[last], run.steps["cycle"].values[last]
        panel.set(xlabel="cycle", ylabel="lithium left at its end, mAh/cm²")
        panel.xaxis.get_major_locator().set_params(integer=True)
    else:
        lithium, at = run.trace["lithium"].values, run.trace["time"].values
        panel.set(xlabel="time, h", ylabel="lithium, mAh/cm²")
    smallest = SMALLEST_SHARE * lithium[0].sum()
    places = run.trace["place"].values
    kept = [i for i, place in enumerate(places) if place not in ELSEWHERE and lithium[:, i].max() > smallest]
    if kept:
        panel.stackplot(at, lithium[:, kept].T, labels=places[kept], linewidth=0)
        panel.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    panel.set_ylim(0, None)
