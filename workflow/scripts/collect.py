"""Gather the chunks of a sweep into one dataset."""

from pathlib import Path

from cellmodel.sweep import store
from cellmodel.sweep.definition import load
from cellmodel.sweep.rounds import gathered
from cellmodel.sweep.workspace import job


def main(sweep_file: Path, output: Path) -> None:
    """Write all points of the sweep in `sweep_file` to `output`."""
    sweep = load(sweep_file)
    store.write_parts(gathered(sweep), output, sweep.label("points"))


if "snakemake" in globals():
    with job():
        main(Path(snakemake.params.sweep), Path(snakemake.output[0]))  # noqa: F821
