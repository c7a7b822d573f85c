"""``cellmodel validate``: published measurements against the model."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from cellmodel.cli_targets import check_targets, replace

_COMMAND = "cellmodel validate"
_EPILOG = """\b
Examples:
  cellmodel validate tests/literature/data/*.yaml
  cellmodel validate mine.yaml --json verdicts.json --plot verdicts.png

\b
An observation names a cell, what it goes through, a quantity and what was measured:
  source: {key: oh2026, doi: 10.1039/d6eb00063k, laboratory: choi}
  defaults: {electrolyte: lpscl, counter: lithium, stack_pressure: 20 MPa}
  observations:
    - id: first-efficiency
      where: Fig. 3d
      cell: {anode: ag-ni-scaffold}
      protocol: [{steps: ["Plate at 1 mA/cm2 for 3.5 h", "Strip at 1 mA/cm2 until 1.0 V"]}]
      quantity: {coulombic_efficiency: {cycle: 1}}
      expect: {value: 0.863, tol: 0.03}

\b
Exit codes: 0 every observation has its verdict, also a failed one; 2 a file cannot be used as a whole.
"""


@click.command(epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="OUT.json", help="Write all of it.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="OUT.png", help="Draw measured against simulated.")
def validate(files: tuple[Path, ...], json_file: Path | None, plot: Path | None) -> None:
    """Simulate the observations in FILE... and print measured beside simulated, with a verdict."""
    check_targets(_COMMAND, {"--json": json_file, "--plot": plot})

    from cellmodel.validation import report
    from cellmodel.validation.evaluation import validate as run_validation

    found = run_validation(files, tell=_progress())
    click.echo(report.text(found))
    if json_file:
        replace(_COMMAND, json_file, lambda temporary: temporary.write_text(report.as_json(found), encoding="utf-8"))
    if plot:
        from cellmodel.plots import validation_overview

        figure = validation_overview(found.table)
        replace(_COMMAND, plot, lambda temporary: figure.savefig(temporary, format=plot.suffix[1:]))


def _progress() -> Callable[[int, int], None]:
    """Write a line to stderr every few seconds."""
    from cellmodel.sweep.progress import Progress

    lines: list[Progress] = []

    def tell(finished: int, total: int) -> None:
        if not lines:
            lines.append(Progress("validate", total, 0, (sys.stderr,), what="simulations"))
        lines[0].add(finished)

    return tell
