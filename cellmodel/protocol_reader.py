"""A sentence that is being read, and which can say where it went wrong."""

import re
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from cellmodel import units
from cellmodel.errors import InputError, did_you_mean
from cellmodel.protocol_steps import Current

_C_RATE = re.compile(r"([\d.]+(?:[eE][+-]?\d+)?)\s*C|C\s*/\s*([\d.]+)", re.IGNORECASE)
RATE_UNIT = units.Unit("C-rate", 1.0, 0.0, (("C-rate", 1.0),))

CURRENT = "a current such as '1 mA/cm2', '0.33C' or 'C/10'"
VOLTAGE = "a voltage such as '4.25 V'"
TIME = "a time such as '3.5 h'"


class Clause(NamedTuple):
    """A keyword and what follows it."""

    keyword: str
    start: int
    text: str
    at: int  # where the text starts


class Sentence:
    """A sentence being read.

    Parameters
    ----------
    text : str
        With single spaces.
    where, key : str
        For messages.
    """

    def __init__(self, text: str, where: str, key: str) -> None:
        self.text, self.where, self.key = text, where, key

    def fail(self, at: int, expected: str, hint: str = "") -> NoReturn:
        """Raise the error with a caret under column `at`."""
        picture = f"    {self.text}\n    {' ' * at}^ expected {expected}"
        problem = f"does not parse at column {at + 1}"
        raise InputError(self.where, self.key, self.text, fix=hint, problem=problem, picture=picture)

    def refuse(self, problem: str, fix: str) -> NoReturn:
        """Raise the error of a sentence that can be read but not be carried out."""
        raise InputError(self.where, self.key, self.text, problem=problem, fix=fix)

    def clauses(self, start: int, keywords: Sequence[str], expected: str) -> list[Clause]:
        """Cut what follows the verb at its keywords; `expected` names the first."""
        keyword = re.compile(rf"(?<![\w/])({'|'.join(keywords)})(?![\w/])", re.IGNORECASE)
        found = list(keyword.finditer(self.text, start))
        first = found[0].start() if found else len(self.text)
        if between := self.text[start:first].strip():
            hint = did_you_mean(between.split()[0], [each for each in keywords if each != "or"])
            self.fail(self.text.index(between, start), expected, hint)
        ends = [match.start() for match in found[1:]] + [len(self.text)]
        cut = []
        for match, end in zip(found, ends, strict=False):
            raw = self.text[match.end() : end]
            at = match.end() + len(raw) - len(raw.lstrip())
            cut.append(Clause(match[0].lower(), match.start(), raw.strip(), at))
        return cut

    def quantity(
        self, clause: Clause, expected: str, following: str, keywords: Sequence[str]
    ) -> tuple[float, units.Unit]:
        """Read the clause's quantity; a C-rate comes with the unit ``C-rate``.

        `following` says what may come after it, with one of `keywords`.
        """
        words = clause.text.split(" ")
        for count in range(len(words), 0, -1):
            part = " ".join(words[:count])
            if not (read := amount(part)):
                continue
            if rest := " ".join(words[count:]).strip():
                at = self.text.index(rest, clause.at + len(part))
                self.fail(at, following, did_you_mean(rest.split()[0], keywords))
            return read
        self.fail(clause.at, expected)

    def current(self, clause: Clause, value: float, unit: units.Unit, expected: str) -> Current:
        """Make a current of a clause's quantity."""
        if unit is not RATE_UNIT and unit.dimension != units.unit("A/m2").dimension:
            self.fail(clause.at, expected)
        if value <= 0.0:
            self.fail(clause.at, f"{expected} above zero; the verb gives the direction")
        return Current(units.convert(value, unit, units.SI), unit is RATE_UNIT)  # type: ignore[arg-type]


def amount(text: str) -> tuple[float, units.Unit] | None:
    """Read a number with its unit, or a C-rate; None where there is none."""
    try:
        if rate := _C_RATE.fullmatch(text):
            return float(rate[1]) if rate[1] else 1.0 / float(rate[2]), RATE_UNIT
        value, unit = units.quantity(text)
    except (units.UnitError, ValueError, ZeroDivisionError):
        return None
    return (value, unit) if isinstance(value, float) else None
