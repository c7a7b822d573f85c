"""Wrong sweep files: one message each, naming file, key, what was given and what is allowed."""

from functools import reduce

import pytest

from cellmodel.errors import InputError
from cellmodel.settings import Settings
from cellmodel.sweep import schema
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import values
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.workspace import open_sweep
from cellmodel.yaml_files import read_yaml


def put(content, path, value):
    *parents, last = path
    holder = reduce(lambda inside, key: inside[key], parents, content)
    if value is None:
        del holder[last]
    else:
        holder[last] = value


PRESSURE = ("axes", "stack_pressure")
BAD = {
    "misspelt axis": (("axes", "anode.porsity"), {"values": [0.5]}, ["anode.porsity", "'anode.porosity'?"]),
    "misspelt cell parameter": (("axes", "stak_pressure"), {"values": ["1 MPa"]}, ["'stack_pressure'?"]),
    "electrode that the cell has not": (
        ("axes", "counter.thickness"),
        {"values": ["9 um"]},
        ["needs a counter"],
    ),
    "list parameter": (
        ("axes", "anode.silver.plateaus"),
        {"values": ["0.1 V"]},
        ["where a list of 2 is needed"],
    ),
    "wrong unit": (PRESSURE, {"values": ["3 mV"]}, ["a voltage, not a pressure", "0.05 to 200 MPa"]),
    "no unit": (PRESSURE, {"values": [3]}, ["has no unit", "'3.0 MPa'"]),
    "two units": (PRESSURE, {"log": ["3 MPa", "4 V", 3]}, ["'4 V' is a voltage"]),
    "no quantity": (PRESSURE, {"values": ["high"]}, ["'high' does not start with a number"]),
    "out of range": (PRESSURE, {"log": ["3 Pa", "4 MPa", 3]}, ["below the allowed range", "0.05 to 200 MPa"]),
    "no values": (PRESSURE, {"values": []}, ["has no values"]),
    "number of values": (PRESSURE, {"log": ["1 MPa", "9 MPa", 0]}, ["0 is not a number of values", "from 1"]),
    "half a number": (PRESSURE, {"log": ["1 MPa", "9 MPa", 2.5]}, ["2.5 is not a number of values"]),
    "range without number": (PRESSURE, {"log": ["1 MPa", "9 MPa"]}, ["[low, high, number of values]"]),
    "two layouts": (PRESSURE, {"log": ["1 MPa", "9 MPa", 2], "values": ["1 MPa"]}, ["values and log"]),
    "no layout": (PRESSURE, {}, ["exactly one layout", "values, linear, log"]),
    "unknown layout": (PRESSURE, {"lin": ["1 MPa", "9 MPa", 2]}, ["'lin'", "did you mean 'linear'?"]),
    "axis is no mapping": (PRESSURE, "high", ["is not a mapping", "values, linear, log"]),
    "range backwards": (PRESSURE, {"linear": ["9 MPa", "1 MPa", 2]}, ["does not end above its start"]),
    "log from zero": (
        ("axes", "temperature"),
        {"log": ["0 degC", "9 degC", 2]},
        ["above zero", "use linear"],
    ),
    "value twice": (PRESSURE, {"values": ["1 MPa", "10 bar"]}, ["holds a value twice"]),
    "axis under two names": (
        ("axes",),
        {"loading": {"values": ["9 mg/cm2"]}, "cathode.loading": {"values": ["5 mg/cm2"]}},
        ["'cathode.loading' is an axis twice"],
    ),
    "no axes": (("axes",), {}, ["nothing to sweep"]),
    "too many points": (PRESSURE, {"linear": ["1 MPa", "9 MPa", 10**7]}, ["60000000 points are too many"]),
    "unknown key": (("desing",), {"grid": {}}, ["'desing' is not a known key", "'design'?"]),
    "unknown design": (("design",), "gird", ["'gird'", "did you mean 'grid'?"]),
    "two designs": (("design",), {"grid": {}, "sobol": {"points": 8}}, ["grid and sobol"]),
    "no design": (("design",), {}, ["exactly one layout", "latin_hypercube"]),
    "no points": (("design",), {"latin_hypercube": {"points": 0}}, ["design.latin_hypercube.points", "0"]),
    "odd sobol": (("design",), {"sobol": {"points": 9}}, ["not a power of two", "8 or 16"]),
    "number in a sampled range": (("design",), {"sobol": {"points": 8}}, ["leave the number out"]),
    "no protocol": (("protocol",), None, ["protocol", "is missing"]),
    "sentence": (("protocol", 0, "steps", 0), "Charge at 0.1X until 4 V", ["\n", "^"]),
    "unreachable": (("protocol", 0, "steps", 0), "Charge at 0.1C until 9 V", ["can never be reached"]),
    "unknown component": (("base_cell", "anode"), "ag-ni-scafold", ["'ag-ni-scaffold'?", "base_cell"]),
    "unknown cell key": (("base_cell", "temprature"), "25 degC", ["'temperature'?"]),
    "no anode": (("base_cell", "anode"), None, ["anode", "is missing"]),
    "unknown report key": (("report", "treshold"), 0.8, ["report", "'threshold'?"]),
    "threshold in percent": (("report", "threshold"), 80, ["report.threshold", "80", "less than 1"]),
    "cycle never reached": (("report", "retention_cycles"), [60], ["60", "1 to 6"]),
    "reference never reached": (("report", "reference_cycle"), 60, ["60", "1 to 6"]),
    "empty chunks": (("chunk_points",), 0, ["chunk_points", "0"]),
    "unknown setting": (("settings",), {"jump_eror": 0.005}, ["settings", "'jump_error'?"]),
    "jumps of any error": (
        ("settings",),
        {"jump_error": 0.5, "relative_tolerance": 1e-5},
        ["settings: jump_error", "0.0001 to 0.05"],
    ),
    "jumps with coarse steps": (("settings",), {"jump_error": 0.005}, ["relative_tolerance", "up to jump_error / 50"]),
    "trace of no point": (("trace_points",), [30], ["30", "0 to 29"]),
    "misspelt setting": (("settings",), {"time_limt": 60}, ["settings: time_limt", "'time_limit'?"]),
    "time limit with a unit": (("settings",), {"time_limit": "1 h"}, ["settings: time_limit: '1 h' is not a number"]),
    "no time": (("settings",), {"time_limit": 0}, ["settings: time_limit: 0", "0.01 to 1e+06"]),
    "tolerance that is no number": (("settings",), {"relative_tolerance": float("nan")}, ["nan", "1e-09 to 0.1"]),
    "tolerance in quotes": (("settings",), {"relative_tolerance": "1e-3x"}, ["'1e-3x' is not a number"]),
    "half a cell": (("settings",), {"host_cells": 8.5}, ["host_cells: 8.5 is not a whole number"]),
    "endless mesh": (("settings",), {"cathode_cells": 200, "shells": 200}, ["cathode_cells times shells up to 5000"]),
    "settings are no mapping": (("settings",), 3, ["settings", "is not a mapping"]),
    "cell is no mapping": (("base_cell",), 3, ["base_cell", "is not a mapping"]),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_entry_is_named(case, small, write):
    path, value, fragments = BAD[case]
    put(small, path, value)
    file = write(small)
    with pytest.raises(InputError) as caught:
        load(file)
    message = str(caught.value)
    assert message.startswith(str(file))
    for fragment in fragments:
        assert fragment in message


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("", "is not a mapping"),
        ("- a\n- b\n", "is not a mapping"),
        ("axes: [1,\nb: 2", "is not valid YAML"),
        ("axes:\n  temperature: {}\n  temperature: {}\n", "'temperature' stands twice"),
        ("axes: \x00", "is not valid YAML"),
    ],
)
def test_a_file_that_is_no_sweep_is_refused(tmp_path, text, fragment):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=fragment):
        load(path)


