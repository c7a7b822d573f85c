"""What a sweep will take, told before it runs: points, jobs, time, disk."""

import os
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from cellmodel.numerics.lanes import LANES
from cellmodel.sweep import rows
from cellmodel.sweep.definition import Sweep, load
from cellmodel.sweep.design import chunk_of, values
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.workspace import points_done

SAMPLE = 2 * LANES
"""Points that are simulated, side by side as in the sweep."""

START_SECONDS = 3.0
"""What a job takes before its first point: interpreter, packages, compiled model."""


def describe(path: str | Path) -> str:
    """Return what a sweep will take, after simulating a few of its points.

    Parameters
    ----------
    path : str or Path
        Sweep file.

    Returns
    -------
    str
        Several lines for a terminal.

    Raises
    ------
    InputError
        As `definition.load`.
    """
    sweep = load(path)
    done = points_done(sweep)
    print(f"simulating {SAMPLE} points to see how long they take; the first run compiles the model", file=sys.stderr)
    seconds, size = measure(sweep)
    cores = len(os.sched_getaffinity(0))
    left = sweep.points - done
    duration = left * seconds / cores + START_SECONDS * -(-left // sweep.chunk_points)
    table = {
        "points": f"{sweep.points} = {_layout(sweep)}",
        "cycles": f"{sweep.cycles} a point",
        "chunks": f"{sweep.chunks}, each a job of up to {sweep.chunk_points} points",
        "done": f"{done} points",
        "time": f"{tqdm.format_interval(duration)} for the rest on {cores} cores; {seconds:.2g} s a point, "
        f"mean of {min(SAMPLE, sweep.points)} that were simulated now",
        # Each number is stored by its chunk, in the table of all points, and most of them in the failure map.
        "disk": f"at most {3 * size * sweep.points / 1e6:.1f} MB, before compression",
    }
    return "\n".join([f"sweep {sweep.name} ({path})", *(f"  {key:<8}{text}" for key, text in table.items())])


def measure(sweep: Sweep) -> tuple[float, float]:
    """Simulate a few points, spread over the design; of a refined sweep, over its even round.

    Parameters
    ----------
    sweep : Sweep
        The sweep.

    Returns
    -------
    seconds : float
        Mean time of a point [s], the model already compiled.
    size : float
        Bytes that one point's results take.
    """
    sweep = sweep.parts[0]
    table = values(sweep)
    # The shuffle that deals points to chunks also makes a fair sample.
    points = np.argsort(chunk_of(sweep), kind="stable")[:SAMPLE]
    run_batch(sweep, points[:1], table[points[:1]])  # compiles or loads the model
    found, seconds = run_batch(sweep, points, table[points])
    seconds /= len(points)
    return seconds, rows.stack(found, sweep.cycles).nbytes / len(points)


def _layout(sweep: Sweep) -> str:
    draws = f" x {sweep.draws.count} draws" if sweep.draws else ""
    if spec := sweep.design.refine:
        return f"{spec.first} even ones, then {spec.rounds} rounds of {spec.points} at the boundary of {spec.of}"
    if not sweep.gridded:
        names = ", ".join(axis.path for axis in sweep.axes)
        kind = "Sobol sequence" if sweep.design.sobol else "Latin hypercube"
        return f"{kind} over {names}{draws}"
    return " x ".join(f"{axis.count} {axis.path}" for axis in sweep.axes) + draws
