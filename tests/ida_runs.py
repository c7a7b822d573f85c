"""Whole protocols through SUNDIALS IDA (variable-order BDF), for comparison with runs of the package.

Only the right-hand side is shared. Time stepping, Jacobians (differences), consistent starts after a change of current
and the meeting of limits (root finding) are IDA's own, and each protocol step begins where IDA's last one ended.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from kernel_cells import make_cell

import cellmodel as cm
from cellmodel.laws.contact import initial_contact
from cellmodel.model import events, initial, record
from cellmodel.model import layout as at
from cellmodel.model.probe import Evaluator
from cellmodel.model.residual import mass_diagonal
from cellmodel.settings import Settings
from cellmodel.simulation import executable

CYCLES = 5
FULL = ["Charge at 0.33C until 4.25 V", "Rest for 10 min", "Discharge at 0.33C until 2.5 V", "Rest for 10 min"]
HALF = ["Plate at 0.5 mA/cm2 until 1 mAh/cm2", "Rest for 10 min", "Strip at 0.5 mA/cm2 until 1 V", "Rest for 10 min"]
SPARING = [*HALF[:2], "Strip at 0.5 mA/cm2 until 0.9 mAh/cm2 or until 1 V", HALF[3]]
PROTOCOLS = {("lithium-foil", False): SPARING}
"""Protocols other than `FULL` and `HALF`: stripping to 1 V would empty a foil that is lithium in its first cycle."""

LIGHT = {(anode, True): {"loading": "8 mg/cm2"} for anode in ("carbon-paper-composite", "ag-ni-scaffold-0.5M")}
"""What a cell needs to live for five cycles: these hosts overflow from a loading of 20 mg/cm2."""

CALM = {"laboratory.flaw_depth": "9 um"}
"""Flaws that grow, and cross in none of the cells."""

ACCURATE, DEFAULT = 1e-7, Settings().relative_tolerance
"""Tolerances of the runs that are compared."""
TOLERANCE = 1e-8
"""Relative tolerance of IDA."""

LATER = 1.02, 1.0
"""How much longer than the run under test IDA may take to meet a limit: a factor, and seconds."""


class Reference(NamedTuple):
    """IDA's account of one protocol step."""

    time: np.ndarray  # since the step began [s]
    state: np.ndarray  # float64[len(time), n]
    length: float  # duration of the step [s]
    end: np.ndarray  # float64[n]
    reason: int  # event that ended it, as in `model.events`


def first_state(run):
    """State vector of the fresh cell of a run."""
    si = run.cell.si
    contact = initial_contact.py_func(si["stack_pressure"], si["contact_full_pressure"])
    return initial.initial_state(run.physics, contact)


def times(run, step):
    """Times of the accepted time steps in a protocol step, since its beginning [s], and the rows of the trace."""
    rows = run.ended.trace[1:]
    rows = rows[rows[:, 1] == step]
    return rows[:, 0] - run.ended.rows[step, record.ROW_START], rows


def limits_of(run, step):
    """Voltage with the sign of its approach, and charge, at which IDA stops in a protocol step [V, 1, C/m2].

    A run meets limits within their sharpness, 10 uV or 1e-6. On a flat stretch that is a tenth of a second, which would
    be seen at every later knee. So IDA aims at where the run stopped, within its limit.
    """
    voltage, sign, charge = executable(run.compiled, run.cell.is_full).limits[step][:3]
    s, end = run.physics.layout.scalars, run.ended.states[step]
    reason = int(run.ended.rows[step, record.ROW_REASON])
    if reason == events.VOLTAGE_LIMIT:
        assert end[s + at.VOLTAGE] == pytest.approx(voltage, abs=1.01 * events.VOLTAGE_SHARPNESS)
        voltage = end[s + at.VOLTAGE]
    if reason == events.CAPACITY_LIMIT:
        assert abs(end[s + at.PASSED]) == pytest.approx(charge, rel=1.01 * events.RELATIVE_SHARPNESS)
        charge = abs(end[s + at.PASSED])
    return voltage, sign, min(charge, 1e300)


