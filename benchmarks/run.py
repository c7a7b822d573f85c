"""Measure speed; print one JSON line per figure.

Run with ``make bench``. What each figure means is told in ``benchmarks/README.md``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

# One core for each program, however its libraries were built; read when they are imported.
os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import cellmodel as cm

CYCLES = 20
RUNS_PER_THREAD = 4
REPEATS = 3
FIRST_RESULT = """
import cellmodel as cm
cell = cm.Cell(anode="ag-ni-scaffold", electrolyte="lpscl", cathode="ncm811")
print(cm.simulate(cell, cm.Protocol.cycling(rate="0.33C", cycles=1)).outcome)
"""


def report(figure: str, **values: float | str) -> None:
    """Print a figure as one JSON line, numbers with four digits."""
    shown = {name: value if isinstance(value, str) else float(f"{value:.4g}") for name, value in values.items()}
    print(json.dumps({"figure": figure, **shown}), flush=True)


def simulate_once(*_: object) -> None:
    """Run the reference cell: the default scaffold cell for CYCLES cycles at C/3, without time traces."""
    cell = cm.Cell(anode="ag-ni-scaffold", electrolyte="lpscl", cathode="ncm811")
    cm.simulate(cell, cm.Protocol.cycling(rate="0.33C", cycles=CYCLES), trace=False)


def best_seconds(threads: int) -> float:
    """Return the shortest wall time in s of RUNS_PER_THREAD runs on each of `threads` threads."""
    times = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(REPEATS):
            begin = time.perf_counter()
            list(pool.map(simulate_once, range(threads * RUNS_PER_THREAD)))
            times.append(time.perf_counter() - begin)
    return min(times)


def start_seconds() -> float:
    """Return the seconds from a fresh interpreter to the first result, compiled code already in the cache."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", FIRST_RESULT], check=True, capture_output=True)
    return time.perf_counter() - begin


def main() -> None:
    """Measure every figure."""
    simulate_once()
    report("start_warm", seconds=min(start_seconds() for _ in range(REPEATS)))
    one = best_seconds(1)
    report("full_model", milliseconds_per_cycle=1e3 * one / (RUNS_PER_THREAD * CYCLES))
    if (os.cpu_count() or 1) > 1:
        report("threads", speedup_of_two=2 * one / best_seconds(2))
    if importlib.util.find_spec("pybamm") is None:
        report("dfn_vs_pybamm", skipped="PyBaMM is not installed; see benchmarks/README.md")
    else:
        import dfn_vs_pybamm

        dfn_vs_pybamm.measure(report)


if __name__ == "__main__":
    main()
