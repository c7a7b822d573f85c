"""Content hashes of what a stored result depends on: an edit recomputes what it must, and no more."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
OUTSIDE_THE_MODEL = ("calibration", "cli", "plots", "sweep")
"""First parts of the paths below `cellmodel/` that cannot change what `simulate` returns."""


def digest(content: Any) -> str:
    """Return the SHA-256 hash of a JSON-able value, 32 hexadecimal digits.

    Parameters
    ----------
    content : JSON-able
        Mappings are hashed with sorted keys; floats by their shortest exact text.

    Returns
    -------
    str
        The first 128 bits, enough to tell any two of 1e15 points apart.
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def sources(package: Path = PACKAGE) -> list[Path]:
    """Return the package's source and data files relative to `package`, sorted; no byte code."""
    found = [*package.rglob("*.py"), *package.rglob("*.yaml")]
    return sorted(path.relative_to(package) for path in found)


def hash_files(package: Path, files: Iterable[Path]) -> str:
    """Return the SHA-256 hash (32 digits) over names and bytes of `files`, given relative to `package`."""
    total = hashlib.sha256()
    for name in files:
        total.update(f"{name.as_posix()}\0".encode())
        total.update(hashlib.sha256((package / name).read_bytes()).digest())
    return total.hexdigest()[:32]


@cache
def model_hash(package: Path = PACKAGE) -> str:
    """Return the hash of every file that decides what `simulate` returns."""
    return hash_files(package, (name for name in sources(package) if _head(name) not in OUTSIDE_THE_MODEL))


@cache
def code_hash(package: Path = PACKAGE) -> str:
    """Return the hash of every source file that decides what `simulate` returns, without the values of parameters."""
    decisive = (name for name in sources(package) if _head(name) not in OUTSIDE_THE_MODEL)
    return hash_files(package, (name for name in decisive if name.suffix == ".py"))


@cache
def result_hash() -> str:
    """Return the hash of every file that decides what is stored of a point: the model, and how a run becomes a row."""
    return digest([model_hash(), stage_hash("sweep/points", "sweep/rows")])


@cache
def stage_hash(*parts: str, package: Path = PACKAGE) -> str:
    """Return the hash of the files below the named parts of the package.

    Parameters
    ----------
    *parts : str
        Modules or folders below the package, such as ``"sweep/collect"`` or ``"plots"``.
    package : Path
        The package's folder.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    return hash_files(package, (name for name in sources(package) if _below(name, parts)))


def _head(name: Path) -> str:
    """`cli_sweep.py` and `cli/x.py` both belong to `cli`."""
    return name.parts[0].removesuffix(".py").split("_")[0]


def _below(name: Path, parts: tuple[str, ...]) -> bool:
    stem = name.with_suffix("").as_posix()
    return any(stem == part or stem.startswith(f"{part}/") for part in parts)
