"""From the arrays of a compiled run to labelled datasets in the units of the field (CF attributes)."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from cellmodel.cell import Cell
from cellmodel.model import events, record
from cellmodel.model import layout as at
from cellmodel.model.layout import name_of
from cellmodel.model.ledger import PLACES
from cellmodel.model.physics import Physics
from cellmodel.model.side_by_side import Ended
from cellmodel.numerics.outcome import Outcome, OutcomeKind
from cellmodel.protocol import CompiledProtocol

MAH_PER_CM2 = 36000.0  # C/m2
MA_PER_CM2 = 10.0  # A/m2
HOUR, MPA = 3600.0, 1e6

CONTACT_THRESHOLD = 0.1
"""Contact fraction at which the current is concentrated tenfold; the margin of contact counts from here [1]."""
FADE_THRESHOLD = 0.8
"""Retention that ends a cell's first life; the margin of fade counts from here [1]."""

Columns = dict[str, tuple[np.ndarray, str, str]]
"""Name: values, unit, meaning."""

_OUTCOMES = {
    -1: OutcomeKind.COMPLETED, -2: OutcomeKind.CAPACITY_BELOW_THRESHOLD, events.SHORT: OutcomeKind.SHORTED,
    events.OVERFLOW: OutcomeKind.HOST_OVERFLOW, events.EXHAUSTION: OutcomeKind.LITHIUM_EXHAUSTED,
    events.STEP_LIMIT: OutcomeKind.TIME_LIMIT, events.TIME_LIMIT: OutcomeKind.TIME_LIMIT,
    events.FAILURE: OutcomeKind.SOLVER_FAILED,
}  # fmt: skip


def variable(dims: str | tuple[str, ...], values: Any, units: str, long_name: str) -> tuple[Any, ...]:
    """One variable of a dataset with its CF attributes."""
    return dims, np.asarray(values), {"units": units, "long_name": long_name}


def simulated(dim: str, mask: np.ndarray) -> tuple[Any, ...]:
    """Flag of what was computed and not interpolated in a jump over cycles."""
    return variable(dim, mask, "1", "computed, not interpolated in a jump over cycles")


def outcome(compiled: CompiledProtocol, ended: Ended, physics: Physics) -> Outcome:
    """Name how a run ended, with the place and the numbers."""
    kind = _OUTCOMES[int(ended.reason)]
    message = _messages(ended, physics)[kind]
    return Outcome(
        kind=kind,
        message=message,
        cycle=int(compiled.cycle[ended.index]),
        step=int(ended.index),
        time=float(ended.time),
    )


def _messages(ended: Ended, physics: Physics) -> dict[OutcomeKind, str]:
    row, step = ended.rows[ended.index], f"step {ended.index + 1}"
    passed, top = row[record.ROW_PASSED] / MAH_PER_CM2, row[record.ROW_TOP_HIGH] / MAH_PER_CM2
    onset = abs(ended.onsets.passed[physics.flaws.median]) / MAH_PER_CM2
    threshold = physics.limits.capacity_threshold
    depth = row[record.ROW_DEPTHS + physics.flaws.median]
    tries, limit = int(ended.count[0]), "time_limit" if ended.reason == events.TIME_LIMIT else "max_steps"
    state = f"at {ended.time:.8g} s of the protocol, in {step}; step size {ended.size:.2g} s"
    worst = f"worst unknown: {name_of(physics.layout, int(ended.worst))}"
    return {
        OutcomeKind.COMPLETED: f"all {len(ended.rows)} steps carried out",
        OutcomeKind.SHORTED: f"a filament crossed the separator after {onset:.3g} mAh/cm2 of {step}",
        OutcomeKind.CAPACITY_BELOW_THRESHOLD: (
            f"discharge gave {-passed:.3g} mAh/cm2, below {threshold:.0%} of the first (in the first: of the cathode)"
        ),
        OutcomeKind.LITHIUM_EXHAUSTED: f"the counter electrode is spent in {step}",
        OutcomeKind.HOST_OVERFLOW: (f"{top:.3g} mAh/cm2 stand between host and separator, the anode's overflow_limit"),
        OutcomeKind.TIME_LIMIT: (
            f"Settings.{limit} was met {state}; {ended.accepted} time steps done, {tries - ended.accepted} tried in "
            f"vain; {worst}"
        ),
        OutcomeKind.SOLVER_FAILED: f"no time step succeeds {state}; {worst}; flaw at {depth:.0%} of the separator",
    }


