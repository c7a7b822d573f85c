"""Draw the figures of docs/verification.md that compare with other people's solvers, and write their tables.

Run `python docs/make_comparisons.py` after a change of the model or its numerics; it takes a minute or two. PyBaMM
(extra `benchmark`) is needed for the second figure.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from make_verification import DPI, ROOT, TARGET, markdown, write
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from verification_panels import BLUE, RED

from cellmodel.plots.style import STYLE

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/model"), str(ROOT / "benchmarks")]

import ida_runs  # noqa: E402
import test_independent_integrator as integrator  # noqa: E402
import test_pybamm as independent  # noqa: E402
from half_cell import reference_cell  # noqa: E402

from cellmodel.model import layout as at  # noqa: E402
from cellmodel.model import record  # noqa: E402

INTEGRATOR, MODEL = "distance to IDA", "distance to PyBaMM"
SHOWN = ("ag-ni-scaffold", True)
ASKED = 0.2
"""Largest distance to IDA that is asked for [mV]."""
COLOURS = {
    "ag-ni-scaffold": "#0072B2",
    "carbon-paper-composite": "#E69F00",
    "cu-foil": "#009E73",
    "mgagsn-elastane": "#CC79A7",
}
OTHER = "0.7"
"""Colours of some anodes, and that of all others."""


def draw_integrator() -> Figure:
    """Draw five cycles of one cell, and the distance to IDA of all cells at two tolerances."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 4.8))
        grid = figure.add_gridspec(2, 2)
        voltage = figure.add_subplot(grid[0, :])
        cycles(voltage)
        for column, title in enumerate(
            (f"tolerance {ida_runs.ACCURATE:g}", f"default tolerance, {ida_runs.DEFAULT:g}")
        ):
            axes = figure.add_subplot(grid[1, column])
            for anode, full in integrator.COMBINATIONS:
                *runs, references = ida_runs.compared(anode, full)
                distances(axes, runs[column], references, COLOURS.get(anode, OTHER), "o" if full else "x",
                          anode if full and anode in COLOURS else None)  # fmt: skip
            axes.axhline(ASKED, color="0.4", linewidth=0.8, linestyle="--")
            axes.set(yscale="log", ylim=(1e-8, 2e3), xlabel="time (h)", ylabel="distance to IDA (mV)", title=title)
            if column == 0:
                axes.legend(frameon=False, fontsize=6.5, loc="upper right", ncols=2, markerscale=3)
    return figure


def cycles(axes: Axes) -> None:
    """Voltage of one cell by IDA, and at the default tolerance."""
    _, run, references = ida_runs.compared(*SHOWN)
    voltage = run.physics.layout.scalars + at.VOLTAGE
    begins = run.ended.rows[:, record.ROW_START]
    time = np.concatenate([(start + each.time) / 3600.0 for start, each in zip(begins, references, strict=True)])
    theirs = np.concatenate([each.state[:, voltage] for each in references])
    axes.plot(time, theirs, "-", color=BLUE, linewidth=1.0, label="IDA")
    ours = run.ended.trace[1:]
    axes.plot(ours[:, 0] / 3600.0, ours[:, record.TRACE_SCALARS + at.VOLTAGE], ".", color=RED, markersize=2.5,
              label="time steps at the default tolerance")  # fmt: skip
    axes.set(xlabel="time (h)", ylabel="voltage (V)", title=f"{SHOWN[0]}, full cell")
    axes.legend(frameon=False, loc="lower left")


def distances(axes: Axes, run, references, colour: str, marker: str, label: str | None) -> None:
    """Distance to IDA at every time step of a run."""
    for step, reference in enumerate(references):
        time, gap, _ = ida_runs.gaps(run, reference, step)
        begin = run.ended.rows[step, record.ROW_START]
        axes.plot((begin + time) / 3600.0, 1e3 * gap + 1e-9, marker, color=colour, markersize=1.0, rasterized=True,
                  label=None if step else label)  # fmt: skip


