"""Cells computed side by side come out as alone, to the last bit, whatever happens beside them."""

import numpy as np
import pytest
from kernel_cells import cycling, make_cell, steps

import cellmodel as cm
from cellmodel import simulation
from cellmodel.model import side_by_side
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.settings import Settings

MANY = 20
"""More than there are lanes, so that lanes are handed on."""


def cell_of(number):
    """Cells of one structure, all different; some are so cold and pressed that they short."""
    pressure, temperature = 2 + 0.9 * number, 25 + number % 4
    if number % 5 == 3:
        pressure, temperature = 40 + number, 0
    return make_cell("ag-ni-scaffold", True, stack_pressure=f"{pressure} MPa", temperature=f"{temperature} degC")


def protocol_of(number):
    """Short and long ones, under current and voltage; some end in a short, some before they are through."""
    kinds = [
        cycling(cell_of(number), cycles=1 + number % 3),
        steps("Charge at 0.2C for 1 h", "Rest for 30 min"),
        steps("Charge at 0.33C until 4.2 V", "Hold at 4.2 V until 0.05C", "Discharge at 1C until 2.5 V"),
        steps(f"Charge at {20 if number == 13 else 0.8} mA/cm2 until 4.3 V", "Discharge at 1C until 2.5 V"),
        steps("Rest for 1 min"),
    ]
    return kinds[number % len(kinds)]


def together(numbers, trace=True, settings=None):
    numbers = list(numbers)
    return cm.simulate_many(
        [cell_of(n) for n in numbers], [protocol_of(n) for n in numbers], settings=settings, trace=trace
    )


def difference(ours, theirs):
    """Name of the first part of two runs that is not the same to the last bit; None if there is none."""
    for name in type(ours.ended)._fields:
        mine, other = getattr(ours.ended, name), getattr(theirs.ended, name)
        parts = zip(mine, other, strict=True) if name == "onsets" else [(mine, other)]
        if name != "seconds" and not all(np.array_equal(a, b, equal_nan=True) for a, b in parts):
            return name
    return None


@pytest.fixture(scope="module")
def alone():
    return [cm.simulate(cell_of(n), protocol_of(n)) for n in range(MANY)]


def all_alike(runs, numbers, alone):
    return [difference(run, alone[n]) for run, n in zip(runs, numbers, strict=True)] == [None] * len(runs)


def test_cells_are_different_and_end_differently(alone):
    """Else what follows would show little."""
    assert {run.outcome.kind.label for run in alone} >= {"completed", "shorted", "capacity_below_threshold"}
    assert len({run.ended.accepted for run in alone}) > MANY // 2
    assert len({run.ended.rows[-1].tobytes() for run in alone}) == MANY
    assert max(len(run.ended.trace) for run in alone) > side_by_side.FIRST_ROWS
    assert difference(alone[0], alone[5]) is not None


@pytest.mark.parametrize("numbers", [[0, 3, 2], [7, 1, 12], [4], [2, 2, 2, 2]], ids=str)
def test_few_cells(numbers, alone):
    assert all_alike(together(numbers), numbers, alone)


@pytest.mark.parametrize("shift", [0, 1, 7, 13])
def test_many_cells_at_any_place(shift, alone):
    numbers = np.roll(np.arange(MANY), shift)
    assert all_alike(together(numbers), numbers, alone)


def test_many_cells_backwards_without_a_trace(alone):
    """The first row is there even so."""
    runs = together(reversed(range(MANY)), trace=False)
    for run, other in zip(runs, reversed(alone), strict=True):
        assert np.array_equal(run.ended.trace, other.ended.trace[:1])
        assert difference(run, other) in ("trace", None)
        assert np.array_equal(run.ended.states, other.ended.states)
        assert np.array_equal(run.ended.count, other.ended.count)


@pytest.mark.parametrize("rows", [2, 5, 64])
def test_traces_grow_in_the_middle_of_anything(rows, alone, monkeypatch):
    monkeypatch.setattr(side_by_side, "FIRST_ROWS", rows)
    assert all_alike(together(range(MANY)), range(MANY), alone)
    assert all_alike([cm.simulate(cell_of(3), protocol_of(3))], [3], alone)


def task_of(number):
    return simulation.prepare(cell_of(number), protocol_of(number), Settings())


@pytest.mark.parametrize("broken", [0, 1, 5, LANES])
def test_cell_that_fails_leaves_its_neighbours_alone(broken, alone):
    """Its state is not a number, so that no equation of it can be solved; the next cell takes its lane."""
    tasks = [task_of(n) for n in range(LANES + 3)]
    tasks[broken].state[:] = np.nan
    runs = simulation.run_tasks(tasks, Settings(), True)
    assert runs[broken].outcome.kind is OutcomeKind.SOLVER_FAILED
    others = [n for n in range(len(tasks)) if n != broken]
    assert all_alike([runs[n] for n in others], others, alone)


