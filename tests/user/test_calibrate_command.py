"""`cellmodel calibrate`: its tables and files, and values written into component files."""

import json
from types import SimpleNamespace

import pytest
import xarray as xr
import yaml
from calibration_files import cycler_file, tutorial, written

from cellmodel import cli, components
from cellmodel.calibration.applying import apply, distribution_of, edited, files_of, sourced
from cellmodel.calibration.definition import read
from cellmodel.calibration.result import Fitted
from cellmodel.errors import InputError

MINE = """\
name: mine
kind: electrolyte   # our own batch
based_on: lpscl
description: Our µm-sized powder.

parameters:
  # measured twice
  interphase_formation: {value: 0.12, unit: mAh/cm2, low: 0, high: 2, source: "guess; calibrated", measured_on: µ}
  conductivity:
    value: 2.0
    unit: mS/cm
    low: 0.1
    high: 20
    source: >
      our impedance,
      in two lines
    measured_on: "pellets"  # 25 degC
    distribution: {normal: {mean: 2.0, standard_deviation: 0.1}, source: ours}
"""
CONTENT = tutorial(parameters={"mine": {"interphase_formation": {"low": "0.02 mAh/cm2", "high": "0.5 mAh/cm2"}}})
CONTENT["measurements"][0]["cell"] |= {
    "electrolyte": "mine",
    "overrides": {"laboratory.interfacial_resistance": "8 ohm*cm2"},
}


def fitted(**changes):
    values = {
        "name": "mine: conductivity", "component": "mine", "path": "conductivity", "unit": "mS/cm", "start": 2.0,
        "value": 2.5, "uncertainty": 0.1, "factor": None, "low": 1.0, "high": 4.0, "range": "1 to 4 mS/cm", "end": "",
        "identified": True, "constrained_by": ("a", "b"),
    }  # fmt: skip
    return Fitted(**{**values, **changes})


Found = SimpleNamespace(calibration=SimpleNamespace(name="ours"))
"""What of a result goes into a source."""


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "config/cells").mkdir(parents=True)
    (tmp_path / "config/cells/mine.yaml").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        cli.main(["calibrate", *map(str, arguments)])
    captured = capsys.readouterr()
    return left.value.code, captured.out, captured.err


def test_values_found_are_printed_kept_and_written(project, capsys):
    file = written(project, CONTENT, cycler_file())
    code, out, err = run(capsys, file, "--apply", "--json", "out.json")
    assert code == 0 and "Traceback" not in err
    row = next(line for line in out.splitlines() if line.startswith("mine: interphase_formation"))
    assert "0.12 mAh/cm2" in row and "scaffold-1" in row and "not identified" not in row
    assert "Written: " in out and "mine: cost" in out
    content = json.loads((project / "out.json").read_text())
    assert content["parameters"][0]["value"] == pytest.approx(0.2, abs=0.01)
    assert content == json.loads((project / "results/calibrations/mine/result.json").read_text())
    fits = xr.open_datatree(project / "results/calibrations/mine/fits.nc")
    assert float(fits["value"][0]) == content["parameters"][0]["value"]
    assert set(fits["scaffold-1"].data_vars) == {"measured", "simulated", "unit"}
    text = (project / "config/cells/mine.yaml").read_text()
    changed = [(a, b) for a, b in zip(MINE.splitlines(), text.splitlines(), strict=True) if a != b]
    assert [a.split(":")[0].strip() for a, _ in changed] == ["interphase_formation"]
    found = components.load("electrolyte", "mine").parameters["interphase_formation"]
    assert found.value == pytest.approx(content["parameters"][0]["value"], rel=1e-3)
    assert found.source.startswith("guess; calibrated on: scaffold-1 (mine, standard uncertainty")
    assert "calibrated;" not in found.source and found.uncertainty.numbers[0] == found.value
    # Nothing is computed anew, and the search still starts where it did.
    lines = (project / "results/calibrations/mine/evaluations.jsonl").read_text().count("\n")
    assert run(capsys, file)[1] == out.split("Written: ")[0]
    assert (project / "results/calibrations/mine/evaluations.jsonl").read_text().count("\n") == lines


def test_block_texts_comments_and_distributions_are_kept_in_order(project):
    path = project / "config/cells/mine.yaml"
    text = edited(path, {"conductivity": fitted(), "interphase_formation": fitted(value=0.2)}, Found)
    assert "value: 2.5\n" in text and 'measured_on: "pellets"  # 25 degC' in text and "# our own batch" in text
    content = yaml.safe_load(text)["parameters"]["conductivity"]
    assert content["source"].startswith("our impedance, in two lines; calibrated on: a, b (ours,")
    assert content["distribution"]["normal"] == {"mean": 2.5, "standard_deviation": 0.1}
    assert len(text.splitlines()) == len(MINE.splitlines()) - 2  # the source takes one line


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "normal: {mean: 2.5, standard_deviation: 0.1}"),
        ({"factor": 1.5}, "lognormal: {mean: 2.714, standard_deviation: 1.147}"),
        ({"identified": False}, "uniform: [1, 4]"),
        ({"identified": False, "factor": 5.0}, "loguniform: [1, 4]"),
    ],
)
def test_uncertainties_become_distributions(changes, words):
    assert words in distribution_of(fitted(**changes), "ours")


def test_sources_tell_what_is_not_known():
    text = sourced("an estimate, calibrated on: c (ours, known to a factor of 2); 1 in glass", fitted(), Found)
    assert text.startswith('"an estimate; 1 in glass; calibrated on: a, b (ours, standard uncertainty')
    text = sourced("calibrated with another: long ago", fitted(identified=False, end="high", constrained_by=()), Found)
    assert text.startswith('"calibrated on: nothing that fixes it (ours, ') and "long ago" not in text
    assert "not identified" in text and "at the high end of the range searched" in text
    text = sourced("", fitted(correlated_with=(("other: resistance", -0.934),)), Found)
    assert text.endswith(', correlation -0.93 with other: resistance)"')


def test_a_parameter_of_another_file_is_refused_before_the_work(project, capsys):
    content = {**CONTENT, "parameters": {"mine": {"interphase_throughput": None}}}
    file = written(project, content)
    with pytest.raises(InputError, match="stands in another file"):
        files_of(read(file).free)
    code, out, err = run(capsys, file, "--apply")
    assert (code, out) == (2, "") and "calibrate it there, by that name" in err
    assert not (project / "results").exists()


def test_bad_input_is_one_message(project, capsys):
    assert run(capsys, "none.yaml")[0] == 2
    assert run(capsys)[0] == 2
    assert run(capsys, written(project), "--json", "no/out.json")[0] == 2
    code, _, err = run(capsys, written(project, {**CONTENT, "budget": "many"}))
    assert code == 2 and "budget" in err and "Traceback" not in err


def test_an_edit_that_would_not_load_changes_nothing(project):
    path = project / "config/cells/mine.yaml"
    with pytest.raises(InputError):
        edited(path, {"conductivity": fitted(value=1e9)}, Found)
    assert path.read_text() == MINE and callable(apply)


@pytest.mark.parametrize("value", [1e-12, 2.5e-13, 3.0, 12345.6, 1e30, 0.0])
def test_numbers_are_numbers_for_every_reader_of_yaml(value):
    mean = yaml.safe_load(distribution_of(fitted(value=value), "ours"))["normal"]["mean"]
    assert not isinstance(mean, str) and mean == pytest.approx(value, rel=1e-3)
