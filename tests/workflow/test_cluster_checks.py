"""What is refused before anything is submitted, with stand-ins for SLURM's commands; tests/slurm has the real ones."""

import math
import os
import re
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_sweep import make_folder

from cellmodel.errors import InputError
from cellmodel.sweep import cluster_checks, slurm
from cellmodel.sweep.cluster_checks import Request
from cellmodel.sweep.definition import load

SINFO = """\
work*|up|2:00:00|64000|32|{here}
long|up|7-00:00:00|64000|32|{here}
long|up|7-00:00:00|256000+|64|far
old|down|infinite|64000|32|far
"""


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Put stand-ins for SLURM's commands first on the PATH; `say` sets what one prints."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def say(name: str, text: str = "", code: int = 0) -> None:
        (folder / f"{name}.txt").write_text(text)
        script = folder / name
        script.write_text(
            f'#!/bin/sh\nwhile IFS= read -r line; do echo "$line"; done < {folder}/{name}.txt\nexit {code}\n'
        )
        script.chmod(0o755)

    for name in slurm.COMMANDS:
        say(name)
    say("sinfo", SINFO.format(here=socket.gethostname()))
    say("scontrol", "MinJobAge               = 300 sec\n")
    say("sacct", "Slurm accounting storage is disabled\n", 1)
    monkeypatch.setenv("PATH", str(folder))
    return say


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    return load(make_folder(tmp_path_factory.mktemp("checks") / "one") / "config/sweeps/tiny.yaml")


def chunk_job(**changes) -> Request:
    usual = {"rule": "simulate_chunk", "attempt": 1, "partition": "work", "threads": 16}
    return Request(**{**usual, "memory_mb": 4000, "minutes": 60, **changes})


def refusal(request: Request, sweep) -> str:
    with pytest.raises(InputError) as refused:
        for partition in cluster_checks.chosen(request, slurm.partitions()):
            cluster_checks.check_request(request, partition, sweep)
    return str(refused.value)


def test_partitions_are_read_with_their_largest_node(commands):
    found = slurm.partitions()
    assert list(found) == ["work", "long", "old"]
    assert found["work"].default and found["work"].minutes == 120
    assert (found["long"].memory_mb, found["long"].cores, found["long"].minutes) == (256000, 64, 7 * 1440)
    assert found["long"].hosts == {socket.gethostname(), "far"}
    assert not found["old"].up and found["old"].minutes == math.inf


NO_PARTITION = "is no partition of this cluster. Allowed: work, long, old. Fix:"
TOO_LONG = (
    "is too much: partition 'work' ends jobs earlier. Allowed: up to 120 min. Fix: ask for at most 120, with smaller"
)
TOO_MUCH = "is too much: no node of partition 'work' has so"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"partition": "wrok"}, f"slurm_partition: 'wrok' {NO_PARTITION} did you mean 'work'?"),
        ({"partition": "work,gpu"}, f"'gpu' {NO_PARTITION} write one of them"),
        ({"partition": "old"}, "'old' takes no jobs now. Allowed: work, long. Fix: choose another, or wait."),
        ({"minutes": 180}, f"runtime: '180' min {TOO_LONG} chunk_points."),
        (
            {"minutes": 180, "attempt": 3},
            f"'180' min at attempt 3 {TOO_LONG} chunk_points (`runtime: min(60 * attempt, 120)`).",
        ),
        (
            {"memory_mb": 70000},
            f"mem_mb: '70000' MB {TOO_MUCH} much. Allowed: up to 64000 MB. Fix: ask for at most 64000",
        ),
        ({"threads": 48}, f"threads: '48' cores {TOO_MUCH} many. Allowed: up to 32 cores. Fix: ask for at most 32."),
        (
            {"memory_mb": 500},
            "mem_mb: '500' MB is less than 16 threads and 2 points a chunk take. Allowed: 663 MB or more. "
            "Fix: write `mem_mb: 1400 * attempt`",
        ),
    ],
)
def test_a_job_that_cannot_run_is_refused_with_the_fix(commands, sweep, change, told):
    assert told in refusal(chunk_job(**change), sweep)


