"""Read quantities with units as the field writes them, and bring them to SI base units.

Pint does the conversions. It takes a third of a second to import and set up, so this happens on the first
unit that is read, and every unit is looked up only once per process.
"""

import math
import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from cellmodel.errors import InputError, did_you_mean

Value = float | tuple[float, ...]

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
_LIST = re.compile(r"\s*\[(.*)\]\s*(.*?)\s*")
_EXPONENT = re.compile(r"(?<=[A-Za-zµμΩ°%])(-?\d+(?:\.\d+)?)(?![\d.]*[A-Za-z])")
_SPELLINGS = {"−": "-", "·": "*", "°C": "degC", "Ω": "ohm", "μ": "µ"}  # noqa: RUF001
# One unit for each kind of quantity that the data files hold: names the kind in messages, offers spellings.
_KINDS = {
    "a pressure": ("MPa", "kPa", "GPa", "Pa", "bar"),
    "a temperature": ("degC", "K"),
    "a length": ("um", "nm", "mm", "cm", "m"),
    "a time": ("h", "min", "s", "hours", "minutes", "seconds", "days"),
    "a voltage": ("V", "mV"),
    "a current density": ("mA/cm2", "uA/cm2", "A/m2"),
    "an areal capacity": ("mAh/cm2", "C/m2"),
    "a mass per area": ("mg/cm2", "kg/m2"),
    "a specific capacity": ("mAh/g",),
    "a specific current": ("mA/g",),
    "a conductivity": ("S/m", "S/cm", "mS/cm"),
    "an area resistance": ("ohm cm2", "ohm m2"),
    "a diffusivity": ("m2/s", "cm2/s"),
    "an energy per amount": ("kJ/mol", "J/mol"),
    "a number without unit": ("1", "%"),
}


class UnitError(ValueError):
    """A unit that cannot be read."""


class Unit(NamedTuple):
    """A unit as factor and offset to SI base units: ``si = factor * value + offset``.

    Attributes
    ----------
    text : str
        As it was written.
    factor, offset : float
        Conversion to SI base units; the offset is 0 for all but temperatures.
    dimension : tuple of (str, float)
        Base dimensions and their powers, sorted; empty for a pure number.
    """

    text: str
    factor: float
    offset: float
    dimension: tuple[tuple[str, float], ...]


SI = Unit("SI base unit", 1.0, 0.0, ())


@cache
def _registry() -> Any:
    import pint  # slow to import: only when the first unit is read

    return pint.UnitRegistry()


@lru_cache(maxsize=4096)
def unit(text: str) -> Unit:
    """Look up a unit written as the field does: ``mA/cm2``, ``m2/s``, ``µm``, ``°C``, ``%``, ``ohm cm2``.

    Parameters
    ----------
    text : str
        The unit; ``1`` or an empty text is a pure number.

    Returns
    -------
    Unit
        Conversion to SI base units.

    Raises
    ------
    UnitError
        When it cannot be read.

    Examples
    --------
    >>> unit("mA/cm2").factor
    10.0
    """
    if text.strip() in ("", "1", "dimensionless"):
        return Unit(text, 1.0, 0.0, ())
    spelt = text
    for given, meant in _SPELLINGS.items():
        spelt = spelt.replace(given, meant)
    try:
        registry = _registry()
        found = registry.Unit(_EXPONENT.sub(r"^\1", spelt))
        base = [registry.Quantity(x, found).to_base_units() for x in (0.0, 1.0, 100.0)]
    except Exception as error:  # pint raises tokenizer, attribute, type and its own errors for bad text
        raise UnitError(f"{text!r} is not a unit") from error
    zero, one, hundred = (float(each.magnitude) for each in base)
    factor = (hundred - zero) / 100.0 if zero else one
    dimension = tuple(sorted((name, float(power)) for name, power in base[0].dimensionality.items()))
    return Unit(text, _round(factor), zero, dimension)


def _round(value: float) -> float:
    """Drop the last digit or two, where conversion leaves noise: 30 bar is 3 MPa, not 3.0000000000000004."""
    return float(f"{value:.14g}")


