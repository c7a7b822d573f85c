"""``cellmodel calibrate``: parameters from measurements."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from cellmodel.cli_targets import check_targets, replace

_COMMAND = "cellmodel calibrate"
_EPILOG = """\b
Examples:
  cellmodel calibrate config/calibrations/tutorial.yaml
  cellmodel calibrate config/calibrations/shipped.yaml --apply

\b
A calibration file names parameters and what they are held against:
  description: What bare copper tells of the electrolyte
  parameters:
    lpscl: {interphase_formation: {low: 0.03 mAh/cm2, high: 0.5 mAh/cm2, scale: log}}
  observations:
    - {file: ../../tests/literature/data/wang2025-collector-current-loading.yaml, ids: [wang2025-first-ce-ni]}
  budget: 100

\b
Every evaluation is kept in results/calibrations/<name>/: a calibration that was stopped goes on where it ended.
Exit codes: 0 done, 2 something in the input is wrong (the message says what), 130 interrupted.
"""


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--apply", "write", is_flag=True, help="Write the values into the component files.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="OUT.json", help="Write all of it.")
def calibrate(file: Path, write: bool, json_file: Path | None) -> None:
    """Find the parameters that FILE asks for, and how well they are known."""
    check_targets(_COMMAND, {"--json": json_file})

    from cellmodel.calibration import report
    from cellmodel.calibration.applying import apply, files_of
    from cellmodel.calibration.definition import read
    from cellmodel.calibration.run import RESULTS, calibrate, save

    calibration = read(file)
    if write:
        files_of(calibration.free)  # found out before the work, not after it
    found = calibrate(calibration, tell=_progress(calibration.name, calibration.budget))
    click.echo(report.text(found))
    save(found, RESULTS / calibration.name)
    if json_file:
        replace(_COMMAND, json_file, lambda temporary: temporary.write_text(report.as_json(found), encoding="utf-8"))
    for path in apply(found) if write else ():
        click.echo(f"Written: {path}")


def _progress(name: str, budget: int) -> Callable[[int], None]:
    """Write a line to stderr every few seconds; slopes and profiles come on top of the budget."""
    from cellmodel.sweep.progress import Progress

    lines = Progress(name, budget, 0, (sys.stderr,), what="evaluations")

    def tell(used: int) -> None:
        lines.total = max(lines.total, used)
        lines.add(used - lines.done)

    return tell
