"""Seconds from a command to its first result, and memory of a run and of a worker."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable

from measure import REPEATS, python

FIRST_RESULT = """
import cellmodel as cm
cell = cm.Cell(anode="ag-ni-scaffold", electrolyte="lpscl", cathode="ncm811")
print(cm.simulate(cell, cm.Protocol.cycling(rate="0.33C", cycles=1)).outcome)
"""
MEMORY = """
import numba
import cellmodel as cm
import distributed, xarray, netCDF4
from measure import peak_memory as peak
cell = cm.Cell(anode="ag-ni-scaffold", electrolyte="lpscl", cathode="ncm811")
protocol = cm.Protocol.cycling(rate="0.33C", cycles=10)
imported = peak()
cm.simulate(cell, protocol, trace=False).cycles
once = peak()
for _ in range(200):
    cm.simulate(cell, protocol, trace=False).cycles
print(imported, once, peak())
"""


def seconds_of(cache: str | None) -> float:
    """Return the seconds of a fresh interpreter until its first result, with compiled code in `cache`."""
    begin = time.perf_counter()
    python(FIRST_RESULT, **({} if cache is None else {"CELLMODEL_CACHE": cache}))
    return time.perf_counter() - begin


def measure(report: Callable[..., None]) -> None:
    """Report starts with an empty and with a filled cache, and peaks of memory in MiB."""
    with tempfile.TemporaryDirectory() as empty:
        cold = seconds_of(empty)
        warm = min(seconds_of(empty) for _ in range(REPEATS))
    report("start", cold_seconds=cold, warm_seconds=warm)
    imported, once, often = (float(number) for number in python(MEMORY).split())
    report("memory", imported_MiB=imported, one_run_MiB=once - imported, growth_over_200_runs_MiB=often - once)
