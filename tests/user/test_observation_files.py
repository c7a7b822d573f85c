"""Files of observations: what they may hold, and what is said of those that cannot be used."""

from pathlib import Path

import pytest
from observation_files import PLATE, observation, written

from cellmodel.errors import InputError
from cellmodel.validation.planning import plan
from cellmodel.validation.reading import read, read_all

LITERATURE = Path(__file__).parents[1] / "literature" / "data"


def only(path):
    (entry,) = read(path).entries
    return entry


def message(folder, **changes):
    """What is said of a bad observation that stands beside a sound one."""
    path = written(folder, observation(id="bad", **changes), observation())
    bad, sound = read(path).entries
    assert sound.id == "first-efficiency" and sound.asked.quantity.name == "coulombic_efficiency"
    assert str(path) in str(bad.error) and ": line " in str(bad.error)
    return str(bad.error)


def test_observation_is_read(tmp_path):
    entry = only(written(tmp_path))
    member = entry.members[""]
    assert dict(member.cell.names)["laboratory"] == "choi" and member.cell.si["stack_pressure"] == 20e6
    assert entry.asked.text == "coulombic_efficiency(cycle 1)" and entry.expected.text == "0.9 +- 0.5"
    assert entry.assumed == {"stack_pressure": "usual there"}
    assert member.components["electrolyte"] == "lpscl (default)" and member.components["anode"] == "cu-foil"
    assert "stack_pressure" not in member.defaults and member.defaults["temperature"] == "25 degC"


def test_cathode_replaces_the_counter_of_the_defaults_with_its_thickness(tmp_path):
    full = observation(
        cell={"anode": "cu-foil", "cathode": "ncm811"},
        protocol=[{"steps": ["Charge at 0.1C until 4.25 V", "Discharge at 0.1C until 2.5 V"]}],
    )
    path = written(tmp_path, full, defaults={"counter": "lithium", "counter_thickness": "50 um"})
    assert only(path).members[""].cell.is_full


def test_name_in_a_step_is_filled_from_the_cell(tmp_path):
    slow, fast = ({"anode": "cu-foil", "step_current": f"{i} mA/cm2"} for i in (0.05, 0.25))
    comparison = observation(
        cell=None,
        cells={"slow": slow, "fast": fast},
        protocol=[{"steps": ["Plate at {step_current} until 0.5 mAh/cm2"]}],
        quantity={"plating_overpotential": {"at": 0.5}},
        expect={"order": ["slow", "fast"]},
    )
    entry = only(written(tmp_path, comparison))
    steps = {name: each.protocol.sentences[0]["steps"] for name, each in entry.members.items()}
    assert steps["slow"] == ["Plate at 0.05 mA/cm2 until 0.5 mAh/cm2"] and "0.25" in steps["fast"][0]


def test_name_that_is_a_parameter_too_stays_one(tmp_path):
    cell = {"anode": "cu-foil", "cathode": "ncm811", "one_c": "4 mA/cm2"}
    steps = ["Charge at {one_c} until 4.25 V", "Discharge at 1C until 2.5 V"]
    entry = only(written(tmp_path, observation(cell=cell, protocol=[{"steps": steps}])))
    assert entry.members[""].cell.one_c == 40.0


def test_laboratory_that_nobody_describes_presses_like_the_default_one(tmp_path):
    source = {"key": "mine", "laboratory": "atlantis"}
    member = only(written(tmp_path, source=source)).members[""]
    assert member.cell.names["laboratory"] == "choi" and "atlantis" in member.assumed[0]
    assert member.components["laboratory"] == "choi (default)"


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("shorted", "shorted"),
        ({"coulombic_efficiency": 1}, "coulombic_efficiency(cycle 1)"),
        ({"mean_coulombic_efficiency": [1, 1]}, "mean_coulombic_efficiency(cycles 1-1)"),
        ({"cv_cathodic_peaks": "count"}, "cv_cathodic_peaks"),
        ({"bulk_resistance": {"at": 2}}, "bulk_resistance(n 2)"),
        ("charge_capacity", "charge_capacity(cycle 1, per area)"),
    ],
)
def test_ways_to_name_a_quantity(tmp_path, quantity, text):
    expect = {"is": True} if quantity == "shorted" else {"at_least": 1}
    assert only(written(tmp_path, observation(quantity=quantity, expect=expect))).asked.text == text


