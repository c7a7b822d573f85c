"""Snakemake and its jobs under faults and edits, with a stand-in for the simulation: nothing lost, nothing wrong."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from chunk_job import environment, same_bits
from tiny_sweep import COMMAND, ROOT, chunk_folder, make_folder, run_in

from cellmodel.numerics.outcome import OutcomeKind

TABLE = "results/tiny/points.nc"


def run(folder: Path, *targets: Path, **given: object) -> str:
    """Run the sweep up to its table and other targets; return what was said."""
    done = run_in(folder, TABLE, *map(str, targets), env=environment(COUNT=str(folder / "count"), **given))
    assert done.returncode == 0, done.stderr
    return done.stderr


def computed(folder: Path) -> int:
    """Return how many points have been simulated since the last call."""
    count = folder / "count"
    lines = len(count.read_text().splitlines()) if count.exists() else 0
    count.unlink(missing_ok=True)
    return lines


def table(folder: Path) -> xr.Dataset:
    return xr.load_dataset(folder / TABLE).drop_vars("kernel_seconds").drop_attrs(deep=False)


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "config/sweeps/tiny.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a folder in which the sweep has run undisturbed; never changed, only copied."""
    folder = make_folder(tmp_path_factory.mktemp("whole") / "sweep")
    run(folder)
    assert computed(folder) == 6
    return folder


@pytest.fixture
def done(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "done", symlinks=True))


def test_an_edit_computes_new_points_alone_and_going_back_computes_none(done, whole):
    old = {file: file.stat().st_mtime_ns for file in chunk_folder(done).glob("0*.nc")}
    edit(done, "[5 mg/cm2, 10 mg/cm2]", "[5 mg/cm2, 10 mg/cm2, 12 mg/cm2]")
    edit(done, "chunk_points: 2", "chunk_points: 4")
    assert "6 of 9 points are known from other sweeps" in run(done)
    assert computed(done) == 3
    edit(done, ", 12 mg/cm2]", "]")
    edit(done, "chunk_points: 4", "chunk_points: 2")
    planned = run_in(done, TABLE, "--dry-run", "--quiet", "rules", env=environment()).stdout
    assert "collect" in planned and not any(name in planned for name in ("simulate_chunk", "known", "design"))
    assert {file: file.stat().st_mtime_ns for file in old} == old


@pytest.mark.slow
def test_a_library_serves_another_folder(whole, tmp_path):
    other = make_folder(tmp_path / "other")
    (other / "config/config.yaml").write_text(f"sweep: tiny\nlibrary: [{whole / 'results'}]\n")
    run(other)
    assert computed(other) == 0 and same_bits(table(other), table(whole))


def test_a_library_that_is_none_is_refused_before_anything_runs(tmp_path):
    folder = make_folder(tmp_path / "sweep")
    with (folder / "config/sweeps/tiny.yaml").open("a") as file:
        file.write("library: [old]\n")
    refused = run_in(folder)
    assert refused.returncode == 2 and "config/sweeps/tiny.yaml: library: 'old' does not exist" in refused.stderr
    assert not (folder / "results").exists()


def test_a_point_that_crashes_the_interpreter_is_a_row_after_one_run(whole, tmp_path):
    folder = make_folder(tmp_path / "sweep")
    said = run(folder, FAULT={"kind": "segfault", "pressure": [20]})
    assert "takes its process down" in said
    found, right = table(folder), table(whole)
    assert (found["outcome"].sel(stack_pressure=20) == OutcomeKind.SOLVER_FAILED).all()
    assert "SIGSEGV (signal 11)" in str(found["message"].sel(stack_pressure=20).values[0])
    assert same_bits(found.sel(stack_pressure=slice(0, 19)), right.sel(stack_pressure=slice(0, 19)))


@pytest.mark.parametrize(
    "whom",
    [
        "script",
        pytest.param("snakemake", marks=pytest.mark.slow),
        pytest.param("group", marks=pytest.mark.slow),
    ],
)
def test_kill_9_of_any_process_loses_no_row(whole, tmp_path, whom):
    import psutil

    folder = make_folder(tmp_path / "sweep")
    env = environment(COUNT=str(folder / "count"), POINT_SECONDS="0.5")
    journals = folder / "results/tiny/journals"
    with subprocess.Popen(
        [*COMMAND, TABLE], cwd=folder, env=env, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while not list(journals.glob("*/*.jsonl")):
            assert process.poll() is None
            time.sleep(0.02)
        if whom == "group":
            os.killpg(process.pid, signal.SIGKILL)
        elif whom == "snakemake":
            process.kill()
        else:
            scripts = [
                each
                for each in psutil.Process(process.pid).children(recursive=True)
                if any(".snakemake/scripts/" in word for word in each.cmdline()[1:2])
            ]
            scripts[-1].kill()
            assert process.wait() == 0  # its own retry went on
    if whom != "script":
        assert subprocess.run([sys.executable, ROOT / "workflow/release_stale_lock.py"], cwd=folder).returncode == 0
        run(folder)
    assert computed(folder) - 6 <= 2
    assert same_bits(table(folder), table(whole))
    assert list(journals.glob("*/*")) == []


@pytest.mark.slow
def test_of_two_snakemakes_at_once_the_second_is_refused(whole, tmp_path):
    folder = make_folder(tmp_path / "sweep")
    env = environment(COUNT=str(folder / "count"), POINT_SECONDS="2")
    with subprocess.Popen([*COMMAND, TABLE], cwd=folder, env=env, stderr=subprocess.DEVNULL) as first:
        while not list((folder / "results/tiny/journals").glob("*/*.lock")):
            assert first.poll() is None
            time.sleep(0.02)
        asked = subprocess.run(
            [sys.executable, ROOT / "workflow/release_stale_lock.py"], cwd=folder, capture_output=True, text=True
        )
        second = run_in(folder, TABLE, env=env)
        first.wait()
    assert asked.returncode == 2 and "another snakemake" in asked.stderr
    assert second.returncode != 0 and "lock" in second.stderr
    assert first.returncode == 0 and computed(folder) == 6
    assert same_bits(table(folder), table(whole))


def test_a_flipped_bit_in_a_chunk_is_found_and_computed_anew(done, whole):
    damaged = chunk_folder(done) / "00001.nc"
    content = bytearray(damaged.read_bytes())
    for place in range(len(content) // 2, len(content), 200):  # some hit room that is not used
        content[place] ^= 1
    damaged.write_bytes(content)
    assert f"{damaged.relative_to(done)}: is truncated, altered" in run(done, damaged.relative_to(done))
    assert computed(done) == 2 and same_bits(table(done), table(whole))


def test_results_that_cannot_be_written_are_refused_before_anything_runs(tmp_path):
    folder = make_folder(tmp_path / "sweep")
    (folder / "results").symlink_to("/proc/sys")
    refused = run_in(folder)
    assert refused.returncode == 2 and "Error: results/tiny: " in refused.stderr and "Traceback" not in refused.stderr


def test_the_table_has_every_point_once(whole):
    found = table(whole)
    assert len(np.unique(found["point_identity"].values.ravel())) == found["outcome"].size == 6
