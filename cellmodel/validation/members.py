"""Build the cells of an observation and their protocols."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cellmodel import components
from cellmodel.cell import Cell
from cellmodel.cell_paths import ALIASES, SLOTS
from cellmodel.errors import InputError, did_you_mean, nearest
from cellmodel.protocol import Protocol
from cellmodel.validation.observation import Member

_BLANK = re.compile(r"\{([^{}]*)\}")
_OPPOSITE = {"cathode": "counter", "counter": "cathode"}


def member(
    own: Mapping[str, Any], defaults: Mapping[str, Any], protocol: Any, laboratory: str | None, where: str
) -> Member:
    """Build one cell and its protocol.

    Parameters
    ----------
    own, defaults : mapping of str to object
        What the observation gives of the cell, and what the file gives for all.
    protocol : list or mapping
        Blocks of sentences, in which ``{name}`` stands for one of the cell's keys.
    laboratory : str or None
        Whose cells the file is about.
    where : str
        For messages.

    Returns
    -------
    Member
        Whose protocol fits its cell.

    Raises
    ------
    InputError
        For anything in cell or protocol that cannot be used.
    """
    keys = merged(own, defaults)
    protocol, blanks = filled(protocol, keys, where)
    keys, assumed = _with_laboratory(keys, laboratory, where)
    cell = Cell.from_mapping({name: value for name, value in keys.items() if name not in blanks}, where)
    parameters = {name: keys[name] for name in blanks if _is_parameter(cell, name)}
    cell = cell.with_(parameters, where)
    sequence = Protocol.from_mapping(protocol, where)
    sequence.compile(cell, where)
    stated = {*keys, *(keys.get("overrides") or {})} - (blanks - set(parameters))
    unknown = {"laboratory"} if assumed else set()
    return Member(cell, sequence, frozenset(ALIASES.get(name, name) for name in stated - unknown), assumed)


def merged(own: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A cell's own keys over those of the file.

    A cathode of its own replaces the counter electrode of the defaults with all that belongs to it, and the reverse.
    """
    dropped = [other for slot, other in _OPPOSITE.items() if slot in own and other not in own]
    kept = {
        name: value
        for name, value in defaults.items()
        if name not in dropped and ALIASES.get(name, name).partition(".")[0] not in dropped
    }
    return {str(name): value for name, value in {**kept, **own}.items()}


def filled(protocol: Any, keys: Mapping[str, Any], where: str) -> tuple[Any, set[str]]:
    """Replace ``{name}`` in every sentence by the cell's value; returns the names used, too."""
    used: set[str] = set()

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name not in keys:
            fix = did_you_mean(name, keys)
            problem = "is filled from no key of the cell"
            raise InputError(where, "protocol", match[0], ", ".join(keys), fix, problem=problem)
        used.add(name)
        return str(keys[name])

    def inside(part: Any) -> Any:
        if isinstance(part, str):
            return _BLANK.sub(value, part)
        if isinstance(part, Mapping):
            return {key: inside(each) for key, each in part.items()}
        return [inside(each) for each in part] if isinstance(part, list) else part

    return inside(protocol), used


def _is_parameter(cell: Cell, name: str) -> bool:
    try:
        cell.full_path(name)
    except InputError:
        return False
    return name not in SLOTS


def _with_laboratory(keys: dict[str, Any], source: str | None, where: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Name the laboratory that pressed the cell; one that no data file describes presses like the default one."""
    name = keys.get("laboratory", source)
    known = components.names("laboratory")
    if name is None or name in known:
        return keys if name is None else keys | {"laboratory": name}, ()
    if "laboratory" in keys and nearest(str(name), known):
        return keys, ()  # most likely misspelt: the cell refuses it and offers the name that was meant
    rest = {key: value for key, value in keys.items() if key != "laboratory"}
    return rest, (f"laboratory {name!r} is described by no data file: flaws and interfaces of the default one",)
