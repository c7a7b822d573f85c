"""Result files: written whole or not at all, and never read when they are damaged or foreign.

A file is written beside its final name, flushed to the disk and renamed, so that a kill at any moment leaves
either the old file or the new one. Every array carries a Fletcher-32 checksum, which the HDF5 library checks
on reading: a flipped bit is an error, not a number.
"""

import errno
import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import xarray as xr

from cellmodel.errors import InputError

ENGINE = "netcdf4"
PROBE_BYTES = 4096
OVERHEAD_BYTES = 2**20  # more than the format adds to its numbers
VERSIONED = ("cellmodel", "numpy", "numba", "scipy", "xarray", "netCDF4")


class StoreError(InputError):
    """A result file cannot be written, or must not be read."""


class DamagedFile(StoreError):
    """A result file is truncated, altered or not a netCDF file at all."""


class ForeignFile(StoreError):
    """A result file belongs to another sweep, or to another version of the model."""


def write(dataset: xr.Dataset, path: Path, identity: str) -> None:
    """Write `dataset` to `path` atomically.

    Parameters
    ----------
    dataset : xarray.Dataset
        What to write; float32 and float64 as they are, text as strings.
    path : Path
        Final name; its folder is made when missing.
    identity : str
        Content hash under which the file may later be read.

    Raises
    ------
    StoreError
        The disk is full, the folder may not be written to, or another error of the operating system.
    """
    stamped = dataset.assign_attrs(provenance() | dict(dataset.attrs) | {"identity": identity})
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stamped.to_netcdf(temporary, engine=ENGINE, format="NETCDF4", encoding=_encoding(stamped))
        _flush(temporary)
        temporary.replace(path)
        _flush(path.parent)
    except (OSError, RuntimeError) as error:
        raise named(_system_error(error, temporary, stamped.nbytes), path) from error
    finally:
        _discard(temporary)


def read(path: Path, identity: str | None = None, points: Sequence[int] | None = None) -> xr.Dataset:
    """Return the dataset of a file, in memory.

    Parameters
    ----------
    path : Path
        File written by `write`.
    identity : str, optional
        Content hash that the file must carry; without it, the caller checks what each row says of itself.
    points : sequence of int, optional
        Of the dimension `point`, read no more than the stretch that holds these, and return these.

    Returns
    -------
    xarray.Dataset
        As it was written.

    Raises
    ------
    DamagedFile
        The file is truncated, altered, or no netCDF file.
    ForeignFile
        The file carries another identity.
    StoreError
        The file is missing or may not be read.
    """
    try:
        with xr.open_dataset(path, engine=ENGINE, decode_timedelta=False) as file:
            found = file.attrs.get("identity", "")
            if identity is not None and found != identity:
                raise ForeignFile(
                    str(path),
                    "identity",
                    found,
                    identity,
                    _ANEW,
                    problem=_OTHER,
                )
            return file.load() if points is None else _stretch(file, points).load().sel(point=points)
    except StoreError:
        raise
    except (FileNotFoundError, PermissionError) as error:
        raise named(error, path) from error
    except (OSError, RuntimeError, ValueError, KeyError, AttributeError) as error:
        # The netCDF library reports damage by any of these, depending on which byte is hit.
        problem = f"is truncated, altered or not a netCDF file ({error})"
        raise DamagedFile(str(path), fix=_ANEW, problem=problem) from error


def _stretch(file: xr.Dataset, points: Sequence[int]) -> xr.Dataset:
    at = np.flatnonzero(np.isin(file["point"].values, points))
    return file.isel(point=slice(at[0], at[-1] + 1) if at.size else [])


_OTHER = "belongs to another sweep or another version of the model (was one edited during the run?)"
_ANEW = "run the workflow again, it computes the file anew"


def write_bytes(path: Path, content: bytes) -> None:
    """Write a small file (a figure, a table) atomically; errors as in `write`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise named(error, path) from error
    finally:
        _discard(temporary)


def check_writable(folder: Path) -> None:
    """Make a folder and try to write into it, so that a sweep is refused before its first point, not after.

    Parameters
    ----------
    folder : Path
        Where results will go.

    Raises
    ------
    StoreError
        As in `write`.
    """
    probe = folder / f".writable.{os.getpid()}"
    try:
        write_bytes(probe, bytes(PROBE_BYTES))
    except StoreError as error:
        raise StoreError(str(folder), fix=error.fix, problem=error.problem) from None
    probe.unlink()


def provenance() -> dict[str, str]:
    """Return the global attributes that say by what a file was made.

    No time of writing is among them: equal content gives equal bytes.
    """
    versions = {f"{name.lower()}_version": version(name) for name in VERSIONED}
    return {"Conventions": "CF-1.11", "source": "cellmodel", **versions}


def _encoding(dataset: xr.Dataset) -> dict[str, dict[str, object]]:
    """Compress and checksum every array; text as characters, since HDF5 can do neither for strings."""
    packed = {"zlib": True, "complevel": 4, "shuffle": True, "fletcher32": True}
    encoding: dict[str, dict[str, object]] = {}
    for name, variable in dataset.variables.items():
        text = variable.dtype.kind in "OUT"
        fill = {"_FillValue": np.nan if variable.dtype.kind == "f" else None}
        encoding[str(name)] = (packed if variable.ndim else {}) | ({"dtype": "S1"} if text else fill)
    return encoding


def named(error: OSError, path: Path) -> StoreError:
    """Return an error of the operating system as one that says what to do about it."""
    fixes = {
        errno.ENOSPC: ("the disk is full", "free some space, then run again: finished files are kept"),
        errno.EDQUOT: (
            "the disk quota is used up",
            "free some space, then run again: finished files are kept",
        ),
        errno.EACCES: ("permission denied", "give yourself permission to this folder or choose another"),
        errno.EPERM: ("permission denied", "give yourself permission to this folder or choose another"),
        errno.EROFS: ("the file system is read-only", "work in a folder that can be written to"),
        errno.ENOENT: ("there is no such file", "make it by running the stage before"),
        errno.EEXIST: ("a file stands where a folder is needed", "move that file away"),
    }
    problem, fix = fixes.get(error.errno or 0, (error.strerror or str(error), ""))
    return StoreError(str(path), fix=fix, problem=problem)


def _system_error(error: OSError | RuntimeError, temporary: Path, size: int) -> OSError:
    """Find the operating system's error: the netCDF library turns a full disk or quota into "HDF error"."""
    if isinstance(error, OSError) and (error.errno or 0) > 0:
        return error
    try:
        with temporary.open("ab") as file:
            os.posix_fallocate(file.fileno(), file.tell(), size + OVERHEAD_BYTES)
    except OSError as found:
        return found
    return OSError(0, str(error))


def _flush(path: Path) -> None:
    """Force a file, or a folder's list of names, to the disk: then even a power cut leaves it whole."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _discard(temporary: Path) -> None:
    """Remove what a failed write left; where even that is refused, the first error is the one to report."""
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        pass
