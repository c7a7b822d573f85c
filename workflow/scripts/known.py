"""Look up the points of a sweep that other chunks have simulated already."""

import sys
from dataclasses import replace
from pathlib import Path

from cellmodel.sweep import known, store
from cellmodel.sweep.definition import load
from cellmodel.sweep.workspace import job, sources


def main(sweep_file: Path, number: int, library: tuple[Path, ...], design_file: Path, output: Path) -> None:
    """Copy what is known of the sweep in `sweep_file` to the folder of `output`."""
    sweep = replace(load(sweep_file).parts[number], library=library)
    design = store.read(design_file, sweep.label("design"))
    folders = sources(sweep)
    state = known.state_of(folders)
    points = known.write(sweep, design, known.look_up(design, folders), output.parent, state)
    if points:
        print(f"{sweep.name}: {points} of {sweep.points} points are known from other sweeps", file=sys.stderr)


if "snakemake" in globals():
    with job():
        main(
            Path(snakemake.params.sweep),  # noqa: F821
            snakemake.params.part,  # noqa: F821
            tuple(map(Path, snakemake.params.library)),  # noqa: F821
            Path(snakemake.input[0]),  # noqa: F821
            Path(snakemake.output[0]),  # noqa: F821
        )
