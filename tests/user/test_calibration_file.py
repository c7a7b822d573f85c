"""What calibration files and tables of numbers may hold, and what is said about those that cannot be used."""

import re

import numpy as np
import pytest
from calibration_files import OBSERVATIONS, ROOT, tutorial, written

from cellmodel.calibration.applying import files_of
from cellmodel.calibration.definition import read
from cellmodel.calibration.free import overrides, start_point
from cellmodel.calibration.homes import carriers
from cellmodel.calibration.tables import Cycles, Series
from cellmodel.calibration.tables import read as read_table
from cellmodel.errors import InputError
from cellmodel.validation.reading import read as observed

RECIPES = [ROOT / "config/calibrations" / name for name in ("shipped.yaml", "shorts.yaml")]

RANGE = {"low": "1 ohm*cm2", "high": "50 ohm*cm2", "scale": "log"}


WHOLE = {"low": None, "high": None}


def measurement(**changes):
    (each,) = tutorial()["measurements"]
    return {"measurements": [{key: value for key, value in {**each, **changes}.items() if value is not None}]}


def parameters(component="choi", path="interfacial_resistance", **entry):
    return {"parameters": {component: {path: {**RANGE, **entry}}}}


@pytest.mark.parametrize(
    ("changes", "on_line", "words"),
    [
        ({"parameter": {}}, "parameter:", "did you mean 'parameters'?"),
        ({"parameters": {}}, "parameters:", "at least 1 item"),
        (parameters("choy"), "choy:", "did you mean 'choi'?"),
        (parameters(path="interfacial_resistanc"), "interfacial_resistanc:", "did you mean 'interfacial_resistance'?"),
        (parameters(low="1 MPa"), "low:", "is a pressure"),
        (parameters(low=1), "low:", "has no unit"),
        (parameters(low="60 ohm*cm2"), "interfacial_resistance:", "which is none within what is allowed"),
        (parameters(high="5000 ohm*cm2"), "interfacial_resistance:", "0.1 to 500 ohm*cm2"),
        (parameters(start="51 ohm*cm2"), "interfacial_resistance:", "starts at 51"),
        (parameters(scale="logarithmic"), "scale:", "should be 'lin' or 'log'"),
        (parameters("lpscl", "interphase_growth", **WHOLE), "interphase_growth:", "factors down to"),
        (parameters("ncm811", "ocp_heights", **WHOLE), "ocp_heights:", "is a list of numbers"),
        (parameters("cu-foil", "lithium_thickness", **WHOLE), "lithium_thickness:", "is not set"),
        (parameters("tsinghua"), "interfacial_resistance:", "changes nothing that was measured"),
        ({"measurements": None}, "description:", "has nothing to compare with"),
        ({"budget": 0}, "budget:", "greater than or equal to 1"),
        ({"method": "annealing"}, "method:", "should be 'global' or 'local'"),
        ({"profile": ["choi: flaw"]}, "choi: flaw", "is not a free parameter"),
        (measurement(file="tutorial.csv"), "file:", "is not a file"),
        (measurement(compare={"capacity": "1 mAh/cm2"}), "capacity:", "did you mean 'charge_capacity'?"),
        (measurement(compare={"voltage": "0 mV"}), "voltage:", "a tolerance above zero"),
        (measurement(compare={"voltage": "1 mAh"}), "voltage:", "not a voltage"),
        (measurement(compare=None), "id:", "'compare' is missing"),
        (measurement(cell={"anode": "cu-fol"}), "anode:", "did you mean 'cu-foil'?"),
        (measurement(area="1 cm"), "area:", "area"),
        (measurement(protocol=[{"steps": ["Plate at 0.5 mA/cm2 until 1 mAh/cm2"]}]), "file:", "4 half cycles"),
        ({"observations": [{"file": "none.yaml"}]}, "file:", "is not a file"),
        ({"observations": [{"file": str(OBSERVATIONS), "ids": ["oh2026-bottomup"]}]}, "ids:", "'oh2026-bottom-up'?"),
        (
            {"observations": [{"file": str(OBSERVATIONS), "weights": {"oh2026-bottom-up": -1.0}}]},
            "oh2026-bottom-up:",
            "greater than 0",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_with_its_line(tmp_path, changes, on_line, words):
    path = written(tmp_path, tutorial(**changes))
    with pytest.raises(InputError) as found:
        read(path)
    message = str(found.value)
    assert words in message and str(path) in message
    line = int(re.search(r": line (\d+):", message)[1])
    assert on_line in path.read_text().splitlines()[line - 1]


def test_shipped_calibrations_are_sound_and_have_twice_as_many_observations_as_parameters():
    recipes = [read(path) for path in RECIPES]
    observations = sum(len(observed(path).sound) for path in (ROOT / "tests/literature/data").glob("*.yaml"))
    assert observations >= 2 * sum(len(each.free) for each in recipes)
    assert all(each.untouched == () and len(each.targets) >= 2 * len(each.free) for each in recipes)
    assert [each.name for each in read(ROOT / "config/calibrations/tutorial.yaml").free] == [
        "choi: interfacial_resistance", "lpscl: interphase_formation",
    ]  # fmt: skip


def test_observations_that_no_parameter_changes_are_left_out(tmp_path):
    content = tutorial(measurements=None, observations=[{"file": str(OBSERVATIONS), "ids": ["oh2026-bottom-up"]}])
    content["observations"] += [{"file": str(OBSERVATIONS.with_name("huang2023-carbon-paper-composite.yaml"))}]
    content["parameters"] = {"ag-ni-scaffold": {"porosity": None}}
    found = read(written(tmp_path, content))
    assert [each.id for each in found.targets] == ["oh2026-bottom-up"] and len(found.untouched) == 10
    assert found.free[0].range_text == "0.3 to 0.98"


def test_places_in_a_range_are_values_and_back(tmp_path):
    found = read(written(tmp_path))
    start = start_point(found.free)
    assert start == pytest.approx(
        [np.log(found.free[0].parameter.value) / np.log(50), (found.free[1].parameter.value - 0.02) / 0.48]
    )
    given = overrides(found.free, np.array([0.5, 1.0]))
    assert given["lpscl"] == {"interphase_formation": "0.5 mAh/cm2"}
    assert float(given["choi"]["interfacial_resistance"].split()[0]) == pytest.approx(np.sqrt(50))
    assert [found.free[1].end(x) for x in (0.0, 0.5, 1.0)] == ["low", "", "high"]


def test_what_components_take_over_changes_with_where_it_is_written(tmp_path):
    assert carriers("lpscl", "interphase_formation") == ("lpscl", "lpscl-cl1.6")
    assert carriers("lpscl-cl1.6", "interphase_formation") == ("lpscl-cl1.6",)
    assert {"cu-foil", "ag-ni-scaffold", "mgagsn-pvdf"} <= set(carriers("lithium-deposit", "dead_weight"))
    assert carriers("silver", "diffusivity") == ("silver",)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_shipped_value_can_be_written_where_it_stands(path):
    free = read(path).free
    files = files_of(free)
    assert sum(map(len, files.values())) == len(free)
    assert {file.parent.name for file in files} >= {"materials", "laboratories"}


def test_every_value_that_calls_itself_calibrated_is_the_result_of_a_recipe():
    """So that the table of free parameters is whole: nothing else was moved to meet the observations."""
    free = [each for path in RECIPES for each in read(path).free]
    assert {each.name for each in free if "calibrated on: " not in each.parameter.source} == set()
    said = sum(path.read_text().count("calibrated on: ") for path in (ROOT / "cellmodel/data").rglob("*.yaml"))
    assert said == len(free)


PREFERRED = "Test Time / s,Current / A,Voltage / V"


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        (PREFERRED, 1.0),
        ("test_time_second,current_ampere,voltage_volt", 1.0),
        ("time [h],current [mA/cm2],voltage [V]", 1.0 / 3.6),
        ("Time (s),Current (mA),Voltage (V)", 1e-3),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sign", [1, -1])
def test_series_are_read_by_name_and_unit_whatever_the_sign_of_plating(tmp_path, header, scale, sign):
    path = tmp_path / "cell.bdf.csv"
    rows = [(0, 0, 3.0), (3600, 1, 3.1), (7200, 1, 3.2), (9000, 0, 3.1), (10800, -2, 3.0)]
    factor = {1.0: (1, 1e-3 * 2), 1e-3: (1, 2), 1.0 / 3.6: (1 / 3600, 1)}[scale]
    path.write_text(header + "\n" + "".join(f"{t * factor[0]},{i * factor[1] * sign},{u}\n" for t, i, u in rows))
    series = read_table(path, 2.0, 1)
    assert isinstance(series, Series)
    plated, stripped = series.half_cycles
    assert (plated.direction, stripped.direction) == (1, -1)
    assert plated.capacity == pytest.approx([1.0, 2.0]) and stripped.capacity == pytest.approx([1.0])
    assert plated.at(np.array([0.5, 1.5, 9.0])) == pytest.approx([3.1, 3.15, 3.2])


def test_a_table_of_cycles_is_read_with_its_efficiency(tmp_path):
    path = tmp_path / "cycles.csv"
    path.write_text("Cycle Count / 1,charge_capacity [mAh],discharge_capacity [mAh],note\n1,4,3,a\n2,3,3,b\n")
    table = read_table(path, 2.0, 1)
    assert isinstance(table, Cycles)
    assert table.columns["charge_capacity"] == pytest.approx([2.0, 1.5])
    assert table.columns["coulombic_efficiency"] == pytest.approx([0.75, 1.0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Test Time / s,Curent / A,Voltage / V\n0,1,3\n", "did you mean 'current'?"),
        (f"{PREFERRED}\n", "holds no numbers"),
        (f"{PREFERRED}\n0,1,3\n1,-,3\n", "line 3"),
        (f"{PREFERRED}\n0,1,3\n1,1\n", "is no number"),
        (f"{PREFERRED}\n0,1,3\n1,nan,3\n", "is no number"),
        (f"{PREFERRED}\n5,1,3\n1,1,3\n", "goes back"),
        (f"{PREFERRED}\n0,0,3\n1,0,3\n", "is zero throughout"),
        (f"{PREFERRED.replace('/ A', '/ V')}\n0,1,3\n", "does not measure"),
        (f"{PREFERRED.replace('/ A', '/ amp3re')}\n0,1,3\n", "is not a unit"),
        ("cycle,charge_capacity [mAh/cm2]\n0,1\n", "whole numbers from 1"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_used_are_named(tmp_path, text, words):
    path = tmp_path / "cell.bdf.csv"
    path.write_text(text)
    with pytest.raises(InputError) as found:
        read_table(path, 1.0, 1)
    assert words in str(found.value) and str(path) in str(found.value)


def test_the_area_is_asked_for_where_it_is_needed(tmp_path):
    path = tmp_path / "cell.bdf.csv"
    path.write_text(f"{PREFERRED}\n0,1,3\n1,1,3\n")
    with pytest.raises(InputError, match="give the cell's 'area'"):
        read_table(path, None, 1)
