"""What a real SLURM says about itself, and runs that are refused before anything is submitted."""

import os
import socket
from pathlib import Path

import pytest
from slurm_cluster import PROGRAMS

from cellmodel.errors import InputError
from cellmodel.sweep import cluster_checks, slurm

pytestmark = pytest.mark.slurm


@pytest.fixture
def on_the_cluster(monkeypatch, cluster):
    for name in ("SLURM_CONF", "PATH"):
        monkeypatch.setenv(name, cluster.environment[name])


def test_the_partitions_of_the_test_cluster(on_the_cluster):
    found = slurm.partitions()
    assert set(found) == {"work", "short", "closed", "remote"}
    here = frozenset({socket.gethostname()})
    assert found["work"] == slurm.Partition("work", True, True, 1440.0, 16000, 2, here)
    assert found["short"].minutes == 2 and not found["closed"].up
    assert found["remote"].hosts == {"elsewhere"}


def test_the_test_cluster_has_no_accounting_and_remembers_jobs(on_the_cluster):
    assert not slurm.has_accounting()
    assert slurm.finished_job_seconds() == 300


def test_a_temporary_folder_will_do_on_this_machine_but_not_elsewhere(on_the_cluster, tmp_path):
    found = slurm.partitions()
    assert cluster_checks.check_folder(tmp_path, found["work"].hosts) == []
    with pytest.raises(InputError, match="nodes do not see it"):
        cluster_checks.check_folder(tmp_path, found["remote"].hosts)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ["--default-resources", "slurm_partition=shrot"],
            ["'shrot' is no partition of this cluster", "did you mean 'short'?"],
        ),
        (
            ["--default-resources", "slurm_partition=short", "runtime=attempt"],
            ["'3' min at attempt 3 is too much: partition 'short'", "min(1 * attempt, 2)"],
        ),
        (
            ["--slurm-status-command", "sacct"],
            ["'sacct' needs an accounting database (slurmdbd)", "Fix: write squeue"],
        ),
        (
            ["--set-threads", "simulate_chunk=8"],
            ["'8' cores is too much: no node of partition 'work' has so many"],
        ),
    ],
)
def test_a_bad_profile_is_refused_before_anything_is_submitted(run, options, told):
    profile = run.folder / "workflow/profiles/slurm/config.yaml"
    if "short" in str(options):
        profile.write_text(profile.read_text().split("set-resources:")[0])
    run.start(*options)
    assert run.wait() == 2
    said = run.said.read_text()
    for each in told:
        assert each in said
    assert said.count("Error") == 1 and "Traceback" not in said and "submitted" not in said
    assert not run.cluster.run("squeue", "--noheader", "--states=running,pending").strip()


def test_a_machine_without_slurm_is_told_so(run, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    for program in (each for folder in ("/bin", "/usr/bin") for each in Path(folder).iterdir()):
        if program.name not in PROGRAMS and not (programs / program.name).is_symlink():
            (programs / program.name).symlink_to(program)
    run.start(environment=os.environ | {"PATH": str(programs)})
    assert run.wait() == 2
    said = run.said.read_text()
    assert "commands are not on the PATH: sbatch" in said and "workflow/profiles/local" in said
    assert "Traceback" not in said