def steps(compiled: CompiledProtocol, ended: Ended, physics: Physics) -> xr.Dataset:
    """One row a protocol step."""
    rows, done = ended.rows, len(ended.rows)
    sign = 1.0 if physics.layout.cathode_cells else -1.0
    meanings = " ".join(text.replace(" ", "_") for text in events.REASONS)
    reason = variable("step", rows[:, record.ROW_REASON].astype(np.int8), "1", "what ended the step")
    reason[2].update(flag_values=np.arange(len(events.REASONS), dtype=np.int8), flag_meanings=meanings)
    ledger = rows[:, record.ROW_LEDGER : record.ROW_LEDGER + len(PLACES)] / MAH_PER_CM2
    passed, energy = rows[:, record.ROW_PASSED] / MAH_PER_CM2, rows[:, record.ROW_ENERGY] / MAH_PER_CM2
    voltage = sign * rows[:, record.ROW_VOLTAGE_END]
    columns = {
        "cycle": (compiled.cycle[:done], "1", "cycle of the step"),
        "direction": (compiled.direction[:done], "1", "1 plate or charge, -1 strip or discharge, 0 rest"),
        "start_time": (rows[:, record.ROW_START] / HOUR, "h", "time at the step's start"),
        "end_time": (rows[:, record.ROW_END] / HOUR, "h", "time at the step's end"),
        "capacity": (passed, "mAh cm-2", "charge passed, positive when plating"),
        "energy": (energy, "mWh cm-2", "energy put into the cell"),
        "end_voltage": (voltage, "V", "cell voltage at the step's end"),
        "coverage": (rows[:, record.ROW_COVERED], "1", "share of the plane covered by the top deposit"),
        "ledger_drift": (rows[:, record.ROW_DRIFT], "1", "relative change of the total lithium"),
    }
    data = {name: variable("step", *column) for name, column in columns.items()}
    data["end_reason"] = reason
    data["lithium"] = variable(("step", "place"), ledger, "mAh cm-2", "where the lithium is at the step's end")
    return xr.Dataset(data, coords={"step": np.arange(done), "place": list(PLACES)})


def trace(compiled: CompiledProtocol, ended: Ended, physics: Physics) -> xr.Dataset:
    """Time series at the accepted time steps."""
    table = ended.trace
    index = table[:, 1].astype(np.int64)
    ledger = table[:, record.TRACE_LEDGER : record.TRACE_DEPTH] / MAH_PER_CM2
    data = {name: variable("time", *series) for name, series in _series(table, physics).items()}
    data["lithium"] = variable(("time", "place"), ledger, "mAh cm-2", "where the lithium is")
    data["cycle"] = variable("time", compiled.cycle[index], "1", "cycle")
    data["step"] = variable("time", index, "1", "protocol step")
    time = variable("time", table[:, 0] / HOUR, "h", "time since the start of the run")
    return xr.Dataset(data, coords={"time": time, "place": list(PLACES)})


def _series(table: np.ndarray, physics: Physics) -> dict[str, tuple[np.ndarray, str, str]]:
    sign = 1.0 if physics.layout.cathode_cells else -1.0
    flaw = table[:, record.TRACE_DEPTH]

    def scalar(offset: int) -> np.ndarray:
        return table[:, record.TRACE_SCALARS + offset]

    return {
        "voltage": (sign * scalar(at.VOLTAGE), "V", "cell voltage; half cells: anode against counter"),
        "current": (scalar(at.CURRENT) / MA_PER_CM2, "mA cm-2", "current density, positive when plating"),
        "step_capacity": (scalar(at.PASSED) / MAH_PER_CM2, "mAh cm-2", "charge passed in the protocol step"),
        "stack_pressure": (scalar(at.PRESSURE) / MPA, "MPa", "stack pressure"),
        "contact_fraction": (scalar(at.CONTACT), "1", "true contact of anode and electrolyte"),
        "counter_contact_fraction": (scalar(at.COUNTER_CONTACT), "1", "true contact of counter foil and electrolyte"),
        "cathode_contact_fraction": (scalar(at.CATHODE_CONTACT), "1", "contact of active particles and electrolyte"),
        "coating_resistance": (scalar(at.COATING) * 1e4, "ohm cm2", "area resistance of the active particles"),
        "surface_potential": (scalar(at.SURFACE) * 1e3, "mV", "lithium potential at the anode's surface"),
        "deposit_size": (np.exp(scalar(at.GRAIN)) * 1e9, "nm", "grain size of the top deposit"),
        "patch_density": (np.exp(scalar(at.PATCHES)), "m-2", "patches of the top deposit per area"),
        "deposit_porosity": (scalar(at.DEPOSIT_POROSITY), "1", "porosity of the top deposit"),
        "leak_conductance": (scalar(at.LEAK) * 1e-4, "S cm-2", "conductance of the filament"),
        "flaw_depth": (flaw, "1", "depth of the median cell's flaw over the separator's thickness"),
    }


