"""``cellmodel sweep``: from a sweep file to its failure map."""

import subprocess
import sys
from pathlib import Path

import click

_SWEEPS = Path("config/sweeps")
_RELEASE = "workflow/release_stale_lock.py"
_PROFILE = "workflow/profiles/local"
_EPILOG = """\b
Examples:
  cellmodel plan default
  cellmodel sweep config/sweeps/default.yaml

\b
'cellmodel plan' tells before what it will take. A sweep that was interrupted goes on where it stopped.
Results: results/<name>/failure_map.nc and figures.
"""


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
def sweep(file: Path) -> None:
    """Simulate every point of the sweep FILE and draw its failure map."""
    from cellmodel.sweep.definition import load

    load(file)
    _check_place(file)
    for command in ([_RELEASE], ["-m", "snakemake", *_workflow(file)]):
        code = subprocess.run([sys.executable, *command], check=False).returncode
        if code:
            raise click.exceptions.Exit(code)


def _workflow(file: Path) -> list[str]:
    return ["--cores", "all", "--workflow-profile", _PROFILE, "--config", f"sweep={file.stem}"]


def _check_place(file: Path) -> None:
    """Refuse what the workflow would not find: it knows sweeps by their name in one folder."""
    from cellmodel.errors import InputError

    if not Path("Snakefile").is_file():
        fix = "run the command in the project's folder"
        raise InputError("cellmodel sweep", problem="there is no Snakefile in this folder", fix=fix)
    if file.resolve().parent != _SWEEPS.resolve():
        fix = f"move the file there: {_SWEEPS / file.name}"
        problem = "is not where the workflow looks for sweeps"
        raise InputError("cellmodel sweep", "FILE", str(file), f"files in {_SWEEPS}", fix, problem=problem)