def test_lanes_full_of_failures_are_handed_on(alone):
    tasks = [task_of(n) for n in range(2 * LANES + 1)]
    for task in tasks[:-1]:
        task.state[:] = np.nan
    runs = simulation.run_tasks(tasks, Settings(), True)
    assert {run.outcome.kind for run in runs[:-1]} == {OutcomeKind.SOLVER_FAILED}
    assert all_alike(runs[-1:], [2 * LANES], alone)


def test_limit_of_steps_is_each_cell_s_own(alone):
    """Cells below it come out as without it; what the others have done until then is the same, too."""
    limit = int(np.median([run.ended.count[0] for run in alone]))
    limited, cut = together(range(MANY), settings=Settings(max_steps=limit)), 0
    for run, other in zip(limited, alone, strict=True):
        if other.ended.count[0] <= limit:
            assert difference(run, other) is None
            continue
        assert run.ended.count[0] == limit
        assert np.array_equal(run.ended.trace, other.ended.trace[: len(run.ended.trace)])
        cut += run.outcome.kind is OutcomeKind.TIME_LIMIT  # a cell that has shorted stays so
    assert 0 < cut < MANY


def test_limit_of_seconds_is_each_cell_s_own(alone):
    """It counts from when a cell is begun: those that wait for a lane lose nothing."""
    endless, short = cycling(cell_of(0), cycles=5000), [3, 9]
    sound = [n for n in range(MANY) if n % 5 != 3][: LANES + 1]
    cells = [cell_of(n) for n in sound + short]
    protocols = [endless] * (LANES + 1) + [protocol_of(n) for n in short]
    settings = Settings(time_limit=0.4)
    runs = cm.simulate_many(cells, protocols, settings=settings, trace=True)
    assert {run.outcome.kind for run in runs[: LANES + 1]} == {OutcomeKind.TIME_LIMIT}
    steps_done = np.array([run.ended.accepted for run in runs[: LANES + 1]])
    assert steps_done.min() > 0.1 * steps_done.max()
    assert all_alike(runs[LANES + 1 :], short, alone)


def test_cells_of_different_structure_come_back_in_order():
    kinds = [("cu-foil", False), ("ag-ni-scaffold", True), ("lithium-foil", True), ("cu-foil", True)] * 2
    cells = [make_cell(*kind, stack_pressure=f"{3 + n} MPa") for n, kind in enumerate(kinds)]
    protocols = [cycling(cell, cycles=1) for cell in cells]
    runs = cm.simulate_many(cells, protocols, trace=True)
    assert [run.cell for run in runs] == cells
    assert [run.protocol for run in runs] == protocols
    for cell, protocol, run in zip(cells, protocols, runs, strict=True):
        assert difference(run, cm.simulate(cell, protocol)) is None


def test_meshes_of_different_size_are_not_put_together():
    fine, coarse = (simulation.prepare(cell_of(0), protocol_of(0), Settings(host_cells=n)) for n in (12, 8))
    assert side_by_side.structure_of(fine.physics) != side_by_side.structure_of(coarse.physics)
    assert side_by_side.structure_of(coarse.physics) == side_by_side.structure_of(task_of(3).physics)


def test_one_protocol_serves_all_cells(alone):
    protocol = protocol_of(1)
    runs = cm.simulate_many([cell_of(n) for n in range(3)], protocol, trace=True)
    assert difference(runs[1], alone[1]) is None
    assert all(run.protocol is protocol for run in runs)


def test_no_cells_are_no_runs():
    assert cm.simulate_many([], protocol_of(0)) == []
    assert cm.simulate_many([], []) == []


def test_nothing_is_computed_if_a_protocol_does_not_fit(monkeypatch):
    def computed(*_):
        raise AssertionError("computed although one of the protocols does not fit")

    monkeypatch.setattr(simulation, "run_together", computed)
    half = make_cell("cu-foil", False)
    with pytest.raises(cm.InputError):
        cm.simulate_many([cell_of(0), half], protocol_of(0))


def test_jumps_over_cycles_are_each_cell_s_own():
    settings = Settings(relative_tolerance=1e-5, jump_error=5e-3)
    cells = [cell_of(n) for n in (0, 1)]
    protocols = [cycling(cell, cycles=12) for cell in cells]
    runs = cm.simulate_many(cells, protocols, settings=settings)
    for cell, protocol, run in zip(cells, protocols, runs, strict=True):
        other = cm.simulate(cell, protocol, settings=settings, trace=False)
        assert difference(run, other) is None
        assert np.array_equal(run.jumps.simulated, other.jumps.simulated)


def test_seconds_of_a_batch_are_shared_by_its_cells():
    runs = together([0, 3, 4])
    seconds = np.array([run.cost["seconds"] for run in runs])
    jacobians = np.array([run.cost["jacobians"] for run in runs])
    assert seconds / seconds.sum() == pytest.approx(jacobians / jacobians.sum())


def test_every_cell_needs_a_protocol():
    cells, protocol = [cell_of(0)] * 3, protocol_of(4)
    with pytest.raises(cm.InputError, match=r"2 protocols.*3 cells"):
        cm.simulate_many(cells, [protocol] * 2)
