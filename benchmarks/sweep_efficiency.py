"""Share of the cores' time that a sweep through Snakemake and dask spends in the compiled model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import xarray as xr

ROOT = Path(__file__).parents[1]
CHUNKS = 4
SWEEP = """\
base_cell: {{anode: ag-ni-scaffold, electrolyte: lpscl, cathode: ncm811}}
protocol:
  - repeat: 20
    steps: [Charge at 0.33C until 4.25 V, Discharge at 0.33C until 2.5 V]
axes:
  stack_pressure: {{log: [1 MPa, 20 MPa, {pressures}]}}
  cathode.loading: {{linear: [5 mg/cm2, 30 mg/cm2, {loadings}]}}
chunk_points: {chunk}
"""


def timed_sweep(pressures: int, loadings: int) -> tuple[float, float]:
    """Run a sweep of pressures x loadings points in CHUNKS jobs; returns wall and kernel seconds."""
    sweep = SWEEP.format(pressures=pressures, loadings=loadings, chunk=pressures * loadings // CHUNKS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config/sweeps").mkdir(parents=True)
        (folder / "config/config.yaml").write_text("sweep: timed\n")
        (folder / "config/sweeps/timed.yaml").write_text(sweep)
        shutil.copy(ROOT / "Snakefile", folder)
        shutil.copytree(ROOT / "workflow", folder / "workflow")
        (folder / "cellmodel").symlink_to(ROOT / "cellmodel")
        command = [sys.executable, "-m", "snakemake", "--cores", "all", "--workflow-profile", "workflow/profiles/local"]
        begin = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        wall = time.perf_counter() - begin
        points = xr.load_dataset(folder / "results/timed/points.nc")
        assert points["kernel_seconds"].size == pressures * loadings
        return wall, float(points["kernel_seconds"].sum())


def measure(report: Callable[..., None]) -> None:
    """Report the efficiency of 2,000 points beyond what as many jobs of one point cost."""
    start, least = timed_sweep(2, 2)
    wall, kernel = timed_sweep(50, 40)
    cores = os.cpu_count() or 1
    efficiency = (kernel - least) / (cores * (wall - start))
    report("sweep_efficiency", efficiency=efficiency, wall_seconds=wall, start_seconds=start, kernel_seconds=kernel)
