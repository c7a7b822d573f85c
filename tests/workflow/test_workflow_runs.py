"""The workflow for real: complete, repeatable, and no more work than an edit asks for."""

import os
import re
import shutil
from pathlib import Path

import pytest
import xarray as xr
from tiny_sweep import ROOT, chunk_folder, run_in

from cellmodel.numerics.outcome import OutcomeKind

MAP = "results/tiny/failure_map.nc"


def times(folder: Path, pattern: str = "*") -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in sorted((folder / "results/tiny").rglob(pattern))}


def planned(folder: Path) -> dict[str, int]:
    """Return how often each rule would run."""
    done = run_in(folder, "--dry-run", "--quiet", "rules")
    assert done.returncode == 0, done.stderr
    return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.MULTILINE)}


def test_a_sweep_ends_in_a_map_with_an_outcome_everywhere(finished):
    found = xr.open_dataset(finished / MAP)
    assert dict(found["outcome"].sizes) == {"stack_pressure": 3, "cathode_loading": 2}
    assert (found["outcome"] != OutcomeKind.NOT_RUN).all()
    assert (found["outcome"] == OutcomeKind.COMPLETED).any()
    completed = found["outcome"] == OutcomeKind.COMPLETED
    for name, variable in found.data_vars.items():
        if variable.dtype.kind == "f":
            assert not bool((variable.isnull() & completed).any()), name
    assert found["capacity_retention"].attrs["units"] == "1"
    assert "sweep_file" in found.attrs
    figures = {file.name for file in (finished / "results/tiny/figures").iterdir()}
    assert {"outcome.png", "short_onset_capacity.svg", "capacity_retention.png"} < figures


def test_the_run_says_how_far_it_is_in_whole_lines(finished):
    lines = (finished / "first.log").read_text().splitlines()
    counts = [line for line in lines if line.startswith("tiny: ") and "points" in line]
    assert counts[-1].startswith("tiny: 6/6 points")
    assert any(line.startswith(("tiny: 2/6", "tiny: 4/6")) for line in counts)
    assert any("completed" in line and line.endswith("see results/tiny/failure_map.nc") for line in lines)
    logs = (finished / "results/tiny/logs/simulate_chunk").glob("*.log")
    assert all("tiny: " in log.read_text() for log in logs)


def test_nothing_is_left_but_results(finished):
    stray = [file for file in (finished / "results").rglob("*") if ".tmp" in file.name]
    assert stray == []


def test_a_second_run_does_nothing(copy):
    before = times(copy)
    done = run_in(copy)
    assert done.returncode == 0
    assert "Nothing to be done" in done.stderr
    assert times(copy) == before


def test_a_comment_or_a_touched_file_computes_nothing_anew(copy):
    path = copy / "config/sweeps/tiny.yaml"
    path.write_text("# a remark\n" + path.read_text())
    os.utime(copy / "config/config.yaml")
    assert planned(copy) == {}


def test_a_changed_report_draws_the_map_anew_and_simulates_nothing(copy):
    with (copy / "config/sweeps/tiny.yaml").open("a") as file:
        file.write("report: {threshold: 0.95}\n")
    chunks = times(copy, "0000*.nc")
    done = run_in(copy)
    assert done.returncode == 0, done.stderr
    assert times(copy, "0000*.nc") == chunks
    assert "cycle_at_95_percent" in xr.open_dataset(copy / MAP)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20 MPa, 3", "30 MPa, 3"),
        ("repeat: 2", "repeat: 3"),
        ("cathode: ncm811", "cathode: ncm811, temperature: 30 degC"),
    ],
)
def test_a_changed_sweep_is_simulated_anew(copy, old, new):
    path = copy / "config/sweeps/tiny.yaml"
    path.write_text(path.read_text().replace(old, new))
    jobs = planned(copy)
    assert jobs["simulate_chunk"] == 3 and jobs["failure_map"] == 1


@pytest.mark.parametrize(
    ("part", "jobs"),
    [
        ("laws/creep.py", {"simulate_chunk", "collect", "failure_map", "figures"}),
        ("data/cathodes/ncm811.yaml", {"simulate_chunk", "collect", "failure_map", "figures"}),
        ("plots/maps.py", {"figures"}),
    ],
)
def test_a_changed_source_computes_what_depends_on_it(copy, part, jobs):
    (copy / "cellmodel").unlink()
    shutil.copytree(ROOT / "cellmodel", copy / "cellmodel")
    assert planned(copy) == {}
    with (copy / "cellmodel" / part).open("a") as file:
        file.write("\n# changed\n")
    assert set(planned(copy)) - {"all", "total", "design", "known"} == jobs


def test_a_damaged_chunk_is_named_and_computed_anew(copy):
    before = xr.load_dataset(copy / MAP)
    chunks = times(copy, "0000*.nc")
    damaged = chunk_folder(copy) / "00001.nc"
    os.truncate(damaged, damaged.stat().st_size // 2)
    done = run_in(copy)
    assert done.returncode == 0, done.stderr
    assert f"{damaged.relative_to(copy)}: is truncated" in done.stderr
    changed = {name for name, time in times(copy, "0000*.nc").items() if chunks[name] != time}
    assert changed == {"00001.nc"}
    xr.testing.assert_identical(xr.load_dataset(copy / MAP), before)


def test_a_foreign_chunk_is_never_read(copy):
    chunks = chunk_folder(copy)
    shutil.copy(chunks / "00000.nc", chunks / "00002.nc")
    done = run_in(copy)
    assert done.returncode == 0, done.stderr
    assert "00002.nc: belongs to another sweep" in done.stderr
    assert len(set(xr.load_dataset(copy / MAP)["point_identity"].values.ravel())) == 6


def test_a_dry_run_touches_nothing(copy):
    damaged = chunk_folder(copy) / "00001.nc"
    os.truncate(damaged, 100)
    run_in(copy, "--dry-run")
    assert damaged.stat().st_size == 100
