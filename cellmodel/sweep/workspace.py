"""The folders of a sweep run by the workflow: which files there are, and which of them may be kept."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cellmodel.errors import InputError
from cellmodel.sweep import store
from cellmodel.sweep.definition import Sweep, load
from cellmodel.sweep.schema import WorkflowConfig, check

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


@contextmanager
def clear_errors() -> Iterator[None]:
    """End the program on bad input with one message and exit code 2, on Ctrl-C with 130."""
    try:
        yield
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


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
    name = check(WorkflowConfig, config, "config/config.yaml").sweep
    return load(SWEEPS / f"{name}.yaml")


def chunk_files(sweep: Sweep) -> list[Path]:
    """Return the files that hold the chunks of a sweep, existing or not, in order."""
    return [RESULTS / sweep.name / "chunks" / f"{chunk:05d}.nc" for chunk in range(sweep.chunks)]


def points_done(sweep: Sweep) -> int:
    """Return how many points stand in chunk files of this version of the sweep."""
    return sum(store.points_in(file, sweep.identity) for file in chunk_files(sweep))


def remove_unusable(sweep: Sweep) -> list[str]:
    """Remove chunk files that are damaged or of another version, so that they are computed anew.

    Parameters
    ----------
    sweep : Sweep
        The sweep whose folder is looked through.

    Returns
    -------
    list of str
        One line for each damaged file, and one for all files of an earlier version together.
    """
    lines, earlier = [], 0
    for file in filter(Path.exists, chunk_files(sweep)):
        try:
            store.read(file, sweep.identity)
        except store.ForeignFile:
            earlier += 1
        except store.DamagedFile as error:
            lines.append(f"{file}: {error.problem}; its points are computed anew")
        else:
            continue
        file.unlink()
    if earlier:
        folder = RESULTS / sweep.name / "chunks"
        lines.append(
            f"{folder}: {earlier} files of another version of the sweep or the model are computed anew"
        )
    return lines
