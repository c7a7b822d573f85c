import pint
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cellmodel import units
from cellmodel.errors import InputError
from cellmodel.units import UnitError, quantity, read, to_si

FIELD_SPELLINGS = [
    ("20 mg/cm2", 0.2),
    ("1 mA/cm2", 10.0),
    ("1 mA cm-2", 10.0),
    ("3 MPa", 3e6),
    ("3MPa", 3e6),
    ("25 degC", 298.15),
    ("25 °C", 298.15),
    ("0.85", 0.85),
    ("2e-12 m2/s", 2e-12),
    ("10 %", 0.1),
    ("5 ohm cm2", 5e-4),
    ("5 Ω cm²", 5e-4),
    ("5 mAh/cm2", 1.8e5),
    ("20 um", 2e-5),
    ("20 µm", 2e-5),
    ("20 μm", 2e-5),
    ("1.6 mS/cm", 0.16),
    ("37 kJ/mol", 37e3),
    ("185 mAh/g", 666e3),
    ("0.23 MPa m0.5", 0.23e6),
    ("1e10 1/m2", 1e10),
    ("4.5e-11 m/s/MPa", 4.5e-17),
    ("−3 mV", -3e-3),  # noqa: RUF001
    ("30 bar", 3e6),
    ("0.5 h", 1800.0),
    ("30 minutes", 1800.0),
]


@pytest.mark.parametrize(("text", "si"), FIELD_SPELLINGS)
def test_units_as_the_field_writes_them(text, si):
    value, unit = quantity(text)
    assert to_si(value, unit.text) == pytest.approx(si, rel=1e-13)


@pytest.mark.parametrize("text", ["MPa", "mA/cm2", "degF", "kJ/mol", "mAh/g", "%", "ohm cm2", "S/m"])
@given(value=st.floats(-1e6, 1e6))
def test_conversion_agrees_with_pint(text, value):
    registry = pint.get_application_registry()
    spelt = text.replace("cm2", "cm**2")
    expected = registry.Quantity(value, spelt).to_base_units().magnitude
    assert to_si(value, text) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(value=st.floats(-1e12, 1e12))
def test_a_value_in_its_own_unit_is_kept_to_the_last_digit(value):
    assert read(f"{value!r} MPa", "MPa", "here", "x") == value


@given(
    value=st.floats(1e-6, 1e6),
    pair=st.sampled_from([("MPa", "bar"), ("um", "nm"), ("degC", "K"), ("1", "%")]),
)
def test_there_and_back(value, pair):
    here, there = pair
    away = read(f"{value!r} {here}", there, "here", "x")
    assert read(f"{away!r} {there}", here, "here", "x") == pytest.approx(value, rel=1e-11, abs=1e-11)


@given(text=st.text(max_size=30))
@example("3 (MPa")
@example("3 MPa**")
@example("1e999 V")
@example("nan V")
@example("3 4 MPa")
@example("[1, 2 V")
@example("[] V")
def test_any_text_is_a_quantity_or_refused(text):
    try:
        value, unit = quantity(text)
    except UnitError:
        return
    assert isinstance(value, float | tuple) and isinstance(unit.factor, float)


@pytest.mark.parametrize("given_value", [None, True, object(), [], ["1 V", "20 mV"], [[1], [2]], float("inf")])
def test_what_is_no_quantity(given_value):
    with pytest.raises(UnitError):
        quantity(given_value)


def test_quantities_of_pint():
    registry = pint.get_application_registry()
    assert read(registry.Quantity(30.0, "bar"), "MPa", "here", "x") == 3.0
    assert read(registry.Quantity(25.0, "degC"), "K", "here", "x") == 298.15
    assert read(registry.Quantity([1.0, 2.0], "bar"), "MPa", "here", "x") == (0.1, 0.2)


def test_lists():
    assert read("[100, 60] mV", "V", "here", "x") == (0.1, 0.06)
    assert read(["0.1 V", "0.06 V"], "V", "here", "x") == (0.1, 0.06)
    assert read([0.1, 0.2], "1", "here", "x") == (0.1, 0.2)


@pytest.mark.parametrize(
    ("text", "wanted", "message"),
    [
        (
            "3 mPaa",
            "MPa",
            "cell.yaml: stack_pressure: '3 mPaa' is not a pressure. Allowed: 0.05 to 500 MPa. "
            "Fix: write it like '3 MPa'. Did you mean 'MPa'?",
        ),
        ("3 V", "MPa", "'3 V' is a voltage, not a pressure"),
        ("3", "MPa", "'3' has no unit, where a pressure is needed"),
        ("3 %", "MPa", "'3 %' is a number without unit, not a pressure"),
        ("3 V", "1", "'3 V' is a voltage, not a number without unit"),
        ("fast", "mA/cm2", "Fix: write it like '1 mA/cm2'"),
        ("3 mA", "mA/cm2", "is a quantity in mA, not a current density"),
    ],
)
def test_messages(text, wanted, message):
    with pytest.raises(InputError) as caught:
        read(text, wanted, "cell.yaml", "stack_pressure", "0.05 to 500 MPa")
    assert message in str(caught.value)
    assert caught.value.given == text and caught.value.key == "stack_pressure"


def test_a_unit_is_looked_up_once():
    units.unit("mW/cm2")
    before = units.unit.cache_info().hits
    units.unit("mW/cm2")
    assert units.unit.cache_info().hits == before + 1
