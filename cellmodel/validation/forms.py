"""Read `expect`: one of seven forms."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

from cellmodel.errors import InputError, did_you_mean
from cellmodel.validation.expectations import Between, Bound, Expectation, Is, Order, Value, Values

FORMS = {
    "value": "{value: v, tol: absolute} or {value: v, rel: fraction}",
    "values": "{values: [v, ...], tol: absolute}",
    "at_least": "{at_least: v}",
    "at_most": "{at_most: v}",
    "between": "{between: [low, high]}",
    "order": "{order: [name, [name, name], ...]}, with a margin if wanted",
    "is": "{is: true} or {is: false}",
}
_BESIDE = {"value": ("tol", "rel"), "values": ("tol",), "order": ("margin",)}
_FITTING = {
    "number": ("value", "at_least", "at_most", "between", "order"),
    "flag": ("is",),
    "list": ("values",),
}


class _Fields:
    """The mapping under `expect`, which can say what is wrong with it."""

    def __init__(self, given: Mapping[str, Any], where: str) -> None:
        self.given, self.where = given, where

    def wrong(self, key: str, problem: str, allowed: str = "", fix: str = "") -> InputError:
        path = f"expect.{key}" if key else "expect"
        shown = self.given.get(key, "") if key else dict(self.given)
        return InputError(self.where, path, shown, allowed, fix, problem=problem)

    def number(self, key: str) -> float:
        return self.finite(self.given.get(key), key)

    def finite(self, value: Any, key: str) -> float:
        if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
            raise self.wrong(key, "is not a number", "a finite number without unit: the quantity has its own")
        return float(value)

    def numbers(self, key: str, allowed: str) -> list[float]:
        values = self.given[key]
        if not isinstance(values, list) or not values:
            raise self.wrong(key, "is not a list of numbers", allowed)
        return [self.finite(each, key) for each in values]

    def positive(self, key: str) -> float:
        if (value := self.number(key)) <= 0.0:
            raise self.wrong(key, "is not above zero", "a number above 0")
        return value


def expectation(given: Mapping[str, Any], kind: str, cells: tuple[str, ...] | None, where: str) -> Expectation:
    """Read what was measured.

    Parameters
    ----------
    given : mapping
        What stands under `expect`.
    kind : str
        Of the quantity: ``number``, ``flag`` or ``list``.
    cells : tuple of str or None
        Names of the cells of a comparison; None for a single cell.
    where : str
        For messages.

    Returns
    -------
    Expectation
        One of the forms.

    Raises
    ------
    InputError
        For no form or several, a form that does not go with the quantity or the cells, or a wrong number.
    """
    fields = _Fields(given, where)
    form = _form(fields, kind)
    if form == "order" and cells is None:
        raise fields.wrong("order", "compares cells, and there is one", fix="name them under 'cells', not 'cell'")
    if form != "order" and cells is not None:
        raise fields.wrong("", "is no comparison of the cells", FORMS["order"], "or give one cell under 'cell'")
    return _order(fields, cells) if cells is not None else _READERS[form](fields)


def _form(fields: _Fields, kind: str) -> str:
    known = {*FORMS, *(name for names in _BESIDE.values() for name in names)}
    for key in fields.given:
        if key not in known:
            fix = did_you_mean(str(key), known) or "remove it"
            raise fields.wrong("", f"has an unknown key {key!r}", ", ".join(FORMS), fix)
    forms = [key for key in fields.given if key in FORMS]
    if len(forms) != 1:
        problem = f"has {' and '.join(forms) or 'no form'}, where exactly one is needed"
        raise fields.wrong("", problem, "; ".join(FORMS.values()))
    for key in fields.given:
        if key not in FORMS and key not in _BESIDE.get(forms[0], ()):
            raise fields.wrong(key, f"does not go with {forms[0]}", FORMS[forms[0]], "remove it")
    if forms[0] not in _FITTING[kind]:
        problem = f"does not go with a quantity that is a {kind}"
        raise fields.wrong(forms[0], problem, "; ".join(FORMS[each] for each in _FITTING[kind]))
    return forms[0]


def _value(fields: _Fields) -> Value:
    value = fields.number("value")
    given = [key for key in ("tol", "rel") if key in fields.given]
    if len(given) != 1:
        raise fields.wrong("", f"has {' and '.join(given) or 'no tolerance'} with its value", FORMS["value"])
    tolerance = fields.positive(given[0]) * (1.0 if given[0] == "tol" else abs(value))
    if tolerance == 0.0:
        raise fields.wrong("rel", "of a value of 0 is no tolerance", fix="give tol")
    return Value(value, tolerance)


def _values(fields: _Fields) -> Values:
    if "tol" not in fields.given:
        raise fields.wrong("", "has no tolerance with its values", FORMS["values"])
    return Values(tuple(fields.numbers("values", FORMS["values"])), fields.positive("tol"))


def _between(fields: _Fields) -> Between:
    ends = fields.numbers("between", FORMS["between"])
    if len(ends) != 2 or ends[0] >= ends[1]:
        raise fields.wrong("between", "is not a range", "[low, high] with low < high")
    return Between(*ends)


def _is(fields: _Fields) -> Is:
    if not isinstance(fields.given["is"], bool):
        raise fields.wrong("is", "is neither true nor false", "true, false")
    return Is(fields.given["is"])


_READERS: dict[str, Callable[[_Fields], Expectation]] = {
    "value": _value,
    "values": _values,
    "at_least": lambda fields: Bound(fields.number("at_least"), 1),
    "at_most": lambda fields: Bound(fields.number("at_most"), -1),
    "between": _between,
    "is": _is,
}


def _order(fields: _Fields, cells: tuple[str, ...]) -> Order:
    listed = fields.given["order"]
    if not isinstance(listed, list) or len(listed) < 2:
        raise fields.wrong("order", "is not a list of two or more", FORMS["order"])
    groups = tuple(tuple(each) if isinstance(each, list) else (each,) for each in listed)
    names = [name for group in groups for name in group]
    for name in names:
        if name not in cells:
            fix = did_you_mean(str(name), cells)
            raise fields.wrong("order", f"names {name!r}, which is none of the cells", ", ".join(cells), fix)
    if len(set(names)) < len(names) or not all(groups):
        raise fields.wrong("order", "names a cell twice or has an empty group", FORMS["order"])
    margin = fields.number("margin") if "margin" in fields.given else 0.0
    if margin < 0.0:
        raise fields.wrong("margin", "is below zero", "0 or more")
    return Order(groups, margin)
