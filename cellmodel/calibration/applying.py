"""Write calibrated values into component files, and nothing else in them: comments and layout stay."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from cellmodel import components
from cellmodel.calibration.free import Free
from cellmodel.calibration.result import Calibrated, Fitted
from cellmodel.component_files import read_component
from cellmodel.errors import InputError

_CALIBRATED = re.compile(r"(?:^|[;,]?\s*)calibrated\b.*", re.DOTALL)
"""From where a source tells of a calibration: what stands before is what was known without one."""


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
        path = _path_of(each.component)
        if _places(_composed(path.read_text(encoding="utf-8")), each.path) is None:
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
        _replace(path, text)
    return list(written)


def edited(path: Path, values: Mapping[str, Fitted], found: Calibrated) -> str:
    """The text of a component file with other values and sources, checked by loading it."""
    text = path.read_text(encoding="utf-8")
    root = _composed(text)
    changes = []
    for name, each in values.items():
        value, source = _places(root, name) or (None, None)
        if value is None or source is None:
            raise InputError(str(path), name, problem="has no value and source of its own")
        changes += [
            (value.start_mark.index, value.end_mark.index, _number(each)),
            (source.start_mark.index, source.end_mark.index, _source(source.value, each, found)),
        ]
    for first, last, new in sorted(changes, reverse=True):
        text = text[:first] + new + text[last:]
    _check(path, text)
    return text


def _path_of(component: str) -> Path:
    kind = next(kind for kind in components.KINDS if component in components.names(kind))
    return components.load(kind, component).path


def _composed(text: str) -> yaml.Node:
    # The loader in Python: that in C counts bytes, not characters.
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _places(root: yaml.Node, path: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Nodes of value and source of a parameter, where the file has them."""
    phase, _, name = path.rpartition(".")
    for way in (("parameters", path), (phase, name), ("phases", phase, "parameters", name)):
        node: yaml.Node | None = root
        for key in way:
            node = _child(node, key)
        value, source = _child(node, "value"), _child(node, "source")
        if value is not None and source is not None:
            return value, source
    return None


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _number(each: Fitted) -> str:
    """A value with one digit more than its uncertainty has meaning, in a spelling that YAML takes for a number."""
    text = f"{each.value:.3g}"
    mantissa, exponent, power = text.partition("e")
    if exponent and "." not in mantissa:
        mantissa += ".0"
    return mantissa + exponent + power


def _source(before: str, each: Fitted, found: Calibrated) -> str:
    """What was known before, and the calibration in place of an earlier one."""
    known = _CALIBRATED.sub("", before).rstrip(" ;,:")
    names = ", ".join(each.constrained_by) or "nothing that fixes it"
    known_to = (
        f"a factor of {each.factor:.2g}" if each.factor else f"+- {each.uncertainty:.2g} {each.unit}".removesuffix(" 1")
    )
    notes = [f"standard uncertainty {known_to}", *(() if each.identified else ("not identified",))]
    notes += [f"at the {each.end} end of the range searched"] if each.end else []
    new = f"calibrated on: {names} ({found.calibration.name}; {', '.join(notes)})"
    return json.dumps(f"{known}; {new}" if known else new, ensure_ascii=False)


def _check(path: Path, text: str) -> None:
    """Load the new text as the component that it is."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(text, encoding="utf-8")
        read_component(copy).table(str(path))


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise InputError(str(path), problem=problem, fix="make room, or work on files that you own") from None
    finally:
        temporary.unlink(missing_ok=True)
