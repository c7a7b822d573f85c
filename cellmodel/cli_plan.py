"""``cellmodel plan``: what a sweep will take, before anything is submitted."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cellmodel.sweep.cluster import Cluster

_COMMAND = "cellmodel plan"
_EPILOG = """\b
Examples:
  cellmodel plan default
  cellmodel plan config/sweeps/default.yaml --cluster 64x32

\b
Some points of the sweep are simulated for 20 s, spread over its design. What they took in time, memory and disk is
scaled up; +- is twice the standard error of that sample. The model is compiled first where it is not.
"""


def _read(context: click.Context, option: click.Parameter, given: str | None) -> "Cluster":
    """Read the cluster while arguments are parsed: of '64 x32', the message tells what is wrong with '64'."""
    from cellmodel.sweep import cluster

    return cluster.this_machine() if given is None else cluster.read(given, _COMMAND)


@click.command(epilog=_EPILOG)
@click.argument("sweep")
@click.option(
    "--cluster",
    metavar="NODESxCORES",
    callback=_read,
    is_eager=True,
    help="Nodes and cores of each, such as 64x32; else this machine.",
)
def plan(sweep: str, cluster: "Cluster") -> None:
    """Tell jobs, hours, memory and disk of SWEEP, a file or a name in config/sweeps, from a short sample."""
    from cellmodel.sweep.definition import load
    from cellmodel.sweep.workspace import find_sweep, points_done

    found = load(find_sweep(sweep, _COMMAND, "SWEEP"))
    done = points_done(found)

    from cellmodel.sweep import plan as planning
    from cellmodel.sweep.plan_text import text
    from cellmodel.sweep.sample import sample

    click.echo("simulating for 20 s to see what a point takes; the first run compiles the model", err=True)
    shown = sample(found.path)
    better = planning.recommended_chunk(found, shown, cluster, done)
    plans = [planning.plan(found, shown, cluster, done=done, chunk_points=size) for size in (None, better)]
    click.echo(text(found, *plans))
