"""Runs of a full cell with every mechanism: on finer and finer meshes, with shorter and shorter time steps."""

from unittest import mock

import numpy as np
from kernel_cells import make_cell, steps

import cellmodel as cm
from cellmodel.model import initial
from cellmodel.settings import Settings

MESHES = {"host_cells": (8, 16, 32), "cathode_cells": (5, 10, 20), "shells": (8, 16, 32)}
STEPS, SHORTEST = (30.0, 15.0, 7.5), 1.875
"""Lengths of time steps, and that of the reference [s]."""
TOLERANCES, TIGHTEST = tuple(10.0 ** -np.arange(3.0, 7.1, 0.5)), 1e-9
BEGIN = "Charge at 0.33C for 1 h"
CYCLE = ("Charge at 0.33C for 2 h", "Discharge at 0.33C for 1 h")


def simulate(settings, sentences=CYCLE):
    cell = make_cell("ag-ni-scaffold", True, stack_pressure="20 MPa")
    run = cm.simulate(cell, steps(*sentences), settings=settings, trace=False)
    assert run.outcome.kind.label == "completed", str(run.outcome)
    return run


def orders(errors):
    """Observed order between neighbouring meshes, each twice as fine as the one before."""
    errors = np.abs(np.asarray(errors))
    return np.log2(errors[:-1] / errors[1:])


def end_voltages(direction):
    """Voltage [V] after charge and after discharge on three meshes, finer in one direction."""
    runs = [simulate(Settings(relative_tolerance=1e-7, **{direction: size})) for size in MESHES[direction]]
    return np.array([run.steps.end_voltage.values for run in runs])


def first_discharge(shells):
    """Capacity [mAh/cm2] of the README's cell at 0.33C, on particles of a number of shells."""
    cell = make_cell("ag-ni-scaffold", True, loading="20 mg/cm2", stack_pressure="3 MPa")
    protocol = cm.Protocol.cycling(rate="0.33C", cycles=1)
    run = cm.simulate(cell, protocol, settings=Settings(relative_tolerance=1e-5, shells=shells), trace=False)
    return float(run.cycles.discharge_capacity[0])


def field(run):
    """Everything through the thickness at the end of a run, potentials in V."""
    last = run.profiles.isel(step=-1)
    names = ("lithiation", "pore_lithium", "cathode_lithiation", "cathode_surface_lithiation")
    parts = [last[name].values.ravel() for name in names]
    return np.concatenate([*parts, 1e-3 * last.host_potential.values, run.steps.end_voltage.values[-1:]])


def distances(runs):
    """Root mean square of the difference of each run but the last to the last one [1, V]."""
    *fields, exact = (field(run) for run in runs)
    return np.array([np.sqrt(np.mean((each - exact) ** 2)) for each in fields])


def time_errors():
    """Errors after the ten minutes that follow the first hour of a charge, in steps of one length after the first few.

    The same accurate state begins all of them, so that no formation and no start is left in the errors.
    """
    begun = simulate(Settings(relative_tolerance=1e-8), [BEGIN]).ended.states[-1]
    with mock.patch.object(initial, "initial_state", lambda *_: begun.copy()):
        runs = [
            simulate(Settings(relative_tolerance=1e-2, largest_step=length), ["Charge at 0.33C for 10 min"])
            for length in (*STEPS, SHORTEST)
        ]
    return distances(runs)


def tolerance_errors():
    """Time steps of the first hour of a charge, and errors at its end, tolerance by tolerance."""
    runs = [simulate(Settings(relative_tolerance=float(each)), [BEGIN]) for each in (*TOLERANCES, TIGHTEST)]
    return np.array([run.cost["steps"] for run in runs[:-1]]), distances(runs)
