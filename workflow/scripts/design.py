"""Lay out the points of a sweep, or of a round of one that is refined."""

from pathlib import Path

from cellmodel.sweep import store
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.rounds import found_before
from cellmodel.sweep.workspace import job


def main(sweep_file: Path, number: int, output: Path) -> None:
    """Write the design of a part of the sweep in `sweep_file` to `output`."""
    sweep = load(sweep_file)
    part = sweep.parts[number]
    store.write(build(part, found_before(sweep, number)), output, part.label("design"))


if "snakemake" in globals():
    with job():
        main(Path(snakemake.params.sweep), snakemake.params.part, Path(snakemake.output[0]))  # noqa: F821
