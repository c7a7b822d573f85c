"""The folders of a sweep run by the workflow: which files there are, and which of them may be kept."""

import importlib.util
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.errors import InputError, did_you_mean
from cellmodel.sweep import journal, known, library, store
from cellmodel.sweep.definition import Sweep, load
from cellmodel.sweep.design import chunk_of
from cellmodel.sweep.schema import WorkflowConfig, check

CONFIG = "config/config.yaml"
SWEEPS = Path("config/sweeps")
RESULTS = Path("results")
LOCKS = Path(".snakemake/locks")

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "HDF5_USE_FILE_LOCKING": "FALSE",
}
"""Points run side by side already, so libraries must not start threads of their own; and parallel file
systems often refuse HDF5's locks, which files that are renamed into place do not need."""

LEFTOVER_SECONDS = 600.0


@contextmanager
def clear_errors() -> Iterator[None]:
    """End the program on bad input with one message and exit code 2."""
    try:
        yield
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)


@contextmanager
def job() -> Iterator[None]:
    """Run the body of a job: bad input as in `clear_errors`, and Ctrl-C ends it at once and silently.

    There is nothing to tidy up: files are renamed into place, so none is half-written.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with clear_errors():
        yield


def open_sweep(config: Mapping[str, Any]) -> Sweep:
    """Return the sweep that the workflow's configuration names.

    Parameters
    ----------
    config : mapping
        Content of `config/config.yaml`, with what the command line sets.

    Returns
    -------
    Sweep
        From `config/sweeps/<name>.yaml` of the working directory.

    Raises
    ------
    InputError
        For anything wrong in either file.
    """
    asked = check(WorkflowConfig, config, CONFIG)
    if asked.dashboard and importlib.util.find_spec("bokeh") is None:
        fix = "install it: python -m pip install 'bokeh>=3.1', or leave 'dashboard' out"
        raise InputError(CONFIG, "dashboard", asked.dashboard, problem="needs the package bokeh", fix=fix)
    path = _file_of(asked.sweep, CONFIG, "sweep")
    sweep = load(path)
    library.check(sweep.library, str(path))
    shared = tuple(map(Path, asked.library))
    library.check(shared, CONFIG)
    return replace(sweep, library=(*sweep.library, *shared))


def find_sweep(given: str, where: str, key: str) -> Path:
    """Return the file of a sweep that a user names.

    Parameters
    ----------
    given : str
        A file, or a name in `config/sweeps`.
    where, key : str
        For the message.

    Returns
    -------
    Path
        An existing file.

    Raises
    ------
    InputError
        There is neither; the nearest name is offered.
    """
    path = Path(given)
    if path.is_file():
        return path
    if path.suffix in (".yaml", ".yml") and path.parent.resolve() != SWEEPS.resolve():
        raise InputError(
            where, key, given, problem="is not a file", fix="name a sweep file, or a sweep in " + str(SWEEPS)
        )
    return _file_of(path.stem if path.suffix else given, where, key)


def _file_of(name: str, where: str, key: str) -> Path:
    path = SWEEPS / f"{name}.yaml"
    if not path.is_file():
        names = sorted(file.stem for file in SWEEPS.glob("*.yaml"))
        fix = did_you_mean(name, names) or f"write {path}"
        raise InputError(where, key, name, ", ".join(names), fix, problem=f"has no file in {SWEEPS}")
    return path


def chunk_folder(sweep: Sweep) -> Path:
    """Return the folder of a sweep's design and chunks: one for each version of the sweep, so none is overwritten."""
    return RESULTS / sweep.name / "chunks" / sweep.folder_name


def design_file(sweep: Sweep) -> Path:
    """Return the file that holds the points of a sweep."""
    return chunk_folder(sweep) / "design.nc"


def known_folder(sweep: Sweep) -> Path:
    """Return the folder of the rows that other chunks have simulated already."""
    return chunk_folder(sweep) / "known"


def chunk_files(sweep: Sweep) -> list[Path]:
    """Return the files that hold the chunks of a sweep, existing or not, in order: round after round if refined."""
    return [chunk_folder(part) / f"{chunk:05d}.nc" for part in sweep.parts for chunk in range(part.chunks)]


def journal_file(sweep: Sweep, chunk: int) -> Path:
    """Return the file in which a running chunk keeps what it has finished."""
    return RESULTS / sweep.name / "journals" / sweep.folder_name / f"{chunk:05d}.jsonl"


