"""Simulate the points of one chunk."""

import sys
from pathlib import Path

from cellmodel.sweep import known, store
from cellmodel.sweep.chunk_lock import locked
from cellmodel.sweep.definition import load
from cellmodel.sweep.journal import Journal
from cellmodel.sweep.progress import Progress, open_log
from cellmodel.sweep.run import points_of, run_chunk
from cellmodel.sweep.workspace import job, journal_file, lock_file, points_done


def main(
    sweep_file: Path, number: int, design_file: Path, known_folder: Path, output: Path, threads: int, log: Path
) -> None:
    """Simulate the chunk that `output` is named after, on `threads` threads."""
    whole, chunk = load(sweep_file), int(output.stem)
    sweep = whole.parts[number]
    with open_log(log) as file, locked(lock_file(sweep, chunk)):
        design = store.read(design_file, sweep.label("design"))
        points = points_of(design, chunk)
        identities = design["point_identity"].values
        journal = Journal(journal_file(sweep, chunk), {point: identities[point] for point in points})
        progress = Progress(sweep.name, whole.points, points_done(whole), (sys.stderr, file))
        for line in journal.damaged:
            progress.say(f"{journal.path}: line {line} is damaged; its points are simulated anew")
        rows = known.rows_for(sweep, known_folder, chunk, points)
        results = run_chunk(sweep, design, chunk, threads, progress, known=rows, journal=journal)
        store.write(results, output, sweep.label(f"chunk {chunk}"))
        journal.remove()
        progress.say(progress.line())


if "snakemake" in globals():
    with job():
        main(
            Path(snakemake.params.sweep),  # noqa: F821
            snakemake.params.part,  # noqa: F821
            Path(snakemake.input.design),  # noqa: F821
            Path(snakemake.input.known).parent,  # noqa: F821
            Path(snakemake.output[0]),  # noqa: F821
            snakemake.threads,  # noqa: F821
            Path(snakemake.log[0]),  # noqa: F821
        )
