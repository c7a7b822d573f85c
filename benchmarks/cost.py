"""Cost of a run over cycles, mesh and points; draws docs/figures/cost.png."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from measure import REPEATS, cycling, scaffold_cell

import cellmodel as cm
from cellmodel.plots.style import STYLE

FIGURE = Path(__file__).parents[1] / "docs/figures/cost.png"
CYCLES = (5, 10, 20, 50, 100, 200)
REFINED = (1, 2, 4, 8)
POINTS = (8, 16, 32, 64, 128)
TOGETHER = 8
"""Cells computed side by side where the cost of one is asked for."""


def kernel_seconds(cycles: int, refined: int = 1) -> float:
    """Return the shortest time of a cell in the compiled call, with `refined` times the default mesh's cells."""
    mesh = cm.Settings()
    settings = cm.Settings(
        host_cells=refined * mesh.host_cells, cathode_cells=refined * mesh.cathode_cells, shells=refined * mesh.shells
    )
    cells = [scaffold_cell()] * TOGETHER
    batches = (cm.simulate_many(cells, cycling(cycles), settings=settings) for _ in range(REPEATS))
    return min(sum(run.cost["seconds"] for run in runs) / TOGETHER for runs in batches)


def wall_seconds(points: int) -> float:
    """Return the time of so many points together, everything included that a sweep does with a run."""
    begin = time.perf_counter()
    for run in cm.simulate_many([scaffold_cell() for _ in range(points)], cycling(5)):
        run.cycles.load()
    return time.perf_counter() - begin


def measure(report: Callable[..., None]) -> None:
    """Report exponents of cost over size (1 is a straight line through the origin) and draw the lines."""
    lines = {
        "cycles": (CYCLES, [kernel_seconds(cycles) for cycles in CYCLES]),
        "refinement of the mesh": (REFINED, [kernel_seconds(5, refined) for refined in REFINED]),
        "points": (POINTS, [min(wall_seconds(points) for _ in range(REPEATS)) for points in POINTS]),
    }
    for name, (size, seconds) in lines.items():
        exponent = float(np.polyfit(np.log(size), np.log(seconds), 1)[0])
        report("cost", over=name, exponent=exponent, least_seconds=seconds[0], most_seconds=seconds[-1])
    draw(lines)


def draw(lines: dict[str, tuple[tuple[int, ...], list[float]]]) -> None:
    """Draw cost over size, both logarithmic."""
    import matplotlib.pyplot as plt

    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(lines), figsize=(6.3, 2.2), sharey=True)
        for panel, (name, (size, seconds)) in zip(axes, lines.items(), strict=True):
            panel.loglog(size, seconds, "o-")
            panel.set_xticks(size, [str(number) for number in size])
            panel.minorticks_off()
            panel.set_xlabel(f"{name} [1]")
            panel.grid(alpha=0.3)
        axes[0].set_ylabel("time [s]")
        figure.savefig(FIGURE, dpi=150)
        plt.close(figure)
