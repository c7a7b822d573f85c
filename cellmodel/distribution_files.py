"""Read and check a distribution as component files and sweep files write it."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cellmodel import units
from cellmodel.distributions import Distribution, over_range
from cellmodel.errors import InputError

if TYPE_CHECKING:
    from cellmodel.parameters import Parameter

Quantity = float | str
KINDS = ("uniform", "loguniform", "normal", "lognormal")
LEAST_ALLOWED = 0.5
"""Least share of a distribution that must lie within the allowed range [1]: cut off further it would be another one."""


class Moments(BaseModel):
    """Mean and standard deviation of the parameter."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    mean: Quantity
    standard_deviation: Quantity


class DistributionSpec(BaseModel):
    """At most one of the four; the name alone means the whole allowed range."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    uniform: list[Quantity] | None = Field(None, description="[low, high], or [] for the whole allowed range.")
    loguniform: list[Quantity] | None = Field(None, description="[low, high] with equal ratios, or [] for all allowed.")
    normal: Moments | None = Field(None, description="Mean and standard deviation; cut off at the allowed range.")
    lognormal: Moments | None = Field(None, description="The same of the parameter itself, not of its logarithm.")

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, given: Any) -> Any:
        return {given: []} if isinstance(given, str) else given


def resolved(spec: DistributionSpec, parameter: "Parameter", where: str, key: str, bare: bool) -> Distribution | None:
    """Turn what a file says into a distribution in the parameter's unit.

    Parameters
    ----------
    spec : DistributionSpec
        Checked for its keys only.
    parameter : Parameter
        Whose distribution it is: gives unit and allowed range.
    where, key : str
        File and key, for messages.
    bare : bool
        Whether a number without unit is in the parameter's unit, as everything in a component file.

    Returns
    -------
    Distribution or None
        None where the file names no distribution.

    Raises
    ------
    InputError
        Several distributions, a wrong unit, or numbers that make no distribution within the allowed range.
    """
    kinds = [kind for kind in KINDS if getattr(spec, kind) is not None]
    if len(kinds) > 1:
        raise InputError(where, key, problem=f"has {' and '.join(kinds)}, where one is needed", fix="keep one of them")
    if isinstance(parameter.value, tuple):
        problem = f"is a list of {len(parameter.value)}, and only single numbers have a distribution"
        raise InputError(where, key, problem=problem, fix="leave it out")
    if not kinds:
        return None
    kind, key = kinds[0], f"{key}.{kinds[0]}"
    if kind.endswith("uniform"):
        found = _between(kind, getattr(spec, kind), parameter, where, key, bare)
    else:
        found = _around(kind, getattr(spec, kind), parameter, where, key, bare)
    if kind.startswith("log") and found.numbers[0] <= 0.0:
        problem = "does not lie above zero, as equal ratios must"
        raise InputError(where, key, f"{found.numbers[0]:g} {found.unit}", problem=problem, fix=f"use {kind[3:]}")
    _check_share(found, parameter, where, key)
    return found


def _between(kind: str, ends: list[Quantity], parameter: "Parameter", where: str, key: str, bare: bool) -> Distribution:
    if not ends:
        return over_range(parameter.low, parameter.high, parameter.unit, kind)
    if len(ends) != 2:
        fix = "leave both out for the whole allowed range"
        raise InputError(where, key, ends, "[low, high]", fix, problem=f"has {len(ends)} entries")
    low, high = (_read(end, parameter, where, key, bare) for end in ends)
    for end, given in ((low, ends[0]), (high, ends[1])):
        _check_range(end, given, parameter, where, key)
    if not low < high:
        raise InputError(where, key, ends[1], problem=f"does not end above its start, {ends[0]}")
    return Distribution(kind, (low, high), parameter.unit, parameter.low, parameter.high)


def _around(kind: str, moments: Moments, parameter: "Parameter", where: str, key: str, bare: bool) -> Distribution:
    mean = _read(moments.mean, parameter, where, f"{key}.mean", bare)
    _check_range(mean, moments.mean, parameter, where, f"{key}.mean")
    at = f"{key}.standard_deviation"
    deviation = _read(moments.standard_deviation, parameter, where, at, bare, difference=True)
    if deviation <= 0.0:
        raise InputError(where, at, moments.standard_deviation, "above 0", problem="is no standard deviation")
    return Distribution(kind, (mean, deviation), parameter.unit, parameter.low, parameter.high)


def _read(given: Quantity, parameter: "Parameter", where: str, key: str, bare: bool, difference: bool = False) -> float:
    if bare and not isinstance(given, str):
        return float(given)
    value = units.read(given, parameter.unit, where, key, parameter.allowed, parameter.text)
    if difference:  # 5 K are 5 degC as a difference, and not -268.15
        number, of = units.quantity(given)
        return float(f"{number * of.factor / units.unit(parameter.unit).factor:.14g}")
    return float(value)  # type: ignore[arg-type]


def _check_range(value: float, given: Quantity, parameter: "Parameter", where: str, key: str) -> None:
    if not parameter.low <= value <= parameter.high:
        side = "below" if value < parameter.low else "above"
        fix = f"choose a value from {parameter.allowed}"
        raise InputError(where, key, given, parameter.allowed, fix, problem=f"is {side} the allowed range")


def _check_share(found: Distribution, parameter: "Parameter", where: str, key: str) -> None:
    if found.share_allowed < LEAST_ALLOWED:
        problem = f"has only {found.share_allowed:.0%} of its values within the allowed range"
        fix = "lower the standard deviation, or use uniform or loguniform"
        raise InputError(where, key, found.text, parameter.allowed, fix, problem=problem)
