"""Lay out the points of a sweep."""

from pathlib import Path

from cellmodel.sweep import store
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.workspace import job


def main(sweep_file: Path, output: Path) -> None:
    """Write the design of the sweep in `sweep_file` to `output`."""
    sweep = load(sweep_file)
    store.write(build(sweep), output, sweep.label("design"))


if "snakemake" in globals():
    with job():
        main(Path(snakemake.params.sweep), Path(snakemake.output[0]))  # noqa: F821
