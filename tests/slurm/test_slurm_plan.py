"""What `cellmodel plan` foretells of a sweep on the test cluster, with the waits of the profile that ships."""

import subprocess
import sys
import time

import pytest
from slurm_sweep import PROFILE, SWEEP, sweep_in

from cellmodel.sweep.cluster import Cluster
from cellmodel.sweep.plan import plan
from cellmodel.sweep.sample import sample

pytestmark = pytest.mark.slurm
LARGER = {"12]": "40]", "8]": "80]", "chunk_points: 32": "chunk_points: 800"}


@pytest.fixture
def larger(folder):
    """Make a sweep of four jobs of a minute or more, on two nodes of which each gives one core."""
    text = SWEEP
    for old, new in LARGER.items():
        text = text.replace(old, new)
    (folder / "config/sweeps/tiny.yaml").write_text(text)
    profile = folder / PROFILE[1] / "config.yaml"
    said = profile.read_text()
    assert "jobs: 64 " in said and "simulate_chunk: 16\n" in said
    profile.write_text(said.replace("jobs: 64 ", "jobs: 2 ").replace("simulate_chunk: 16\n", "simulate_chunk: 1\n"))
    return folder


@pytest.mark.timeout(900)
def test_the_hours_of_a_plan_are_within_a_quarter_of_the_run(cluster, larger):
    sweep = sweep_in(larger)
    told = plan(sweep, sample(sweep.path), Cluster(2, 1))
    assert (told.jobs, told.slots, told.threads) == (4, 2, 1)
    begin = time.monotonic()
    command = [sys.executable, "-m", "snakemake", *PROFILE]
    done = subprocess.run(
        command, cwd=larger, env=cluster.environment, capture_output=True, text=True, timeout=800, check=False
    )
    took = time.monotonic() - begin
    assert done.returncode == 0, done.stderr
    print(f"planned {told.wall_seconds:.0f} s, took {took:.0f} s; jobs planned for {told.job_seconds:.0f} s")
    assert took == pytest.approx(told.wall_seconds, rel=0.25)
