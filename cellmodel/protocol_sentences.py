"""Read one step of a protocol: ``Charge at 0.33C until 4.25 V or for 4 h``."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from cellmodel import units
from cellmodel.cell import Cell
from cellmodel.errors import InputError, did_you_mean

DIRECTIONS = {"plate": 1, "strip": -1, "charge": 1, "discharge": -1, "hold": 0, "rest": 0}
_LATER = ("sweep", "ramp", "impedance")
_KEYWORD = re.compile(r"(?<![\w/])(at|for|until|or)(?![\w/])", re.IGNORECASE)
_C_RATE = re.compile(r"([\d.]+(?:[eE][+-]?\d+)?)\s*C|C\s*/\s*([\d.]+)", re.IGNORECASE)
_CURRENT = "a current such as '1 mA/cm2', '0.33C' or 'C/10'"
_VOLTAGE = "a voltage such as '4.25 V'"
_TIME = "a time such as '3.5 h'"


@dataclass(frozen=True)
class Current:
    """A current density [A/m2], or a C-rate [1/h] whose current density follows from the cell."""

    value: float
    is_c_rate: bool

    def density(self, cell: Cell) -> float:
        """Return the current density in a cell.

        Parameters
        ----------
        cell : Cell
            Gives 1C.

        Returns
        -------
        float
            [A/m2].

        Raises
        ------
        InputError
            For a C-rate in a cell that has no 1C.
        """
        return self.value * cell.one_c if self.is_c_rate else self.value


@dataclass(frozen=True)
class Step:
    """One step of a protocol, in SI units.

    Attributes
    ----------
    verb : str
        Key of `DIRECTIONS`.
    current : Current or None
        What flows; None for a hold or a rest.
    voltage : float or None
        Held voltage [V].
    duration : float or None
        Longest time [s].
    capacity : float or None
        Most charge passed [C/m2].
    voltage_limit : float or None
        Cut-off [V].
    current_limit : Current or None
        Cut-off of a hold.
    text : str
        The sentence.
    """

    verb: str
    current: Current | None = None
    voltage: float | None = None
    duration: float | None = None
    capacity: float | None = None
    voltage_limit: float | None = None
    current_limit: Current | None = None
    text: str = field(default="", compare=False)


class _Clause(NamedTuple):
    keyword: str
    start: int
    text: str
    at: int  # where the text starts


class _Sentence:
    """A sentence being read, which can say where it went wrong."""

    def __init__(self, text: str, where: str, key: str) -> None:
        self.text, self.where, self.key = text, where, key

    def fail(self, at: int, expected: str, hint: str = "") -> NoReturn:
        """Raise the error with a caret under column `at`."""
        picture = f"    {self.text}\n    {' ' * at}^ expected {expected}"
        problem = f"does not parse at column {at + 1}"
        raise InputError(self.where, self.key, self.text, fix=hint, problem=problem, picture=picture)

    def clauses(self, start: int, expected: str) -> list[_Clause]:
        """Cut what follows the verb at its keywords; `expected` names the first."""
        found = list(_KEYWORD.finditer(self.text, start))
        first = found[0].start() if found else len(self.text)
        if between := self.text[start:first].strip():
            hint = did_you_mean(between.split()[0], ("at", "for", "until"))
            self.fail(self.text.index(between, start), expected, hint)
        ends = [match.start() for match in found[1:]] + [len(self.text)]
        cut = []
        for match, end in zip(found, ends, strict=False):
            raw = self.text[match.end() : end]
            at = match.end() + len(raw) - len(raw.lstrip())
            cut.append(_Clause(match[0].lower(), match.start(), raw.strip(), at))
        return cut

    def quantity(self, clause: _Clause, expected: str) -> tuple[float, units.Unit]:
        """Read the clause's quantity; a C-rate comes with the unit ``C-rate``."""
        words = clause.text.split(" ")
        for count in range(len(words), 0, -1):
            part = " ".join(words[:count])
            if not (read := _amount(part)):
                continue
            if rest := " ".join(words[count:]).strip():
                at = self.text.index(rest, clause.at + len(part))
                hint = did_you_mean(rest.split()[0], ("for", "until", "or"))
                self.fail(at, "'or for <time>', 'or until <limit>' or the end of the sentence", hint)
            return read
        self.fail(clause.at, expected)


_RATE_UNIT = units.Unit("C-rate", 1.0, 0.0, (("C-rate", 1.0),))


def _amount(text: str) -> tuple[float, units.Unit] | None:
    try:
        if rate := _C_RATE.fullmatch(text):
            return float(rate[1]) if rate[1] else 1.0 / float(rate[2]), _RATE_UNIT
        value, unit = units.quantity(text)
    except (units.UnitError, ValueError, ZeroDivisionError):
        return None
    return (value, unit) if isinstance(value, float) else None


