"""The same residual through SUNDIALS IDA (variable-order BDF) gives the same half cycle."""

import numpy as np
import pytest
from kernel_cells import make_cell, steps

import cellmodel as cm
from cellmodel.model import initial, record
from cellmodel.model import layout as at
from cellmodel.model.ledger import fill_ledger
from cellmodel.model.probe import Evaluator
from cellmodel.model.residual import mass_diagonal
from cellmodel.settings import Settings

FULL = ("Rest for 10 s", "Charge at 0.33C until 4.25 V", "Rest for 1 h", "Discharge at 0.33C until 2.5 V")
HALF = ("Rest for 10 s", "Plate at 0.5 mA/cm2 until 1 mAh/cm2", "Rest for 1 h", "Strip at 0.5 mA/cm2 until 1 V")
RAMP = 1e-2
"""IDA needs a continuous current: it rises within this time [s]."""
SETTLED, KNEE = 1.0, 0.95
"""Compared from when the rise is forgotten [s] to the knee before the cut-off, as a share."""


def integrate(run, step):
    """Repeat a protocol step of a run with IDA; returns times [s] and both integrators' states (voltage, ledger)."""
    ida = pytest.importorskip("sksundae.ida", reason="extra `test` is not installed")
    physics, mass = run.physics, mass_diagonal(run.physics.layout)
    s = physics.layout.scalars
    begin = run.ended.states[step - 1].copy()
    begin[[s + at.PASSED, s + at.ENERGY]] = 0.0
    table = run.ended.trace[run.ended.trace[:, 1] == step]
    time = table[:, 0] - run.ended.rows[step, record.ROW_START]
    kept = (time > SETTLED) & (time < KNEE * time[-1])
    control, rates = np.zeros(2), Evaluator(physics)

    def residual(t, u, rate, gap):
        control[1] = run.compiled.setpoint[step] * min(t / RAMP, 1.0)
        gap[:] = mass * rate - rates(u, control)

    solver = ida.IDA(
        residual, algebraic_idx=np.flatnonzero(mass == 0.0), calc_initcond="yp0", calc_init_dt=1e-4, first_step=1e-6,
        rtol=1e-6, atol=1e-6 * initial.scales(physics, 1.0)[1].absolute, max_num_steps=20_000, max_conv_fails=50,
    )  # fmt: skip
    solved = solver.solve(np.concatenate([[0.0], time[kept]]), begin, np.zeros_like(begin))
    assert solved.success
    voltage = table[kept, record.TRACE_SCALARS + at.VOLTAGE], solved.y[1:, s + at.VOLTAGE]
    ledgers = np.empty((kept.sum(), 10))
    for row, u in zip(ledgers, solved.y[1:], strict=True):
        fill_ledger(u, physics, row)
    return time[kept], voltage, (table[kept, record.TRACE_LEDGER : record.TRACE_DEPTH], ledgers)


@pytest.mark.parametrize(("step", "sign"), [(1, 1), (3, -1)], ids=["plating", "stripping"])
@pytest.mark.parametrize("full", [False, True], ids=["half", "full"])
@pytest.mark.parametrize("anode", ["ag-ni-scaffold", "cu-foil"])
def test_half_cycle_agrees_with_ida(anode, full, step, sign):
    protocol = steps(*(FULL if full else HALF))
    run = cm.simulate(make_cell(anode, full), protocol, settings=Settings(relative_tolerance=1e-5))
    time, (ours, theirs), (ours_kept, theirs_kept) = integrate(run, step)
    assert len(time) > 10
    assert np.sign(run.compiled.setpoint[step]) == sign
    assert np.abs(ours - theirs).max() < 0.5e-3
    passed = np.abs(run.ended.rows[step, record.ROW_PASSED])
    assert np.abs(ours_kept - theirs_kept).max() < 1e-4 * passed


@pytest.mark.parametrize("full", [False, True], ids=["half", "full"])
def test_default_tolerance_is_within_millivolts(full):
    run = cm.simulate(make_cell("ag-ni-scaffold", full), steps(*(FULL if full else HALF)))
    for step in (1, 3):
        _, (ours, theirs), _ = integrate(run, step)
        assert np.abs(ours - theirs).max() < 20e-3  # at the steep end of a half cycle
        assert np.abs(ours - theirs).mean() < 1e-3
