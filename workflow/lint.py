"""Run snakemake's own linter, without its demand for a conda environment or container per rule.

All rules run in the one environment that `constraints.txt` pins with hashes, so that demand is met in
another way; everything else that the linter finds counts.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

MET_OTHERWISE = "Specify a conda environment or container for each rule."


def findings(report: str) -> list[str]:
    """Return one line, place and title, for each entry of the linter's report.

    The command line of snakemake 9 offers ``--lint json`` but prints text all the same, so text is read.
    """
    place, lines = "", []
    for line in report.splitlines():
        if heading := re.match(r"Lints for (.*):$", line):
            place = heading[1]
        elif title := re.match(r" {4}\* (.*):$", line):
            lines.append(f"{place}: {title[1]}")
    return lines


def main() -> int:
    """Lint the workflow of this folder; return 1 if something is found or the workflow cannot be read."""
    snakemake = Path(sys.executable).with_name("snakemake")
    answer = subprocess.run([snakemake, "--lint"], capture_output=True, text=True, check=False)
    every = findings(answer.stderr)
    counting = [line for line in every if not line.endswith(MET_OTHERWISE)]
    unreadable = answer.returncode != 0 and not every
    if counting or unreadable:
        print(answer.stderr if unreadable else "\n".join(counting), file=sys.stderr)
        return 1
    print("snakemake --lint: nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
