"""Kills and bad input: the workflow goes on where it stopped, and says what is wrong in one message."""

import os
import signal
import subprocess
import sys
import time

import pytest
import xarray as xr
from tiny_sweep import COMMAND, ROOT, chunk_folder, run_in

MAP = "results/tiny/failure_map.nc"


def start(folder):
    return subprocess.Popen(
        COMMAND,
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition, process, seconds=150.0):
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_sweep_goes_on_where_it_stopped(fresh, finished, sign):
    logs = fresh / "results/tiny/logs/simulate_chunk"
    with start(fresh) as process:
        wait_for(lambda: len(list(logs.glob("*.log"))) == 2, process)  # the first is done, the second is at work
        os.killpg(process.pid, sign)
        said = process.stderr.read()
    if sign == signal.SIGINT and process.returncode == 0:
        pytest.xfail("on a busy machine snakemake may miss an interrupt while it restarts the job that this ended")
    assert process.returncode != 0
    if sign == signal.SIGINT:
        assert "Traceback" not in said
    chunks = chunk_folder(fresh)
    kept = {file.name: file.stat().st_mtime_ns for file in chunks.glob("0*.nc")}
    assert len(kept) == 1
    freed = subprocess.run([sys.executable, ROOT / "workflow/release_stale_lock.py"], cwd=fresh, timeout=30)
    assert freed.returncode == 0
    done = run_in(fresh)
    assert done.returncode == 0, done.stderr
    assert {name: (chunks / name).stat().st_mtime_ns for name in kept} == kept
    one, other = (xr.load_dataset(folder / MAP).drop_attrs(deep=False) for folder in (fresh, finished))
    xr.testing.assert_identical(one, other)


@pytest.mark.parametrize(
    ("old", "new", "fragments"),
    [
        ("stack_pressure:", "stack_presure:", ["tiny.yaml: axes", "did you mean 'stack_pressure'?"]),
        ("20 MPa", "20 mV", ["tiny.yaml: axes.stack_pressure", "not a pressure", "0.05 to 200 MPa"]),
        ("until 4.25 V", "untill 4.25 V", ["tiny.yaml: protocol", "^"]),
        ("base_cell", "cell", ["tiny.yaml", "'cell' is not a known key"]),
    ],
)
def test_a_bad_sweep_is_refused_before_anything_runs(fresh, old, new, fragments):
    path = fresh / "config/sweeps/tiny.yaml"
    path.write_text(path.read_text().replace(old, new))
    done = run_in(fresh)
    assert done.returncode == 2
    for fragment in fragments:
        assert fragment in done.stderr
    assert done.stderr.count("Error") == 1 and "Traceback" not in done.stderr
    assert not (fresh / "results").exists()


def test_a_bad_configuration_is_refused(fresh):
    done = run_in(fresh, "--config", "sweep=tinny")
    assert done.returncode == 2
    assert "config/config.yaml: sweep: 'tinny' has no file in config/sweeps" in done.stderr
    assert "did you mean 'tiny'?" in done.stderr
