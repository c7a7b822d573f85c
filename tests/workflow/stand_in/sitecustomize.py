"""A simulation that answers at once and, where it is told to, takes its process down.

Python imports this module by its name when the folder is on its path: so it reaches every process of a sweep, and the
package needs no hooks for tests. FAULT holds JSON: {"kind": ..., "pressure": [values in MPa at which it strikes]}.
"""

import ctypes
import importlib.abc
import importlib.util
import json
import os
import signal
import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

CLOCK = {"offset": 0.0}
TARGET = "cellmodel.sweep.points"


def strike(fault: dict[str, Any]) -> None:
    """Do what a bad point may do to its process."""
    if "once" in fault:  # a file: made by the first process that is struck, and then all is well
        try:
            os.close(os.open(fault["once"], os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
    if fault["kind"] == "segfault":
        ctypes.string_at(0)
    if fault["kind"] == "abort":
        os.abort()
    if fault["kind"] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault["kind"] == "clock":
        CLOCK["offset"] = fault["seconds"]
    if fault["kind"] == "hang":
        time.sleep(1e6)
    if fault["kind"] == "memory":
        np.ones(2**50)


def run_of(cell: Any, protocol: Any) -> SimpleNamespace:
    """Make up a run: numbers that differ from point to point and have all their digits."""
    from cellmodel.numerics.outcome import Outcome, OutcomeKind
    from cellmodel.sweep import rows

    fault = json.loads(os.environ.get("FAULT", "{}"))
    pressure = cell.si["stack_pressure"]
    if any(abs(pressure / 1e6 / struck - 1) < 1e-6 for struck in fault.get("pressure", ())):
        strike(fault)
    time.sleep(float(os.environ.get("POINT_SECONDS", "0")))
    with open(os.environ.get("COUNT", os.devnull), "a") as file:
        file.write(f"{pressure}\n")
    random = np.random.default_rng(int(pressure * 1e3))
    series = {name: random.random(protocol.cycles) for name in rows.SERIES}
    series["short_probability"] = random.random(protocol.cycles)
    return SimpleNamespace(
        cycle_columns={name: (values, "1", name) for name, values in series.items()},
        onset_columns={name: (random.random(5), "1", name) for name in rows.ONSETS},
        trace=None,
        outcome=Outcome(OutcomeKind.COMPLETED, f"at {pressure:g} Pa", protocol.cycles, 0, random.random()),
        short=None,
        margins={name: random.random() for name in rows.MARGINS},
        ledger_drift=0.0,
        jump_error=0.0,
        cost={"steps": 10, "seconds": 0.0},
    )


class Patched(importlib.abc.Loader):
    """Load the module, then replace what it calls."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self.loader = loader

    def create_module(self, spec: Any) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        module.prepare = lambda cell, protocol, settings: (cell, protocol)
        module.run_tasks = lambda tasks, settings, trace: [run_of(*task) for task in tasks]


class Finder(importlib.abc.MetaPathFinder):
    """Find the one module that is replaced."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != TARGET:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        sys.meta_path.insert(0, self)
        assert spec and spec.loader
        spec.loader = Patched(spec.loader)
        return spec


sys.meta_path.insert(0, Finder())
if "clock" in os.environ.get("FAULT", ""):
    true_time = time.time
    time.time = lambda: true_time() + CLOCK["offset"]