def onset_columns(compiled: CompiledProtocol, ended: Ended) -> Columns:
    """Values, unit and meaning of what is known of the onset of a short for each quantile of flaw size."""
    found = ended.onsets
    cycle = np.where(found.step >= 0, compiled.cycle[np.maximum(found.step, 0)], np.inf)
    passed = np.abs(found.passed) / MAH_PER_CM2
    return {
        "onset_cycle": (cycle, "1", "cycle of the short"),
        "onset_time": (found.time / HOUR, "h", "time of the short"),
        "onset_areal_capacity": (passed, "mAh cm-2", "areal capacity passed in the half cycle that shorts"),
    }


def onsets(compiled: CompiledProtocol, ended: Ended, physics: Physics) -> xr.Dataset:
    """Onset of a short for each quantile of flaw size."""
    data = {name: variable("flaw_quantile", *column) for name, column in onset_columns(compiled, ended).items()}
    return xr.Dataset(data, coords={"flaw_quantile": quantiles(physics)})


def quantiles(physics: Physics) -> tuple[Any, ...]:
    """Coordinate of the flaw quantiles."""
    return variable(
        "flaw_quantile", physics.flaws.probability, "1", "probability that a cell's largest flaw is smaller"
    )


def profiles(ended: Ended, physics: Physics, phases: tuple[str, ...]) -> xr.Dataset:
    """Through-thickness profiles at the end of every protocol step."""
    data, coords = {}, {"step": np.arange(len(ended.states))}
    if physics.layout.host_cells:
        x = _centres(physics.host.width) * 1e6
        coords["host_x"] = variable("host_x", x, "um", "height above the current collector")
        coords["phase"] = list(phases)
        data |= _host_profiles(ended.states, physics)
    if physics.layout.cathode_cells:
        x = _centres(physics.cathode.width) * 1e6
        coords["cathode_x"] = variable("cathode_x", x, "um", "distance from the separator")
        data |= _cathode_profiles(ended.states, physics)
    if physics.layout.separator_cells:
        coords["salt_x"], data["salt_concentration"] = _salt_profile(ended.states, physics)
    return xr.Dataset(data, coords=coords)


def _host_profiles(states: np.ndarray, physics: Physics) -> dict[str, tuple[Any, ...]]:
    layout, dims = physics.layout, ("step", "host_x")
    host = states[:, : layout.salt].reshape(-1, layout.host_cells, layout.host_block)
    return {
        "host_potential": variable(dims, host[..., 0] * 1e3, "mV", "lithium potential of the network"),
        "lithiation": variable((*dims, "phase"), host[..., 1:-1], "1", "lithiation of each alloy"),
        "pore_lithium": variable(dims, host[..., -1], "1", "lithium metal per volume of layer"),
    }


def _cathode_profiles(states: np.ndarray, physics: Physics) -> dict[str, tuple[Any, ...]]:
    layout, dims = physics.layout, ("step", "cathode_x")
    block = states[:, layout.cathode : layout.scalars].reshape(-1, layout.cathode_cells, layout.cathode_block)
    mean = (block[..., : layout.shells + 1] * physics.cathode.shell_volume).sum(axis=-1)
    surface = block[..., layout.shells]
    return {
        "cathode_lithiation": variable(dims, mean, "1", "mean lithiation of the particles"),
        "cathode_surface_lithiation": variable(dims, surface, "1", "lithiation of the particles' surface"),
    }


def _salt_profile(states: np.ndarray, physics: Physics) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    layout = physics.layout
    separator = physics.salt.volume[: layout.separator_cells]
    separator = physics.separator.thickness * separator / separator.sum()
    x = _centres(np.concatenate([separator, physics.cathode.width])) * 1e6
    salt = states[:, layout.salt : layout.separator]
    return (
        variable("salt_x", x, "um", "distance from the anode, through separator and cathode"),
        variable(("step", "salt_x"), salt, "1", "salt concentration over that of the fresh cell"),
    )


def _centres(width: np.ndarray) -> np.ndarray:
    return np.cumsum(width) - 0.5 * width


def broken_contact_step(asked: CompiledProtocol, ran: xr.Dataset, cell: Cell) -> int | None:
    """Index of the first step under current that a voltage ended although the protocol names none; None without one.

    A foil without lithium of its own may be stripped bare that way; that is its end, and not a broken contact.

    Parameters
    ----------
    asked : CompiledProtocol
    ran : xarray.Dataset
        Why each step that was run ended, as from `steps`.
    cell : Cell
    """
    unasked = (asked.mode == 0) & np.isnan(asked.voltage_limit)
    has_lithium = bool(cell.si.get("anode.lithium_thickness"))
    loaded = (asked.direction > 0) | ((asked.direction < 0) & has_lithium)
    by_voltage = ran["end_reason"].values == events.VOLTAGE_LIMIT
    broken = np.flatnonzero((unasked & loaded)[: by_voltage.size] & by_voltage)
    return int(broken[0]) if broken.size else None