def integrate_step(run, step, duration, begin, wanted):
    """Carry out one protocol step with IDA from state `begin`; `wanted` are times since its beginning [s]."""
    ida = pytest.importorskip("sksundae.ida", reason="extra `test` is not installed")
    physics, mass = run.physics, mass_diagonal(run.physics.layout)
    setpoint = executable(run.compiled, run.cell.is_full).setpoint[step]
    s, control = physics.layout.scalars, np.array([0.0, 0.0])
    rates, (voltage, sign, charge) = Evaluator(physics), limits_of(run, step)

    def residual(t, u, rate, gap):
        gap[:] = mass * rate - rates(u, control)

    def passed(t, u, rate, gap):
        gap[0] = sign * (u[s + at.VOLTAGE] - voltage)
        gap[1] = abs(u[s + at.PASSED]) - charge

    passed.terminal, passed.direction = [True, True], [1, 1]
    solver = ida.IDA(
        residual, eventsfn=passed, num_events=2, algebraic_idx=np.flatnonzero(mass == 0.0), calc_initcond="yp0",
        calc_init_dt=1e-3, first_step=1e-6, rtol=TOLERANCE, atol=initial.scales(physics, TOLERANCE)[1].absolute,
        max_num_steps=20_000, max_nonlin_iters=8, max_conv_fails=50,
    )  # fmt: skip
    begin = begin.copy()
    begin[[s + at.PASSED, s + at.ENERGY]] = 0.0
    begin[s + at.SETPOINT] = setpoint
    solved = solver.solve(np.concatenate([[0.0], wanted, [duration]]), begin, np.zeros_like(begin))
    assert solved.success, solved.message
    met = events.DURATION
    if solved.i_events is not None:
        first = int(np.flatnonzero(np.atleast_2d(solved.i_events)[-1])[0])
        met = (events.VOLTAGE_LIMIT, events.CAPACITY_LIMIT)[first]
    return Reference(solved.t[1:-1], solved.y[1:-1], solved.t[-1], solved.y[-1], met)


def integrate(run, *others):
    """Carry out the protocol of a run with IDA, with states at the times of others, too; a `Reference` a step."""
    steps, state, references = executable(run.compiled, run.cell.is_full), first_state(run), []
    for step, row in enumerate(run.ended.rows):
        longest = LATER[0] * (row[record.ROW_END] - row[record.ROW_START]) + LATER[1]
        duration = min(steps.duration[step], longest)
        wanted = np.unique(np.concatenate([times(each, step)[0] for each in (run, *others)]))
        wanted = wanted[wanted < duration * (1.0 - 1e-9)]
        done = integrate_step(run, step, duration, state, wanted)
        state = done.end
        references.append(done)
    return references


@cache
def compared(anode, full):
    """Run five cycles of a cell at both tolerances, and through IDA."""
    cell = make_cell(anode, full, overrides=CALM, **LIGHT.get((anode, full), {}))
    steps = PROTOCOLS.get((anode, full), FULL if full else HALF)
    protocol = cm.Protocol([{"repeat": CYCLES, "steps": steps}])
    runs = [cm.simulate(cell, protocol, settings=Settings(relative_tolerance=each)) for each in (ACCURATE, DEFAULT)]
    return *runs, integrate(*runs)


def gaps(run, reference, step):
    """Time, gap to IDA's voltage and slope of the voltage at every time step of a protocol step [s, V, V/s]."""
    time, rows = times(run, step)
    kept = np.isin(time, reference.time)
    time, voltage = time[kept], rows[kept, record.TRACE_SCALARS + at.VOLTAGE]
    theirs = reference.state[np.searchsorted(reference.time, time), run.physics.layout.scalars + at.VOLTAGE]
    rise = np.abs(np.diff(voltage) / np.diff(time))
    return time, np.abs(voltage - theirs), np.maximum(np.append(rise, rise[-1]), np.append(rise[0], rise))