BAD = {
    "unknown key": ({"quantitty": "shorted"}, ["quantitty", "did you mean 'quantity'?"]),
    "missing key": ({"expect": None}, ["expect", "is missing"]),
    "unknown anode": ({"cell": {"anode": "cu-foill"}}, ["'cu-foill'", "did you mean 'cu-foil'?"]),
    "unknown parameter": (
        {"cell": {"anode": "cu-foil", "stack_presure": "3 MPa"}},
        ["stack_presure", "did you mean 'stack_pressure'?"],
    ),
    "wrong unit": ({"cell": {"anode": "cu-foil", "temperature": "3 MPa"}}, ["temperature", "'3 MPa'"]),
    "no unit": ({"cell": {"anode": "cu-foil", "temperature": 25}}, ["temperature", "has no unit"]),
    "out of range": ({"cell": {"anode": "cu-foil", "stack_pressure": "3 GPa"}}, ["0.05 to 200 MPa"]),
    "cathode and counter": (
        {"cell": {"anode": "cu-foil", "cathode": "ncm811", "counter": "lithium"}},
        ["counter", "together with a cathode"],
    ),
    "no cell": ({"cell": None}, ["'cells' are both missing"]),
    "two kinds of cells": ({"cells": {"a": {"anode": "cu-foil"}}}, ["'cells' are both given"]),
    "sentence": ({"protocol": [{"steps": ["Plate at 1 mA/cm2 untl 1 mAh/cm2"]}]}, ["untl", "^ expected", "'until'"]),
    "verb of a full cell": ({"protocol": [{"steps": ["Charge at 0.1C until 4 V"]}]}, ["write 'Plate'"]),
    "blank": ({"protocol": [{"steps": ["Plate at {curent} for 1 h"]}]}, ["{curent}", "filled from no key"]),
    "no block": ({"protocol": ["Plate at 1 mA/cm2 for 1 h"]}, ["is not a block of steps"]),
    "unknown quantity": ({"quantity": "coulombic_eficiency"}, ["did you mean 'coulombic_efficiency'?"]),
    "two quantities": ({"quantity": {"shorted": {}, "coverage": {}}}, ["is not one quantity"]),
    "unknown argument": ({"quantity": {"coulombic_efficiency": {"cicle": 1}}}, ["did you mean 'cycle'?"]),
    "missing argument": ({"quantity": "mean_coulombic_efficiency"}, ["cycles", "is missing"]),
    "wrong argument": ({"quantity": {"charge_capacity": {"per": "gram"}}}, ["'gram'", "area or cathode_mass"]),
    "cycle never reached": ({"quantity": {"coulombic_efficiency": {"cycle": 2}}}, ["never reaches", "1 to 1"]),
    "two forms": ({"expect": {"value": 1, "tol": 0.1, "at_least": 1}}, ["value and at_least"]),
    "no form": ({"expect": {}}, ["no form", "{at_least: v}"]),
    "misspelt form": ({"expect": {"at_leest": 1}}, ["did you mean 'at_least'?"]),
    "no tolerance": ({"expect": {"value": 0.9}}, ["no tolerance"]),
    "text for a number": ({"expect": {"value": "0.9", "tol": 0.1}}, ["'0.9'", "is not a number"]),
    "tolerance below zero": ({"expect": {"value": 0.9, "tol": -0.1}}, ["-0.1", "above zero"]),
    "range upside down": ({"expect": {"between": [2, 1]}}, ["is not a range"]),
    "flag for a number": ({"expect": {"is": True}}, ["does not go with a quantity that is a number"]),
    "order of one cell": ({"expect": {"order": ["a", "b"]}}, ["there is one"]),
    "no mapping": ({"cell": "cu-foil"}, ["cell", "'cu-foil'", "dictionary"]),
}


@pytest.mark.parametrize(("changes", "parts"), BAD.values(), ids=BAD)
def test_bad_observation_is_named_and_stops_no_other(tmp_path, changes, parts):
    said = message(tmp_path, **changes)
    for part in parts:
        assert part in said


COMPARED = {"cell": None, "cells": {"a": {"anode": "cu-foil"}, "b": {"anode": "lithium-foil"}}}


@pytest.mark.parametrize(
    ("expect", "part"),
    [
        ({"at_least": 1}, "is no comparison"),
        ({"order": ["a", "c"]}, "names 'c'"),
        ({"order": ["a", "a"]}, "twice"),
        ({"order": ["a"]}, "two or more"),
        ({"order": ["a", "b"], "margin": -1}, "below zero"),
        ({"order": ["a", "b"], "tol": 1}, "does not go with order"),
    ],
)
def test_bad_comparison_is_named(tmp_path, expect, part):
    assert part in message(tmp_path, **COMPARED, expect=expect)


