"""A refined sweep through the workflow: killed in a round it goes on with that round, and it can grow."""

import os
import re
import signal
import subprocess
import sys

import pytest
import xarray as xr
from test_workflow_faults import start, wait_for
from tiny_sweep import ROOT, run_in

from cellmodel.sweep.definition import load

REFINED = """\
base_cell: {anode: cu-foil, electrolyte: lpscl, cathode: ncm811}
protocol:
  - repeat: 1
    steps: [Charge at 1C until 4.25 V, Discharge at 1C until 2.5 V]
axes:
  stack_pressure: {log: [2 MPa, 40 MPa]}
  cathode.loading: {linear: [2 mg/cm2, 30 mg/cm2]}
chunk_points: 16
design: {refine: {first: 16, rounds: 2, points: 8}}
"""


def times(folder):
    return {file: file.stat().st_mtime_ns for file in (folder / "results/tiny/chunks").glob("*/[0d]*.nc")}


@pytest.mark.timeout(900)
@pytest.mark.slow
def test_a_refined_sweep_goes_on_after_a_kill_and_grows(fresh):
    file = fresh / "config/sweeps/tiny.yaml"
    file.write_text(REFINED)
    rounds = [part.folder_name for part in load(file).parts]
    chunks = fresh / "results/tiny/chunks"
    with start(fresh) as process:
        wait_for(lambda: (fresh / f"results/tiny/logs/simulate_chunk/{rounds[1]}-00000.log").is_file(), process, 300.0)
        os.killpg(process.pid, signal.SIGKILL)
    assert not (chunks / rounds[2]).exists()
    kept = times(fresh)
    assert {path.parent.name for path in kept} == set(rounds[:2])
    subprocess.run([sys.executable, ROOT / "workflow/release_stale_lock.py"], cwd=fresh, timeout=30, check=True)

    done = run_in(fresh, timeout=400.0)
    assert done.returncode == 0, done.stderr
    assert "tiny, round 2: 8/8 points" in done.stderr
    assert "margin_short = 0" in done.stderr
    assert {path: times(fresh)[path] for path in kept} == kept
    found = xr.load_dataset(fresh / "results/tiny/failure_map.nc")
    assert found["refinement_round"].values.tolist() == [0] * 16 + [1] * 8 + [2] * 8
    gridded = xr.load_dataset(fresh / "results/tiny/boundary.nc")
    assert set(gridded.sizes) == {"stack_pressure", "cathode_loading"}
    assert (fresh / "results/tiny/figures/boundary.png").is_file()
    assert "Nothing to be done" in run_in(fresh).stderr

    file.write_text(REFINED.replace("rounds: 2", "rounds: 3"))
    planned = run_in(fresh, "--dry-run", "--quiet", "rules")
    jobs = {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", planned.stdout, re.MULTILINE)}
    assert jobs.items() >= {"design": 1, "known": 1, "simulate_chunk": 1, "collect": 1, "boundary": 1}.items()
