"""``cellmodel plan``: what a sweep will take, before anything is submitted."""

import click

_COMMAND = "cellmodel plan"
_EPILOG = """\b
Examples:
  cellmodel plan default
  cellmodel plan config/sweeps/default.yaml --cluster 64x32

\b
Some points of the sweep are simulated for 20 s, spread over its design. What they took in time, memory and disk is
scaled up; +- is twice the standard error of that sample. The model is compiled first where it is not.
"""


@click.command(epilog=_EPILOG)
@click.argument("sweep")
@click.option("--cluster", metavar="NODESxCORES", help="Nodes and cores of each, such as 64x32; else this machine.")
def plan(sweep: str, cluster: str | None) -> None:
    """Tell jobs, hours, memory and disk of SWEEP, a file or a name in config/sweeps, from a short sample."""
    from cellmodel.sweep import cluster as clusters

    machine = clusters.read(cluster, _COMMAND) if cluster else clusters.this_machine()
    from cellmodel.sweep.definition import load
    from cellmodel.sweep.workspace import find_sweep, points_done

    found = load(find_sweep(sweep, _COMMAND, "SWEEP"))
    done = points_done(found)

    from cellmodel.sweep import plan as planning
    from cellmodel.sweep.plan_text import text
    from cellmodel.sweep.sample import sample

    click.echo("simulating for 20 s to see what a point takes; the first run compiles the model", err=True)
    shown = sample(found.path)
    better = planning.recommended_chunk(found, shown, machine, done)
    plans = [planning.plan(found, shown, machine, done=done, chunk_points=size) for size in (None, better)]
    click.echo(text(found, *plans))