def test_line_of_what_is_wrong(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "source: {key: mine}\n"
        "defaults:\n"
        "  stack_pressure: 3 parsec\n"
        "observations:\n"
        "  - id: a\n"
        "    where: Fig. 1\n"
        "    cell:\n"
        "      anode: cu-foil\n"
        "    protocol:\n"
        "      - steps:\n"
        "          - Plate at 1 mA/cm2 for 1 h\n"
        "          - Strip at 1 mA/cm2 unto 1 V\n"
        "    quantity: shorted\n"
        "    expect:\n"
        "      is: true\n"
    )
    text = path.read_text()
    assert "line 3: stack_pressure: '3 parsec'" in str(only(path).error)
    path.write_text(text.replace("3 parsec", "3 MPa"))
    assert "line 12: block 1, step 2" in str(only(path).error)
    path.write_text(text.replace("3 parsec", "3 MPa").replace("unto", "until").replace("is: true", "is: maybe"))
    assert "line 15: expect.is: 'maybe'" in str(only(path).error)
    path.write_text(text.replace("3 parsec", "3 MPa").replace("unto", "until").replace("shorted", "short"))
    assert "line 13: quantity: 'short'" in str(only(path).error)


def test_id_that_stands_twice(tmp_path):
    first, second = read(written(tmp_path, observation(), observation())).entries
    assert first.asked and "stands twice" in str(second.error)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("source: {key: a}\nobservations: [\n", "is not valid YAML"),
        ("observations: []\nsource: {key: a}\n", "observations"),
        ("source: {key: a}\n", "'observations' is missing. Fix: give all of source, observations"),
        ("name: cu-foil\nkind: anode\n", "is not a known key"),
        ("just a sentence\n", "is not a mapping"),
        ("", "is not a mapping"),
        ("source: {key: a}\nsource: {key: b}\nobservations: [1]\n", "stands twice"),
        ("source: {key: a}\nobservations: {a: 1}\n", "should be a valid list"),
        ("source: {key: a, labratory: choi}\nobservations: [1]\n", "did you mean 'laboratory'?"),
        ("? [a]\n: 1\n", "a key must be a word"),
        ("source: {key: a, year: 2001-13-45}\nobservations: [1]\n", "is not valid YAML"),
    ],
)
def test_file_that_holds_no_observations_is_refused(tmp_path, text, part):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read(path)
    assert str(path) in str(error.value) and part in str(error.value)


def test_missing_and_binary_files_are_refused(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.yaml", tmp_path / "binary.yaml", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read(path)


def test_entry_that_is_no_mapping_stops_no_other(tmp_path):
    bad, sound = read(written(tmp_path, "a sentence", observation())).entries
    assert bad.id == "observation 1" and "is not a mapping" in str(bad.error) and sound.asked


def test_published_observations_are_all_understood():
    """What is refused in them lacks a component, a parameter or a step, never a quantity or a form."""
    files = read_all(sorted(LITERATURE.glob("*.yaml")))
    entries = [each for file in files for each in file.entries]
    assert len(entries) == 51
    for entry in entries:
        said = str(getattr(entry, "error", ""))
        assert "quantity" not in said and "expect:" not in said and "filled" not in said


def test_equal_simulations_are_planned_once(tmp_path):
    foil = {"anode": "lithium-foil"}
    observations = [
        observation(),
        observation(id="b", quantity="shorted", expect={"is": False}),
        observation(id="c", cell={"anode": "cu-foil", "stack_pressure": "200 bar"}, quantity="coverage"),
        observation(id="d", quantity={"polarization": {"cycle": 1}}),
        observation(id="e", cell=None, cells={"x": {"anode": "cu-foil"}, "y": foil}, expect={"order": ["x", "y"]}),
        observation(id="f", protocol=[{"repeat": 2, **PLATE[0]}]),
    ]
    planned = plan(read(written(tmp_path, *observations)).sound)
    assert len(planned.identities) == 6 and len(planned.simulations) == 3
    assert [each.traced for each in planned.simulations.values()] == [True, False, False]


def test_overrides_reach_the_cells_of_a_component_but_not_what_is_stated(tmp_path):
    observations = [observation(), observation(id="b", cell={"anode": "lithium-foil", "temperature": "60 degC"})]
    sound = read(written(tmp_path, *observations)).sound
    overrides = {"cu-foil": {"top_barrier": "5 mV"}, "cell": {"temperature": "40 degC", "stack_pressure": "1 MPa"}}
    copper, foil = (each.cell for each in plan(sound, overrides).simulations.values())
    assert copper.si["anode.top_barrier"] == 5e-3 and foil.si["anode.top_barrier"] != 5e-3
    assert copper.si["temperature"] == 313.15 and foil.si["temperature"] == 333.15
    assert copper.si["stack_pressure"] == foil.si["stack_pressure"] == 20e6
    with pytest.raises(InputError, match="did you mean 'top_barrier'"):
        plan(sound, {"cu-foil": {"top_barier": "5 mV"}})
    with pytest.raises(InputError, match="did you mean 'cu-foil'"):
        plan(sound, {"cu-fol": {"top_barrier": "5 mV"}})
    assert len(plan(sound, {"ag-ni-scaffold": {"porosity": 0.8}}).simulations) == 2  # of no cell here: nothing changes
