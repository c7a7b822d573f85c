"""`cellmodel validate` and `cm.validate`, on runs of a few minutes of a cell's life."""

import json
import math

import pytest
from observation_files import PLATE, observation, written

import cellmodel as cm
from cellmodel import cli
from cellmodel.validation import evaluate, running
from cellmodel.validation.reading import read

SHORTING = observation(
    id="short",
    protocol=[{"steps": ["Plate at 1 mA/cm2 until 2 mAh/cm2"]}],
    quantity="short_onset_capacity",
    expect={"at_most": 0.01},
)
COMPARED = observation(
    id="order",
    cell=None,
    cells={"low": {"anode": "cu-foil", "stack_pressure": "2 MPa"}, "high": {"anode": "cu-foil"}},
    expect={"order": ["high", "low"]},
)
NEVER = observation(id="never", quantity="short_onset_cycle", expect={"at_least": 1})
BAD = observation(id="bad", cell={"anode": "cu-fol"})


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        cli.main(["validate", *map(str, arguments)])
    captured = capsys.readouterr()
    return left.value.code, captured.out, captured.err


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return written(tmp_path_factory.mktemp("observations"), observation(), SHORTING, COMPARED, NEVER, BAD)


@pytest.fixture(scope="module")
def validation(file):
    return cm.validate([file])


def test_verdicts(validation):
    rows = {row["id"]: row for row in validation.table}
    first, short, order, never, bad = rows.values()
    assert first["verdict"] == "passed" and 0.4 < first["simulated"] < 1.0
    assert short["verdict"] == "failed" and 0.01 < short["simulated"] < 2.0 and short["misfit"] > 1.0
    assert set(order["simulated"]) == {"low", "high"} and order["simulated"]["high"] == first["simulated"]
    assert order["verdict"] == ("passed" if order["simulated"]["low"] > order["simulated"]["high"] else "failed")
    assert never["simulated"] == "infinite" and never["simulated_text"] == "never" and never["misfit"] == 0.0
    assert bad["simulated"] is None and "did you mean 'cu-foil'?" in bad["reason"]
    assert (validation.total, validation.simulations) == (5, 3)


def test_what_was_assumed_is_told(validation):
    assumed = validation.table[0]["assumed"]
    assert assumed["stated"] == {"stack_pressure": "usual there"}
    cell = assumed["cells"]["cell"]
    assert cell["components"] == {
        "anode": "cu-foil", "electrolyte": "lpscl (default)", "counter": "lithium", "laboratory": "choi",
    }  # fmt: skip
    assert cell["defaults"]["temperature"] == "25 degC" and "stack_pressure" not in cell["defaults"]


def test_simulated_is_what_a_run_alone_gives(validation):
    cell = cm.Cell(anode="cu-foil", stack_pressure="20 MPa")
    alone = cm.simulate(cell, cm.Protocol(PLATE)).cycles.coulombic_efficiency
    assert validation.table[0]["simulated"] == pytest.approx(float(alone[0]), rel=1e-14)


def test_overrides_change_what_is_simulated(file):
    sound = read(file).sound[:1]
    plain, lossy = (evaluate(sound, changes)[0] for changes in ({}, {"lpscl": {"interphase_throughput": 0.05}}))
    assert lossy.simulated < plain.simulated - 0.03


def test_simulation_that_breaks_down_stops_no_other(file, monkeypatch):
    whole = running.run_tasks

    def fragile(tasks, settings, trace):
        if any(task.cell.si["stack_pressure"] == 2e6 for task in tasks):
            raise ZeroDivisionError("by zero")
        return whole(tasks, settings, trace)

    monkeypatch.setattr(running, "run_tasks", fragile)
    first, _, order, never = evaluate(read(file).sound)
    assert first.passed and never.passed
    assert not order.passed and order.reason == "low: ZeroDivisionError: by zero" and order.simulated["low"] is None


def test_progress_counts_every_simulation(file):
    told = []
    evaluate(read(file).sound, tell=lambda done, total: told.append((done, total)))
    assert sum(done for done, _ in told) == 3 and {total for _, total in told} == {3}


def test_command_prints_a_table_and_ends_well_with_misses(file, capsys, tmp_path):
    code, out, _ = run(capsys, file, "--json", tmp_path / "out.json", "--plot", tmp_path / "out.png")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("mine: choi (") and lines[1].split() == [
        "observation", "quantity", "measured", "simulated", "verdict",
    ]  # fmt: skip
    assert any(line.split()[0] == "short" and line.endswith("FAILED") for line in lines if line)
    assert any("never" in line and line.endswith("passed") for line in lines)
    assert "assumed, stack_pressure: usual there" in out and "of 5 observations passed" in out
    assert "(1 of them could not be evaluated)" in out
    content = json.loads((tmp_path / "out.json").read_text(), parse_constant=math.nan)
    assert content["total"] == 5 and len(content["observations"]) == 5
    assert content["passed"] == sum(row["verdict"] == "passed" for row in content["observations"])
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "out.png"]


def test_bad_files_are_refused_before_anything_is_run(file, capsys, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: no observations\n")
    code, out, err = run(capsys, file, bad)
    assert code == 2 and out == "" and str(bad) in err and "Traceback" not in err
    assert run(capsys, tmp_path / "none.yaml")[0] == 2
    assert run(capsys)[0] == 2
    assert run(capsys, file, "--plot", tmp_path / "out.gif")[0] == 2
    assert run(capsys, file, "--json", tmp_path / "no" / "out.json")[0] == 2


def test_file_of_bad_observations_alone_gets_its_verdicts(capsys, tmp_path):
    code, out, _ = run(capsys, written(tmp_path, BAD))
    assert code == 0 and "0 of 1 observations passed" in out and "did you mean 'cu-foil'?" in out
