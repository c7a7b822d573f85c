"""A parameter: a number that knows its unit, its range and where it comes from."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from cellmodel import units
from cellmodel.distributions import Distribution, over_range
from cellmodel.errors import InputError
from cellmodel.units import Value

SET_BY_USER = "set by the user"
"""Source of a value that replaces that of a component file."""


@dataclass(frozen=True)
class Parameter:
    """One number (or list of numbers) of a component, with unit, range and provenance.

    Attributes
    ----------
    name : str
        Name inside its component.
    value : float, tuple of float or None
        In `unit`; None for an optional parameter that is not set.
    unit : str
        As written in the data file; ``1`` for a pure number.
    low, high : float
        Allowed range in `unit`, for each element of a list.
    source : str
        Where the number was published, or the observations it was calibrated with.
    measured_on : str
        What it was really measured on.
    distribution : Distribution or None
        How uncertain it is, where its file states that; see `uncertainty`.

    Examples
    --------
    >>> p = Parameter("stack_pressure", 3.0, "MPa", 0.05, 500.0, "a choice", "nothing")
    >>> p.si
    3000000.0
    >>> p.replaced_by("20 bar", "example").value
    2.0
    """

    name: str
    value: Value | None
    unit: str
    low: float
    high: float
    source: str
    measured_on: str
    distribution: Distribution | None = None

    @cached_property
    def si(self) -> Value | None:
        """Value in SI base units."""
        return None if self.value is None else units.to_si(self.value, self.unit)

    @cached_property
    def si_low(self) -> float:
        """Lower end of the range in SI base units."""
        return units.to_si(self.low, self.unit)  # type: ignore[return-value]

    @cached_property
    def si_high(self) -> float:
        """Upper end of the range in SI base units."""
        return units.to_si(self.high, self.unit)  # type: ignore[return-value]

    @property
    def allowed(self) -> str:
        """The range with its unit, for messages and listings."""
        return f"{self.low:g} to {self.high:g} {self.unit}".removesuffix(" 1")

    @property
    def uncertainty(self) -> Distribution:
        """The stated distribution; without one, every value of the allowed range."""
        return self.distribution or over_range(self.low, self.high, self.unit)

    @property
    def text(self) -> str:
        """The value with its unit, as a user would write it."""
        if self.value is None:
            return "not set"
        many = isinstance(self.value, tuple)
        number = f"[{', '.join(f'{x:.6g}' for x in self.value)}]" if many else f"{self.value:.6g}"
        return f"{number} {self.unit}".removesuffix(" 1")

    def replaced_by(self, given: Any, where: str, key: str = "") -> "Parameter":
        """Return this parameter with a user's value.

        Parameters
        ----------
        given : str, number, pint.Quantity or list of these
            In any unit of the same dimension; a bare number only where there is no dimension.
        where, key : str
            For the message; `key` is the parameter's path.

        Returns
        -------
        Parameter
            With the value in `unit` and the user as its source.

        Raises
        ------
        InputError
            When `given` has another dimension, another length or is out of range.
        """
        key = key or self.name
        example = "" if self.value is None else self.text
        value = units.read(given, self.unit, where, key, self.allowed, example)
        if self.value is not None and _shape(value) != _shape(self.value):
            problem = f"is {_shape(value)}, where {_shape(self.value)} is needed"
            raise InputError(where, key, given, self.allowed, f"write it like {example!r}", problem=problem)
        # A distribution belongs to the value that it was stated with.
        new = replace(self, value=value, source=SET_BY_USER, measured_on="not stated", distribution=None)
        new.check_range(given, where, key)
        return new

    def check_range(self, given: Any, where: str, key: str) -> None:
        """Refuse a value outside of the range.

        Parameters
        ----------
        given : object
            What the user wrote, for the message.
        where, key : str
            For the message.

        Raises
        ------
        InputError
            When an element lies outside of `low` to `high`.
        """
        for each in self.value if isinstance(self.value, tuple) else (self.value,):
            if each is not None and not self.low <= each <= self.high:
                side = "below" if each < self.low else "above"
                fix = f"choose a value from {self.allowed}"
                raise InputError(where, key, given, self.allowed, fix, problem=f"is {side} the allowed range")


def _shape(value: Value) -> str:
    return f"a list of {len(value)}" if isinstance(value, tuple) else "one number"
