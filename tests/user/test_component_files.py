import pytest
import yaml

from cellmodel import components
from cellmodel.errors import InputError

NUMBER = {"unit": "um", "low": 1, "high": 500, "source": "a paper", "measured_on": "a section"}


def foil(**changes):
    parameters = {
        "thickness": NUMBER | {"value": 10},
        "patch_density": NUMBER | {"value": 1e10, "unit": "1/m2", "low": 1e6, "high": 1e16},
    }
    return {
        "name": "mine",
        "kind": "anode",
        "geometry": "planar",
        "description": "A foil of the user's.",
        "parameters": parameters,
    } | changes


def write(folder, content, name="mine"):
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    (folder / f"{name}.yaml").write_text(text)


def load_mine(folder, content):
    write(folder, content)
    return components.load("anode", "mine")


def complaint(folder, content):
    with pytest.raises(InputError) as caught:
        load_mine(folder, content)
    assert "mine.yaml" in caught.value.where
    return str(caught.value)


def with_number(**changes):
    content = foil()
    content["parameters"]["thickness"] = {k: v for k, v in (NUMBER | {"value": 10} | changes).items() if v != "gone"}
    return content


def test_a_users_component_loads(library):
    mine = load_mine(library, foil())
    assert mine.parameters["thickness"].si == 1e-5
    assert mine.parameters["thickness"].si_low == 1e-6
    assert "mine" in components.names("anode")


def test_a_changed_file_is_read_again(library):
    load_mine(library, foil())
    content = with_number(value=123)
    assert load_mine(library, content).parameters["thickness"].value == 123


@pytest.mark.parametrize("field", ["value", "unit", "low", "high", "source", "measured_on"])
def test_every_field_is_needed(library, field):
    assert f"thickness: '{field}' is missing" in complaint(library, with_number(**{field: "gone"}))


@pytest.mark.parametrize("field", ["unit", "source", "measured_on"])
def test_no_field_is_empty(library, field):
    assert f"thickness.{field}" in complaint(library, with_number(**{field: "  "}))


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"value": 600}, ["thickness: value: 600", "above the allowed range", "1 to 500 um"]),
        ({"value": "ten"}, ["parameters.thickness.value", "'ten'"]),
        ({"value": True}, ["parameters.thickness.value", "True"]),
        ({"value": float("nan")}, ["thickness.value", "finite"]),
        ({"unit": "umm"}, ["thickness: unit: 'umm' is not a unit"]),
        ({"unit": "MPa"}, ["thickness: unit: 'MPa' does not measure a length", "units like um"]),
        ({"low": 500, "high": 1}, ["low (500) is not below high (1)"]),
        ({"sorce": "x"}, ["parameters.thickness: 'sorce' is not a known key", "did you mean 'source'?"]),
    ],
)
def test_a_wrong_number_is_named(library, changes, parts):
    message = complaint(library, with_number(**changes))
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ["is not a mapping"]),
        ("- a\n- b\n", ["is not a mapping"]),
        ("name: [", ["line 2, column 1", "is not valid YAML"]),
        ("name: mine\nname: yours\n", ["line 2", "'name' stands twice"]),
        (foil(name="other"), ["name: 'other'", "give file and component the same name"]),
        (foil(kind="anod"), ["kind: 'anod'", "'anode'"]),
        (foil(geometri="planar"), ["'geometri' is not a known key", "did you mean 'geometry'?"]),
        (foil(geometry="round"), ["geometry: 'round'", "'planar', 'film' or 'porous'"]),
        (foil(geometry=None), ["geometry: is missing"]),
        (foil(based_on="foyl"), ["based_on: anode: 'foyl' is not a known anode", "did you mean 'foil'?"]),
        (foil(based_on="mine"), ["inherits from itself: mine <- mine"]),
        (foil(parameters={}), ["thickness: is missing", "based_on"]),
        (
            foil(parameters={"thicknes": NUMBER | {"value": 10}}),
            ["thicknes: is not a known parameter", "did you mean 'thickness'?"],
        ),
    ],
    ids=lambda value: "" if isinstance(value, list) else None,
)
def test_a_wrong_file_is_named(library, content, parts):
    message = complaint(library, content)
    assert all(part in message for part in parts), message


def test_what_a_shipped_component_leaves_unset_is_optional(library):
    assert "lithium" not in load_mine(library, foil()).parameters
    content = foil()
    content["parameters"]["lithium"] = NUMBER | {"value": 20}
    assert load_mine(library, content).parameters["lithium"].si == 2e-5


def test_inheriting_keeps_what_is_not_changed(library):
    mine = foil(based_on="scaffold", parameters={"thickness": NUMBER | {"value": 30}})
    del mine["geometry"]
    loaded = load_mine(library, mine)
    assert loaded.geometry == "porous" and loaded.phases == ("silver",)
    assert loaded.parameters["thickness"].value == 30
    assert loaded.parameters["silver.diffusivity"].si == 1e-12


def test_a_new_phase_has_the_parameters_of_the_others(library):
    mine = foil(based_on="scaffold", parameters={})
    del mine["geometry"]
    mine["phases"] = {"gold": {"parameters": {"diffusivity": NUMBER | {"value": 10, "unit": "m2/s"}}}}
    assert "gold.plateaus: is missing" in complaint(library, mine)
    mine["phases"]["gold"]["parameters"]["plateaus"] = NUMBER | {"value": [1.0, 2.0], "unit": "V"}
    assert load_mine(library, mine).phases == ("silver", "gold")


def test_circles_of_inheritance_are_refused(library):
    write(library, foil(based_on="other"))
    write(library, foil(name="other", based_on="mine"), "other")
    with pytest.raises(InputError, match="mine <- other <- mine"):
        components.load("anode", "mine")


def test_a_shipped_name_cannot_be_taken(library):
    write(library, foil(name="foil"), "foil")
    with pytest.raises(InputError, match="comes with the package"):
        components.load("anode", "foil")


def test_unknown_kind_and_name(library):
    with pytest.raises(InputError, match="did you mean 'anode'"):
        components.names("anod")
    with pytest.raises(InputError, match=r"Allowed: foil, scaffold\. Fix: did you mean 'scaffold'"):
        components.load("anode", "scafold")
