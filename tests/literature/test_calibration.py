"""Searching, its journal, and uncertainties: on functions with known answers, then on a cell with one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "user"))
from calibration_files import cycler_file, tutorial, written

import cellmodel as cm
from cellmodel.calibration import problem as problems
from cellmodel.calibration.curves import HalfCycle
from cellmodel.calibration.identifiability import EVEN, identifiability
from cellmodel.calibration.journal import Journal
from cellmodel.calibration.problem import SIDE_BY_SIDE, BudgetSpent, Problem
from cellmodel.calibration.profiles import profile
from cellmodel.calibration.run import EVALUATIONS, calibrate
from cellmodel.calibration.search import search, slopes
from cellmodel.errors import InputError

HEADER = {"the model": "a", "what was measured": "b"}


@pytest.fixture
def known(monkeypatch, tmp_path):
    """Make a problem out of a function of points, float64[p] to float64[n]; it counts evaluations."""

    def make(function, budget=400, weight=1.0, name="journal"):
        length = len(function(np.zeros(3)))
        counted = []

        def simulate(calibration, points, before):
            counted.extend(points)
            return [np.asarray(function(np.array(point)), float) for point in points]

        monkeypatch.setattr(problems, "simulate", simulate)
        target = SimpleNamespace(id="known", labels=tuple(f"known {n}" for n in range(length)), weight=weight)
        journal = Journal(tmp_path / name / EVALUATIONS, HEADER, [0.5] * 3)
        made = Problem(SimpleNamespace(targets=(target,)), journal, budget)
        made.counted = counted
        return made

    return make


def cliff(x):
    """Smooth around (0.2, 0.7, 0.4); on the side of 0.5 where the search starts all is as wrong as can be."""
    if x[0] >= 0.45:
        return np.full(4, 10.0)
    return np.array([20 * (x[0] - 0.2), 30 * (x[1] - 0.7) ** 2 + 5 * (x[2] - 0.4), 8 * (x[2] - 0.4), 6 * (x[1] - 0.7)])


def test_the_global_search_crosses_a_cliff_that_stops_the_local_one(known):
    start = np.full(3, 0.5)
    found = search(known(cliff), start, "global", seed=1)
    assert found == pytest.approx([0.2, 0.7, 0.4], abs=0.01)
    stuck = search(known(cliff, name="other"), start, "local", seed=1)
    assert stuck == pytest.approx(start, abs=0.05)


def test_the_local_search_needs_few_evaluations_where_slopes_lead(known):
    problem = known(cliff)
    assert search(problem, np.array([0.4, 0.2, 0.9]), "local", seed=1) == pytest.approx([0.2, 0.7, 0.4], abs=0.01)
    assert problem.used < 100


def test_the_budget_is_kept_and_its_best_point_returned(known):
    problem = known(cliff, budget=40)
    found = search(problem, np.full(3, 0.5), "global", seed=1)
    assert problem.used == len(problem.counted) == 40
    costs = [problems.cost(cliff(np.array(point))) for point in problem.counted]
    assert problems.cost(cliff(found)) == min(costs)
    with pytest.raises(BudgetSpent):
        problem.misfits(np.full(3, 0.123))


def test_a_weight_counts_like_as_many_equal_measurements(known):
    twice = known(lambda x: np.array([x[0] - 0.1, x[0] - 0.1, x[0] - 0.7]), name="twice")
    assert search(twice, np.full(3, 0.5), "local", 1)[0] == pytest.approx(0.3, abs=0.01)
    assert known(cliff, weight=4.0).misfits(np.zeros(3))[0] == pytest.approx(2.0 * cliff(np.zeros(3)))


def test_slopes_are_those_of_the_function_also_at_an_end_of_the_range(known):
    problem = known(lambda x: np.array([3 * x[0] - x[1], x[2] ** 2]))
    assert slopes(problem, np.array([0.5, 1.0, 0.5])) == pytest.approx(np.array([[3, -1, 0], [0, 0, 1.0]]))


def test_a_cliff_beside_a_point_is_no_slope(known):
    def edge(x):
        return np.array([10.0 if x[0] > 0.505 else 2 * x[0], 10.0 if abs(x[1] - 0.5) > 0.005 else 0.3, x[2]])

    found = slopes(known(edge), np.full(3, 0.5))
    assert found == pytest.approx(np.diag([2.0, 0.0, 1.0]), abs=1e-9)


def test_uncertainties_are_those_of_linear_regression():
    rng = np.random.default_rng(1)
    design = rng.normal(size=(40, 3)) * 100.0
    found = identifiability(design, rng.normal(size=40) * 0.5)
    covariance = np.linalg.inv(design.T @ design + np.eye(3) / EVEN**2)
    assert found.scale == 1.0 and found.identified.all() and found.open_combinations(list("abc")) == []
    assert found.uncertainty == pytest.approx(np.sqrt(np.diag(covariance)))
    assert found.correlation == pytest.approx(covariance / np.outer(found.uncertainty, found.uncertainty))
    wrong = identifiability(design, np.full(40, 2.0))
    assert wrong.scale == pytest.approx(2.0 * np.sqrt(40 / 37), rel=1e-3)
    assert wrong.uncertainty == pytest.approx(found.uncertainty * wrong.scale, rel=1e-3)


def test_what_nothing_fixes_is_as_uncertain_as_its_range_and_named():
    together = np.array([[50.0, 50.0, 0.0], [80.0, 80.0, 0.0]])
    found = identifiability(together, np.zeros(2))
    assert list(found.identified) == [False, False, False]
    assert found.uncertainty == pytest.approx([EVEN / np.sqrt(2), EVEN / np.sqrt(2), EVEN], rel=0.01)
    assert found.correlation[0, 1] == pytest.approx(-1.0, abs=0.01)
    weak = found.open_combinations(["a", "b", "c"])
    assert "c" in weak and {"a - 1.0 b", "b - 1.0 a"} & set(weak) and len(weak) == 2


def test_a_profile_is_a_parabola_where_all_is_linear(known):
    matrix = np.array([[30.0, 20.0, 0.0], [0.0, 25.0, 10.0], [10.0, 0.0, 40.0]])
    problem = known(lambda x: matrix @ (x - 0.5) * 0.1)
    optimum = np.full(3, 0.5)
    found = identifiability(slopes(problem, optimum), np.zeros(3))
    assert found.scale == 1.0
    problem.budget = 10_000
    each = profile(problem, 0, optimum, found, "first")
    # The ranges are a prior of the uncertainties and not of the profile, which is as wide or wider.
    distance = (each.places - 0.5) / found.uncertainty[0]
    assert np.all(np.diff(each.rise[distance >= 0]) > 0) and np.all(each.rise <= distance**2 * 1.05 + 1e-9)


def test_what_lies_between_two_samples_adds_to_the_uncertainty():
    half = HalfCycle(1, np.array([0.0, 1.0, 2.0]), np.array([0.1, 0.1, 0.4]))
    assert half.blur(np.array([0.5, 1.5, 3.0])) == pytest.approx([0.0, 0.3 / np.sqrt(12), 0.3 / np.sqrt(12)])


def test_a_journal_gives_back_every_evaluation_also_after_a_cut_line(tmp_path):
    path = tmp_path / EVALUATIONS
    journal = Journal(path, HEADER, [0.5])
    journal.add([(0.1,), (1 / 3,)], [np.array([1.0, np.pi]), np.array([0.1, 2.0])])
    with open(path, "a") as stream:
        stream.write('{"point": [0.7], "misf')
    again = Journal(path, HEADER, [0.9])
    assert list(again.found) == [(0.1,), (1 / 3,)] and again.found[0.1,][1] == np.pi
    assert again.start.tolist() == [0.5]
    again.add([(0.2,)], [np.zeros(2)])
    assert len(Journal(path, HEADER, [0.5]).found) == 3


def test_a_journal_of_something_else_is_refused_by_what_has_changed(tmp_path):
    path = tmp_path / EVALUATIONS
    Journal(path, HEADER, [0.5])
    with pytest.raises(InputError, match="the model changed since"):
        Journal(path, {**HEADER, "the model": "c"}, [0.5])
    path.write_text(path.read_text() + "no JSON\n")
    with pytest.raises(InputError, match="line 2: is damaged"):
        Journal(path, HEADER, [0.5])


def test_a_known_answer_is_found_within_its_uncertainty(tmp_path):
    found = calibrate(written(tmp_path, data=cycler_file()), folder=tmp_path / "out")
    resistance, formation = found.parameters
    assert abs(np.log(resistance.value / 8.0)) < 2.5 * np.log(resistance.factor) < 0.1
    assert abs(formation.value - 0.2) < 2.5 * formation.uncertainty < 0.05
    assert resistance.identified and formation.identified and resistance.constrained_by == ("scaffold-1",)
    assert found.cost < 0.3 * found.start_cost
    assert 0.3 < np.sqrt(np.mean(found.misfits["scaffold-1"] ** 2)) < 1.2
    (compared,) = found.comparisons
    assert compared["rms"]["voltage(half cycle 1)"] < 2e-3


def test_two_resistances_in_series_are_told_apart_from_one(tmp_path):
    content = tutorial()
    content["parameters"]["lpscl"]["conductivity"] = {"low": "0.5 mS/cm", "high": "8 mS/cm", "scale": "log"}
    found = calibrate(written(tmp_path, content, cycler_file()), folder=tmp_path / "out")
    names = [each.name for each in found.parameters]
    correlation = found.known.correlation[
        names.index("choi: interfacial_resistance"), names.index("lpscl: conductivity")
    ]
    assert correlation > 0.9


def test_values_that_do_not_go_together_are_as_wrong_as_can_be(tmp_path):
    content = tutorial(measurements=None)
    observations = Path(__file__).parent / "data/oh2026-silver-nickel-scaffold.yaml"
    content["observations"] = [{"file": str(observations), "ids": ["oh2026-full-first-ce", "oh2026-bottom-up"]}]
    content["parameters"] = {"ncm811": {"active_share": None, "electrolyte_share": None}}
    from cellmodel.calibration.definition import read

    calibration = read(written(tmp_path, content))
    possible, impossible = problems.simulate(calibration, [(0.3, 0.3), (1.0, 1.0)])
    assert abs(possible[0]) < 10.0 and list(impossible) == [10.0]


def test_a_table_of_cycles_is_compared_cycle_by_cycle(tmp_path):
    content = tutorial()
    (measurement,) = content["measurements"]
    cell = cm.Cell.from_mapping(measurement["cell"])
    run = cm.simulate(cell, cm.Protocol(measurement["protocol"]))
    rows = zip(run.cycles.charge_capacity.values, run.cycles.discharge_capacity.values, strict=True)
    (tmp_path / "cycles.csv").write_text(
        "cycle,charge_capacity [mAh/cm2],discharge_capacity [mAh/cm2]\n"
        + "".join(f"{n},{a:.8f},{b:.8f}\n" for n, (a, b) in enumerate(rows, 1))
    )
    measurement |= {"file": "cycles.csv", "compare": {"discharge_capacity": "1 uAh/cm2", "coulombic_efficiency": 0.001}}
    from cellmodel.calibration.definition import read
    from cellmodel.calibration.free import start_point

    calibration = read(written(tmp_path, content))
    (misfits,) = problems.simulate(calibration, [start_point(calibration.free)])
    assert len(misfits) == 4 and np.abs(misfits).max() < 0.02


def test_a_killed_calibration_goes_on_where_it_ended(tmp_path):
    content = tutorial(method="global", budget=3 * SIDE_BY_SIDE)
    path = written(tmp_path, content, cycler_file())
    code = "import sys; from cellmodel.calibration import calibrate; calibrate(sys.argv[1], folder=sys.argv[2])"
    running = subprocess.Popen([sys.executable, "-c", code, path, tmp_path / "out"])
    journal = tmp_path / "out" / EVALUATIONS
    while running.poll() is None:  # compiling, perhaps
        if journal.is_file() and journal.read_text().count("\n") > SIDE_BY_SIDE // 2:
            break
        time.sleep(0.05)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    before = [json.loads(line) for line in journal.read_text().splitlines() if line.endswith("}")]
    assert len(before) > SIDE_BY_SIDE // 2
    found = calibrate(path, folder=tmp_path / "out")
    after = [json.loads(line) for line in journal.read_text().splitlines()]
    assert after[: len(before)] == before
    points = [tuple(line["point"]) for line in after[1:]]
    assert len(points) == len(set(points)) == found.evaluations
    again = calibrate(path, folder=tmp_path / "out")
    assert len(journal.read_text().splitlines()) == len(after) and np.array_equal(again.point, found.point)
