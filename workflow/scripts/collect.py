"""Gather the chunks of a sweep into one dataset."""

from collections.abc import Sequence
from pathlib import Path

from cellmodel.sweep import store
from cellmodel.sweep.collect import parts
from cellmodel.sweep.definition import load
from cellmodel.sweep.workspace import job


def main(sweep_file: Path, design_file: Path, chunks: Sequence[Path], output: Path) -> None:
    """Write all points of the sweep in `sweep_file` to `output`."""
    sweep = load(sweep_file)
    design = store.read(design_file, sweep.label("design"))
    store.write_parts(parts(sweep, design, chunks), output, sweep.label("points"))


if "snakemake" in globals():
    with job():
        main(
            Path(snakemake.params.sweep),  # noqa: F821
            Path(snakemake.input.design),  # noqa: F821
            [Path(file) for file in snakemake.input if file != snakemake.input.design],  # noqa: F821
            Path(snakemake.output[0]),  # noqa: F821
        )
