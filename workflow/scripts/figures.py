"""Draw the maps of a sweep."""

from pathlib import Path

from cellmodel.plots import draw_maps
from cellmodel.sweep import store
from cellmodel.sweep.definition import load
from cellmodel.sweep.workspace import job


def main(sweep_file: Path, failure_map: Path, folder: Path) -> None:
    """Draw the figures of `failure_map` into `folder`."""
    draw_maps(store.read(failure_map, load(sweep_file).label("failure_map")), folder)


if "snakemake" in globals():
    with job():
        main(Path(snakemake.params.sweep), Path(snakemake.input[0]), Path(snakemake.output[0]).parent)  # noqa: F821
