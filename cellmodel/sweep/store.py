"""Result files: written whole or not at all, and never read when they are damaged or foreign.

A file is written beside its final name, flushed to the disk and renamed, so that a kill at any moment leaves
either the old file or the new one. Every array carries a Fletcher-32 checksum, which the HDF5 library checks
on reading: a flipped bit is an error, not a number.
"""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import InputError
from cellmodel.sweep.encoding import encoding

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
    write_parts([dataset], path, identity)


def write_parts(parts: Iterable[xr.Dataset], path: Path, identity: str) -> None:
    """Write a dataset that comes in parts to `path` atomically; only one part is in memory.

    Parameters
    ----------
    parts : iterable of xarray.Dataset
        Each with other variables, all along the same dimensions. The attributes are those of the first.
    path, identity
        As for `write`.

    Raises
    ------
    StoreError
        As in `write`.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    stamp, size = provenance() | {"identity": identity}, 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for part in parts:
            size = part.nbytes
            stamped = part.assign_attrs(stamp | {k: v for k, v in part.attrs.items() if k != "identity"})
            mode = "a" if temporary.exists() else "w"
            stamped.to_netcdf(temporary, mode=mode, engine=ENGINE, format="NETCDF4", encoding=encoding(stamped))
            del part, stamped
        _flush(temporary)
        temporary.replace(path)
        _flush(path.parent)
    except (OSError, RuntimeError) as error:
        raise named(_system_error(error, temporary, size), path) from error
    finally:
        _discard(temporary)


def read(
    path: Path,
    identity: str | None = None,
    points: Sequence[int] | None = None,
    *,
    names: Sequence[str] | None = None,
    box: Mapping[str, slice] | None = None,
) -> xr.Dataset:
    """Return the dataset of a file, in memory.

    Parameters
    ----------
    path : Path
        File written by `write`.
    identity : str, optional
        Content hash that the file must carry; without it, the caller checks what each row says of itself.
    points : sequence of int, optional
        Of the dimension `point`, read no more than the stretch that holds these, and return these.
    names : sequence of str, optional
        Variables to read, by default all.
    box : mapping of str to slice, optional
        Part of each dimension to read, by default all.

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
    with _damage_named(path), xr.open_dataset(path, engine=ENGINE, decode_timedelta=False) as file:
        _check_identity(path, file.attrs.get("identity", ""), identity)
        chosen = (file if names is None else file[list(names)]).isel(box or {})
        return chosen.load() if points is None else _stretch(chosen, points).load().sel(point=points)


def columns(path: Path, identity: str, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return some arrays of a file as they are stored.

    Parameters
    ----------
    path, identity
        As for `read`.
    names : sequence of str
        Variables.

    Returns
    -------
    dict of str to ndarray
        Texts as arrays of UTF-8 in fixed bytes.

    Raises
    ------
    StoreError
        As in `read`.
    """
    with _damage_named(path), netCDF4.Dataset(path) as file:
        _check_identity(path, getattr(file, "identity", ""), identity)
        file.set_auto_maskandscale(False)
        file.set_auto_chartostring(False)
        return {name: _plain(file.variables[name]) for name in names}


def _plain(variable: netCDF4.Variable) -> NDArray[Any]:
    values = np.ascontiguousarray(variable[...])
    if variable.dtype != np.dtype("S1"):
        return values
    return values.view(f"S{values.shape[-1]}")[..., 0]


def _check_identity(path: Path, found: str, wanted: str | None) -> None:
    if wanted is not None and found != wanted:
        raise ForeignFile(str(path), "identity", found, wanted, _ANEW, problem=_OTHER)


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Turn what the libraries raise into the errors of `read`."""
    try:
        yield
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