def quantity(given: Any) -> tuple[Value, Unit]:
    """Split a quantity into its number and its unit.

    Parameters
    ----------
    given : str, int, float, pint.Quantity or sequence of these
        ``"3 MPa"``, ``"[0.1, 0.2] V"``, ``0.85``, a pint Quantity, or a list of values in one unit.

    Returns
    -------
    value : float or tuple of float
        In `unit`.
    unit : Unit
        Without dimension for a bare number.

    Raises
    ------
    UnitError
        When there is no number or the unit cannot be read.

    Examples
    --------
    >>> quantity("20 mg/cm2")[0]
    20.0
    """
    if isinstance(given, bool) or given is None:
        raise UnitError(f"{given!r} is not a quantity")
    if hasattr(given, "magnitude") and hasattr(given, "units"):
        magnitude, of = given.magnitude, unit(f"{given.units:C}")
        many = hasattr(magnitude, "__len__")
        return tuple(map(_finite, magnitude)) if many else _finite(magnitude), of
    if isinstance(given, str):
        if many := _LIST.fullmatch(given):
            return tuple(_finite(each) for each in many[1].split(",")), unit(many[2])
        match = _NUMBER.fullmatch(given.replace("−", "-"))  # noqa: RUF001
        if not match:
            raise UnitError(f"{given!r} does not start with a number")
        return _finite(match[1]), unit(match[2])
    if isinstance(given, list | tuple):
        parts = [quantity(each) for each in given]
        if not parts or any(isinstance(value, tuple) or of != parts[0][1] for value, of in parts):
            raise UnitError(f"{given!r} is not a list of numbers in one unit")
        return tuple(value for value, _ in parts), parts[0][1]
    return _finite(given), unit("1")


def _finite(number: Any) -> float:
    try:
        value = float(number)
    except (TypeError, ValueError):
        raise UnitError(f"{number!r} is not a number") from None
    if not math.isfinite(value):
        raise UnitError(f"{number!r} is not a finite number")
    return value


def convert(value: Value, given: Unit, wanted: Unit) -> Value:
    """Convert a value between two units of one dimension; the caller has compared the dimensions.

    Parameters
    ----------
    value : float or tuple of float
        In unit `given`.
    given, wanted : Unit
        Units of equal `dimension`.

    Returns
    -------
    float or tuple of float
        In unit `wanted`; untouched when both units are the same.
    """
    if (given.factor, given.offset) == (wanted.factor, wanted.offset):
        return value
    if isinstance(value, tuple):
        return tuple(convert(each, given, wanted) for each in value)  # type: ignore[misc]
    return _round((value * given.factor + given.offset - wanted.offset) / wanted.factor)


def to_si(value: Value, of: str) -> Value:
    """Bring a value to SI base units.

    Parameters
    ----------
    value : float or tuple of float
        In unit `of`.
    of : str
        Unit.

    Returns
    -------
    float or tuple of float
        In SI base units.

    Examples
    --------
    >>> to_si(25.0, "degC")
    298.15
    """
    return convert(value, unit(of), SI)


def read(given: Any, wanted: str, where: str, key: str, allowed: str = "", example: str = "") -> Value:
    """Read what a user gave for a quantity whose unit is known.

    Parameters
    ----------
    given : str, number, pint.Quantity or list of these
        A bare number is taken for quantities without dimension only.
    wanted : str
        Unit of the answer.
    where, key : str
        For the message.
    allowed, example : str, optional
        Allowed range and a quantity that would do, for the message.

    Returns
    -------
    float or tuple of float
        In unit `wanted`.

    Raises
    ------
    InputError
        When `given` is no quantity or has another dimension.

    Examples
    --------
    >>> read("30 bar", "MPa", "cell.yaml", "stack_pressure")
    3.0
    """
    target = unit(wanted)
    try:
        value, of = quantity(given)
    except UnitError:
        value, of = 0.0, None
    if of and of.dimension == target.dimension:
        return convert(value, of, target)
    number, text = _parts(given)
    kind = kind_of(wanted)
    like = example if example and not number else f"{number or 1} {wanted}".removesuffix(" 1")
    fix = f"write it like {like!r}"
    problem = f"is not {kind}"
    if of and of.text in ("", "1"):
        problem = f"has no unit, where {kind} is needed"
    elif of:
        problem = f"is {kind_of(of.text)}, not {kind}"
    elif hint := did_you_mean(text, (wanted, *_KINDS.get(kind, ()))):
        fix += f". {hint[0].upper()}{hint[1:]}"
    raise InputError(where, key, given, allowed, fix, problem=problem)


def kind_of(text: str) -> str:
    """Name what a unit measures: ``"a pressure"`` for MPa.

    Parameters
    ----------
    text : str
        Unit.

    Returns
    -------
    str
        A name with its article; ``"a quantity in <unit>"`` for kinds without a name.
    """
    dimension = unit(text).dimension
    for kind, spellings in _KINDS.items():
        if dimension == unit(spellings[0]).dimension:
            return kind
    return f"a quantity in {text}"


def _parts(given: Any) -> tuple[str, str]:
    match = _NUMBER.fullmatch(str(given))
    return (match[1], match[2]) if match and math.isfinite(float(match[1])) else ("", "")
