"""Simulate the points of one chunk."""

import sys
from pathlib import Path

from cellmodel.sweep import heads, known, store
from cellmodel.sweep.chunk_lock import locked
from cellmodel.sweep.chunk_progress import ChunkProgress
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import read_chunk
from cellmodel.sweep.journal import Journal
from cellmodel.sweep.progress import open_log, place
from cellmodel.sweep.run import points_of, run_chunk, table_of
from cellmodel.sweep.workspace import job, journal_file, lock_file


def main(
    sweep_file: Path,
    number: int,
    design_file: Path,
    known_folder: Path,
    output: Path,
    threads: int,
    log: Path,
    dashboard: int = 0,
) -> None:
    """Simulate the chunk that `output` is named after, on `threads` threads."""
    sweep, chunk = load(sweep_file).parts[number], int(output.stem)
    with open_log(log) as file, locked(lock_file(sweep, chunk)):
        design = read_chunk(design_file, sweep.label("design"), chunk)
        points = points_of(design, chunk)
        identities = dict(zip(points, design["point_identity"].values, strict=True))
        journal = Journal(journal_file(sweep, chunk), identities)
        progress = ChunkProgress(sweep, chunk, table_of(sweep, design), sys.stderr, file)
        progress.say(f"chunk {chunk} on {place()}, {threads} thread{'s' * (threads > 1)}")
        for line in journal.damaged:
            progress.say(f"{journal.path}: line {line} is damaged; its points are simulated anew")
        rows = known.rows_for(sweep, known_folder, chunk, points)
        results = run_chunk(sweep, design, chunk, threads, progress, known=rows, journal=journal, dashboard=dashboard)
        label = sweep.label(f"chunk {chunk}")
        store.write(results, output, label)
        heads.write(output, results, label)
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
            snakemake.config.get("dashboard", 0),  # noqa: F821  no parameter: it computes nothing anew
        )
