"""A tiny sweep in a folder of its own, and snakemake run there as `make map` runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = [
    sys.executable,
    "-m",
    "snakemake",
    "--cores",
    "2",
    "--workflow-profile",
    "workflow/profiles/local",
]
SWEEP = """\
base_cell: {anode: ag-ni-scaffold, electrolyte: lpscl, cathode: ncm811}
protocol:
  - repeat: 2
    steps: [Charge at 1C until 4.25 V, Discharge at 1C until 2.5 V]
axes:
  stack_pressure: {log: [1 MPa, 20 MPa, 3]}
  cathode.loading: {values: [5 mg/cm2, 10 mg/cm2]}
chunk_points: 2
"""


def make_folder(folder: Path) -> Path:
    """Make what a clone has, with the tiny sweep; the package is the one that is installed."""
    (folder / "config/sweeps").mkdir(parents=True)
    shutil.copy(ROOT / "Snakefile", folder)
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    (folder / "cellmodel").symlink_to(ROOT / "cellmodel")
    (folder / "config/config.yaml").write_text("sweep: tiny\n")
    (folder / "config/sweeps/tiny.yaml").write_text(SWEEP)
    return folder


def chunk_folder(folder: Path) -> Path:
    """Return the one folder in which the chunks of the tiny sweep stand."""
    (found,) = (folder / "results/tiny/chunks").iterdir()
    return found


def run_in(
    folder: Path, *options: str, timeout: float = 200.0, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **(env or {}), "COLUMNS": "200"},
    )
