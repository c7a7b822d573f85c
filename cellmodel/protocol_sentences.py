"""Read one step of a protocol: ``Charge at 0.33C until 4.25 V or for 4 h``."""

from cellmodel import units
from cellmodel.errors import InputError, did_you_mean
from cellmodel.protocol_measurements import parse_impedance, parse_ramp, parse_sweep
from cellmodel.protocol_reader import CURRENT, TIME, VOLTAGE, Clause, Sentence
from cellmodel.protocol_steps import DIRECTIONS, AnyStep, Step

_MEASUREMENTS = {"sweep": parse_sweep, "ramp": parse_ramp, "impedance": parse_impedance}
_VERBS = tuple(verb.capitalize() for verb in (*DIRECTIONS, *_MEASUREMENTS))
_FOLLOWING = "'or for <time>', 'or until <limit>' or the end of the sentence"


def parse(sentence: str, where: str = "Protocol", key: str = "step") -> AnyStep:
    """Read one sentence.

    Parameters
    ----------
    sentence : str
        Verb, ``at <current or voltage>``, then ``for <time>`` and ``until <limit>`` joined by ``or``; or a sweep, a
        ramp or an impedance.
    where, key : str, optional
        For messages.

    Returns
    -------
    Step, Sweep, Ramp or Impedance
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
    reader = Sentence(" ".join(sentence.split()), where, key)
    word = reader.text.split(" ")[0]
    verb = word.lower()
    if verb in _MEASUREMENTS:
        return _MEASUREMENTS[verb](reader, len(word))
    if verb not in DIRECTIONS:
        reader.fail(0, f"one of {', '.join(_VERBS)}", did_you_mean(verb, _VERBS))
    first = "'for'" if verb == "rest" else "'at'"
    clauses = reader.clauses(len(word), ("at", "for", "until", "or"), first)
    fields = _setpoint(reader, verb, clauses, len(word)) | _limits(reader, verb, clauses)
    step = Step(verb, **fields, text=reader.text)
    _check_end(reader, step)
    return step


def _quantity(reader: Sentence, clause: Clause, expected: str) -> tuple[float, units.Unit]:
    return reader.quantity(clause, expected, _FOLLOWING, ("for", "until", "or"))


def _setpoint(reader: Sentence, verb: str, clauses: list[Clause], end: int) -> dict[str, object]:
    """Read ``at ...``, which rests do not have and all others start with."""
    starts = bool(clauses) and clauses[0].keyword == "at"
    if verb == "rest":
        if starts:
            reader.fail(clauses[0].start, "'for <time>': nothing flows in a rest")
        return {}
    expected = VOLTAGE if verb == "hold" else CURRENT
    if not starts:
        reader.fail(clauses[0].start if clauses else end, f"'at' and {expected}")
    clause = clauses.pop(0)
    value, unit = _quantity(reader, clause, expected)
    if verb == "hold":
        if unit.dimension != units.unit("V").dimension:
            reader.fail(clause.at, expected)
        return {"voltage": value * unit.factor}
    return {"current": reader.current(clause, value, unit, expected)}


def _limits(reader: Sentence, verb: str, clauses: list[Clause]) -> dict[str, object]:
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


def _limit(reader: Sentence, verb: str, clause: Clause) -> tuple[str, object]:
    if clause.keyword == "for":
        value, unit = _quantity(reader, clause, TIME)
        if unit.dimension != units.unit("s").dimension or value <= 0.0:
            reader.fail(clause.at, f"{TIME}, above zero")
        return "duration", value * unit.factor
    other = CURRENT if verb == "hold" else VOLTAGE
    expected = f"{other}, or an areal capacity such as '3.5 mAh/cm2'"
    if verb == "rest":
        reader.fail(clause.start, "'for <time>': a rest ends after a time")
    value, unit = _quantity(reader, clause, expected)
    if unit.dimension == units.unit("C/m2").dimension and value > 0.0:
        return "capacity", value * unit.factor
    if verb == "hold":
        return "current_limit", reader.current(clause, value, unit, expected)
    if unit.dimension != units.unit("V").dimension:
        reader.fail(clause.at, expected)
    return "voltage_limit", value * unit.factor


def _check_end(reader: Sentence, step: Step) -> None:
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
    reader.refuse(problem, fix)
