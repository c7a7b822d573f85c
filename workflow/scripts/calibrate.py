"""Calibrate the values that the component files ship with."""

import sys
from pathlib import Path

from cellmodel.calibration.report import text
from cellmodel.calibration.run import calibrate, save
from cellmodel.sweep.progress import Progress, open_log
from cellmodel.sweep.workspace import job


def main(file: Path, folder: Path, log: Path) -> None:
    """Write the result of a calibration file to `folder`, and its tables to `log`."""
    with open_log(log) as stream:
        lines = Progress(file.stem, 0, 0, (sys.stderr, stream), what="evaluations")

        def tell(used: int) -> None:
            lines.total = max(lines.total, used)
            lines.add(used - lines.done)

        found = calibrate(file, folder=folder, tell=tell)
        save(found, folder)
        stream.write(text(found) + "\n")


if "snakemake" in globals():
    with job():
        main(Path(snakemake.input[0]), Path(snakemake.output[0]).parent, Path(snakemake.log[0]))  # noqa: F821
