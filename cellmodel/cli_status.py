"""``cellmodel status``: how far a sweep is."""

import click

_EPILOG = """\b
Examples:
  cellmodel status default
  cellmodel status config/sweeps/default.yaml

\b
It may be asked at any time, from any machine that sees the folder: while jobs run, after they were killed, and at the
end. Files of results are not read and nothing is changed. A chunk is done, running, interrupted (what it had finished
is kept), missing or damaged (computed anew by the next run).
"""


@click.command(epilog=_EPILOG)
@click.argument("sweep")
def status(sweep: str) -> None:
    """Tell how far SWEEP is, a file or a name in config/sweeps: points, outcomes, speed, time left, chunks."""
    from cellmodel.sweep.definition import load
    from cellmodel.sweep.status import status
    from cellmodel.sweep.status_text import text
    from cellmodel.sweep.workspace import find_sweep

    found = load(find_sweep(sweep, "cellmodel status", "SWEEP"))
    click.echo(text(found, status(found)))
