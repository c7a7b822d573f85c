"""Quantities by name: what is measured in a run, in which unit, with which arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

from cellmodel.errors import InputError, did_you_mean

Measured = float | bool | tuple[float, ...]
REQUIRED = object()
QUANTITIES: dict[str, Quantity] = {}


class Unmeasurable(Exception):
    """A run does not give a quantity, for the reason in the text."""


@dataclass(frozen=True)
class Argument:
    """One argument of a quantity.

    Attributes
    ----------
    allowed : str
        For messages.
    accepts : callable
        Whether a value makes sense.
    default : object
        `REQUIRED` if it must be given.
    others : tuple of str
        Further names under which it may stand.
    is_cycle : bool
        Whether the protocol must have as many cycles.
    """

    allowed: str
    accepts: Callable[[Any], bool]
    default: Any = REQUIRED
    others: tuple[str, ...] = ()
    is_cycle: bool = False


def _counts(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= 1


def _orders(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_counts, value)) and value[0] <= value[1]


def _divides(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and 0.0 < value <= 1.0


def cycle(default: int = 1) -> Argument:
    """Number of a cycle."""
    return Argument("a number of a cycle, from 1", _counts, default, is_cycle=True)


CYCLES = Argument("[first, last] of the cycles, from 1", _orders, is_cycle=True)
SHARE = Argument("a share above 0 and up to 1", _divides, 0.5)


def number(default: Any = 1, *others: str) -> Argument:
    """Counts steps of one kind from 1."""
    return Argument("which impedance step of the protocol, from 1", _counts, default, others)


def choice(*names: str) -> Argument:
    """One of several words, the first unless given."""
    return Argument(" or ".join(names), lambda value: value in names, names[0])


@dataclass(frozen=True)
class Quantity:
    """Something that experiments report and a run gives.

    Attributes
    ----------
    name : str
        As in observation files.
    measure : callable
        Of a run and the arguments; raises `Unmeasurable`.
    unit : str or mapping of str to str
        The unit, or the unit for each value of the argument ``per``.
    kind : str
        ``number``, ``flag`` (true or false) or ``list`` (of numbers).
    arguments : mapping of str to Argument
    traced : bool
        Whether it is read from the time series, which a run keeps only when asked.
    """

    name: str
    measure: Callable[..., Measured]
    unit: str | Mapping[str, str]
    kind: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    traced: bool = False

    @property
    def meaning(self) -> str:
        """What is measured, in one sentence."""
        return (inspect.getdoc(self.measure) or "").splitlines()[0]


def quantity(
    unit: str | Mapping[str, str], kind: str = "number", traced: bool = False, **arguments: Argument
) -> Callable[[Callable[..., Measured]], Callable[..., Measured]]:
    """Put a function into `QUANTITIES` under its own name."""

    def keep(measure: Callable[..., Measured]) -> Callable[..., Measured]:
        name = measure.__name__
        QUANTITIES[name] = Quantity(name, measure, unit, kind, arguments, traced)
        return measure

    return keep


@dataclass(frozen=True)
class Asked:
    """A quantity with its arguments."""

    quantity: Quantity
    arguments: Mapping[str, Any]

    def measure(self, run: Any) -> Measured:
        """Read it from a run; raises `Unmeasurable` where the run does not give it."""
        return self.quantity.measure(run, **self.arguments)

    @property
    def unit(self) -> str:
        """Unit of what is measured; ``1`` for a pure number."""
        unit = self.quantity.unit
        return unit if isinstance(unit, str) else unit[self.arguments["per"]]

    @property
    def text(self) -> str:
        """The quantity as a reader would write it: ``coulombic_efficiency(cycle 3)``."""
        shown = ", ".join(
            f"{name} {f'{value[0]}-{value[1]}' if isinstance(value, list) else value}"
            for name, value in self.arguments.items()
        )
        return f"{self.quantity.name}({shown})" if shown else self.quantity.name


def asked(given: str | Mapping[str, Any], cycles: int, where: str) -> Asked:
    """Read what an observation asks for.

    Parameters
    ----------
    given : str or mapping
        ``shorted``, or ``{coulombic_efficiency: {cycle: 1}}``; a bare value stands for the first argument.
    cycles : int
        Cycles of the protocol.
    where : str
        For messages.

    Returns
    -------
    Asked
        With defaults filled in.

    Raises
    ------
    InputError
        For an unknown quantity (the nearest is offered) or an argument that makes no sense.
    """
    if isinstance(given, Mapping) and len(given) != 1:
        fix = "write it like '{coulombic_efficiency: {cycle: 1}}'"
        raise InputError(where, "quantity", dict(given), fix=fix, problem="is not one quantity with its arguments")
    name, arguments = next(iter(given.items())) if isinstance(given, Mapping) else (given, {})
    if name not in QUANTITIES:
        fix, allowed = did_you_mean(str(name), QUANTITIES), ", ".join(QUANTITIES)
        raise InputError(where, "quantity", name, allowed, fix, problem="is not a known quantity")
    found = QUANTITIES[name]
    values = _by_name(found, {} if arguments is None else arguments, f"quantity.{name}", where)
    complete = {each: values.get(each, argument.default) for each, argument in found.arguments.items()}
    for each, value in complete.items():
        _check(each, value, found.arguments[each], cycles, f"quantity.{name}.{each}", where)
    return Asked(found, complete)


def _by_name(found: Quantity, given: Any, key: str, where: str) -> dict[str, Any]:
    """Give each argument its first name."""
    names = {other: name for name, each in found.arguments.items() for other in (name, *each.others)}
    if not isinstance(given, Mapping):
        # `cv_cathodic_peaks: count` says what is counted, which its name says already.
        if found.unit == "count" and given == "count":
            return {}
        if not names:
            raise InputError(where, key, given, problem="goes to a quantity without arguments", fix="remove it")
        given = {next(iter(names)): given}
    for name in given:
        if name not in names:
            fix = did_you_mean(str(name), names) or "remove it"
            allowed = ", ".join(found.arguments) or "no arguments"
            raise InputError(where, key, name, allowed, fix, problem="is not an argument of this quantity")
    return {names[name]: value for name, value in given.items()}


def _check(name: str, value: Any, argument: Argument, cycles: int, key: str, where: str) -> None:
    if value is REQUIRED:
        raise InputError(where, key, problem="is missing", allowed=argument.allowed)
    if not argument.accepts(value):
        raise InputError(where, key, value, argument.allowed, problem="is not accepted")
    last = value[-1] if isinstance(value, list) else value
    if argument.is_cycle and last > cycles:
        problem = "is a cycle that the protocol never reaches"
        raise InputError(where, key, last, f"1 to {cycles}", problem=problem)
