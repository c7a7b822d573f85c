"""Points that other chunks have simulated already: found by their content hash, and copied for the jobs of a sweep."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.sweep import journal, rows, store
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.identity import digest

CHUNK_NAME = re.compile(r"\d{5}\.(nc|jsonl)")
PART_BYTES = 2e8
"""Rows are copied in parts of about this size, which bounds the memory of the copy."""

TRIES = 3
"""So many sources of a point are tried, should the first turn out to be damaged or limited by time."""

Rows = dict[int, rows.Row]


@dataclass
class Found:
    """Where points are known from.

    Attributes
    ----------
    files : list of Path
        Files that hold at least one of the points.
    file, row : ndarray, shape (points, TRIES)
        Index into `files` and row in the file; -1 where there is none.
    """

    files: list[Path]
    file: NDArray[np.int32]
    row: NDArray[np.int32]


def folders_below(places: Sequence[Path]) -> list[Path]:
    """Return every folder below `places` that holds chunk files or journals of chunks, sorted."""
    found = set()
    for place in places:
        for folder, _, names in os.walk(place):
            if any(CHUNK_NAME.fullmatch(name) for name in names):
                found.add(Path(folder))
    return sorted(found)


def state_of(folders: Sequence[Path]) -> str:
    """Return a hash that changes when a file comes into one of the folders, goes or is replaced."""
    return digest([[folder.as_posix(), folder.stat().st_mtime_ns] for folder in folders])


def look_up(design: xr.Dataset, folders: Sequence[Path]) -> Found:
    """Find the points of a design in chunk files, by content hash; results themselves are not read.

    Parameters
    ----------
    design : xarray.Dataset
        From `design.build`.
    folders : sequence of Path
        Folders with chunk files.

    Returns
    -------
    Found
        Up to `TRIES` places for each point.
    """
    wanted = design["point_identity"].values.astype("S32")
    order = np.argsort(wanted, kind="stable")
    wanted = wanted[order]
    found = Found([], np.full((len(order), TRIES), -1, np.int32), np.full((len(order), TRIES), -1, np.int32))
    for folder in folders:
        for file, hashes in _hashes_in(folder):
            first, last = (np.searchsorted(wanted, hashes, side) for side in ("left", "right"))
            many = last - first
            if many.any():
                found.files.append(file)
                at = np.arange(many.sum()) + np.repeat(first - np.cumsum(many) + many, many)
                _note(found, order[at], np.repeat(np.arange(len(hashes)), many))
    return found


def _note(found: Found, points: NDArray[np.int64], row: NDArray[np.int64]) -> None:
    """Add rows of the newest file to what is known of points."""
    free = found.file[points] < 0
    new, place = free.any(axis=1), free.argmax(axis=1)
    found.file[points[new], place[new]] = len(found.files) - 1
    found.row[points[new], place[new]] = row[new]


def _hashes_in(folder: Path) -> Iterator[tuple[Path, NDArray[np.bytes_]]]:
    """Yield each chunk file of a folder with the content hashes of its points, from the design where there is one."""
    names = sorted(name for name in os.listdir(folder) if CHUNK_NAME.fullmatch(name))
    hashes, chunk = _design_in(folder)
    for name in names:
        file = folder / name
        if file.suffix == ".jsonl":
            yield file, np.array([identity for identity, _ in _journal_rows(file)], dtype="S32")
        elif hashes is not None:
            yield file, hashes[chunk == int(file.stem)]
        elif (own := _identities_of(file)) is not None:
            yield file, own[0]


def _design_in(folder: Path) -> tuple[NDArray[np.bytes_] | None, NDArray[np.int64] | None]:
    found = _identities_of(folder / "design.nc", "chunk")
    return found if found else (None, None)


def _identities_of(path: Path, beside: str = "outcome") -> tuple[NDArray[np.bytes_], NDArray[np.int64]] | None:
    """Read content hashes, and another variable, of a file; None of one that is missing or damaged."""
    try:
        with netCDF4.Dataset(path) as file:
            text = file.variables["point_identity"]
            text.set_auto_chartostring(False)
            letters = np.ascontiguousarray(np.ma.getdata(text[:]))
            return letters.view("S32").ravel(), np.ma.getdata(file.variables[beside][:])
    except (OSError, RuntimeError, KeyError, AttributeError, ValueError):
        return None


def _journal_rows(file: Path) -> list[tuple[str, rows.Row]]:
    try:
        return journal.read(file)
    except store.StoreError:
        return []


def copied(sweep: Sweep, design: xr.Dataset, found: Found) -> Iterator[tuple[int, Rows]]:
    """Read what was found, part by part.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    design : xarray.Dataset
        Its points.
    found : Found
        From `look_up`.

    Yields
    ------
    part : int
        Number of the part, see `part_of`.
    rows : dict of int to Row
        Rows of the points of this part that can be used.
    """
    hashes = design["point_identity"].values
    part = part_of(sweep, design["chunk"].values)
    for number in np.unique(part[found.file[:, 0] >= 0]):
        points = np.flatnonzero(part == number)
        taken: Rows = {}
        for attempt in range(TRIES):
            by_file = defaultdict(list)
            for point in points[found.file[points, attempt] >= 0]:
                if point not in taken:
                    by_file[int(found.file[point, attempt])].append(int(point))
            for file, group in by_file.items():
                at = {point: int(found.row[point, attempt]) for point in group}
                taken |= _usable(found.files[file], at, hashes, sweep.trace_points)
        yield int(number), taken


def _usable(file: Path, at: Mapping[int, int], hashes: NDArray[np.object_], trace_points: Sequence[int]) -> Rows:
    """Read rows of a file, as far as they are whole, are those that were looked for and would come out again."""
    usable = {}
    for point, (identity, row) in _read_rows(file, at).items():
        traced = point in trace_points
        if identity == hashes[point] and row.repeatable and (row.trace is not None or not traced):
            usable[point] = row._replace(point=point, trace=row.trace if traced else None)
    return usable


def _read_rows(file: Path, at: Mapping[int, int]) -> dict[int, tuple[str, rows.Row]]:
    if file.suffix == ".jsonl":
        lines = _journal_rows(file)
        return {point: lines[row] for point, row in at.items() if row < len(lines)}
    try:
        table = store.read(file)
        numbers = list(at.values())
        chosen = table.isel(point=numbers)
        pairs = zip(chosen["point_identity"].values, rows.unstack(chosen), strict=True)
        return dict(zip(at, pairs, strict=True))
    except (store.StoreError, KeyError, IndexError, ValueError):
        return {}  # damaged, or of a version that stored other things: the point is simulated


def part_of(sweep: Sweep, chunk: NDArray[np.int64] | int) -> NDArray[np.int64] | int:
    """Return the part in which the known rows of a chunk are kept."""
    row_bytes = 10_000 + 100 * sweep.cycles
    return chunk // max(1, int(PART_BYTES / row_bytes / sweep.chunk_points))


def write(sweep: Sweep, design: xr.Dataset, found: Found, folder: Path, state: str) -> int:
    """Copy what was found into a folder.

    Parameters
    ----------
    sweep, design, found
        As in `copied`.
    folder : Path
        Where it goes: files of rows, and `index.nc`, which comes last.
    state : str
        Of the folders that were looked through, see `state_of`.

    Returns
    -------
    int
        Number of points that need not be simulated.
    """
    points: list[int] = []
    for number, taken in copied(sweep, design, found):
        if taken:
            table = rows.table(list(taken.values()), sweep.cycles)
            by_chunk = np.argsort(design["chunk"].values[table["point"].values], kind="stable")
            store.write(table.isel(point=by_chunk), _part_file(folder, number), sweep.label(f"known {number}"))
            points += sorted(taken)
    index = xr.Dataset({"point": ("known", np.array(points, np.int64))}, attrs={"looked_through": state})
    store.write(index, folder / "index.nc", sweep.label("known"))
    return len(points)


def points_in(sweep: Sweep, folder: Path) -> NDArray[np.int64]:
    """Return the points that are known."""
    return store.read(folder / "index.nc", sweep.label("known"))["point"].values


def rows_for(sweep: Sweep, folder: Path, chunk: int, points: Sequence[int]) -> list[rows.Row]:
    """Return the known rows of a chunk.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    folder : Path
        As `write` has left it.
    chunk : int
        Number of the chunk.
    points : sequence of int
        Its points.

    Returns
    -------
    list of Row
        Of those that need not be simulated.
    """
    mine = np.intersect1d(points_in(sweep, folder), points)
    if not mine.size:
        return []
    number = int(part_of(sweep, chunk))
    try:
        return rows.unstack(store.read(_part_file(folder, number), sweep.label(f"known {number}"), mine))
    except store.StoreError:
        return []  # a copy that is damaged is not worth a stop: the points are simulated


def _part_file(folder: Path, number: int) -> Path:
    return folder / f"part-{number}.nc"
