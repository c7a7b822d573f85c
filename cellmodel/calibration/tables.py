"""Tables of numbers with named columns and units: Battery Data Format, other time series, and one row a cycle."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellmodel import units
from cellmodel.calibration.curves import HalfCycle, of_series
from cellmodel.errors import InputError, did_you_mean

_HEADER = re.compile(r"(?P<name>[^\[(/]+?)\s*(?:/\s*(?P<slash>.+)|\[(?P<bracket>.*)\]|\((?P<round>.*)\))?\s*")
_MACHINE = {
    "test_time_second": "time / s",
    "current_ampere": "current / A",
    "voltage_volt": "voltage / V",
    "cycle_count": "cycle / 1",
}
"""Machine-readable names of the Battery Data Format."""
_NAMES = {"test time": "time", "cycle count": "cycle"}
"""Preferred labels of the Battery Data Format that are called otherwise here."""
_SERIES = {"time": ("h",), "current": ("mA/cm2", "mA"), "voltage": ("V",)}
_CYCLES = {
    "cycle": ("1",),
    "charge_capacity": ("mAh/cm2", "mAh"),
    "discharge_capacity": ("mAh/cm2", "mAh"),
    "coulombic_efficiency": ("1",),
}
_SPOKEN = "'Test Time / s', 'Current / A', 'Voltage / V' (Battery Data Format), or one row a cycle: " + ", ".join(
    _CYCLES
)


@dataclass(frozen=True)
class Series:
    """A time series of a cycler, cut into half cycles."""

    half_cycles: list[HalfCycle]


@dataclass(frozen=True)
class Cycles:
    """One row a cycle: ``cycle``, and of capacities [mAh/cm2] and efficiency [1] what was measured."""

    columns: Mapping[str, NDArray[np.float64]]


def read(path: Path, area: float | None, first: int) -> Series | Cycles:
    """Read a table.

    Parameters
    ----------
    path : Path
        Comma-separated text, its first row the names with units: ``Voltage / V``, ``voltage [V]`` or
        ``voltage_volt``; ``.gz`` is unpacked.
    area : float or None
        Of the cell [cm2]; needed where currents or capacities are not given per area.
    first : int
        Direction of the protocol's first half cycle, 1 or -1.

    Returns
    -------
    Series or Cycles
        Whichever its columns make up; other columns are left alone.

    Raises
    ------
    InputError
        Naming the line or column that cannot be used.
    """
    header, rows = _rows(path)
    names = [_split(each) for each in header]
    found = {name: number for number, (name, _) in enumerate(names)}
    wanted = _SERIES if all(name in found for name in _SERIES) else _CYCLES if "cycle" in found else None
    chosen = {name: found[name] for name in wanted or {} if name in found}
    if wanted is None or len(chosen) < 2:
        raise InputError(str(path), "line 1", ", ".join(header), _SPOKEN, _hint(names), problem="lacks columns")
    columns = {name: _column(path, rows, number, header[number]) for name, number in chosen.items()}
    columns = {
        name: values * _factor(path, header[chosen[name]], names[chosen[name]][1], wanted[name], area)
        for name, values in columns.items()
    }
    return _series(path, columns, first) if wanted is _SERIES else _cycles(path, columns)


def _hint(names: list[tuple[str, str]]) -> str:
    hints = (did_you_mean(name, [*_SERIES, *_CYCLES]) for name, _ in names if name not in (*_SERIES, *_CYCLES))
    return next(filter(None, hints), "name the columns, with units")


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
            lines = [row for row in csv.reader(stream) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no comma-separated UTF-8 text"
        raise InputError(str(path), problem=f"cannot be read: {reason}", fix="check the file's name") from None
    if len(lines) < 2:
        raise InputError(str(path), problem="holds no numbers", fix="give a row of names and rows of numbers")
    return [each.strip() for each in lines[0]], lines[1:]


def _split(header: str) -> tuple[str, str]:
    """Name and unit of a column: ``("voltage", "V")`` for ``Voltage / V``."""
    match = _HEADER.fullmatch(_MACHINE.get(header, header))
    if not match:
        return header, ""
    name = match["name"].strip().casefold()
    unit = match["slash"] or match["bracket"] or match["round"] or "1"
    return _NAMES.get(name, name).replace(" ", "_"), unit.strip()


def _column(path: Path, rows: list[list[str]], number: int, header: str) -> NDArray[np.float64]:
    values = np.empty(len(rows))
    for line, row in enumerate(rows):
        text = row[number] if number < len(row) else ""
        try:
            values[line] = float(text)
        except ValueError:
            values[line] = np.nan
        if not np.isfinite(values[line]):
            raise InputError(f"{path}: line {line + 2}", header, text, "a number", problem="is no number")
    return values


def _factor(path: Path, header: str, unit: str, wanted: tuple[str, ...], area: float | None) -> float:
    """What turns a column into the first wanted unit; the second one is that of the whole cell."""
    try:
        given = units.unit(unit)
    except units.UnitError:
        raise InputError(str(path), header, unit, " or ".join(wanted), problem="is not a unit") from None
    for number, each in enumerate(wanted):
        target = units.unit(each)
        if given.dimension == target.dimension:
            if number == 0:
                return given.factor / target.factor
            if area is None:
                fix = "give the cell's 'area', such as 1.13 cm2"
                raise InputError(str(path), header, unit, problem="is not per area", allowed=wanted[0], fix=fix)
            return given.factor / target.factor / area
    problem = f"does not measure {units.kind_of(wanted[0])}"
    raise InputError(str(path), header, unit, f"units like {' or '.join(wanted)}", problem=problem)


def _series(path: Path, columns: Mapping[str, NDArray[np.float64]], first: int) -> Series:
    back = np.flatnonzero(np.diff(columns["time"]) < 0.0)
    if back.size:
        raise InputError(f"{path}: line {back[0] + 3}", "time", problem="goes back", fix="sort the rows by time")
    halves = of_series(columns["time"], columns["current"], columns["voltage"], first)
    halves = [each for each in halves if each.capacity[-1] > 0.0]
    if not halves:
        raise InputError(str(path), "current", problem="is zero throughout", fix="choose a file with cycles in it")
    return Series(halves)


def _cycles(path: Path, columns: dict[str, NDArray[np.float64]]) -> Cycles:
    if (columns["cycle"] < 1).any() or (columns["cycle"] % 1).any():
        raise InputError(str(path), "cycle", allowed="whole numbers from 1", problem="holds something else")
    if {"charge_capacity", "discharge_capacity"} <= columns.keys() and "coulombic_efficiency" not in columns:
        columns["coulombic_efficiency"] = columns["discharge_capacity"] / columns["charge_capacity"]
    return Cycles(columns)
