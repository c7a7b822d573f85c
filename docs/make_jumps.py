"""Compare lives of 1,000 cycles with and without jumps, and write the tables of docs/cycle-jumping.md.

Run `python docs/make_jumps.py` after a change of values, laws or numerics; it takes a few minutes.
"""

from __future__ import annotations

import sys

import numpy as np
from make_verification import ROOT, markdown, write

import cellmodel as cm
from cellmodel.result import Run

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/model")]  # what is told is what the tests assert

import test_cycle_jumping as lives  # noqa: E402
from kernel_cells import make_cell  # noqa: E402

PAGE = ROOT / "docs/cycle-jumping.md"
CYCLES, ERRORS = 1000, (0.001, 0.002, 0.005, 0.02)
FADES = "copper"
"""The cell whose error follows what is tolerated."""


def protocol(name: str) -> cm.Protocol:
    """Return the thousand cycles of a life."""
    rate = lives.LONG_LIVES[name][1]
    return cm.Protocol.cycling(rate=rate, cycles=CYCLES) if rate else lives.half_cycles(CYCLES)


def onset(plain: Run, jumped: Run) -> str:
    """Return when the short comes, and by how much the jumps miss it."""
    if plain.short is None:
        return "none"
    true, found = plain.short["cycle"], jumped.short["cycle"]
    return f"{true:.0f}; {found:.0f}, {abs(found / true - 1):.1%} off"


def life(plain: Run) -> str:
    """Return how long a cell lived, and what was left of its best discharge."""
    discharge = plain.cycles.discharge_capacity.values
    left = "" if plain.short else f", to {discharge[-1] / np.nanmax(discharge):.0%}"
    return f"{plain.outcome.cycle}{left}"


def lives_table() -> list[tuple[str, ...]]:
    """Compare every life at both tolerances."""
    rows = [("cell", "tolerance", "life, cycles", "computed", "ratio", "largest error", "`jump_error`", "short")]
    for name, (arguments, _) in lives.LONG_LIVES.items():
        for tolerance in (lives.TOLERANCE, lives.COARSEST):
            plain, jumped = lives.both(make_cell(**arguments), protocol(name), tolerance)
            computed, error = jumped.cost["cycles"], lives.deviation(plain, jumped)
            ratio = jumped.outcome.cycle / computed
            numbers = (f"{computed}", f"{ratio:.2g}", f"{error:.1g}", f"{jumped.jump_error:.2g}")
            rows.append((name, f"{tolerance:.0e}", life(plain), *numbers, onset(plain, jumped)))
    return rows


def errors_table() -> list[tuple[str, ...]]:
    """Ask for several errors."""
    rows = [("`jump_error` asked for", "computed", "`run.jump_error`", "largest error of retention")]
    cell = make_cell(**lives.LONG_LIVES[FADES][0])
    settings = [cm.Settings(relative_tolerance=lives.TOLERANCE, jump_error=error) for error in (0.0, *ERRORS)]
    plain, *jumped = (cm.simulate(cell, protocol(FADES), settings=each, trace=False) for each in settings)
    for asked, run in zip(ERRORS, jumped, strict=True):
        error = lives.deviation(plain, run)
        rows.append((f"{asked}", f"{run.cost['cycles']}", f"{run.jump_error:.2g}", f"{error:.1g}"))
    return rows


if __name__ == "__main__":
    for name, rows in (("lives", lives_table()), ("errors", errors_table())):
        write(name, markdown(rows[0], rows[1:]), "make_jumps", PAGE)
