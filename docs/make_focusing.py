"""Compute the table of current focusing at cracks, `cellmodel/data/tables/current_focusing.csv`, and draw it.

Run `python docs/make_focusing.py` after a change of `cellmodel/crack_field.py`; it takes two to four minutes.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from itertools import product
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from cellmodel.crack_field import tip_focusing
from cellmodel.current_focusing import TABLE, current_focusing
from cellmodel.plots.style import STYLE

FIGURE, DPI = Path(__file__).parent / "figures/current-focusing.png", 150
ASPECTS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0, 140.0, 200.0)
BIOT = np.logspace(-6.0, 8.0, 14 * 8 + 1)
REFINEMENTS = 1
DRAWN = (1.0, 2.0, 5.0, 10.0, 50.0)
HEADER = """\
# Current density at the tip of a lithium-filled crack over the mean current density [1].
# Rows: Biot number h a [1], h = i0/(V_T kappa); columns: depth over mouth width a/w [1]. Half an ellipse in a plane,
# linearised charge transfer on its faces and on the plane, uniform current far away, two dimensions.
# Computed by docs/make_focusing.py (cellmodel/crack_field.py, scikit-fem {version}), not measured.
"""


def focusing(point: tuple[float, float]) -> float:
    """Return the focusing at a Biot number and an aspect."""
    biot, aspect = point
    return tip_focusing(aspect, biot, REFINEMENTS)


def write_table() -> None:
    """Compute and write the table."""
    with ProcessPoolExecutor() as pool:
        values = list(pool.map(focusing, product(BIOT, ASPECTS), chunksize=len(ASPECTS)))
    rows = np.reshape(values, (BIOT.size, -1))
    with TABLE.open("w", encoding="utf-8") as file:
        file.write(HEADER.format(version=version("scikit-fem")))
        file.write(",".join(["biot", *(f"{aspect:g}" for aspect in ASPECTS)]) + "\n")
        for biot, row in zip(BIOT, rows, strict=True):
            file.write(",".join([f"{biot:.7g}", *(f"{value:.7g}" for value in row)]) + "\n")


def draw() -> None:
    """Draw the focusing over the Biot number for some aspects."""
    biot = np.logspace(-3.0, 5.0, 200)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.4, 3.2))
        panel = figure.subplots()
        for aspect in DRAWN:
            # A crack 1 m deep in an electrolyte of 1 S/m has the Biot number of its charge transfer.
            panel.loglog(biot, [current_focusing(1.0, 1.0 / aspect, h, 1.0) for h in biot], label=f"{aspect:g}")
        panel.axhline(1.0, color="0.6", linewidth=0.6)
        panel.set(xlabel="Biot number $h\\,a$", ylabel="current at the tip over the mean")
        panel.legend(title="depth over width", frameon=False)
    figure.savefig(FIGURE, dpi=DPI)


if __name__ == "__main__":
    write_table()
    draw()
