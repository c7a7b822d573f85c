"""Change parameters one by one and write what follows into docs/parameters.md: `python docs/make_sensitivity.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import cellmodel as cm
from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.dataset import MAH_PER_CM2
from cellmodel.result import Run

PAGE = Path(__file__).parent / "parameters.md"
HEADER = "| parameter | half-cell efficiency |"
FACTORS = 1.25, 0.8
SHIFTS = 0.01, -0.01
SHIFTED = ("cathode.diffusivity_centre", "cathode.stoichiometry_offset", "cathode.stoichiometry_scale")
SCALED = (
    "anode.pore_penalty", "anode.top_barrier", "anode.dead_weight", "anode.silver.share_of_solid",
    "anode.silver.diffusivity", "anode.silver.conduction_power", "cathode.exchange_current", "cathode.diffusivity",
    "cathode.diffusivity_width", "cathode.contact_spacing", "cathode.contact_sensitivity", "cathode.contact_pressure",
    "electrolyte.crack_speed", "electrolyte.crack_exponent", "laboratory.flaw_depth",
    "laboratory.interfacial_resistance", "electrolyte.interphase_formation", "electrolyte.interphase_throughput",
    "anode.seed_unevenness", "electrolyte.conductivity", "electrolyte.lithium_exchange_current",
)  # fmt: skip
SEEN = 0.002, 0.01, 0.01, 0.5, 0.002, 0.004, 0.004
"""Least change of each column that is written down."""
DIGITS = 3, 2, 2, 1, 3, 3, 3

Change = tuple[str, float, bool]
"""A parameter, a factor or a shift, and whether it is a factor."""


def changed(cell: cm.Cell, change: Change | None) -> cm.Cell:
    """Return the cell with one parameter changed within its range, or as it is if it has no such parameter."""
    if change is None or change[0] not in cell.parameters:
        return cell
    name, by, scales = change
    parameter = cell.parameters[name]
    value = parameter.value * by if scales else parameter.value + by
    value = min(max(value, parameter.low), parameter.high)
    return cell.with_({name: f"{value:.12g} {parameter.unit}"})


def share_below(run: Run) -> float:
    """Share of the anode's lithium below mid-height of the host at the end of plating."""
    host, layout = run.physics.host, run.physics.layout
    profile, ledger = run.profiles.isel(step=0), run.steps.lithium.isel(step=0)
    stored = (profile.lithiation.values * host.capacity).sum(axis=1) + profile.pore_lithium.values / VOLUME_PER_CHARGE
    stored = stored * host.width / MAH_PER_CM2
    top = np.cumsum(host.width)
    below = np.clip((0.5 * top[-1] - (top - host.width)) / host.width, 0.0, 1.0)
    base, deposit = (float(ledger.sel(place=place)) for place in ("base", "top"))
    assert stored.size == layout.host_cells
    return (float(stored @ below) + base) / (stored.sum() + base + deposit)


def results(changes: Sequence[Change | None]) -> np.ndarray:
    """Everything that was calibrated on, for each change; float64[changes, 7]."""
    scaffold = cm.Cell(anode="ag-ni-scaffold", stack_pressure="20 MPa")
    copper = cm.Cell(anode="cu-foil", stack_pressure="20 MPa")
    full = {p: cm.Cell(anode="ag-ni-scaffold", cathode="ncm811", loading="20 mg/cm2", one_c="4 mA/cm2",
                       stack_pressure=f"{p} MPa") for p in (20, 3)}  # fmt: skip

    def runs(cell: cm.Cell, protocol: cm.Protocol) -> list[Run]:
        return cm.simulate_many([changed(cell, change) for change in changes], protocol)

    half = runs(scaffold, cm.Protocol([{"steps": ["Plate at 1 mA/cm2 for 3.5 h", "Strip at 1 mA/cm2 until 1.0 V"]}]))
    short = runs(copper, cm.Protocol([{"steps": ["Plate at 1 mA/cm2 until 2 mAh/cm2"]}]))
    long = runs(full[20], cm.Protocol.cycling(rate="0.33C", cycles=100, formation="0.1C"))
    loose = runs(full[3], cm.Protocol.cycling(rate="0.33C", cycles=50, formation="0.1C"))
    first = [run.cycles.isel(cycle=0) for run in long]
    return np.array(
        [
            [float(run.cycles.coulombic_efficiency[0]) for run in half],
            [share_below(run) for run in half],
            [run.short["areal_capacity"] if run.short else np.inf for run in short],
            [float(cycle.discharge_capacity) / 20e-3 for cycle in first],
            [float(cycle.coulombic_efficiency) for cycle in first],
            [retention(run, 100) for run in long],
            [retention(run, 50) for run in loose],
        ]
    ).T


def retention(run: Run, cycles: int) -> float:
    """Discharge capacity after so many cycles relative to the first of them; none if the cell did not live so long."""
    discharge = run.cycles.discharge_capacity.values
    return float(discharge[cycles] / discharge[1]) if len(discharge) > cycles else np.inf


def differ(values: tuple[float, float], was: float, seen: float) -> bool:
    """Whether one of the values is visibly not what it was; none and none are the same."""
    return any(each != was and not abs(each - was) <= seen for each in values)


def shown(value: float, digits: int) -> str:
    """A number of the table."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "none"


def table() -> str:
    """Rows of all parameters that change anything."""
    pairs = [[(name, by, True) for by in FACTORS] for name in SCALED]
    pairs += [[(name, by, False) for by in SHIFTS] for name in SHIFTED]
    base, *rest = results([None, *(change for pair in pairs for change in pair)])
    lines = ["| as shipped | " + " | ".join(map(shown, base, DIGITS)) + " |"]
    for pair, more, less in zip(pairs, rest[::2], rest[1::2], strict=True):
        name, by, scales = pair[0]
        cells = [
            f"{shown(up, digits)} / {shown(down, digits)}" if differ((up, down), was, seen) else ""
            for was, up, down, seen, digits in zip(base, more, less, SEEN, DIGITS, strict=True)
        ]
        lines.append(f"| `{name}`{'' if scales else f' (+{by} / -{by})'} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Put the table in place of the one on the page."""
    before, _, after = PAGE.read_text().partition(HEADER)
    title, rule, rest = (HEADER + after).split("\n", 2)
    PAGE.write_text("\n".join([before + title, rule, table(), rest[rest.index("\n\n") + 1 :]]))


if __name__ == "__main__":
    main()
