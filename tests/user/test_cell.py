import json
import pickle
import subprocess
import sys

import pint
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellmodel.cell import Cell
from cellmodel.errors import InputError

pytestmark = pytest.mark.usefixtures("library")


def full(**settings):
    return Cell(anode="scaffold", cathode="layered", **settings)


def test_importing_the_package_imports_nothing_heavy():
    heavy = "{'numpy', 'pint', 'pydantic', 'yaml', 'xarray', 'numba', 'click', 'scipy'}"
    code = f"import sys, cellmodel; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_defaults_make_a_half_cell():
    cell = Cell(anode="foil")
    assert dict(cell.names) == {
        "anode": "foil",
        "electrolyte": "lpscl",
        "counter": "lithium",
        "laboratory": "choi",
    }
    assert not cell.is_full and cell.geometry == "planar" and cell.phases == ()


def test_a_cathode_makes_a_full_cell():
    assert full().is_full and "counter" not in full().names
    assert full().geometry == "porous" and full().phases == ("silver",)


def test_values_reach_their_paths():
    cell = full(
        loading="10 mg/cm2",
        temperature="60 degC",
        stack_pressure=pint.get_application_registry().Quantity(30.0, "bar"),
        overrides={"anode.porosity": 0.8, "anode.silver.plateaus": "[100, 50] mV"},
    )
    assert cell.si["cathode.loading"] == 0.1
    assert cell.si["temperature"] == 333.15
    assert cell.si["stack_pressure"] == 3e6
    assert cell.si["anode.porosity"] == 0.8
    assert cell.si["anode.silver.plateaus"] == (0.1, 0.05)
    assert cell.parameters["stack_pressure"].text == "3 MPa"
    assert cell.parameters["stack_pressure"].source == "set by the user"
    assert cell.parameters["anode.thickness"].source == "invented"


def test_the_same_from_a_mapping():
    base = {"anode": "scaffold", "cathode": "layered"}
    flat = Cell.from_mapping(base | {"stack_pressure": "3 MPa", "anode.porosity": 0.8})
    nested = Cell.from_mapping(base | {"stack_pressure": "30 bar", "overrides": {"anode.porosity": "80 %"}})
    assert flat.identity() == nested.identity()


def test_unset_optional_parameters_are_absent():
    assert "one_c" not in full().parameters and "one_c" not in full().si
    assert full(one_c="4 mA/cm2").si["one_c"] == 40.0


def test_one_c():
    assert full().one_c == pytest.approx(40.0)
    assert full(loading="10 mg/cm2").one_c == pytest.approx(20.0)
    assert full(loading="10 mg/cm2", specific_one_c="140 mA/g").one_c == pytest.approx(14.0)
    assert Cell(anode="foil", one_c="4 mA/cm2").one_c == 40.0
    with pytest.raises(InputError, match="C-rate has no meaning"):
        _ = Cell(anode="foil").one_c


def test_another_cell_keeps_the_rest():
    cell = full(stack_pressure="3 MPa")
    other = cell.with_({"loading": "30 mg/cm2"}).with_({"electrolyte": "gel"})
    assert other.si["cathode.loading"] == 0.3 and other.si["stack_pressure"] == 3e6
    assert other.names["electrolyte"] == "gel" and cell.names["electrolyte"] == "lpscl"
    assert cell.si["cathode.loading"] == 0.2
    half = cell.with_({"cathode": None, "counter": "alloy"})
    assert not half.is_full and half.si["counter.potential"] == 0.62


def test_components_cannot_take_values_that_do_not_fit():
    with pytest.raises(InputError, match=r"anode\.porosity"):
        full(overrides={"anode.porosity": 0.8}).with_({"anode": "foil"})


def test_a_cell_never_changes():
    cell = full()
    with pytest.raises(AttributeError, match="with_"):
        cell.names = {}
    with pytest.raises(TypeError):
        cell.si["stack_pressure"] = 1.0


