"""How figures are printed, and the runs that several of them time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cellmodel as cm

REPEATS = 3


def report(figure: str, **values: float | str) -> None:
    """Print a figure as one JSON line, numbers with four digits."""
    shown = {name: value if isinstance(value, str) else float(f"{value:.4g}") for name, value in values.items()}
    print(json.dumps({"figure": figure, **shown}), flush=True)


def scaffold_cell() -> cm.Cell:
    """Make the complete cell that is timed: every mechanism, default parameters."""
    return cm.Cell(anode="ag-ni-scaffold", electrolyte="lpscl", cathode="ncm811")


def cycling(cycles: int) -> cm.Protocol:
    """Cycle it at C/3."""
    return cm.Protocol.cycling(rate="0.33C", cycles=cycles)


def best_seconds(threads: int, runs: int, cycles: int) -> float:
    """Return the shortest wall time in s of `runs` runs together on each of `threads` threads."""
    times, cells = [], [scaffold_cell()] * runs
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(REPEATS):
            begin = time.perf_counter()
            list(pool.map(lambda _: cm.simulate_many(cells, cycling(cycles)), range(threads)))
            times.append(time.perf_counter() - begin)
    return min(times)


def peak_memory() -> float:
    """Return the largest memory in MiB that this process has had.

    From the kernel's account of its memory: `getrusage` counts what the process that started it held at that time.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def python(code: str, cwd: Path | None = None, **environment: str) -> str:
    """Run a fresh interpreter, which finds the modules beside this one; returns what it printed."""
    path = os.pathsep.join(str(folder) for folder in (Path(__file__).parent, Path(__file__).parents[1]))
    variables = {**os.environ, "PYTHONPATH": path, **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=variables, cwd=cwd).stdout
