"""Where compiled code is kept, so that a changed law can never meet an old cache.

The compiler's own cache looks only at the file of the outermost function. The folder's name therefore carries a
hash of every source file that is compiled, of the interpreter and of the compiler.
"""

from __future__ import annotations

import gc
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

COMPILED = ("constants.py", "laws", "numerics", "model")
"""Parts of the package that hold compiled code, relative to it."""

COLLECT_AFTER = 100_000, 20, 20
"""Thresholds of the garbage collector while compiling: at its own it looks at all of the compiler's objects again and
again, for a twentieth of the time."""

IN_HELPER = "from cellmodel.model.run import compile_in_helper; compile_in_helper()"
"""What a second process does of the work of compiling."""

MADE_BY_HELPER = "run.linearise_cells-*.nbi"
"""File in the cache that tells that it was done."""

_compiling = threading.Lock()


def source_hash(package: Path) -> str:
    """Hash names and bytes of all compiled source files, 16 hexadecimal digits."""
    total = hashlib.sha256()
    for part in COMPILED:
        root = package / part
        for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            total.update(path.relative_to(package).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


def cache_folder() -> Path:
    """Folder for this source, interpreter and compiler; `CELLMODEL_CACHE` or the user's cache folder holds it.

    A cache that cannot be written (a read-only home) is replaced by one in the temporary folder.
    """
    import numba
    import platformdirs

    package = Path(__file__).resolve().parent
    tag = f"{source_hash(package)}-py{sys.version_info.major}{sys.version_info.minor}-numba{numba.__version__}"
    base = os.environ.get("CELLMODEL_CACHE") or platformdirs.user_cache_dir("cellmodel")
    folder = Path(base) / tag
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="cellmodel-")) / tag
        folder.mkdir()
        return folder


def use_cache_folder() -> None:
    """Point the compiler at the cache folder; must run before the cached functions are defined."""
    import numba

    numba.config.CACHE_DIR = str(cache_folder())


_helpers: list[subprocess.Popen] = []
"""The process that compiles the other half, once it was started."""


def is_kept(pattern: str) -> bool:
    """Tell whether the cache folder holds a file of such a name."""
    import numba

    return any(Path(numba.config.CACHE_DIR).rglob(pattern))


def start_helper() -> None:
    """Let another process do `IN_HELPER`, unless that was done or there is only one core.

    Compiling holds the interpreter's lock, so a thread would not do. Should the helper die, what it was to compile is
    missing in the cache and is compiled here.
    """
    import numba

    if _helpers or len(os.sched_getaffinity(0)) < 2 or is_kept(MADE_BY_HELPER):
        return
    package = Path(__file__).resolve().parent
    code = f"import sys; sys.path.insert(0, {str(package.parent)!r}); {IN_HELPER}"
    given = {**os.environ, "CELLMODEL_CACHE": str(Path(numba.config.CACHE_DIR).parent)}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    _helpers.append(subprocess.Popen([sys.executable, "-c", code], env=given, **quiet))


def wait_for_helper() -> None:
    """Wait until the helper has ended."""
    for helper in _helpers:
        helper.wait()


def make_ready(function: Any, *arguments: Any) -> None:
    """Compile a function for the types of these arguments, or load it from the cache, unless that was done before."""
    if function.signatures:
        return
    import numba

    with _compiling:
        start_helper()
        usual = gc.get_threshold()
        gc.set_threshold(*COLLECT_AFTER)
        try:
            function.compile(tuple(numba.typeof(each) for each in arguments))
        finally:
            gc.set_threshold(*usual)
