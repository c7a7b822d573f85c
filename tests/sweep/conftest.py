"""A small sweep, and a stand-in for the simulation that answers at once: here only bookkeeping is tested."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
import yaml

from cellmodel.numerics.outcome import Outcome, OutcomeKind
from cellmodel.sweep import rows
from cellmodel.sweep.definition import Sweep, load

SMALL: dict[str, Any] = {
    "base_cell": {"anode": "ag-ni-scaffold", "electrolyte": "lpscl", "cathode": "ncm811"},
    "protocol": [{"repeat": 6, "steps": ["Charge at 0.33C until 4.25 V", "Discharge at 0.33C until 2.5 V"]}],
    "axes": {
        "anode.porosity": {"values": [0.6, 0.8, 0.95]},
        "stack_pressure": {"log": ["0.5 MPa", "50 MPa", 5]},
        "temperature": {"linear": ["0 degC", "60 degC", 2]},
    },
    "design": {"grid": {}},
    "chunk_points": 7,
    "report": {"retention_cycles": [3]},
}


@pytest.fixture
def small() -> dict[str, Any]:
    """Content of a sweep file, free to be changed."""
    return yaml.safe_load(yaml.safe_dump(SMALL))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    def write_to(content: dict[str, Any], name: str = "small") -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return path

    return write_to


@pytest.fixture
def sweep(small: dict[str, Any], write: Callable[[dict[str, Any]], Path]) -> Sweep:
    return load(write(small))


def stand_in(cell: Any, protocol: Any, *, settings: Any = None, trace: bool = True) -> SimpleNamespace:
    """Answer like `simulate`: shorts at high pressure, breaks down at low pressure, fades otherwise."""
    pressure, cycles = cell.si["stack_pressure"] / 1e6, protocol.cycles
    if pressure < 1.0 and cell.si["anode.porosity"] > 0.9:
        raise FloatingPointError("step size fell below 1e-9 s")
    shorted = pressure > 20.0
    ended = cycles // 2 if shorted else cycles
    number = np.arange(1, ended + 1)
    series = {name: np.full(ended, pressure) for name in rows.SERIES}
    series["discharge_capacity"] = 3.0 - 0.2 * number * cell.si["anode.porosity"]
    series["coulombic_efficiency"] = 1.0 - 0.1 / number
    series["short_probability"] = np.linspace(0.0, 0.5 + 0.5 * shorted, ended)
    onset = 2.0 if shorted else np.inf
    kind = OutcomeKind.SHORTED if shorted else OutcomeKind.COMPLETED
    return SimpleNamespace(
        cycle_columns={name: (values, "1", name) for name, values in series.items()},
        onset_columns={name: (np.full(5, onset), "1", name) for name in rows.ONSETS},
        trace=xr.Dataset({"voltage": ("time", np.linspace(3, 4, 9))}, {"time": np.arange(9.0)}),
        outcome=Outcome(kind, f"at {pressure:g} MPa", ended, 0, 3600.0 * ended),
        short={"areal_capacity": 2.0, "cycle": ended, "time": 9.0, "soft": False} if shorted else None,
        margins=dict.fromkeys(rows.MARGINS, -1.0 if shorted else 1.0),
        ledger_drift=1e-12,
        jump_error=getattr(settings, "jump_error", 0.0),
        cost={"steps": 10, "rejected": 3, "seconds": 0.001},
    )


@pytest.fixture
def no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_all(tasks, settings, trace):
        return [stand_in(cell, protocol, settings=settings, trace=trace) for cell, protocol in tasks]

    monkeypatch.setattr("cellmodel.sweep.points.prepare", lambda cell, protocol, settings: (cell, protocol))
    monkeypatch.setattr("cellmodel.sweep.points.run_tasks", run_all)
