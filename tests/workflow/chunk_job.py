"""A sweep of one chunk with a stand-in for its simulation, and the job that simulates it without snakemake."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import xarray as xr

from cellmodel.sweep import store, workspace
from cellmodel.sweep.definition import Sweep, load

ROOT = Path(__file__).parents[2]
STAND_IN = Path(__file__).parent / "stand_in"
POINTS = 48
SWEEP = f"""\
base_cell: {{anode: cu-foil}}
protocol:
  - repeat: 3
    steps: [Plate at 0.2 mA/cm2 for 15 min, Strip at 0.2 mA/cm2 until 1.0 V]
axes:
  stack_pressure: {{linear: [1 MPa, {POINTS} MPa, {POINTS}]}}
chunk_points: 100
"""
JOB = """
import sys
from pathlib import Path
sys.path.insert(0, "workflow/scripts")
import design, known, simulate_chunk
from cellmodel.sweep import workspace
from cellmodel.sweep.definition import load
with workspace.job():
    file = Path("config/sweeps/one.yaml")
    sweep = load(file)
    laid_out, index = workspace.design_file(sweep), workspace.known_folder(sweep) / "index.nc"
    if not index.exists():
        design.main(file, 0, laid_out)
        known.main(file, 0, (), laid_out, index)
    simulate_chunk.main(file, 0, laid_out, index.parent, workspace.chunk_files(sweep)[0], 2, Path("job.log"))
"""


def make(folder: Path) -> Path:
    """Make a folder in which the job can run."""
    (folder / "config/sweeps").mkdir(parents=True)
    (folder / "workflow").symlink_to(ROOT / "workflow")
    (folder / "config/sweeps/one.yaml").write_text(SWEEP)
    return folder


def environment(**given: object) -> dict[str, str]:
    """Return an environment in which every Python process simulates with the stand-in."""
    path = os.pathsep.join([str(STAND_IN), str(ROOT), os.environ.get("PYTHONPATH", "")])
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    return {**os.environ, "PYTHONPATH": path, **texts}


def start(folder: Path, **given: object) -> "subprocess.Popen[str]":
    """Start the job; what is given goes into the environment, where the stand-in reads it."""
    return subprocess.Popen(
        [sys.executable, "-c", JOB],
        cwd=folder,
        env=environment(COUNT=str(folder / "count"), **given),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Wait for the job; return its exit code and what it said."""
    said = process.communicate(timeout=120)[1]
    return process.returncode, said


def sweep_in(folder: Path) -> Sweep:
    return load(folder / "config/sweeps/one.yaml")


def file_in(folder: Path) -> Path:
    """Return the chunk file."""
    return folder / workspace.chunk_files(sweep_in(folder))[0]


def journal_in(folder: Path) -> Path:
    return folder / workspace.journal_file(sweep_in(folder), 0)


def rows_in(folder: Path) -> xr.Dataset:
    """Return the rows of the chunk; the time that a run took is no result."""
    found = store.read(file_in(folder), sweep_in(folder).label("chunk 0"))
    return found.drop_vars("kernel_seconds").drop_attrs(deep=False)


def computed(folder: Path) -> int:
    """Return how many points have been simulated to their end, by all jobs together."""
    return len((folder / "count").read_text().splitlines())


def same_bits(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Tell whether two tables are equal to the last bit, missing numbers included."""
    if set(one.variables) != set(other.variables):
        return False
    pairs = ((one[name].values, other[name].values) for name in one.variables)
    return all(
        np.array_equal(a, b) if a.dtype.kind == "O" else a.tobytes() == b.tobytes() and a.dtype == b.dtype
        for a, b in pairs
    )