def test_a_job_that_can_run_is_accepted(commands, sweep):
    for request in (
        chunk_job(),
        chunk_job(partition=None),
        chunk_job(partition="work,long"),
        chunk_job(memory_mb=None),
    ):
        for partition in cluster_checks.chosen(request, slurm.partitions()):
            cluster_checks.check_request(request, partition, sweep)


def test_a_cluster_without_default_needs_a_choice(commands, sweep):
    commands("sinfo", SINFO.replace("work*", "work"))
    told = refusal(chunk_job(partition=None), sweep)
    assert "slurm_partition: is missing, and the cluster has no default. Allowed: work, long, old." in told


def test_sacct_without_accounting_is_refused(commands):
    with pytest.raises(
        InputError, match=re.escape("slurm-status-command: 'sacct' needs an accounting database (slurmdbd)")
    ):
        cluster_checks.check_status_command("sacct")
    commands("sacct", "17\n")
    cluster_checks.check_status_command("sacct")


def test_squeue_that_forgets_jobs_is_refused(commands):
    cluster_checks.check_status_command("squeue")
    commands("scontrol", "MinJobAge               = 30 sec\n")
    with pytest.raises(InputError, match=r"knows finished jobs for 30 s only \(MinJobAge\).*longer MinJobAge"):
        cluster_checks.check_status_command("squeue")
    commands("sacct", "17\n")
    with pytest.raises(InputError, match="Fix: write sacct"):
        cluster_checks.check_status_command("squeue")


def test_missing_commands_are_named(commands):
    folder = Path(os.environ["PATH"])
    (folder / "sbatch").unlink()
    with pytest.raises(InputError, match=r"commands are not on the PATH: sbatch\. Fix: .*module load slurm"):
        slurm.check_commands()


def test_a_silent_controller_is_named(commands):
    commands("sinfo", "", 1)
    with pytest.raises(InputError, match=r"does not answer `sinfo --all`.*scontrol ping"):
        slurm.partitions()


def test_jobs_of_an_earlier_run_are_named(commands, tmp_path):
    commands(
        "squeue", f"7|rule_collect|/elsewhere\n8|rule_collect|{tmp_path}\n9|rule_map|{tmp_path}\n10|(null)|{tmp_path}\n"
    )
    with pytest.raises(InputError, match=r"at work: 8, 9\. Fix: wait .* `scancel 8 9`"):
        cluster_checks.check_nothing_runs(tmp_path)
    cluster_checks.check_nothing_runs(tmp_path / "other")


def test_a_run_elsewhere_asks_nothing_of_slurm(sweep, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert cluster_checks.check(SimpleNamespace(executor_settings=None), sweep) == []


@pytest.mark.parametrize(
    ("kind", "told"),
    [("tmpfs", "is in the memory of this machine (tmpfs)"), ("nfs4", "is a temporary folder of this machine")],
)
def test_a_folder_that_nodes_cannot_see_is_refused(tmp_path, monkeypatch, kind, told):
    monkeypatch.setattr(cluster_checks, "file_system", lambda folder: kind)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(InputError) as refused:
        cluster_checks.check_folder(tmp_path, {"far"})
    assert told in str(refused.value) and "Fix: work in a folder that all nodes share" in str(refused.value)
    assert cluster_checks.check_folder(tmp_path, {socket.gethostname()}) == []


@pytest.mark.parametrize(("kind", "warned"), [("ext4", True), ("nfs4", False), ("lustre", False)])
def test_a_disk_of_this_machine_is_warned_of(monkeypatch, kind, warned):
    monkeypatch.setattr(cluster_checks, "file_system", lambda folder: kind)
    lines = cluster_checks.check_folder(Path("/home/me/sweep"), {"far"})
    assert bool(lines) == warned
    assert all(f"is on a disk of this machine ({kind})" in line for line in lines)


def test_the_kind_of_file_system_is_found():
    assert cluster_checks.file_system(Path("/proc/self")) == "proc"
    assert cluster_checks.file_system(Path("/")) != ""
