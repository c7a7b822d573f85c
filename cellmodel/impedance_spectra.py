"""Impedance of cells and of runs, as labelled datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from cellmodel.cell import Cell
from cellmodel.dataset import HOUR, variable
from cellmodel.errors import InputError
from cellmodel.model import impedance as kernel
from cellmodel.model import record
from cellmodel.model.assembled import assemble, make_plan
from cellmodel.model.capacitances import Capacitances
from cellmodel.model.physics import Physics
from cellmodel.model.side_by_side import Steps, run_together
from cellmodel.settings import Settings

if TYPE_CHECKING:
    from cellmodel.result import Run

OHM_CM2 = 1e-4  # ohm m2

SETTLING = 1.0
"""Rest before a spectrum, in which double layers lose their charge [s]."""

PER_DECADE = 10
"""Frequencies of a spectrum in each decade."""


class Places(NamedTuple):
    """Where in a run spectra are taken: protocol step, cycle and time [s] of each."""

    step: np.ndarray
    cycle: np.ndarray
    time: np.ndarray


def impedance(source: Run | Cell, *, step: int = -1, frequencies: Sequence[float] | None = None) -> xr.Dataset:
    """Impedance of a fresh cell, or of a run at the end of a protocol step.

    The cell rests for a second at open circuit, then its balances are linearised.

    Parameters
    ----------
    source : Cell or Run
    step : int, optional
        Protocol step of the run, as in `Run.steps`; from the end if negative.
    frequencies : sequence of float, optional
        In Hz; ten in each decade from 1 MHz to 0.1 Hz if not given.

    Returns
    -------
    xarray.Dataset
        As `Run.impedance`, with one spectrum.

    Raises
    ------
    InputError
        If the run has no such step, or a frequency is not above zero.

    Example
    -------
    >>> import cellmodel as cm
    >>> spectrum = cm.impedance(cm.Cell(anode="lithium-foil", stack_pressure="5 MPa"))
    >>> bool(spectrum.charge_transfer_resistance[0] > 0.0)
    True
    """
    chosen = _checked(frequencies) if frequencies is not None else spaced(1e6, 0.1)
    if isinstance(source, Cell):
        physics, state = assemble(source, Settings())
        nowhere = Places(*np.zeros((3, 1)))
        return _spectra(source, physics, state[None], chosen, nowhere)
    done = len(source.ended.rows)
    if not -done <= step < done:
        raise InputError("impedance", "step", step, f"{-done} to {done - 1}", problem="is not a step of the run")
    return _of_steps(source, np.array([step % done]), chosen)


def of_run(run: Run) -> xr.Dataset:
    """Spectra of all impedance steps that a run has reached; see `Run.impedance`."""
    high, low = (each[: len(run.ended.rows)] for each in (run.compiled.highest, run.compiled.lowest))
    steps = np.flatnonzero(np.isfinite(high))
    ranges = sorted({(high[step], low[step]) for step in steps})
    found = np.unique(np.concatenate([np.zeros(0), *(spaced(*each) for each in ranges)]))[::-1]
    return _of_steps(run, steps, found)


def spaced(high: float, low: float) -> np.ndarray:
    """Frequencies from a high to a low one in Hz, equally spaced in their logarithm."""
    count = int(np.ceil(PER_DECADE * np.log10(high / low) - 1e-9)) + 1
    return np.geomspace(high, low, count)


def _checked(frequencies: Sequence[float]) -> np.ndarray:
    given = np.asarray(frequencies, float)
    if given.ndim != 1 or not np.all(np.isfinite(given) & (given > 0.0)):
        problem = "are not frequencies above zero in Hz"
        raise InputError("impedance", "frequencies", frequencies, problem=problem, fix="write [1e6, 1e3, 1.0]")
    return given


def _of_steps(run: Run, steps: np.ndarray, frequencies: np.ndarray) -> xr.Dataset:
    places = Places(steps, run.compiled.cycle[steps], run.ended.rows[steps, record.ROW_END])
    return _spectra(run.cell, run.physics, run.ended.states[steps], frequencies, places)


def _spectra(cell: Cell, p: Physics, states: np.ndarray, frequencies: np.ndarray, places: Places) -> xr.Dataset:
    """Build the dataset of the spectra at some states of a cell, float64[k, n]."""
    values = np.zeros((len(states), frequencies.size), complex)
    bulk, transfer = np.zeros((2, len(states)))
    capacitances = Capacitances(
        cell.si["interface_capacitance"], cell.si["double_layer"], cell.si["particle_double_layer"]
    )
    for k, state in enumerate(_rested(p, states)):
        system = kernel.linearised(state, p, capacitances)
        values[k] = kernel.impedance(system, frequencies) / OHM_CM2
        bulk[k] = kernel.bulk_resistance(system) / OHM_CM2
        transfer[k] = kernel.direct_resistance(system) / OHM_CM2 - bulk[k]
    dims, unit = ("impedance", "frequency"), "ohm cm2"
    data = {
        "real": variable(dims, values.real, unit, "real part of the impedance"),
        "imaginary": variable(dims, values.imag, unit, "imaginary part of the impedance"),
        "bulk_resistance": variable("impedance", bulk, unit, "high-frequency intercept with the real axis, R_b"),
        "charge_transfer_resistance": variable("impedance", transfer, unit, "width of the interfacial arc, R_ct"),
    }
    coords = {
        "impedance": variable("impedance", np.arange(1, len(states) + 1), "1", "number of the impedance step"),
        "frequency": variable("frequency", frequencies, "Hz", "frequency"),
        "step": variable("impedance", places.step.astype(int), "1", "protocol step"),
        "cycle": variable("impedance", places.cycle.astype(int), "1", "cycle"),
        "time": variable("impedance", places.time / HOUR, "h", "time since the start of the run"),
    }
    return xr.Dataset(data, coords=coords)


def _rested(p: Physics, states: np.ndarray) -> list[np.ndarray]:
    """States after `SETTLING` at open circuit; what limits and ends a run does not count."""
    if not len(states):
        return []
    single = np.zeros(1)
    rest = Steps(single, single, single, single + SETTLING, np.array([[np.nan, 1.0, np.inf, np.nan]]), single)
    plan = make_plan(states[0], p, Settings())
    ended = run_together(list(states), [p] * len(states), [rest] * len(states), plan, keep_trace=False)
    return [each.state for each in ended]