def parse(sentence: str, where: str = "Protocol", key: str = "step") -> Step:
    """Read one sentence.

    Parameters
    ----------
    sentence : str
        Verb, ``at <current or voltage>``, then ``for <time>`` and ``until <limit>`` joined by ``or``.
    where, key : str, optional
        For messages.

    Returns
    -------
    Step
        The step; the first limit that is met ends it.

    Raises
    ------
    InputError
        With a caret under the place that cannot be read.

    Examples
    --------
    >>> parse("Plate at 1 mA/cm2 for 3.5 h").duration
    12600.0
    """
    if not isinstance(sentence, str):
        fix = "write it like 'Charge at 0.33C until 4.25 V'"
        raise InputError(where, key, sentence, problem="is not a sentence", fix=fix)
    reader = _Sentence(" ".join(sentence.split()), where, key)
    word = reader.text.split(" ")[0]
    verb = word.lower()
    known = ", ".join(each.capitalize() for each in DIRECTIONS)
    if verb in _LATER:
        raise InputError(where, key, word, known, problem="steps come later", fix="leave the step out")
    if verb not in DIRECTIONS:
        reader.fail(0, f"one of {known}", did_you_mean(verb, [each.capitalize() for each in DIRECTIONS]))
    clauses = reader.clauses(len(word), "'for'" if verb == "rest" else "'at'")
    fields = _setpoint(reader, verb, clauses, len(word)) | _limits(reader, verb, clauses)
    step = Step(verb, **fields, text=reader.text)
    _check_end(step, where, key)
    return step


def _setpoint(reader: _Sentence, verb: str, clauses: list[_Clause], end: int) -> dict[str, object]:
    """Read ``at ...``, which rests do not have and all others start with."""
    starts = bool(clauses) and clauses[0].keyword == "at"
    if verb == "rest":
        if starts:
            reader.fail(clauses[0].start, "'for <time>': nothing flows in a rest")
        return {}
    expected = _VOLTAGE if verb == "hold" else _CURRENT
    if not starts:
        reader.fail(clauses[0].start if clauses else end, f"'at' and {expected}")
    clause = clauses.pop(0)
    value, unit = reader.quantity(clause, expected)
    if verb == "hold":
        if unit.dimension != units.unit("V").dimension:
            reader.fail(clause.at, expected)
        return {"voltage": value * unit.factor}
    return {"current": _current(reader, clause, value, unit, expected)}


def _current(reader: _Sentence, clause: _Clause, value: float, unit: units.Unit, expected: str) -> Current:
    if unit is not _RATE_UNIT and unit.dimension != units.unit("A/m2").dimension:
        reader.fail(clause.at, expected)
    if value <= 0.0:
        reader.fail(clause.at, f"{expected} above zero; the verb gives the direction")
    return Current(units.convert(value, unit, units.SI), unit is _RATE_UNIT)  # type: ignore[arg-type]


def _limits(reader: _Sentence, verb: str, clauses: list[_Clause]) -> dict[str, object]:
    """Read ``for ...`` and ``until ...``, joined by ``or``."""
    found: dict[str, object] = {}
    joined = True
    for clause in clauses:
        if clause.keyword == "or":
            if joined or clause.text or clause is clauses[-1]:
                reader.fail(clause.at if clause.text else clause.start, "'for <time>' or 'until <limit>'")
            joined = True
            continue
        if clause.keyword == "at" or not joined:
            reader.fail(clause.start, "'or' before a further limit")
        joined = False
        name, value = _limit(reader, verb, clause)
        if name in found:
            reader.fail(clause.start, f"one {name.replace('_', ' ')} only")
        found[name] = value
    return found


def _limit(reader: _Sentence, verb: str, clause: _Clause) -> tuple[str, object]:
    if clause.keyword == "for":
        value, unit = reader.quantity(clause, _TIME)
        if unit.dimension != units.unit("s").dimension or value <= 0.0:
            reader.fail(clause.at, f"{_TIME}, above zero")
        return "duration", value * unit.factor
    other = _CURRENT if verb == "hold" else _VOLTAGE
    expected = f"{other}, or an areal capacity such as '3.5 mAh/cm2'"
    if verb == "rest":
        reader.fail(clause.start, "'for <time>': a rest ends after a time")
    value, unit = reader.quantity(clause, expected)
    if unit.dimension == units.unit("C/m2").dimension and value > 0.0:
        return "capacity", value * unit.factor
    if verb == "hold":
        return "current_limit", _current(reader, clause, value, unit, expected)
    if unit.dimension != units.unit("V").dimension:
        reader.fail(clause.at, expected)
    return "voltage_limit", value * unit.factor


def _check_end(step: Step, where: str, key: str) -> None:
    """Refuse a step that can never end."""
    falls = DIRECTIONS[step.verb] < 0
    ends = [step.duration, step.voltage_limit, step.current_limit, None if falls else step.capacity]
    if any(end is not None for end in ends):
        return
    fix = {"plate": "add 'for 3.5 h' or 'until 3.5 mAh/cm2'", "charge": "add 'until 4.25 V'"}.get(step.verb, "")
    fix = {"rest": "add 'for 1 h'", "hold": "add 'until 0.05C' or 'for 1 h'"}.get(step.verb, fix)
    problem = "can never end"
    if falls:
        fix = "add a cut-off, such as 'until 1.0 V'"
    if falls and step.capacity is not None:
        fix = "add a cut-off, such as 'or until 1.0 V'"
        problem = "can never end where less lithium comes back than the capacity asks for"
    raise InputError(where, key, step.text, problem=problem, fix=fix)
