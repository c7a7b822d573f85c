"""Our reference half cell against PyBaMM's, equally accurate on an equal mesh: time per C/3 cycle on one core.

Both programs are first made as fast as they are within `ALLOWED` of their own converged result; then their cycles are
timed in turns, so that what else the machine does meets both. What is timed is the integration alone, by the clock
of each program, with everything built and compiled before.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import product
from statistics import median

import numpy as np
import pybamm
from half_cell import cycling, equal_mesh, reference_cell, similar_cells
from pybamm_half_cell import built_model, half_cycles

import cellmodel as cm

RATE = 1 / 3
ALLOWED = 1.0
"""RMS of the voltage over any half cycle, from the converged result [mV]."""

CHECKED = 2
"""Cycles over which the error is looked at."""

SPACING = 10.0
"""Converged results are known at least this densely [s], so that reading between their points adds nothing."""

OURS = (0.1, 7e-2, 5e-2, 3e-2, 2e-2, 1e-2, 3e-3, 1e-3, 1e-4)
"""Relative tolerances that are tried."""

THEIRS = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4), (1e-3, 3e-4, 1e-4, 1e-5), (2, 5)
"""Relative and absolute tolerances and highest order that are tried in PyBaMM."""

TRIALS, REPEATS = 3, 30
BATCH = 16
"""Cells that we compute together, as a sweep does; PyBaMM has no such mode, its cells cost the same each."""

CYCLES = 4
"""Of one timing: short, so that some are undisturbed on a busy machine."""

FULL_CYCLES = 10

Candidate = tuple[float, Callable[[], float], dict[str, float]]
"""Error [mV], what takes the time of a cycle [s], and the settings by name."""

Curves = list[tuple[np.ndarray, np.ndarray]]
"""Times since its beginning [s] and voltages [V] of each half cycle."""


def our_curves(cell: cm.Cell, settings: cm.Settings) -> Curves:
    """Voltages of our half cycles at the time steps that were taken."""
    run = cm.simulate(cell, cycling(RATE, CHECKED), settings=settings)
    curves = []
    for step, began in enumerate(run.steps.start_time.values):
        trace = run.trace.isel(time=(run.trace.step == step).values)
        time = (trace.time.values - began) * 3600.0
        curves.append((time[time > 0.0], trace.voltage.values[time > 0.0]))
    return curves


def their_curves(solutions: list[pybamm.Solution], spacing: float = np.inf) -> Curves:
    """Voltages of PyBaMM's half cycles at the time steps that were taken, and every `spacing` [s] between them."""
    curves = []
    for each in solutions:
        time = np.union1d(each.t, np.arange(each.t[0], each.t[-1], spacing)) if np.isfinite(spacing) else each.t
        curves.append((time - time[0], each["Voltage [V]"](t=time)))
    return curves


def distance(curves: Curves, reference: Curves) -> float:
    """Largest RMS difference of a half cycle [mV]; infinite if some are missing.

    A half cycle that ends early stays at its cut-off until the other ends.
    """
    if len(curves) < len(reference):
        return np.inf
    worst = 0.0
    for (time, voltage), (at, wanted) in zip(curves, reference, strict=True):
        later = at[at > time[-1]]
        times, voltages = np.append(time, later), np.append(voltage, np.full(later.size, voltage[-1]))
        difference = voltages - np.interp(times, at, wanted)
        worst = max(worst, np.sqrt(np.trapezoid(difference**2, times) / np.ptp(times)))
    return 1e3 * worst


def our_seconds(cells: list[cm.Cell], settings: cm.Settings, protocol: cm.Protocol, cycles: int) -> float:
    """Seconds per cell and cycle within the compiled call."""
    runs = cm.simulate_many(cells, protocol, settings=settings)
    return sum(run.cost["seconds"] for run in runs) / (len(cells) * cycles)


def their_seconds(model: pybamm.BaseModel, solver: pybamm.IDAKLUSolver, currents: list[float]) -> float:
    """Seconds per cycle within the integrator."""
    solutions = half_cycles(model, solver, currents * CYCLES)
    return sum(each.integration_time.value for each in solutions) / CYCLES


