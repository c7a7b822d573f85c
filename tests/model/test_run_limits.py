"""Limits on the cost of a run, and what a run that cannot go on says of itself."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
from kernel_cells import cycling, failing_run, make_cell, physics_and_state, steps

import cellmodel as cm
from cellmodel import simulation
from cellmodel.model import advance, batch, events, start
from cellmodel.model import layout as at
from cellmodel.numerics import clock, system
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.settings import Settings

PATIENCE = 5.0
"""Far more than a limit of a fraction of a second needs, also on a busy machine [s]."""


def long_run(**settings):
    cell = make_cell("ag-ni-scaffold", True)
    return cm.simulate(cell, cycling(cell, cycles=2000), settings=Settings(**settings), trace=False)


def test_clock_counts_seconds():
    reference, begin = time.monotonic(), clock.seconds()
    time.sleep(0.02)
    passed = clock.seconds() - begin
    assert 0.02 <= passed <= time.monotonic() - reference + 1e-3


def test_seconds_end_a_run_that_takes_too_long():
    began = time.monotonic()
    run = long_run(relative_tolerance=1e-7, time_limit=0.2)
    assert time.monotonic() - began < PATIENCE
    assert run.outcome.kind is OutcomeKind.TIME_LIMIT
    assert 0.2 <= run.cost["seconds"] < PATIENCE
    step = run.outcome.step
    assert events.REASONS[int(run.steps.end_reason[-1])] == "limit of seconds"
    for part in (
        "Settings.time_limit",
        f"in step {step + 1};",
        f"{run.cost['steps']} time steps done",
        "worst unknown: ",
    ):
        assert part in run.outcome.message


def test_results_until_the_time_limit_are_those_of_a_whole_run():
    whole, cut = long_run(max_steps=3000), long_run(time_limit=0.05)
    done = min(whole.outcome.step, cut.outcome.step)
    assert whole.outcome.kind is cut.outcome.kind is OutcomeKind.TIME_LIMIT
    assert np.array_equal(whole.steps.capacity[:done], cut.steps.capacity[:done])


def test_steps_in_vain_count():
    run = long_run(max_steps=60)
    assert run.outcome.kind is OutcomeKind.TIME_LIMIT
    assert run.cost["steps"] + run.cost["rejected"] == 60
    assert run.cost["rejected"] > 0
    assert events.REASONS[int(run.steps.end_reason[-1])] == "limit of solver steps"
    assert "Settings.max_steps was met" in run.outcome.message
    assert f"{run.cost['rejected']} tried in vain" in run.outcome.message


def test_limit_that_is_just_enough_is_not_met():
    cell = make_cell("ag-ni-scaffold", True)
    cost = cm.simulate(cell, cycling(cell)).cost
    tries = cost["steps"] + cost["rejected"]
    for spare, kind in ((0, OutcomeKind.COMPLETED), (-1, OutcomeKind.TIME_LIMIT)):
        run = cm.simulate(cell, cycling(cell), settings=Settings(max_steps=tries + spare))
        assert run.outcome.kind is kind


class Futile:
    """A protocol step of which no time step is ever accepted: its judgement as plain Python, beside no computation."""

    def __init__(self, monkeypatch, max_steps=10**6, seconds=np.inf):
        physics, state = physics_and_state(make_cell("cu-foil", False))
        self.plan = simulation.make_plan(state, physics, Settings())._replace(max_steps=max_steps)
        self.work = system.make_work(state.size, self.plan.lu.entries[0].size)
        self.seat = np.zeros(1, batch.SEAT).view(np.recarray)[0]
        self.seat.t_end, self.seat.h, self.seat.start_scale = 3600.0, 1.0, 1.0
        self.seat.deadline = clock.seconds() + seconds
        for name in ("try_step", "limit_met", "reject", "shrunk", "start_length", "begin_small", "take_first"):
            monkeypatch.setattr(advance, name, getattr(advance, name).py_func)
        monkeypatch.setattr(advance, "begin_newton", self.begin_newton)
        monkeypatch.setattr(advance, "passed_already", lambda *_: advance.GOES_ON)
        self.rescues, self.pause = 0, 0.0

    def begin_newton(self, lane, seat, work):
        """Found with the shortest of implicit Euler steps."""
        seat.phase, seat.length = batch.STARTING, len(start.STARTS) - 1
        self.rescues += 1

    def run(self):
        reason = advance.try_step(0, self.seat, self.plan, self.work)
        self.work.step[system.ERROR] = 2.0
        bench = SimpleNamespace(values=None)
        while reason == advance.GOES_ON:
            time.sleep(self.pause)
            if self.seat.phase == batch.STARTING:
                reason = advance.resume.py_func(0, self.seat, None, None, self.plan, self.work, bench)
            else:
                reason = advance.conclude.py_func(0, self.seat, None, None, self.plan, self.work, bench, None)
        assert self.seat.accepted == 0
        return reason


def test_step_that_is_always_rejected_is_given_up(monkeypatch):
    futile = Futile(monkeypatch)
    assert futile.run() == events.FAILURE
    assert futile.seat.tries == futile.seat.shots == (advance.MOST_REJECTED + 1) * (advance.MOST_RESCUED + 1)
    assert futile.rescues == advance.MOST_RESCUED


def test_step_that_is_always_rejected_meets_the_limit_of_steps(monkeypatch):
    futile = Futile(monkeypatch, max_steps=100)
    assert futile.run() == events.STEP_LIMIT
    assert futile.seat.tries == 100


def test_step_that_is_always_rejected_meets_the_limit_of_seconds(monkeypatch):
    futile = Futile(monkeypatch, seconds=0.05)
    futile.pause = 1e-3
    assert futile.run() == events.TIME_LIMIT
    assert 0 < futile.seat.tries <= 50 + advance.LOOKS_AT_CLOCK


def test_failed_solver_tells_time_step_size_and_worst_unknown():
    run = failing_run()
    assert run.outcome.kind is OutcomeKind.SOLVER_FAILED
    assert (run.outcome.step, run.outcome.cycle) == (1, 1)
    assert run.outcome.time == pytest.approx(1800.0)
    for part in (
        "at 1800 s",
        "in step 2;",
        "step size 4e-13 s;",
        "worst unknown: reaction current in cathode cell 1 of 5;",
    ):
        assert part in run.outcome.message
    assert "(cycle 1, 0.50 h)" in str(run.outcome)


def test_failed_solver_keeps_everything_until_then():
    run = failing_run()
    assert run.steps.sizes["step"] == run.profiles.sizes["step"] == 2
    assert run.steps.capacity.values[0] > 0.1
    assert run.trace.time.values[-1] == pytest.approx(0.5)
    assert run.trace.sizes["time"] == run.cost["steps"] + 1
    assert run.ledger_drift < 1e-12
    for dataset in (run.steps, run.cycles, run.trace, run.profiles):
        assert not any(np.isnan(values).any() for values in dataset.data_vars.values())


@pytest.mark.parametrize("unknown", ["lithiation of shell 3 in cathode cell 2 of 5", "psi in host cell 4 of 8"])
def test_worst_unknown_is_named_with_its_place(monkeypatch, unknown):
    """The one whose tolerance is far tighter than that of all others."""

    def tight(state, physics, settings):
        plan = make_plan(state, physics, settings)
        names = [at.name_of(physics.layout, i) for i in range(state.size)]
        plan.tolerance.absolute[names.index(unknown)] *= 1e-6
        return plan._replace(tolerance=plan.tolerance._replace(relative=np.full(state.size, 1e-12)), max_steps=300)

    make_plan = simulation.make_plan
    monkeypatch.setattr(simulation, "make_plan", tight)
    cell = make_cell("ag-ni-scaffold", True)
    run = cm.simulate(cell, steps("Charge at 0.33C until 4.25 V"))
    assert run.outcome.kind is OutcomeKind.TIME_LIMIT
    assert run.outcome.message.endswith(f"worst unknown: {unknown}")
