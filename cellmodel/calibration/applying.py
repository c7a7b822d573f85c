"""Write calibrated values into component files, and nothing else in them: comments and layout stay."""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from cellmodel.calibration.free import Free
from cellmodel.calibration.homes import home
from cellmodel.calibration.result import Calibrated, Fitted
from cellmodel.component_files import read_component
from cellmodel.errors import InputError
from cellmodel.whole_files import write_whole

_CALIBRATED = re.compile(r"[;,]?\s*\bcalibrated\b[^;]*")
"""What of a source tells of a calibration; all else is what was known without one."""


def files_of(free: Sequence[Free]) -> dict[Path, list[Free]]:
    """The component file of each parameter.

    Parameters
    ----------
    free : sequence of Free

    Returns
    -------
    dict of Path to list of Free

    Raises
    ------
    InputError
        When a component has a parameter from another file: from what it is based on, or from a material.
    """
    found: dict[Path, list[Free]] = defaultdict(list)
    for each in free:
        path = home(each.component).path
        if _entry(_composed(path.read_text(encoding="utf-8")), each.path) is None:
            problem = "stands in another file: that of a material, or of what the component is based on"
            fix = "calibrate it there, by that name"
            raise InputError(str(path), each.path, problem=problem, fix=fix)
        found[path].append(each)
    return dict(found)


def apply(found: Calibrated) -> list[Path]:
    """Write values, and where they come from, into the component files.

    Parameters
    ----------
    found : Calibrated

    Returns
    -------
    list of Path
        Files that changed.

    Raises
    ------
    InputError
        When a parameter stands in another file, or a file cannot be written; no file is changed by half.
    """
    fitted = {each.name: each for each in found.parameters}
    written = {
        path: edited(path, {each.path: fitted[each.name] for each in free}, found)
        for path, free in files_of(found.calibration.free).items()
    }
    for path, text in written.items():
        fix = "make room, or work on files that you own"
        write_whole(path, lambda place, text=text: place.write_text(text, encoding="utf-8"), fix)
    return list(written)


def edited(path: Path, values: Mapping[str, Fitted], found: Calibrated) -> str:
    """The text of a component file with other values, sources and distributions, checked by loading it."""
    text = path.read_text(encoding="utf-8")
    root = _composed(text)
    changes = [change for name, each in values.items() for change in _changes(text, _entry(root, name), each, found)]
    for first, last, new in sorted(changes, reverse=True):
        text = text[:first] + new + text[last:]
    _check(path, text)
    return text


def _changes(text: str, entry: yaml.MappingNode, each: Fitted, found: Calibrated) -> list[tuple[int, int, str]]:
    """Begin and end of what is replaced in a file, and by what."""
    value, source, stated = (_child(entry, key) for key in ("value", "source", "distribution"))
    distribution = distribution_of(each, found.calibration.name)
    first, last, new = *_span(source), sourced(source.value, each, found)
    if stated is not None:
        beside = [(*_span(stated), distribution)]
    else:
        column = next(key.start_mark.column for key, _ in entry.value if key.value == "source")
        beside, new = [], f"{new}{', ' if entry.flow_style else chr(10) + ' ' * column}distribution: {distribution}"
    # A text over several lines ends with the line break behind it.
    behind = text[first:last][len(text[first:last].rstrip()) :]
    return [(*_span(value), _number(each.value)), (first, last, new + behind), *beside]


def _span(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.index, node.end_mark.index


def _composed(text: str) -> yaml.Node:
    # The loader in Python: that in C counts bytes, not characters.
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _entry(root: yaml.Node, path: str) -> yaml.MappingNode | None:
    """Node of a parameter, where the file has it with a value and a source."""
    phase, _, name = path.rpartition(".")
    for way in (("parameters", path), (phase, name), ("phases", phase, "parameters", name)):
        node: yaml.Node | None = root
        for key in way:
            node = _child(node, key)
        if _child(node, "value") is not None and _child(node, "source") is not None:
            return node
    return None


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _number(value: float) -> str:
    """Four digits, in a spelling that YAML takes for a number."""
    mantissa, exponent, power = f"{value:.4g}".partition("e")
    return f"{mantissa if '.' in mantissa or not exponent else mantissa + '.0'}{exponent}{power}"


def sourced(before: str, each: Fitted, found: Calibrated) -> str:
    """Source of a calibrated value, in quotes: what was known before, and this in place of an earlier calibration."""
    known = _CALIBRATED.sub("", " ".join(before.split())).strip(" ;,:")
    names = ", ".join(each.constrained_by) or "nothing that fixes it"
    deviation = f"+- {each.uncertainty:.2g} {each.unit}".removesuffix(" 1")
    notes = [f"known to a factor of {each.factor:.4g}" if each.factor else f"standard uncertainty {deviation}"]
    notes += [] if each.identified else ["not identified"]
    notes += [f"at the {each.end} end of the range searched"] if each.end else []
    notes += [f"correlation {r:+.2f} with {other}" for other, r in each.correlated_with]
    new = f"calibrated on: {names} ({', '.join([found.calibration.name, *notes])})"
    return json.dumps(f"{known}; {new}" if known else new, ensure_ascii=False)


def distribution_of(each: Fitted, calibration: str) -> str:
    """How uncertain a component file calls the value: as found, or anywhere in the range where that is all there is."""
    if each.identified and each.factor:
        spread = math.log(each.factor)
        mean = each.value * math.exp(0.5 * spread**2)
        kind = "lognormal", mean, mean * math.sqrt(math.expm1(spread**2))
    else:
        kind = "normal", each.value, each.uncertainty
    shape = f"{kind[0]}: {{mean: {_number(kind[1])}, standard_deviation: {_number(kind[2])}}}"
    if not each.identified:
        shape = f"{'log' if each.factor else ''}uniform: [{_number(each.low)}, {_number(each.high)}]"
    return f'{{{shape}, source: "calibrated ({calibration})"}}'


def _check(path: Path, text: str) -> None:
    """Load the new text as the component that it is."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(text, encoding="utf-8")
        read_component(copy).table(str(path))
