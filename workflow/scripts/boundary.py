"""Interpolate the boundary of a refined sweep and draw it."""

import sys
from pathlib import Path

from cellmodel.plots import draw_boundary
from cellmodel.sweep import store
from cellmodel.sweep.definition import load
from cellmodel.sweep.refine.boundary import categories
from cellmodel.sweep.refine.surface import surface
from cellmodel.sweep.workspace import job


def main(sweep_file: Path, failure_map: Path, output: Path, figure: Path) -> None:
    """Write the boundary in `failure_map` to `output` and its figure beside `figure`."""
    sweep = load(sweep_file)
    found = store.read(failure_map, sweep.label("failure_map"))
    gridded = surface(found, sweep)
    store.write(gridded, output, sweep.label("boundary"))
    draw_boundary(gridded, found, categories(found, sweep), figure.parent)
    told = f"{gridded.attrs['expected_error']:.1%} of the map expected on the wrong side"
    print(f"{sweep.name}: {gridded.attrs['boundary']}; {told}; see {output}", file=sys.stderr)


if "snakemake" in globals():
    with job():
        main(
            Path(snakemake.params.sweep),  # noqa: F821
            Path(snakemake.input[0]),  # noqa: F821
            Path(snakemake.output[0]),  # noqa: F821
            Path(snakemake.output[1]),  # noqa: F821
        )
