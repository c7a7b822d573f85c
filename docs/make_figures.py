"""Draw the figures of README and documentation into docs/figures.

Run `python docs/make_figures.py`; the failure maps are taken over from results/, so run `make map` and
`cellmodel sweep config/sweeps/pellet-to-pouch.yaml` before.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

import cellmodel as cm
from cellmodel.plots import FIGURES, draw_indices, nyquist, run_overview
from cellmodel.plots.style import STYLE
from cellmodel.simulation import Run, simulate
from cellmodel.sweep.definition import load
from cellmodel.sweep.sensitivity import sensitivity

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "figures"
MAPS = {
    "default": FIGURES,
    "pellet-to-pouch": ("probability_of_short",),
}
"""Figures that are taken over from each sweep."""
DPI = 130


def first_run() -> Run:
    """Return the README's run with 100 cycles."""
    cell = cm.Cell(anode="ag-ni-scaffold", cathode="ncm811", loading="20 mg/cm2", stack_pressure="3 MPa")
    return simulate(cell, cm.Protocol.cycling(rate="0.33C", cycles=100))


def retention(run: Run) -> Figure:
    """Draw what the README's example plots."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.6, 2.4))
        panel = figure.subplots()
        run.cycles.capacity_retention.plot(ax=panel)
        panel.set(xlabel="cycle", ylabel="capacity retention")
    return figure


def spectra() -> Figure:
    """Draw the impedance of a scaffold that fills."""
    cell = cm.Cell(anode="ag-ni-scaffold", stack_pressure="20 MPa")
    spectrum = "Impedance from 1 MHz to 0.1 Hz"
    steps = ["Plate at 1 mA/cm2 until 1 mAh/cm2", spectrum, "Plate at 1 mA/cm2 until 34 mAh/cm2", spectrum]
    return nyquist(simulate(cell, cm.Protocol([{"steps": steps}])).impedance)


def keep(figure: Figure, name: str) -> None:
    """Write a figure as PNG."""
    with mpl.rc_context(STYLE):
        figure.savefig(TARGET / f"{name}.png", dpi=DPI)


def main() -> None:
    """Draw all figures; say which maps are missing."""
    TARGET.mkdir(exist_ok=True)
    run = first_run()
    keep(retention(run), "first-run")
    keep(run_overview(run), "first-run-overview")
    keep(spectra(), "nyquist")
    keep(draw_indices(sensitivity(load(ROOT / "config/sweeps/pellet-to-pouch.yaml"), samples=128)), "indices")
    for sweep, names in MAPS.items():
        for name in names:
            drawn = ROOT / "results" / sweep / "figures" / f"{name}.png"
            if drawn.is_file():
                (TARGET / drawn.name).write_bytes(drawn.read_bytes())
            else:
                print(f"{drawn} is missing: run the sweep {sweep} first", file=sys.stderr)


if __name__ == "__main__":
    main()
