"""What is in a finished chunk, in a few bytes beside it: a thousand of them are read in a blink, chunks are not."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep import store


@dataclass(frozen=True)
class Head:
    """A finished chunk in short.

    Attributes
    ----------
    identity : str
        Content hash that the chunk carries.
    size : int
        Bytes of the chunk's file.
    outcomes : dict of str to int
        How many of its points ended how, by label.
    """

    identity: str
    size: int
    outcomes: dict[str, int]


def head_file(chunk: Path) -> Path:
    """Return the file that tells what is in `chunk`."""
    return chunk.with_suffix(".head.json")


def write(chunk: Path, results: xr.Dataset, identity: str) -> None:
    """Write the head of a chunk that was just written with this content hash."""
    head = Head(identity, chunk.stat().st_size, counted(results["outcome"].values))
    store.write_bytes(head_file(chunk), json.dumps(asdict(head)).encode())


def read(chunk: Path, identity: str) -> Head:
    """Return the head of a chunk; where it is missing or not that of the file, from the chunk itself.

    Parameters
    ----------
    chunk : Path
        File of a chunk.
    identity : str
        Content hash that it must carry.

    Returns
    -------
    Head
        Of a file that is the one that is wanted and is not cut; its checksums are not looked at.

    Raises
    ------
    DamagedFile
        The file cannot be read.
    ForeignFile
        It carries another content hash.
    StoreError
        It is missing.
    """
    size = _size(chunk)
    try:
        head = Head(**json.loads(head_file(chunk).read_bytes()))
        if (head.identity, head.size) == (identity, size):
            return head
    except (OSError, ValueError, TypeError):
        pass  # of an earlier version, or cut off as the job was killed: the chunk itself tells
    return Head(identity, size, counted(store.columns(chunk, identity, ["outcome"])["outcome"]))


def counted(outcomes: np.ndarray) -> dict[str, int]:
    """Return how often each outcome occurs, by label."""
    counts = Counter(np.asarray(outcomes).ravel().tolist())
    return {OutcomeKind(int(kind)).label: count for kind, count in counts.items()}


def _size(chunk: Path) -> int:
    try:
        return chunk.stat().st_size
    except OSError as error:
        raise store.StoreError(str(chunk), problem="is missing", fix="run the sweep again") from error
