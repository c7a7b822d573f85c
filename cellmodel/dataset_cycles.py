"""What a run did, cycle by cycle, and how far it stayed from each failure."""

from __future__ import annotations

import numpy as np
import xarray as xr

from cellmodel.dataset import (
    CONTACT_THRESHOLD,
    FADE_THRESHOLD,
    HOUR,
    MAH_PER_CM2,
    MPA,
    Columns,
    onset_columns,
    quantiles,
    simulated,
    variable,
)
from cellmodel.model import events, record
from cellmodel.model.ledger import PLACES
from cellmodel.model.physics import Physics
from cellmodel.model.side_by_side import Ended
from cellmodel.protocol import CompiledProtocol

Group = tuple[np.ndarray, np.ndarray]  # cycle numbers; which of them each protocol step belongs to


def cycle_columns(compiled: CompiledProtocol, ended: Ended, physics: Physics) -> Columns:
    """Values, unit and meaning of what is known of each cycle; sweeps keep these, without a dataset of every run."""
    rows = ended.rows
    group, ends = _groups(compiled, ended)
    last = rows[ends]
    duration = _total(group, rows[:, record.ROW_END] - rows[:, record.ROW_START]) / HOUR
    trapped = _ledger(last, "alloys") + _ledger(last, "pores")
    shorted = short_probability(compiled, ended, physics, group[0])
    return {
        **_charges(compiled, ended, physics, group),
        **_extremes(compiled, ended, physics, group),
        "dead_lithium": (_ledger(last, "dead"), "mAh cm-2", "lithium without contact at the end"),
        "interphase_lithium": (_ledger(last, "interphase"), "mAh cm-2", "lithium in the interphase at the end"),
        "trapped_lithium": (trapped, "mAh cm-2", "lithium left in the host at the end"),
        "duration": (duration, "h", "duration"),
        "short_probability": (shorted, "1", "probability that a cell has shorted by the end"),
    }


def _groups(compiled: CompiledProtocol, ended: Ended) -> tuple[Group, np.ndarray]:
    """Cycles that were begun, and which protocol step is the last of each."""
    number = compiled.cycle[: len(ended.rows)]
    ends = np.append(np.flatnonzero(np.diff(number)), len(number) - 1)
    return np.unique(number, return_inverse=True), ends


def cycles(
    columns: Columns, compiled: CompiledProtocol, ended: Ended, physics: Physics, computed: np.ndarray
) -> xr.Dataset:
    """One row a cycle; the last one is incomplete if the run ended in it.

    `computed`, bool[steps done], tells which protocol steps were not interpolated in a jump over cycles.
    """
    group, ends = _groups(compiled, ended)
    data = {name: variable("cycle", *column) for name, column in columns.items()}
    depths = ended.rows[ends, record.ROW_DEPTHS : record.ROW_DEPTHS + physics.layout.flaws]
    meaning = "flaw depth over the separator's thickness at the end"
    data["flaw_depth"] = variable(("cycle", "flaw_quantile"), depths, "1", meaning)
    data["simulated"] = simulated("cycle", computed[ends])
    coords = {"cycle": variable("cycle", group[0], "1", "cycle"), "flaw_quantile": quantiles(physics)}
    return xr.Dataset(data, coords=coords)


def _charges(compiled: CompiledProtocol, ended: Ended, physics: Physics, group: Group) -> Columns:
    direction = compiled.direction[: len(ended.rows)]
    passed, energy = ended.rows[:, record.ROW_PASSED], ended.rows[:, record.ROW_ENERGY]
    charge, up = (_total(group, np.where(direction > 0, values, 0.0)) for values in (passed, energy))
    discharge, down = (_total(group, np.where(direction < 0, -values, 0.0)) for values in (passed, energy))
    sign = 1.0 if physics.layout.cathode_cells else -1.0
    retention = _ratio(discharge, discharge[0])
    return {
        "charge_capacity": (charge / MAH_PER_CM2, "mAh cm-2", "capacity charged or plated"),
        "discharge_capacity": (discharge / MAH_PER_CM2, "mAh cm-2", "capacity discharged or stripped"),
        "coulombic_efficiency": (_ratio(discharge, charge), "1", "discharged over charged capacity"),
        "capacity_retention": (retention, "1", "discharge capacity over that of the first cycle"),
        "mean_charge_voltage": (sign * _ratio(up, charge), "V", "mean voltage while charging"),
        "mean_discharge_voltage": (sign * _ratio(down, discharge), "V", "mean voltage while discharging"),
    }


