"""Measure what tolerance and mesh change, and write the table into docs/numerics.md.

Run `python docs/make_settings.py` after a change of values, laws or numerics; it takes a minute.
"""

from __future__ import annotations

from pathlib import Path

from make_verification import markdown, write

import cellmodel as cm
from cellmodel import Cell, Protocol, Settings

PAGE = Path(__file__).with_name("numerics.md")
DEFAULT = Settings()
CASES = {
    f"default: tolerance {DEFAULT.relative_tolerance:.0e}; {DEFAULT.host_cells} host cells, "
    f"{DEFAULT.cathode_cells} cathode cells, {DEFAULT.shells} shells": DEFAULT,
    "tolerance 1e-2": Settings(relative_tolerance=1e-2),
    "tolerance 3e-3": Settings(relative_tolerance=3e-3),
    "tolerance 1e-4": Settings(relative_tolerance=1e-4),
    "tolerance 1e-6": Settings(relative_tolerance=1e-6),
    "16 host cells": Settings(host_cells=16),
    "32 host cells": Settings(host_cells=32),
    "10 cathode cells": Settings(cathode_cells=10),
    "16 shells": Settings(shells=16),
    "32 shells": Settings(shells=32),
    "1e-5; 32 host cells, 10 cathode cells, 32 shells": Settings(
        relative_tolerance=1e-5, host_cells=32, cathode_cells=10, shells=32
    ),
}
HEAD = ("setting", "half-cell efficiency", "discharge, mAh/cm2", "retention", "short, mAh/cm2", "time steps a cycle")
HALF = Protocol([{"steps": ["Plate at 1 mA/cm2 for 3.5 h", "Strip at 1 mA/cm2 until 1.0 V"]}])
SHORT = Protocol([{"steps": ["Plate at 0.5 mA/cm2 until 20 mAh/cm2"]}])


def results(settings: Settings) -> tuple[str, ...]:
    """Return first efficiency of a scaffold, discharge and retention of a full cell, onset of bare copper's short."""
    half = cm.simulate(Cell(anode="ag-ni-scaffold", stack_pressure="20 MPa"), HALF, settings=settings)
    cell = Cell(anode="ag-ni-scaffold", cathode="ncm811", loading="20 mg/cm2", stack_pressure="3 MPa")
    full = cm.simulate(cell, Protocol.cycling(rate="0.33C", cycles=20), settings=settings)
    foil = cm.simulate(Cell(anode="cu-foil", stack_pressure="20 MPa"), SHORT, settings=settings)
    return (
        f"{float(half.cycles.coulombic_efficiency[0]):.4f}",
        f"{float(full.cycles.discharge_capacity[0]):.4f}",
        f"{float(full.cycles.capacity_retention[-1]):.4f}",
        f"{foil.short['areal_capacity']:.4f}",
        f"{full.cost['steps'] / full.cost['cycles']:.0f}",
    )


def main() -> None:
    """Replace what stands between the two marks of the page."""
    rows = [(name, *results(settings)) for name, settings in CASES.items()]
    write("table of settings", markdown(HEAD, rows), "make_settings", PAGE)


if __name__ == "__main__":
    main()
