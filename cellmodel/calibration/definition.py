"""Read a calibration file; every message names its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from cellmodel import units
from cellmodel.calibration.free import Free
from cellmodel.calibration.homes import carriers, home, known
from cellmodel.calibration.schema import CalibrationFile, FreeEntry, MeasurementEntry, ObservationsEntry
from cellmodel.calibration.tables import Cycles
from cellmodel.calibration.tables import read as read_table
from cellmodel.calibration.targets import UNITS, Measured, Observed, Target
from cellmodel.errors import InputError, did_you_mean
from cellmodel.parameters import Parameter
from cellmodel.validation.members import member
from cellmodel.validation.observation import Observation
from cellmodel.validation.planning import reaches
from cellmodel.validation.reading import read as read_observations
from cellmodel.validation.reading import relocated
from cellmodel.yaml_files import Lines, checked, read_yaml_lines


@dataclass(frozen=True)
class Calibration:
    """What is to be found, and from what.

    Attributes
    ----------
    path : Path
        The file; its name is that of the calibration.
    description : str
    free : tuple of Free
        Parameters that move.
    targets : tuple of Target
        What was measured and depends on them.
    untouched : tuple of str
        Observations that do not depend on them, and are left out.
    sources : dict of str to str
        Paper or file that each target comes from, by its id.
    method, budget, seed
        How to search; the most evaluations that it may take.
    profile : tuple of str
        Names of parameters whose profile likelihood is wanted.
    """

    path: Path
    description: str
    free: tuple[Free, ...]
    targets: tuple[Target, ...] = field(repr=False)
    untouched: tuple[str, ...]
    sources: Mapping[str, str]
    method: str
    budget: int
    seed: int
    profile: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


def read(path: str | Path) -> Calibration:
    """Read a calibration file with all that it names.

    Parameters
    ----------
    path : str or Path
        YAML file.

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        For the first thing that cannot be used: file, line, key, what was given and what is allowed.
    """
    content, lines = read_yaml_lines(path)
    return _Reader(checked(CalibrationFile, content, str(path), lines), Path(path), lines).calibration()


class _Reader:
    def __init__(self, file: CalibrationFile, path: Path, lines: Lines) -> None:
        self.file, self.path, self.lines = file, path, lines
        self.sources: dict[str, str] = {}

    def calibration(self) -> Calibration:
        file = self.file
        free = tuple(
            self._free(component, path, entry or FreeEntry())
            for component, entries in file.parameters.items()
            for path, entry in entries.items()
        )
        every = [target for n, entry in enumerate(file.observations) for target in self._observed(n, entry)]
        every += [self._measured(n, entry) for n, entry in enumerate(file.measurements)]
        touched = [each for each in every if any(map(lambda one, each=each: _depends(each, one), free))]
        if not every:
            allowed = "observations, measurements or both"
            raise self._error((), "", problem="has nothing to compare with", allowed=allowed)
        self._check_each_is_used(free, touched)
        names = [each.name for each in free]
        for number, name in enumerate(file.profile):
            if name not in names:
                fix = did_you_mean(name, names)
                raise self._error(
                    ("profile", number), "profile", name, ", ".join(names), fix, problem="is not a free parameter"
                )
        untouched = tuple(each.id for each in every if each not in touched)
        return Calibration(
            self.path, file.description, free, tuple(touched), untouched, self.sources, file.method, file.budget,
            file.seed, tuple(file.profile),
        )  # fmt: skip

    def _error(self, place: Sequence[Any], key: str, *given: Any, **words: Any) -> InputError:
        return InputError(f"{self.path}: line {self.lines.of(place)}", key, *given, **words)

    def _free(self, component: str, path: str, entry: FreeEntry) -> Free:
        place, key = ("parameters", component, path), f"parameters.{component}.{path}"
        parameter = self._parameter(component, path)
        where = f"{self.path}: line {self.lines.of(place)}"
        numbers = {}
        for name, default in (("low", parameter.low), ("high", parameter.high), ("start", parameter.value)):
            given = getattr(entry, name)
            here = f"{self.path}: line {self.lines.of((*place, name))}"
            if given is None and not isinstance(default, float | int):
                problem = (
                    "is a list of numbers, only single ones can move" if default else "is not set, there is no start"
                )
                raise InputError(where, key, problem=problem, fix="choose another parameter, or give 'start'")
            value = (
                default
                if given is None
                else units.read(given, parameter.unit, here, f"{key}.{name}", parameter.allowed)
            )
            if isinstance(value, tuple):
                raise InputError(here, f"{key}.{name}", given, problem="is a list, one number is needed")
            numbers[name] = float(value)
        low, high, start = numbers.values()
        problem = ""
        if not parameter.low <= low < high <= parameter.high:
            problem = f"has the range {low:g} to {high:g} {parameter.unit}, which is none within what is allowed"
        elif entry.scale == "log" and low <= 0.0:
            problem = "cannot be searched by factors down to zero"
        elif not low <= start <= high:
            problem = f"starts at {start:g}, outside of {low:g} to {high:g} {parameter.unit}"
        if problem:
            raise InputError(
                where, key, problem=problem, allowed=parameter.allowed, fix="change 'low', 'high' or 'start'"
            )
        stated, log = entry.start is not None, entry.scale == "log"
        return Free(component, path, parameter, low, high, start, log, stated, carriers(component, path))

    def _parameter(self, component: str, path: str) -> Parameter:
        found = home(component)
        if found is None:
            names = known()
            place, fix = ("parameters", component), did_you_mean(component, names)
            raise self._error(place, "parameters", component, ", ".join(names), fix, problem="is no component")
        table = found.parameters
        if path not in table:
            fix, problem = did_you_mean(path, table), f"is not a parameter of {component!r}"
            place = ("parameters", component, path)
            raise self._error(place, f"parameters.{component}", path, ", ".join(table), fix, problem=problem)
        return table[path]

    def _beside(self, name: str, place: Sequence[Any]) -> Path:
        path = self.path.parent / name
        if not path.is_file():
            fix = "give it relative to the folder of the calibration file"
            raise self._error(place, str(place[-1]), name, problem="is not a file", fix=fix)
        return path

    def _observed(self, number: int, entry: ObservationsEntry) -> list[Target]:
        place = ("observations", number)
        file = read_observations(self._beside(entry.file, (*place, "file")))
        entries = {each.id: each for each in file.entries}
        for key in ("ids", "weights"):
            for name in getattr(entry, key) or ():
                if name not in entries:
                    fix, problem = did_you_mean(name, entries), f"is not in {entry.file}"
                    raise self._error(
                        (*place, key), f"observations.{key}", name, ", ".join(entries), fix, problem=problem
                    )
        chosen = [entries[name] for name in entry.ids or entries]
        source = file.source
        for each in chosen:
            if not isinstance(each, Observation):
                raise each.error
            self.sources[each.id] = f"doi:{source['doi']}" if "doi" in source else source["key"]
        return [Observed(each, entry.weights.get(each.id, 1.0)) for each in chosen if isinstance(each, Observation)]

    def _measured(self, number: int, entry: MeasurementEntry) -> Target:
        place = ("measurements", number)
        where = f"{self.path}: line {self.lines.of(place)}"
        try:
            one = member(entry.cell, {}, entry.protocol, None, where)
        except InputError as error:
            line = self.lines.of((*place, "cell", error.key))
            raise relocated(error, f"{self.path}: line {line}") if error.where in (where, "Cell") else error from None
        directions = [d for d, _ in groupby(d for d in one.protocol.compile(one.cell).direction if d)]
        area = entry.area
        if area is not None:
            area = units.read(area, "cm2", f"{self.path}: line {self.lines.of((*place, 'area'))}", "measurements.area")
        path = self._beside(entry.file, (*place, "file"))
        data = read_table(path, area, int(directions[0]) if directions else 1)
        tolerances = self._tolerances(place, entry, data)
        if not isinstance(data, Cycles) and len(data.half_cycles) > len(directions):
            problem = f"holds {len(data.half_cycles)} half cycles, and the protocol has {len(directions)}"
            raise self._error(
                (*place, "file"), "measurements.file", entry.file, problem=problem, fix="extend the protocol"
            )
        self.sources[entry.id] = entry.file
        return Measured(entry.id, one, data, tolerances, entry.weight)

    def _tolerances(self, place: Sequence[Any], entry: MeasurementEntry, data: Any) -> dict[str, float]:
        possible = [name for name in UNITS if not isinstance(data, Cycles) or name in data.columns]
        found = {}
        for name, given in entry.compare.items():
            here, key = (*place, "compare", name), "measurements.compare"
            if name not in possible:
                fix, problem = did_you_mean(name, possible), f"cannot be compared with {entry.file}"
                raise self._error(here, key, name, ", ".join(possible), fix, problem=problem)
            where = f"{self.path}: line {self.lines.of(here)}"
            found[name] = units.read(given, UNITS[name], where, f"{key}.{name}", "its tolerance, above zero")
            if isinstance(found[name], tuple) or found[name] <= 0.0:
                raise self._error(here, f"{key}.{name}", given, "a tolerance above zero", problem="is none")
        return found

    def _check_each_is_used(self, free: Sequence[Free], targets: Sequence[Target]) -> None:
        for each in free:
            if not any(_depends(target, each) for target in targets):
                problem = "changes nothing that was measured: no cell has it, or each states it itself"
                fix = "add observations that depend on it, or leave it out"
                place = ("parameters", each.component, each.path)
                raise self._error(place, f"parameters.{each.component}", each.path, problem=problem, fix=fix)


def _depends(target: Target, free: Free) -> bool:
    return any(reaches(one, each, free.path) for one in target.members.values() for each in free.carriers)