def _extremes(compiled: CompiledProtocol, ended: Ended, physics: Physics, group: Group) -> Columns:
    rows = ended.rows
    high = _extreme(group, rows[:, record.ROW_PRESSURE_HIGH], np.maximum) / MPA
    low = _extreme(group, rows[:, record.ROW_PRESSURE_LOW], np.minimum) / MPA
    contact = _extreme(group, _contact(rows, physics), np.minimum)
    top = _extreme(group, rows[:, record.ROW_TOP_HIGH], np.maximum) / MAH_PER_CM2
    covered = rows[_last_where(group, compiled.direction[: len(rows)] > 0), record.ROW_COVERED]
    return {
        "stack_pressure_max": (high, "MPa", "largest stack pressure"),
        "stack_pressure_min": (low, "MPa", "smallest stack pressure"),
        "contact_fraction_min": (contact, "1", "smallest true contact with the electrolyte"),
        "top_layer_max": (top, "mAh cm-2", "most lithium at the electrolyte"),
        "coverage_end_of_charge": (covered, "1", "share of the plane covered by the deposit after charging"),
    }


def short_probability(compiled: CompiledProtocol, ended: Ended, physics: Physics, numbers: np.ndarray) -> np.ndarray:
    """Probability that a cell has shorted by the end of each cycle [1].

    A cell shorts if its largest flaw is at least as large as one that shorted; between two quantiles the boundary is
    put half way. Five quantiles resolve 0, 0.15, 0.375, 0.625, 0.85 and 1.
    """
    probability = physics.flaws.probability
    edges = np.concatenate([[0.0], 0.5 * (probability[1:] + probability[:-1]), [1.0]])
    cycle, _, _ = onset_columns(compiled, ended)["onset_cycle"]
    # A larger flaw is always the deeper one, also where the leak of the median ends the run before it has crossed.
    earliest = np.minimum.accumulate(cycle)
    shorted = (earliest[:, None] <= numbers[None, :]).sum(axis=0)
    return 1.0 - edges[len(probability) - shorted]


def margins(columns: Columns, ended: Ended, compiled: CompiledProtocol, physics: Physics) -> dict[str, float]:
    """Signed distance to each failure: positive is safe; a failure counts the share of the protocol it left undone.

    - short: 1 - ln(a/a0) / ln(L/a0) of the median flaw
    - overflow: 1 - largest top layer over its limit
    - fade: retention after the last complete cycle less `FADE_THRESHOLD`
    - exhaustion: share of the lithium inventory not lost to interphase, dead lithium and filament
    - contact: smallest contact fraction less `CONTACT_THRESHOLD`
    """
    undone = 1.0 - (ended.index + 1) / len(compiled.mode)
    failed = -max(undone, 1e-3)
    rows, last = ended.rows, ended.rows[-1]
    relative = physics.flaws.depth[physics.flaws.median] / physics.separator.thickness
    depth = rows[:, record.ROW_DEPTHS + physics.flaws.median].max()
    lost = sum(last[record.ROW_LEDGER + PLACES.index(name)] for name in ("interphase", "dead", "filament"))
    total = last[record.ROW_LEDGER : record.ROW_LEDGER + len(PLACES)].sum()
    retention, contact = columns["capacity_retention"][0], columns["contact_fraction_min"][0]
    complete = retention[: -1 if ended.reason != -1 and retention.size > 1 else None]
    top = rows[:, record.ROW_TOP_HIGH].max() / physics.limits.overflow
    return {
        "short": failed if ended.reason == events.SHORT else float(1.0 - np.log(depth / relative) / -np.log(relative)),
        "overflow": failed if ended.reason == events.OVERFLOW else float(1.0 - top),
        "fade": float(complete[-1]) - FADE_THRESHOLD,
        "exhaustion": failed if ended.reason == events.EXHAUSTION else float(1.0 - lost / total),
        "contact": float(contact.min()) - CONTACT_THRESHOLD,
    }


def _contact(rows: np.ndarray, physics: Physics) -> np.ndarray:
    anode, counter = rows[:, record.ROW_CONTACT_LOW], rows[:, record.ROW_COUNTER_CONTACT_LOW]
    return anode if physics.layout.cathode_cells else np.minimum(anode, counter)


def _ledger(rows: np.ndarray, place: str) -> np.ndarray:
    return rows[:, record.ROW_LEDGER + PLACES.index(place)] / MAH_PER_CM2


def _total(group: Group, values: np.ndarray) -> np.ndarray:
    return np.bincount(group[1], weights=values, minlength=group[0].size)


def _extreme(group: Group, values: np.ndarray, choose: np.ufunc) -> np.ndarray:
    return choose.reduceat(values, np.searchsorted(group[1], np.arange(group[0].size)))


def _last_where(group: Group, chosen: np.ndarray) -> np.ndarray:
    """Last chosen row of each group; its last row where none is chosen."""
    index = np.searchsorted(group[1], np.arange(group[0].size), side="right") - 1
    for row in np.flatnonzero(chosen):
        index[group[1][row]] = row
    return index


def _ratio(upper: np.ndarray, lower: np.ndarray | float) -> np.ndarray:
    """Quotient that is 0 where nothing was passed: absence of charge is not a number to spread."""
    lower = np.broadcast_to(lower, upper.shape)
    return np.divide(upper, lower, out=np.zeros(upper.shape), where=lower > 0.0)