def log_file(sweep: Sweep, chunk: int) -> Path:
    """Return the file into which the job of a chunk writes its lines."""
    return RESULTS / sweep.name / "logs/simulate_chunk" / f"{sweep.folder_name}-{chunk:05d}.log"


def lock_file(sweep: Sweep, chunk: int) -> Path:
    """Return the lock of a running chunk."""
    return journal_file(sweep, chunk).with_suffix(".lock")


def sources(sweep: Sweep) -> list[Path]:
    """Return the folders in which points of a sweep may stand: of other versions, other sweeps, and libraries."""
    own = {chunk_folder(sweep).resolve(), journal_file(sweep, 0).parent.resolve()}
    folders = known.folders_below([*RESULTS.glob("*/chunks"), *RESULTS.glob("*/journals"), *sweep.library])
    return [folder for folder in folders if folder.resolve() not in own]


def points_done(sweep: Sweep) -> int:
    """Return how many points of this version of a sweep need no simulation any more."""
    return sum(int(done_by_chunk(part)[0].sum()) for part in sweep.parts)


def done_by_chunk(sweep: Sweep) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many points of each chunk need no simulation any more, and how many it has; shape (chunks,) both.

    Of a sweep with one part, or of a part: those in chunk files, and of unfinished chunks those that other sweeps know
    and those in journals.
    """
    chunk = chunk_of(sweep)
    finished = np.array([file.is_file() for file in chunk_files(sweep)])
    done = finished[chunk]
    for number in np.flatnonzero(~finished):
        done[[row.point for _, row in journal.read(journal_file(sweep, number)) if row.point < done.size]] = True
    try:
        done[known.points_in(sweep, known_folder(sweep))] = True
    except store.StoreError:
        pass  # not looked up yet
    return np.bincount(chunk[done], minlength=sweep.chunks), np.bincount(chunk, minlength=sweep.chunks)


def check_folders(sweep: Sweep) -> None:
    """Refuse folders that cannot be written to, or a full disk, before anything runs."""
    for folder in (Path.cwd(), RESULTS / sweep.name):
        store.check_writable(folder)


def remove_unusable(sweep: Sweep) -> list[str]:
    """Remove files that are damaged or do not belong where they are, so that they are computed anew.

    Chunks of other versions of the sweep stand in other folders and stay: their points may be needed again. Nothing is
    touched while another snakemake is at work in this folder.

    Parameters
    ----------
    sweep : Sweep
        The sweep whose folder is looked through.

    Returns
    -------
    list of str
        One line for each file that had to go, but none for tables and maps of an earlier version of the sweep.
    """
    if LOCKS.is_dir() and any(LOCKS.iterdir()):
        return []
    lines, folders = [], [chunk_folder(part) for part in sweep.parts]
    _remove_leftovers(RESULTS / sweep.name)
    for file, label in _labels(sweep).items():
        try:
            if file.exists():
                store.read(file, label)
        except (store.ForeignFile, store.DamagedFile) as error:
            file.unlink()
            if file.parent in folders or isinstance(error, store.DamagedFile):
                lines.append(f"{file}: {error.problem}; computed anew")
    for part in sweep.parts:
        _forget_outdated(part)
    return lines


def _remove_leftovers(folder: Path) -> None:
    """Remove files that a killed job had begun; young ones may belong to a job that runs elsewhere."""
    for file in folder.rglob(".*.tmp"):
        if time.time() - file.stat().st_mtime > LEFTOVER_SECONDS:
            file.unlink(missing_ok=True)


def _forget_outdated(sweep: Sweep) -> None:
    """Look up known points again where chunks are to be simulated and other folders have changed since."""
    index = known_folder(sweep) / "index.nc"
    if not index.is_file() or all(file.is_file() for file in chunk_files(sweep)):
        return
    try:
        found = store.read(index, sweep.label("known")).attrs["looked_through"]
    except store.StoreError:
        found = ""
    if found != known.state_of(sources(sweep)):
        index.unlink()


def _labels(sweep: Sweep) -> dict[Path, str]:
    """Return every file that the workflow keeps in the store, with the content hash that it must carry."""
    folder = RESULTS / sweep.name
    labels = {folder / f"{stage}.nc": sweep.label(stage) for stage in ("points", "failure_map", "boundary")}
    for part in sweep.parts:
        labels[design_file(part)] = part.label("design")
        labels |= {file: part.label(f"chunk {number}") for number, file in enumerate(chunk_files(part))}
    return labels
