"""Folders with results of other sweeps or machines: refused before anything runs when they cannot be of use."""

from collections.abc import Sequence
from pathlib import Path

import netCDF4

from cellmodel.errors import InputError
from cellmodel.sweep.identity import result_hash
from cellmodel.sweep.known import folders_below


def check(library: Sequence[Path], where: str) -> None:
    """Refuse folders that hold no point of this version of the model.

    Parameters
    ----------
    library : sequence of Path
        Folders, as `library` of a sweep file or of the configuration names them.
    where : str
        That file, for the message.

    Raises
    ------
    InputError
        A folder does not exist, holds no results, or only those of another version of the model.
    """
    for folder in library:
        if not folder.is_dir():
            problem = "is no folder" if folder.exists() else "does not exist"
            fix = "name a folder with results of a sweep, or take the entry out"
            raise InputError(where, "library", folder.as_posix(), fix=fix, problem=problem)
        below = folders_below([folder])
        if not below:
            fix = "name a folder such as results/<sweep>, with its chunks, or take the entry out"
            raise InputError(where, "library", folder.as_posix(), fix=fix, problem="holds no results of a sweep")
        if not any(_is_of_this_model(each) for each in below):
            problem = "holds only points of another version of the model, which serve no sweep of this one"
            fix = "take the entry out, or install the version of the model that made them"
            raise InputError(where, "library", folder.as_posix(), fix=fix, problem=problem)


def _is_of_this_model(folder: Path) -> bool:
    """Tell by the design, or by the first chunk that can be read where there is none."""
    for file in [folder / "design.nc", *sorted(folder.glob("[0-9]*.nc"))]:
        try:
            with netCDF4.Dataset(file) as opened:
                return opened.getncattr("model") == result_hash()
        except (OSError, RuntimeError, AttributeError):
            continue
    return False
