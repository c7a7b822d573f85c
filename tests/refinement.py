"""Runs of a full cell with every mechanism, on finer and finer meshes, with shorter steps and at tighter tolerances."""

import numpy as np
from compiled_model import model_slopes, model_step
from kernel_cells import make_cell, steps

import cellmodel as cm
from cellmodel import simulation
from cellmodel.numerics import system
from cellmodel.settings import Settings

MESHES = {"host_cells": (8, 16, 32), "cathode_cells": (5, 10, 20), "shells": (8, 16, 32)}
TOLERANCES = tuple(10.0 ** -np.arange(4.0, 7.6, 0.5))
REFERENCE = 1e-9
EQUAL_STEPS, MOST_EQUAL_STEPS, SPAN = (10, 20, 40, 80), 320, 120.0
"""Numbers of equal steps, that of the reference, and the time that they take together [s]."""
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


def march(begin, h, count, physics, control, plan):
    """State after `count` equal steps of h [s]."""
    u, work = begin.copy(), system.make_work(plan.mass, plan.lu.column.size)
    for _ in range(count):
        model_slopes(u, physics, control, plan.colours, work.value, work.slopes, work.jac)
        model_step(u, h, physics, control, plan, work)
        u[:] = work.new
    return u


def equal_step_errors():
    """Numbers of equal steps over two minutes of a charge, and root mean square error of all unknowns at their end.

    Each unknown by its own scale; the two minutes begin after an hour, where nothing is sudden.
    """
    run = simulate(Settings(relative_tolerance=1e-8), ["Charge at 0.33C for 1 h"])
    begin, physics = run.ended.states[-1], run.physics
    plan, control = simulation.make_plan(begin, physics, Settings()), np.array([0.0, run.compiled.setpoint[0]])
    counts = (*EQUAL_STEPS, MOST_EQUAL_STEPS)
    *ends, exact = (march(begin, SPAN / count, count, physics, control, plan) for count in counts)
    scale = plan.tolerance.absolute / plan.tolerance.relative + np.abs(exact)
    return np.array(EQUAL_STEPS), np.array([np.sqrt(np.mean(((u - exact) / scale) ** 2)) for u in ends])


def time_errors():
    """Time steps of one charge and root mean square of what is wrong at its end [1, V], tolerance by tolerance."""
    runs = [
        simulate(Settings(relative_tolerance=float(tolerance)), ["Charge at 0.33C for 1 h"])
        for tolerance in (*TOLERANCES, REFERENCE)
    ]
    *fields, exact = (field(run) for run in runs)
    errors = [np.sqrt(np.mean((each - exact) ** 2)) for each in fields]
    return np.array([run.cost["steps"] for run in runs[:-1]]), np.array(errors)
