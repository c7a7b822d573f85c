"""Read voltage sweeps, current ramps and impedance: steps whose clauses come in one order."""

import re
from collections.abc import Iterator, Sequence

from cellmodel import units
from cellmodel.protocol_reader import TIME, VOLTAGE, Clause, Sentence, amount
from cellmodel.protocol_steps import HIGHEST_CURRENT, Impedance, Ramp, Sweep

_SPEED = "a scan rate such as '0.1 mV/s'"
_DENSITY = "a current density such as '0.1 mA/cm2'"
_FREQUENCY = "a frequency such as '1 MHz'"
_END = "the end of the sentence"
_HELD = f"{TIME}, or '1 cycle of 0.3 mAh/cm2'"
_CYCLES = re.compile(r"(\S+) cycles? of (.+)", re.IGNORECASE)


def parse_sweep(reader: Sentence, end: int) -> Sweep:
    """Read what follows ``Sweep``: ``at 0.1 mV/s from 1.0 V to 0 V``."""
    clauses = _clauses(reader, end, (("at", _SPEED), ("from", VOLTAGE), ("to", VOLTAGE)))
    rate = _value(reader, next(clauses), _SPEED, "V/s", "'from <voltage>'", ("from",))
    start = _value(reader, next(clauses), VOLTAGE, "V", "'to <voltage>'", ("to",), signed=True)
    stop = _value(reader, last := next(clauses), VOLTAGE, "V", _END, (), signed=True)
    if start == stop:
        reader.fail(last.at, "another voltage than the first")
    return Sweep(start, stop, rate, reader.text)


def parse_impedance(reader: Sentence, end: int) -> Impedance:
    """Read what follows ``Impedance``: ``from 1 MHz to 0.1 Hz``."""
    clauses = _clauses(reader, end, (("from", _FREQUENCY), ("to", _FREQUENCY)))
    high = _value(reader, next(clauses), _FREQUENCY, "Hz", "'to <frequency>'", ("to",))
    low = _value(reader, last := next(clauses), _FREQUENCY, "Hz", _END, ())
    if high == low:
        reader.fail(last.at, "another frequency than the first")
    return Impedance(max(high, low), min(high, low), reader.text)


def parse_ramp(reader: Sentence, end: int) -> Ramp:
    """Read what follows ``Ramp``: ``from 0.1 mA/cm2 by 0.1 mA/cm2 every 1 h plate and strip until short``."""
    expected = (("from", _DENSITY), ("by", _DENSITY), ("every", _HELD), ("plate", "and strip"), ("until", "short"))
    clauses = _clauses(reader, end, expected)
    first = _value(reader, clause := next(clauses), _DENSITY, "A/m2", "'by <current>'", ("by",))
    if first > HIGHEST_CURRENT:
        reader.fail(clause.at, f"a current of at most {HIGHEST_CURRENT / 10.0:g} mA/cm2, where ramps end")
    increment = _value(reader, next(clauses), _DENSITY, "A/m2", "'every <time>'", ("every",))
    holding = _holding(reader, next(clauses))
    for clause, words in zip(clauses, ("and strip", "short"), strict=True):
        if clause.text.lower() != words:
            reader.fail(clause.at, f"'{words}'")
    return Ramp(first, increment, **holding, text=reader.text)


def _holding(reader: Sentence, clause: Clause) -> dict[str, float | int]:
    """Read how long each current is held."""
    if not (cycles := _CYCLES.fullmatch(clause.text)):
        return {"duration": _value(reader, clause, _HELD, "s", "'plate and strip'", ("plate",))}
    if not cycles[1].isdigit() or int(cycles[1]) < 1:
        reader.fail(clause.at, "a whole number of cycles from 1")
    at = clause.at + cycles.start(2)
    charge = amount(cycles[2])
    if charge is None or charge[1].dimension != units.unit("C/m2").dimension or charge[0] <= 0.0:
        reader.fail(at, "an areal capacity such as '0.3 mAh/cm2', above zero")
    return {"capacity": charge[0] * charge[1].factor, "pairs": int(cycles[1])}


def _clauses(reader: Sentence, end: int, expected: Sequence[tuple[str, str]]) -> Iterator[Clause]:
    """Cut the sentence into these clauses, given as keyword and what follows it.

    One by one, so that a caret marks the first place that cannot be read.
    """
    keywords = [keyword for keyword, _ in expected]
    found = reader.clauses(end, keywords, f"'{keywords[0]}'")
    for place, (keyword, what) in enumerate(expected):
        if place == len(found):
            reader.fail(len(reader.text), f"'{keyword}' and {what}")
        if found[place].keyword != keyword:
            reader.fail(found[place].start, f"'{keyword}' and {what}")
        if place + 1 == len(expected) < len(found):
            reader.fail(found[len(expected)].start, _END)
        yield found[place]


def _value(
    reader: Sentence,
    clause: Clause,
    expected: str,
    unit: str,
    following: str,
    keywords: Sequence[str],
    signed: bool = False,
) -> float:
    """Read a clause's quantity in SI units, above zero unless it is `signed`."""
    value, given = reader.quantity(clause, expected, following, keywords)
    if given.dimension != units.unit(unit).dimension:
        reader.fail(clause.at, expected)
    if value <= 0.0 and not signed:
        reader.fail(clause.at, f"{expected}, above zero")
    return float(f"{value * given.factor:.14g}")
