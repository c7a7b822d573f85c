"""Read files of observations; a bad observation stops no other, and every message names its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cellmodel.errors import InputError
from cellmodel.validation.forms import expectation
from cellmodel.validation.members import member
from cellmodel.validation.observation import ALONE, Member, Observation, Observations, Unreadable
from cellmodel.validation.quantities import asked
from cellmodel.validation.schema import Entry, ObservationFile
from cellmodel.yaml_files import Lines, checked, read_yaml_lines


def read(path: str | Path) -> Observations:
    """Read a file of observations.

    Parameters
    ----------
    path : str or Path
        YAML file.

    Returns
    -------
    Observations
        Those that cannot be used are among them, with the reason.

    Raises
    ------
    InputError
        When the file cannot be read, is no YAML or no file of observations.
    """
    content, lines = read_yaml_lines(path)
    file = checked(ObservationFile, content, str(path), lines)
    reader = _Reader(file, str(path), lines)
    entries = tuple(reader.entry(number) for number in range(len(file.observations)))
    source = file.source.model_dump(exclude_none=True)
    return Observations(Path(path), source, _texts(file.assumed), entries)


class _Reader:
    """Turns the entries of one file into observations, and errors into errors with a line."""

    def __init__(self, file: ObservationFile, path: str, lines: Lines) -> None:
        self.file, self.path, self.lines = file, path, lines
        self.seen: set[str] = set()

    def entry(self, number: int) -> Observation | Unreadable:
        given = self.file.observations[number]
        place = ("observations", number)
        line = self.lines.of(place)
        name = str(given.get("id", "")) if isinstance(given, Mapping) else ""
        name = name or f"observation {number + 1}"
        try:
            entry = checked(Entry, given, self.path, self.lines, place)
            if name in self.seen:
                raise self._error(place, "id", name, problem="stands twice", fix="give each observation its own")
            self.seen.add(name)
            return self._observation(entry, line, place)
        except InputError as error:
            written = given if isinstance(given, Mapping) else {}
            words = (_words(written.get(key, "")) for key in ("where", "quantity", "expect"))
            return Unreadable(name, line, error, *words)

    def _error(self, place: tuple[Any, ...], key: str, given: Any, **words: str) -> InputError:
        return InputError(f"{self.path}: line {self.lines.of((*place, key))}", key, given, **words)

    def _observation(self, entry: Entry, line: int, place: tuple[Any, ...]) -> Observation:
        if (entry.cell is None) == (entry.cells is None):
            given = "are both given" if entry.cell is not None else "are both missing"
            raise self._error(place, "cell", "", problem=f"and 'cells' {given}", fix="give one of them")
        cells = {ALONE: entry.cell} if entry.cells is None else entry.cells
        members = {name: self._member(entry, own, name, place) for name, own in cells.items()}
        cycles = next(iter(members.values())).protocol.cycles
        names = None if entry.cells is None else tuple(cells)
        try:
            wanted = asked(entry.quantity, cycles, self.path)
            expected = expectation(entry.expect, wanted.quantity.kind, names, self.path)
        except InputError as error:
            raise relocated(error, f"{self.path}: line {self.lines.of((*place, *error.key.split('.')))}") from None
        assumed = {**_texts(self.file.assumed), **_texts(entry.assumed)}
        return Observation(entry.id, line, entry.where, entry.note or "", members, wanted, expected, assumed)

    def _member(self, entry: Entry, own: Mapping[str, Any], name: str, place: tuple[Any, ...]) -> Member:
        path = (*place, "cell") if name == ALONE else (*place, "cells", name)
        try:
            return member(own, self.file.defaults, entry.protocol, self.file.source.laboratory, self.path)
        except InputError as error:
            if error.where not in (self.path, "Cell"):
                raise  # a component's own file is at fault, and named
            line = self.lines.of(self._fault(error.key, path, place))
            raise relocated(error, f"{self.path}: line {line}") from None

    def _fault(self, key: str, cell: tuple[Any, ...], place: tuple[Any, ...]) -> tuple[Any, ...]:
        """Path of what an error of cell or protocol is about."""
        if key.startswith(("block", "protocol")):
            numbers = [int(each) - 1 for each in re.findall(r"\d+", key)]
            return (*place, "protocol", *numbers[:1], *(["steps", *numbers[1:2]] if len(numbers) > 1 else []))
        name = key.split(" ")[0]  # of several that do not go together, the first
        default = ("defaults", name)
        return default if default in self.lines and (*cell, name) not in self.lines else (*cell, name)


def relocated(error: InputError, where: str) -> InputError:
    """Return the same error about another place."""
    return InputError(**{**vars(error), "where": where})


def _words(given: Any) -> str:
    """What stands in a file, without brackets."""
    if not isinstance(given, Mapping):
        return str(given)
    return ", ".join(f"{key} {_words(value)}".replace("'", "") for key, value in given.items())


def _texts(given: Mapping[str, Any] | str | None) -> dict[str, str]:
    if given is None:
        return {}
    return {"all": given} if isinstance(given, str) else {str(key): str(value) for key, value in given.items()}


def read_all(paths: Iterable[str | Path]) -> list[Observations]:
    """Read several files.

    Raises
    ------
    InputError
        When there is none, or one cannot be used as a whole.
    """
    files = [read(path) for path in paths]
    if not files:
        raise InputError("validate", "FILE", problem="is missing", fix="name one or more files of observations")
    return files