def integrator_table() -> str:
    """Return the distances of all cells in Markdown."""
    rows = []
    for anode, full in integrator.COMBINATIONS:
        accurate, default, references = ida_runs.compared(anode, full)
        beyond = late = mean = 0.0
        for step, reference in enumerate(references):
            _, gap, slope = ida_runs.gaps(accurate, reference, step)
            beyond = max(beyond, (gap - integrator.SHIFT * slope).max())
            if step % 2 == 0:
                time, gap, _ = ida_runs.gaps(default, reference, step)
                kept = (time > integrator.START) & (time < integrator.KNEE * time[-1])
                late, mean = max(late, gap[kept].max()), max(mean, np.trapezoid(gap, time) / time[-1])
        ends = [np.abs(durations(run) - [each.length for each in references]).max() for run in (accurate, default)]
        name = f"{anode}, {'full' if full else 'half'}"
        rows.append((name, f"{max(1e6 * beyond, 0.001):.2g} uV", f"{1e3 * ends[0]:.2g} ms", f"{1e3 * late:.2g} mV",
                     f"{1e3 * mean:.2g} mV", f"{ends[1]:.2g} s"))  # fmt: skip
    head = (
        "cell", "voltage at 1e-7, beyond 1 ms", "ends at 1e-7", "voltage by default, to the knee", "mean", "ends",
    )  # fmt: skip
    return markdown(head, rows)


def durations(run) -> np.ndarray:
    """Duration of each protocol step [s]."""
    return run.ended.rows[:, record.ROW_END] - run.ended.rows[:, record.ROW_START]


def compare_models() -> dict[str, tuple]:
    """Return our half cycles, PyBaMM's and their distances, by rate."""
    import pybamm_half_cell as other

    cell = reference_cell()
    model, found = other.built_model(cell), {}
    for name, rate in independent.RATES.items():
        ours = list(independent.our_half_cycles(cell, rate))
        theirs = independent.their_half_cycles(other, cell, model, rate)
        found[name] = ours, theirs, independent.distances(ours, theirs)
    return found


def draw_models(found: dict[str, tuple]) -> Figure:
    """Draw voltages of the second cycle, and their differences, over the share of the half cycle."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 4.8))
        panels = figure.subplots(2, 2, sharex=True, height_ratios=(2, 1))
        for half, title in enumerate(("charge", "discharge")):
            above, below = panels[:, half]
            for colour, (name, (ours, theirs, _)) in zip(COLOURS.values(), found.items(), strict=True):
                (time, voltage), solution = ours[2 + half], theirs[2 + half]
                begin, duration = solution.t[0], solution.t[-1] - solution.t[0]
                share = time / duration
                kept = share <= 1.0
                reference = solution["Voltage [V]"](t=begin + time[kept])
                every = slice(None, None, max(1, kept.sum() // 25))
                above.plot(share[kept], reference, "-", color=colour, linewidth=1.0, label=name)
                above.plot(share[kept][every], voltage[kept][every], "o", color=colour, markersize=2.5)
                below.plot(share[kept], 1e3 * (voltage[kept] - reference), "-", color=colour, linewidth=0.8)
            above.set(title=title, ylabel="voltage (V)")
            below.set(xlabel="share of the half cycle", ylabel="difference (mV)", ylim=(-2.0, 2.0))
        panels[0, 0].legend(frameon=False)
    return figure


def models_table(found: dict[str, tuple]) -> str:
    """Return the root mean squares of two cycles in Markdown."""
    rows = [
        (name, *(f"{rms:.2f} mV" for rms, _ in distance), f"{1e2 * np.abs(distance[:, 1]).max():.3f} %")
        for name, (_, _, distance) in found.items()
    ]
    head = ("rate", "charge", "discharge", "second charge", "second discharge", "largest difference of durations")
    return markdown(head, rows)


def main() -> None:
    """Compute, draw and write."""
    found = compare_models()
    for name, figure in (("integrator", draw_integrator()), ("model", draw_models(found))):
        with mpl.rc_context(STYLE):
            figure.savefig(TARGET / f"verification-{name}.png", dpi=DPI)
    write(INTEGRATOR, integrator_table(), Path(__file__).stem)
    write(MODEL, models_table(found), Path(__file__).stem)


if __name__ == "__main__":
    main()
