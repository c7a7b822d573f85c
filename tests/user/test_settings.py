"""Settings that make no sense are refused with the allowed range, before anything runs."""

import math
from dataclasses import fields

import numpy as np
import pytest

from cellmodel import InputError, Settings
from cellmodel.settings import ALLOWED, MOST_PARTICLE_VALUES

NAMES = [field.name for field in fields(Settings)]
WHOLE = [field.name for field in fields(Settings) if field.type == "int"]
NO_NUMBERS = ["1e-3", "many", True, False, None, [8], {}, 1j, np.array([8.0])]


def message(**given):
    with pytest.raises(InputError) as caught:
        Settings(**given)
    return str(caught.value)


def test_every_setting_has_a_range_and_a_default_inside():
    assert set(ALLOWED) == set(NAMES)
    default = Settings()
    for name, (low, high) in ALLOWED.items():
        assert low <= getattr(default, name) <= high or name == "jump_error"  # which is off


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_refused(name, value):
    text = message(**{name: value})
    low, high = ALLOWED[name]
    kind = "a whole number" if name in WHOLE else "a number"
    assert text.startswith(f"Settings: {name}: ")
    assert f"is not {kind}. Allowed: {kind} from {low:g} to {high:g}" in text


@pytest.mark.parametrize("name", [name for name in NAMES if name != "jump_error"])
def test_what_lies_outside_is_refused(name):
    low, high = ALLOWED[name]
    wrong = [-1, 0, 10**400, -(10**400)] + ([] if name in WHOLE else [math.nan, math.inf, -math.inf, 0.999 * low])
    for value in wrong:
        assert f"Allowed: {low:g} to {high:g}" in message(**{name: value}), value


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [8.0, 8.5, math.nan, math.inf])
def test_numbers_of_cells_and_steps_are_whole(name, value):
    assert "is not a whole number" in message(**{name: value})


@pytest.mark.parametrize("name", NAMES)
def test_both_ends_of_a_range_are_allowed(name):
    for end in ALLOWED[name]:
        fine = {"relative_tolerance": 1e-7} if name == "jump_error" else {}
        assert getattr(Settings(**fine | {name: end}), name) == end


def test_mesh_with_too_many_unknowns_is_refused():
    """Each of both numbers would be allowed alone."""
    text = message(cathode_cells=200, shells=200)
    for part in ("shells: 200 with 200 cathode cells", "Allowed: cathode_cells times shells up to 5000"):
        assert part in text
    Settings(cathode_cells=50, shells=MOST_PARTICLE_VALUES // 50)
    assert "too fine" in message(cathode_cells=50, shells=MOST_PARTICLE_VALUES // 50 + 1)
    assert "too fine" in message(cathode_cells=50, shells=190)


def test_file_is_named_and_misspelt_settings_are_found():
    assert Settings.from_mapping({"shells": 20, "time_limit": 5}, "a.yaml: settings") == Settings(
        shells=20, time_limit=5
    )
    for content, part in (
        ({"shels": 20}, "a.yaml: settings: shels: is not a setting. Allowed: relative_tolerance, "),
        ({"shels": 20}, "did you mean 'shells'?"),
        ({3: 20}, "a.yaml: settings: 3: is not a setting"),
        (
            {"time_limit": "1 h"},
            "a.yaml: settings: time_limit: '1 h' is not a number. Allowed: a number from 0.01 to 1e+06",
        ),
        ({"time_limit": 0}, "a.yaml: settings: time_limit: 0 is not allowed. Allowed: 0.01 to 1e+06"),
    ):
        with pytest.raises(InputError) as caught:
            Settings.from_mapping(content, "a.yaml: settings")
        assert part in str(caught.value)
