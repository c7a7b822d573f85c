"""Measure speed; print one JSON line per figure.

Run with ``make bench``. What each figure means is told in ``benchmarks/README.md``.
"""

from __future__ import annotations

import importlib.util
import os

# One core for each program, however its libraries were built; read when they are imported.
os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import cost
import refinement
import scale
import start
import sweep_efficiency
from measure import best_seconds, report

RUNS, CYCLES = 16, 100


def main() -> None:
    """Measure every figure."""
    start.measure(report)
    one = best_seconds(1, RUNS, CYCLES)
    report("full_model", milliseconds_per_cycle=1e3 * one / (RUNS * CYCLES))
    if (os.cpu_count() or 1) > 1:
        report("threads", speedup_of_two=2 * one / best_seconds(2, RUNS, CYCLES))
    cost.measure(report)
    if importlib.util.find_spec("pybamm") is None:
        report("dfn_vs_pybamm", skipped="PyBaMM is not installed; see benchmarks/README.md")
    else:
        import dfn_vs_pybamm

        dfn_vs_pybamm.measure(report)
    sweep_efficiency.measure(report)
    refinement.measure(report)
    scale.measure(report)


if __name__ == "__main__":
    main()
