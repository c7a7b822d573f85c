"""Files that a command is to write: refused before the work when they have no place, replaced whole after it."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click

_FORMATS = (".png", ".svg", ".pdf")


def check_targets(command: str, targets: Mapping[str, Path | None]) -> None:
    """Find out before the work, not after it, that its results have no place to go.

    Parameters
    ----------
    command : str
        For messages.
    targets : mapping of str to Path or None
        File by option; that of ``--plot`` must end like a figure.

    Raises
    ------
    InputError
        Naming the option and what is wrong with its file.
    """
    from cellmodel.errors import InputError

    for option, target in targets.items():
        if target and (not target.parent.is_dir() or target.is_dir()):
            fix = "name a file" if target.is_dir() else f"make its folder first: mkdir -p {target.parent}"
            raise InputError(command, option, str(target), problem="is not a file in a folder", fix=fix)
        if target and not os.access(target.parent, os.W_OK):
            fix = "choose a folder that you may write to"
            raise InputError(command, option, str(target), problem="cannot be written: no permission", fix=fix)
        if target and option == "--plot" and target.suffix not in _FORMATS:
            raise InputError(command, option, str(target), ", ".join(_FORMATS), problem="is no known kind of figure")


def replace(command: str, target: Path, write: Callable[[Path], object]) -> None:
    """Write a file whole or not at all, and say so.

    Parameters
    ----------
    command : str
        For messages.
    target : Path
        Final name.
    write : callable
        Writes to the path that it is given.

    Raises
    ------
    InputError
        When the system refuses.
    """
    from cellmodel.whole_files import write_whole

    write_whole(target, write, "make room or choose another place", command)
    click.echo(f"Written: {target}")
