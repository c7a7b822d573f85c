"""How far a sweep is, told from heads, journals, locks and logs; results are not read, and nothing is changed."""

import os
import re
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from cellmodel.errors import InputError
from cellmodel.sweep import chunk_lock, heads, journal, known, store, workspace
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.design import chunk_of

STATES = ("done", "running", "interrupted", "missing", "damaged")
RATE = re.compile(r"([\d.e+-]+) points/s")
TAIL_BYTES = 4096

Places = dict[Path, dict[str, float]]


@dataclass(frozen=True)
class ChunkStatus:
    """How far a chunk is.

    Attributes
    ----------
    number : int
        Of the chunk; those of a refined sweep are counted on from round to round.
    state : str
        One of `STATES`: `interrupted` has a journal and no job, `damaged` is a file that will be computed anew.
    points, done : int
        Points, and how many of them need no simulation any more.
    outcomes : dict of str to int
        How many of its finished points ended how, by label.
    line : str
        Last line of its job's log.
    rate : float
        Points in a second, by that line; 0 where it tells none.
    problem : str
        What is wrong with a damaged file.
    taken_over : int
        Points of it that other sweeps have simulated.
    """

    number: int
    state: str
    points: int
    done: int
    outcomes: dict[str, int] = field(default_factory=dict)
    line: str = ""
    rate: float = 0.0
    problem: str = ""
    taken_over: int = 0


@dataclass(frozen=True)
class Status:
    """How far a sweep is.

    Attributes
    ----------
    chunks : list of ChunkStatus
        In order.
    age : float or None
        Seconds since the last sign of progress; None where there is none.
    """

    chunks: list[ChunkStatus]
    age: float | None

    @property
    def points(self) -> int:
        """Points of the sweep."""
        return sum(each.points for each in self.chunks)

    @property
    def done(self) -> int:
        """Points that need no simulation any more."""
        return sum(each.done for each in self.chunks)

    @property
    def taken_over(self) -> int:
        """Points of unfinished chunks that other sweeps have simulated."""
        return sum(each.taken_over for each in self.chunks if each.state != "done")

    @property
    def rate(self) -> float:
        """Points in a second of all running jobs together."""
        return sum(each.rate for each in self.chunks if each.state == "running")

    @property
    def outcomes(self) -> dict[str, int]:
        """How many of the finished points ended how, the most frequent first."""
        total: Counter[str] = Counter()
        for each in self.chunks:
            total.update(each.outcomes)
        return dict(total.most_common())

    def numbers(self, state: str) -> list[int]:
        """Return the numbers of the chunks in a state."""
        return [each.number for each in self.chunks if each.state == state]


def status(sweep: Sweep) -> Status:
    """Look how far a sweep is.

    Parameters
    ----------
    sweep : Sweep
        The sweep; its results are looked for below the working directory.

    Returns
    -------
    Status
        Of this version of the sweep: chunks of an earlier one count as points that are taken over.

    Raises
    ------
    InputError
        There are no results of this version.
    """
    found = [_part(part) for part in sweep.parts]
    if not any(there for _, there in found):
        raise _nothing(sweep)
    chunks = [replace(each, number=n) for n, each in enumerate(each for part, _ in found for each in part)]
    ages = [age for _, there in found if (age := _age(there)) is not None]
    return Status(chunks, min(ages, default=None))


def _part(sweep: Sweep) -> tuple[list[ChunkStatus], Places]:
    """Return the chunks of a sweep, or of one of its rounds, and what is in its folders; nothing before it began."""
    chunk = chunk_of(sweep)
    sizes = np.bincount(chunk, minlength=sweep.chunks).tolist()
    taken = _taken_over(sweep, chunk)
    places = (
        workspace.chunk_folder(sweep),
        workspace.journal_file(sweep, 0).parent,
        workspace.log_file(sweep, 0).parent,
    )
    there = {folder: _entries(folder) for folder in places}
    files = workspace.chunk_files(sweep)
    found = [_chunk(sweep, number, files[number], sizes[number], taken[number], there) for number in range(len(files))]
    return found, there if there[places[0]] else {}


def _nothing(sweep: Sweep) -> InputError:
    folder = workspace.chunk_folder(sweep)
    older = len(_entries(folder.parent))
    problem = f"has no results in {folder}" + (f", only {older} of other versions of it beside" if older else "")
    fix = f"start it: cellmodel sweep {sweep.path}"
    return InputError("cellmodel status", sweep.name, problem=problem, fix=fix)


def _chunk(sweep: Sweep, number: int, file: Path, size: int, taken: int, there: Places) -> ChunkStatus:
    noted, lock = workspace.journal_file(sweep, number), workspace.lock_file(sweep, number)
    problem = ""
    if file.name in there[file.parent]:
        try:
            outcomes = heads.read(file, sweep.label(f"chunk {number}")).outcomes
            return ChunkStatus(number, "done", size, size, outcomes)
        except store.StoreError as error:
            problem = error.problem
    kinds = journal.outcomes(noted) if noted.name in there[noted.parent] else []
    running = lock.name in there[lock.parent] and chunk_lock.is_held(lock)
    line = _last_line(workspace.log_file(sweep, number), there) if running or kinds else ""
    state = "running" if running else "damaged" if problem else "interrupted" if kinds else "missing"
    rate = RATE.search(line)
    done = min(len(kinds) + taken, size)
    outcomes = heads.counted(np.array(kinds, dtype=int))
    speed = float(rate[1]) if rate else 0.0
    return ChunkStatus(number, state, size, done, outcomes, line, speed, problem, taken)


def _taken_over(sweep: Sweep, chunk: np.ndarray) -> list[int]:
    """Return how many points of each chunk other sweeps have simulated."""
    try:
        points = known.points_in(sweep, workspace.known_folder(sweep))
    except store.StoreError:
        points = np.zeros(0, dtype=int)
    return np.bincount(chunk[points], minlength=sweep.chunks).tolist()


def _entries(folder: Path) -> dict[str, float]:
    """Return the names in a folder and when each was written: few calls, which counts on shared file systems."""
    if not folder.is_dir():
        return {}
    with os.scandir(folder) as entries:
        return {each.name: each.stat().st_mtime for each in entries}


def _age(there: Places) -> float | None:
    """Return how long ago a chunk, journal or log was written to [s]; locks are touched by idle jobs, too."""
    progress = (".nc", ".jsonl", ".log")
    times = [when for entries in there.values() for name, when in entries.items() if name.endswith(progress)]
    return max(time.time() - max(times), 0.0) if times else None


def _last_line(log: Path, there: Places) -> str:
    """Return the last line of a log that counts points, else its last line."""
    if log.name not in there[log.parent]:
        return ""
    with log.open("rb") as stream:
        stream.seek(max(log.stat().st_size - TAIL_BYTES, 0))
        lines = [line for line in stream.read().decode("utf-8", "replace").splitlines() if line.strip()]
    counting = [line for line in lines if RATE.search(line)]
    return (counting or lines or [""])[-1]