def test_the_short_forms_mean_the_same(small, write):
    full = load(write(small))
    small["design"] = "grid"
    assert load(write(small)).identity == full.identity
    del small["design"]
    assert load(write(small)).identity == full.identity
    small["protocol"] = {"cycling": {"rate": "0.33C", "cycles": 6}}
    assert load(write(small)).identity == full.identity


def test_a_value_that_only_some_combinations_allow_is_no_error_of_the_file(small, write):
    small["axes"]["anode.electrolyte_share"] = {"values": [0.0, 0.5]}
    assert load(write(small)).points == 60


def test_quantity_with_an_exponent_is_text(tmp_path):
    """And not a number that cannot be read."""
    path = tmp_path / "some.yaml"
    path.write_text("{a: 1e-12 m2/s, b: 1e-12, c: 2.5E3}")
    assert read_yaml(path) == {"a": "1e-12 m2/s", "b": 1e-12, "c": 2500.0}


def test_settings_reach_every_run_and_decide_what_is_kept(small, write, monkeypatch):
    plain = load(write(small))
    small["settings"] = {"time_limit": 30, "shells": 12}
    sweep = load(write(small))
    assert sweep.settings == Settings(time_limit=30, shells=12)
    assert sweep.identity != plain.identity
    assert plain.settings == Settings()
    given = []
    monkeypatch.setattr("cellmodel.sweep.points.run_tasks", lambda _, settings, __: given.append(settings) or [])
    run_batch(sweep, [0], values(sweep)[:1])
    assert given and all(each == sweep.settings for each in given)


def test_the_last_cycle_is_always_reported(sweep):
    assert sweep.report.retention_cycles == [3, 6]


@pytest.mark.parametrize(
    ("config", "fragments"),
    [
        ({"sweep": "defualt"}, ["sweep", "'defualt'", "did you mean 'default'?"]),
        ({"sweep": "../secret"}, ["sweep", "'../secret'"]),
        ({"swep": "default"}, ["'swep' is not a known key", "'sweep'?"]),
        ([], ["is not a mapping"]),
    ],
)
def test_a_wrong_configuration_is_named(config, fragments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config/sweeps").mkdir(parents=True)
    (tmp_path / "config/sweeps/default.yaml").touch()
    with pytest.raises(InputError) as caught:
        open_sweep(config)
    for fragment in ["config/config.yaml", *fragments]:
        assert fragment in str(caught.value)


def test_every_key_of_a_sweep_file_is_checked_strictly():
    for model in (schema.SweepFile, schema.Report, schema.AxisSpec, schema.DesignSpec, schema.WorkflowConfig):
        assert model.model_config["extra"] == "forbid"
