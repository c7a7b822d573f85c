"""Files that are there as a whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

from cellmodel.errors import InputError


def write_whole(target: Path, write: Callable[[Path], object], fix: str, command: str = "") -> None:
    """Write beside the target and rename, so that a full disk or a kill leaves no half file.

    Parameters
    ----------
    target : Path
        Final name.
    write : callable
        Writes to the path that it is given.
    fix : str
        What to do when the system refuses, for the message.
    command : str, optional
        Who writes, for the message; the file itself without.

    Raises
    ------
    InputError
        When the system refuses.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        temporary.replace(target)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        place = (command, "", str(target)) if command else (str(target),)
        raise InputError(*place, problem=problem, fix=fix) from None
    finally:
        temporary.unlink(missing_ok=True)
