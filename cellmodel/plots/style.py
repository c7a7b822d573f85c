"""One look for every figure: sizes, colours that the colour-blind can tell apart, markers, files."""

import io
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep.store import write_bytes

FIELD_COLOURS = "cividis"
NO_VALUE = "0.88"

STYLE = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 8,
    "figure.titlesize": 9,
    "figure.constrained_layout.use": True,
    "axes.prop_cycle": mpl.cycler(color=["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.2,
    "svg.fonttype": "none",
    "svg.hashsalt": "cellmodel",
}
"""Colours after Okabe and Ito (2008), https://jfly.uni-koeln.de/color/."""

OUTCOMES = {
    OutcomeKind.NOT_RUN: ("#FFFFFF", "."),
    OutcomeKind.COMPLETED: ("#56B4E9", ""),
    OutcomeKind.SHORTED: ("#D55E00", "x"),
    OutcomeKind.CAPACITY_BELOW_THRESHOLD: ("#E69F00", "v"),
    OutcomeKind.LITHIUM_EXHAUSTED: ("#F0E442", "s"),
    OutcomeKind.HOST_OVERFLOW: ("#CC79A7", "^"),
    OutcomeKind.INVALID_DESIGN: ("#999999", "*"),
    OutcomeKind.SOLVER_FAILED: ("#000000", "+"),
    OutcomeKind.TIME_LIMIT: ("#009E73", "o"),
}
"""Colour and marker of each outcome; a completed point needs no marker."""


def label(kind: OutcomeKind) -> str:
    """Return an outcome as words."""
    return kind.name.lower().replace("_", " ")


def save(figure: Figure, stem: Path) -> list[Path]:
    """Write a figure as PNG and SVG.

    Parameters
    ----------
    figure : Figure
        What to write.
    stem : Path
        File name without ending.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    StoreError
        They cannot be written.
    """
    files = []
    for ending in ("png", "svg"):
        buffer = io.BytesIO()
        # Without a date equal figures are equal files.
        metadata = {"Date": None} if ending == "svg" else {}
        with mpl.rc_context(STYLE):
            figure.savefig(buffer, format=ending, dpi=200, metadata=metadata)
        files.append(stem.with_name(f"{stem.name}.{ending}"))
        write_bytes(files[-1], buffer.getvalue())
    return files
