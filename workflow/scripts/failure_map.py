"""Reduce the results of a sweep to its failure map."""

import sys
from pathlib import Path

from cellmodel.sweep import store
from cellmodel.sweep.definition import load
from cellmodel.sweep.failure_map import summary
from cellmodel.sweep.map_blocks import write_map
from cellmodel.sweep.workspace import job


def main(sweep_file: Path, points: Path, output: Path) -> None:
    """Write the failure map of the results in `points` to `output`."""
    sweep = load(sweep_file)
    write_map(points, sweep, output)
    found = store.read(output, sweep.label("failure_map"), names=["outcome"])
    print(f"{sweep.name}: {summary(found)}; see {output}", file=sys.stderr)


if "snakemake" in globals():
    with job():
        main(Path(snakemake.params.sweep), Path(snakemake.input[0]), Path(snakemake.output[0]))  # noqa: F821