def fastest(candidates: Iterator[Candidate]) -> Candidate:
    """Choose what is fastest within the allowed error."""
    sound = [each for each in candidates if each[0] <= ALLOWED]
    if not sound:
        raise RuntimeError(f"no tolerance tried keeps the voltage within {ALLOWED} mV")
    return min(sound, key=lambda each: min(each[1]() for _ in range(TRIALS)))


def our_candidates(cell: cm.Cell, reference: Curves) -> Iterator[Candidate]:
    """Our program at each tolerance."""
    protocol, cells = cycling(RATE, CYCLES), similar_cells(BATCH)
    for tolerance in OURS:
        settings = equal_mesh(tolerance)
        error = distance(our_curves(cell, settings), reference)
        yield error, lambda s=settings: our_seconds(cells, s, protocol, CYCLES), {"ours_tolerance": tolerance}


def their_candidates(model: pybamm.BaseModel, currents: list[float], reference: Curves) -> Iterator[Candidate]:
    """PyBaMM at each combination of tolerances and highest order, compiled where there is a C compiler."""
    compiled = shutil.which("cc") is not None
    for relative, absolute, order in product(*THEIRS):
        options = {"compile": compiled, "max_order_bdf": order}
        solver = pybamm.IDAKLUSolver(rtol=relative, atol=absolute, options=options)
        try:
            error = distance(their_curves(half_cycles(model, solver, currents * CHECKED)), reference)
        except (pybamm.SolverError, RuntimeError):
            continue
        chosen = {"pybamm_rtol": relative, "pybamm_atol": absolute, "pybamm_order": order, "pybamm_compiled": compiled}
        yield error, lambda s=solver: their_seconds(model, s, currents), chosen


def full_seconds() -> float:
    """Seconds per cycle of the complete anode-less scaffold cell with every mechanism and default settings."""
    cells = [
        cm.Cell(anode="ag-ni-scaffold", electrolyte="lpscl", cathode="ncm811", stack_pressure=f"{20 + 0.5 * k} MPa")
        for k in range(BATCH)
    ]
    protocol = cm.Protocol.cycling(rate=f"{RATE:.6g}C", cycles=FULL_CYCLES)
    return our_seconds(cells, cm.Settings(), protocol, FULL_CYCLES)


def in_turns(timed: list[Callable[[], float]]) -> np.ndarray:
    """Repeat all timings one after another, float64[repeats, timings] [ms]."""
    return 1e3 * np.array([[seconds() for seconds in timed] for _ in range(REPEATS)])


def measure(report: Callable[..., None]) -> None:
    """Report `dfn_vs_pybamm` and `full_vs_pybamm`; ratios above 1 are in our favour."""
    cell = reference_cell()
    currents = [-RATE * cell.one_c, RATE * cell.one_c]
    model = built_model(cell)
    our_reference = our_curves(cell, equal_mesh(1e-7, largest_step=SPACING))
    tight = pybamm.IDAKLUSolver(rtol=1e-9, atol=1e-9)
    their_reference = their_curves(half_cycles(model, tight, currents * CHECKED), SPACING)
    our_error, ours, settings = fastest(our_candidates(cell, our_reference))
    their_error, theirs, their_settings = fastest(their_candidates(model, currents, their_reference))
    table = in_turns([ours, theirs, full_seconds])
    own, other, full = table.min(axis=0)
    report(
        "dfn_vs_pybamm",
        ratio=other / own,
        ratio_median=median(table[:, 1] / table[:, 0]),
        ours_milliseconds=own,
        pybamm_milliseconds=other,
        ours_error_millivolt=our_error,
        pybamm_error_millivolt=their_error,
        references_differ_millivolt=distance(our_reference, their_reference),
        **settings,
        **their_settings,
    )
    report(
        "full_vs_pybamm",
        ratio=other / full,
        ratio_median=median(table[:, 1] / table[:, 2]),
        ours_milliseconds=full,
        pybamm_milliseconds=other,
    )
