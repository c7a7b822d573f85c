"""A sweep of 96 points in three chunks, long enough to be interrupted, and snakemake on the test cluster."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import xarray as xr
from slurm_cluster import SlurmCluster, wait_for
from tiny_sweep import make_folder

from cellmodel.sweep import journal, store, workspace
from cellmodel.sweep.collect import collect
from cellmodel.sweep.definition import Sweep, load
from cellmodel.sweep.design import build
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import run_chunk

SWEEP = """\
base_cell: {anode: ag-ni-scaffold, electrolyte: lpscl, cathode: ncm811}
protocol:
  - repeat: 60
    steps: [Charge at 1C until 4.25 V, Discharge at 1C until 2.5 V]
axes:
  stack_pressure: {log: [1 MPa, 20 MPa, 12]}
  cathode.loading: {linear: [5 mg/cm2, 10 mg/cm2, 8]}
chunk_points: 32
"""
POINTS = "results/tiny/points.nc"
OF_THE_CLOCK = "kernel_seconds"
PROFILE = ["--workflow-profile", "workflow/profiles/slurm"]
# The cluster is asked often, since the sweep is short; its nodes have two cores, and jobs of one thread have batches.
SHORT_WAITS = ["--slurm-init-seconds-before-status-checks", "3"]
SMALL_JOBS = ["--set-threads", "simulate_chunk=1", "--latency-wait", "10"]


def make_slurm_folder(folder: Path) -> Path:
    """Make what a clone has, with the sweep."""
    make_folder(folder)
    (folder / "config/sweeps/tiny.yaml").write_text(SWEEP)
    return folder


def sweep_in(folder: Path) -> Sweep:
    return load(folder / "config/sweeps/tiny.yaml")


def local_rows(folder: Path) -> xr.Dataset:
    """Simulate the sweep on the threads of this process, and return the table of its points."""
    sweep = sweep_in(folder)
    design, files = build(sweep), [folder / f"{chunk}.nc" for chunk in range(sweep.chunks)]
    for chunk, file in enumerate(files):
        done = run_chunk(sweep, design, chunk, 2, Progress(sweep.name, sweep.points, 0, ()))
        store.write(done, file, sweep.label(f"chunk {chunk}"))
    return collect(sweep, design, files)


def assert_same_rows(found: xr.Dataset, expected: xr.Dataset) -> None:
    """Compare all numbers bit by bit, but for how long the solver took."""
    assert set(found.data_vars) == set(expected.data_vars)
    for name in set(expected.variables) - {OF_THE_CLOCK}:
        one, other = found[name].values, expected[name].values
        assert one.dtype.kind == other.dtype.kind and one.shape == other.shape, name
        same = one.tobytes() == other.tobytes() if one.dtype.kind in "fiu" else np.array_equal(one, other)
        assert same, name


class Run:
    """Snakemake on the test cluster, with the profile that ships."""

    def __init__(self, cluster: SlurmCluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder
        self.process: subprocess.Popen[str] | None = None
        self.sweep = sweep_in(folder)
        self.said = folder / "snakemake.err"

    def start(self, *options: str, environment: dict[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "snakemake", POINTS, *PROFILE, *SHORT_WAITS, *SMALL_JOBS, *options]
        with self.said.open("a") as stream:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=(environment or self.cluster.environment) | {"COLUMNS": "200"},
                stdout=stream,
                stderr=stream,
                text=True,
                start_new_session=True,
            )

    def wait(self, seconds: float = 240.0) -> int:
        """Return snakemake's exit code."""
        assert self.process is not None
        return self.process.wait(timeout=seconds)

    def complete(self, *options: str) -> None:
        """Run the sweep to its end."""
        self.start(*options)
        assert self.wait() == 0, self.said.read_text()

    def until(self, condition, what: str, seconds: float = 120.0) -> None:
        """Wait for something that must happen while snakemake runs."""

        def happened() -> object:
            assert self.process is not None
            return condition() or self.process.poll() is not None

        wait_for(happened, what, seconds)
        assert condition(), self.said.read_text()

    def rows(self) -> xr.Dataset:
        """Return the table of all points."""
        return store.read(self.folder / POINTS, self.sweep.label("points"))

    def finished(self, chunk: int) -> dict[int, float]:
        """Return the points that the journal of a running chunk holds, each with the seconds that the solver took."""
        rows = journal.read(workspace.journal_file(self.sweep, chunk))
        return {row.point: row.scalars[OF_THE_CLOCK] for _, row in rows}

    def stored(self, chunk: int) -> dict[int, float]:
        """Return the same of the file of a chunk."""
        file = store.read(workspace.chunk_files(self.sweep)[chunk], self.sweep.label(f"chunk {chunk}"))
        return dict(zip(file["point"].values.tolist(), file[OF_THE_CLOCK].values.tolist(), strict=True))

    def jobs(self) -> dict[int, tuple[str, str]]:
        """Return node and number of the job that computed each chunk last, from the logs."""
        lines = (
            re.fullmatch(r"tiny: chunk (\d+) on (n\d), SLURM job (\d+), 1 thread", each) for each in self.log_lines()
        )
        return {int(told[1]): (told[2], told[3]) for told in lines if told}

    def log_lines(self) -> list[str]:
        """Return the lines of the logs of all chunks."""
        logs = sorted((self.folder / "results/tiny/logs/simulate_chunk").glob("*.log"))
        return [line for log in logs for line in log.read_text().splitlines()]

    def unlock(self) -> None:
        """Free the folder from the lock of a snakemake that was killed."""
        self.start("--unlock")
        assert self.wait() == 0, self.said.read_text()

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.cluster.clear()
