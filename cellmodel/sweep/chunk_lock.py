"""One writer for each chunk: a second process ends with a message, and the lock of a dead one is taken over.

The lock is a file that is made only if it is not there, which file systems that nodes share do in one step; it names
machine, boot and process. A lock of the same machine is stale when its process is gone. That of another machine is
watched: its owner touches it every few seconds, so one that stays untouched has no owner. No clock of another machine
is read for that. Should two processes write all the same, because one slept through the watch, nothing wrong is
stored: both write the same rows, and files are renamed into place whole.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cellmodel.errors import InputError
from cellmodel.sweep import store

BEAT_SECONDS = 5.0
"""The owner touches its lock this often."""

WATCH_SECONDS = 60.0
"""A lock of another machine that stays untouched for this long is stale."""

BOOT = Path("/proc/sys/kernel/random/boot_id")
PROCESSES = Path("/proc/self/ns/pid")


@contextmanager
def locked(path: Path, *, watch: float = WATCH_SECONDS, beat: float = BEAT_SECONDS) -> Iterator[None]:
    """Hold the lock of a chunk.

    Parameters
    ----------
    path : Path
        Lock file; its folder is made when missing.
    watch, beat : float
        See `WATCH_SECONDS`, `BEAT_SECONDS` [s].

    Raises
    ------
    InputError
        When another living process holds it.
    StoreError
        When the file cannot be written.
    """
    me = json.dumps(_owner(os.getpid()))
    while not _made(path, me):
        theirs = _content(path)
        if theirs is not None and _alive(path, theirs, watch):
            raise _taken(path, theirs)
        _set_aside(path, theirs)
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(path, ended, beat), daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()
        if _content(path) == me:
            path.unlink(missing_ok=True)


def _owner(pid: int) -> dict[str, Any]:
    """Return what tells a process from all others: machine, its boot, its table of processes, number and start."""
    import psutil

    boot = BOOT.read_text().strip() if BOOT.is_file() else ""
    table = os.readlink(PROCESSES) if PROCESSES.is_symlink() else ""
    start = psutil.Process(pid).create_time()
    return {"host": socket.gethostname(), "boot": boot, "processes": table, "pid": pid, "start": round(start, 1)}


def _made(path: Path, content: str) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return False
    except OSError as error:
        raise store.named(error, path) from error
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(content)
    return True


def _content(path: Path) -> str | None:
    """Return who holds the lock; None when it has been released in the meantime."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _alive(path: Path, content: str, watch: float) -> bool:
    """Tell whether the owner of a lock lives: by its process on the same machine, else by its beat."""
    import psutil

    try:
        theirs = json.loads(content)
        mine = _owner(os.getpid())
        if all(theirs[key] == mine[key] for key in ("host", "boot", "processes")):
            return _owner(theirs["pid"])["start"] == theirs["start"]
    except psutil.NoSuchProcess:
        return False
    except (ValueError, KeyError, TypeError):
        pass  # just being written, or damaged: only the beat can tell
    first, end = _beats(path), time.monotonic() + watch
    while time.monotonic() < end:
        time.sleep(min(watch / 20, 1.0))
        if _beats(path) != first:
            return _beats(path) is not None
    return False


def _beats(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _set_aside(path: Path, content: str | None) -> None:
    """Remove a stale lock, unless another process was quicker."""
    if content is not None and _content(path) == content:
        path.unlink(missing_ok=True)


def _beat(path: Path, ended: threading.Event, every: float) -> None:
    while not ended.wait(every):
        try:
            os.utime(path)
        except OSError:
            pass  # a file system that stalls or is full must not end the job here; its next result file will tell


def _taken(path: Path, content: str) -> InputError:
    try:
        owner = json.loads(content)
        who = f"process {owner['pid']} on {owner['host']}"
    except (ValueError, KeyError, TypeError):
        who = "another process"
    fix = "wait until it has ended, or end it, then run again: it goes on where the other stopped"
    return InputError(str(path), problem=f"is held by {who}, which computes this chunk", fix=fix)