def test_identity_is_fit_for_json_and_pickle():
    cell = full(stack_pressure="3 MPa")
    assert json.loads(json.dumps(cell.identity())) == cell.identity()
    assert pickle.loads(pickle.dumps(cell)).identity() == cell.identity()
    assert list(cell.identity()["parameters"]) == sorted(cell.si)
    assert cell.identity() == full(stack_pressure="30 bar").identity()
    assert cell.identity() != full(stack_pressure="3.1 MPa").identity()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pressure=st.floats(0.05, 500.0), porosity=st.floats(0.01, 0.94))
def test_any_value_in_range_is_kept_exactly(pressure, porosity):
    cell = full().with_({"stack_pressure": f"{pressure!r} MPa", "anode.porosity": repr(porosity)})
    assert cell.parameters["stack_pressure"].value == pressure
    assert cell.si["anode.porosity"] == porosity


def test_short_names():
    assert full().full_path("loading") == "cathode.loading"
    assert full().full_path("anode.porosity") == "anode.porosity"


BAD_CELLS = [
    ({"anode": "scafold"}, ["anode: 'scafold' is not a known anode", "did you mean 'scaffold'?"]),
    ({"anode": None}, ["anode: is missing", "cellmodel components"]),
    ({"cathode": "layered", "counter": "lithium"}, ["counter: 'lithium' is given together with a cathode"]),
    ({"loading": "3 mg/cm2"}, ["loading: needs a cathode, and this cell has none"]),
    ({"electrolyte": "gel", "electrolyte_mass": "3 mg/cm2"}, ["is not a parameter of electrolyte 'gel'"]),
    ({"stack_presure": "3 MPa"}, ["is not a parameter of the cell", "did you mean 'stack_pressure'?"]),
    ({"stack_pressure": "3 V"}, ["'3 V' is a voltage, not a pressure", "0.05 to 500 MPa", "'3 MPa'"]),
    ({"stack_pressure": "3 mPaa"}, ["'3 mPaa' is not a pressure", "Did you mean 'MPa'?"]),
    ({"stack_pressure": 3}, ["3 has no unit, where a pressure is needed", "write it like '3 MPa'"]),
    ({"stack_pressure": "600 MPa"}, ["'600 MPa' is above the allowed range", "0.05 to 500 MPa"]),
    ({"temperature": "-50 degC"}, ["'-50 degC' is below the allowed range", "-40 to 120 degC"]),
    ({"overrides": {"anode.porositty": 0.8}}, ["anode.porositty", "did you mean 'anode.porosity'?"]),
    ({"overrides": {"anode.silvr.diffusivity": "1 m2/s"}}, ["did you mean 'anode.silver.diffusivity'?"]),
    ({"overrides": {"porosity": 0.8}}, ["porosity", "did you mean 'anode.porosity'?"]),
    ({"overrides": {"anode.porosity": 0.96}}, ["anode.porosity + anode.electrolyte_share: sum to 1.01"]),
    ({"overrides": {"anode.silver.plateaus": "0.1 V"}}, ["one number, where a list of 2 is needed"]),
    ({"one_c": "4 mA/cm2", "specific_one_c": "140 mA/g"}, ["one_c and specific_one_c: are both set"]),
    ({"stack_pressure": "3 MPa", "overrides": {"stack_pressure": "4 MPa"}}, ["a second time"]),
]


@pytest.mark.parametrize(("changes", "parts"), BAD_CELLS, ids=lambda value: "" if isinstance(value, list) else None)
def test_bad_cells_get_one_clear_message(changes, parts):
    with pytest.raises(InputError) as caught:
        Cell.from_mapping({"anode": "scaffold"} | changes, "sweep.yaml: base_cell")
    message = str(caught.value)
    assert message.startswith("sweep.yaml: base_cell: ") and "\n" not in message
    assert all(part in message for part in parts), message


def test_impossible_cathodes():
    with pytest.raises(InputError, match=r"cathode\.active_share"):
        full(overrides={"cathode.active_share": 0.98})


@pytest.mark.parametrize("mapping", [None, [], "scaffold", 3])
def test_what_is_no_mapping(mapping):
    with pytest.raises(InputError, match="is not a mapping"):
        Cell.from_mapping(mapping)
