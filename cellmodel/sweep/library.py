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
        models = {model for each in below if (model := _model_of(each))}
        if not models:
            fix = "take the entry out, or copy the results again"
            raise InputError(where, "library", folder.as_posix(), fix=fix, problem="holds no point that can be read")
        if result_hash() not in models:
            problem = "holds only points of another version of the model, which serve no sweep of this one"
            fix = "take the entry out, or install the version of the model that made them"
            raise InputError(where, "library", folder.as_posix(), fix=fix, problem=problem)


def _model_of(folder: Path) -> str:
    """Return the version of the model in a folder, from its design or else the first chunk that can be read."""
    for file in [folder / "design.nc", *sorted(folder.glob("[0-9]*.nc"))]:
        try:
            with netCDF4.Dataset(file) as opened:
                return opened.getncattr("model")
        except (OSError, RuntimeError, AttributeError):
            continue
    return ""
