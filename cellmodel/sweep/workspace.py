"""The folders of a sweep run by the workflow: which files there are, and which of them may be kept."""

import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cellmodel.errors import InputError, did_you_mean
from cellmodel.sweep import store
from cellmodel.sweep.definition import Sweep, load
from cellmodel.sweep.schema import WorkflowConfig, check

CONFIG = "config/config.yaml"
SWEEPS = Path("config/sweeps")
RESULTS = Path("results")

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
    return load(_file_of(check(WorkflowConfig, config, CONFIG).sweep, CONFIG, "sweep"))


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


def chunk_files(sweep: Sweep) -> list[Path]:
    """Return the files that hold the chunks of a sweep, existing or not, in order."""
    return [RESULTS / sweep.name / "chunks" / f"{chunk:05d}.nc" for chunk in range(sweep.chunks)]


def points_done(sweep: Sweep) -> int:
    """Return how many points stand in chunk files of this version of the sweep."""
    files = enumerate(chunk_files(sweep))
    return sum(store.points_in(file, sweep.label(f"chunk {number}")) for number, file in files)


def check_folders(sweep: Sweep) -> None:
    """Refuse folders that cannot be written to, or a full disk, before anything runs."""
    for folder in (Path.cwd(), RESULTS / sweep.name):
        store.check_writable(folder)


def remove_unusable(sweep: Sweep) -> list[str]:
    """Remove files that are damaged or of another version, so that they are computed anew.

    Parameters
    ----------
    sweep : Sweep
        The sweep whose folder is looked through.

    Returns
    -------
    list of str
        One line for each damaged file, and one for all files of another version together.
    """
    lines, others = [], 0
    _remove_leftovers(RESULTS / sweep.name)
    for file, label in _labels(sweep).items():
        try:
            if file.exists():
                store.read(file, label)
        except store.ForeignFile:
            file.unlink()
            others += 1
        except store.DamagedFile as error:
            file.unlink()
            lines.append(f"{file}: {error.problem}; computed anew")
    if others:
        lines.append(f"{RESULTS / sweep.name}: {others} files of another sweep or model are computed anew")
    return lines


def _remove_leftovers(folder: Path) -> None:
    """Remove files that a killed job had begun; young ones may belong to a job that runs elsewhere."""
    for file in folder.rglob(".*.tmp"):
        if time.time() - file.stat().st_mtime > LEFTOVER_SECONDS:
            file.unlink(missing_ok=True)


def _labels(sweep: Sweep) -> dict[Path, str]:
    """Return every file that the workflow keeps in the store, with the content hash that it must carry."""
    folder = RESULTS / sweep.name
    labels = {folder / f"{stage}.nc": sweep.label(stage) for stage in ("design", "points", "failure_map")}
    chunks = {file: sweep.label(f"chunk {number}") for number, file in enumerate(chunk_files(sweep))}
    return labels | chunks
