"""Simulate the points of one chunk."""

import sys
from pathlib import Path

from cellmodel.sweep import store
from cellmodel.sweep.definition import load
from cellmodel.sweep.progress import Progress, open_log, place
from cellmodel.sweep.run import run_chunk
from cellmodel.sweep.workspace import job, points_done


def main(sweep_file: Path, design_file: Path, output: Path, threads: int, log: Path) -> None:
    """Simulate the chunk that `output` is named after, on `threads` threads."""
    sweep = load(sweep_file)
    design = store.read(design_file, sweep.label("design"))
    with open_log(log) as file:
        progress = Progress(sweep.name, sweep.points, points_done(sweep), (sys.stderr, file))
        chunk = int(output.stem)
        progress.say(f"chunk {chunk} on {place()}, {threads} thread{'s' * (threads > 1)}")
        results = run_chunk(sweep, design, chunk, threads, progress)
        store.write(results, output, sweep.label(f"chunk {chunk}"))
        progress.say(progress.line())


if "snakemake" in globals():
    with job():
        main(
            Path(snakemake.params.sweep),  # noqa: F821
            Path(snakemake.input[0]),  # noqa: F821
            Path(snakemake.output[0]),  # noqa: F821
            snakemake.threads,  # noqa: F821
            Path(snakemake.log[0]),  # noqa: F821
        )
