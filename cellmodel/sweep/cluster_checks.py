"""What a run on a SLURM cluster needs, checked before the first job is submitted.

Without these checks a bad profile shows after hours in the queue, or never: jobs that are finished but not known to
be, files that no node sees.
"""

import math
import os
import socket
import tempfile
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellmodel.errors import InputError, did_you_mean
from cellmodel.sweep import slurm
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.rows import ONSETS, QUANTILES, SCALARS, SERIES

PROFILE = "SLURM profile"

LONGEST_WAIT = 180.0
"""Seconds between two looks of the executor plugin at the queue, at most: it looks less often while nothing ends."""

BASE_MIB, COMPILER_MIB, THREAD_MIB = 600.0, 650.0, 2.0
"""Memory of a job: two snakemakes of 165 MiB and the simulation; compiling the model, and each thread, add to it.
Measured: docs/cluster.md."""

IN_MEMORY = {"tmpfs", "ramfs", "devtmpfs"}
OF_ONE_MACHINE = {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "overlay"}
TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm", "/run")


@dataclass(frozen=True)
class Request:
    """What a job of a rule asks for, at one of its attempts.

    Attributes
    ----------
    rule : str
        Name of the rule.
    attempt : int
        1 for the first try, one more for each retry.
    partition : str or None
        Partition; None for the cluster's default.
    threads : int
        Cores.
    memory_mb, minutes : float or None
        Memory and time; None where the profile says nothing.
    """

    rule: str
    attempt: int
    partition: str | None
    threads: int
    memory_mb: float | None
    minutes: float | None


def check(workflow: Any, sweep: Sweep) -> list[str]:
    """Check a run of the workflow; one that does not go to SLURM needs nothing.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        Ready to start: its jobs are known.
    sweep : Sweep
        What it runs.

    Returns
    -------
    list of str
        Warnings, one line each.

    Raises
    ------
    InputError
        The cluster, the profile or the folder cannot work.
    """
    settings = workflow.executor_settings
    if not type(settings).__module__.startswith("snakemake_executor_plugin_slurm"):
        return []
    slurm.check_commands()
    check_status_command(settings.status_command)
    check_nothing_runs(Path.cwd())
    known, hosts = slurm.partitions(), set[str]()
    for request in requests(workflow):
        for partition in chosen(request, known):
            check_request(request, partition, sweep)
            hosts |= partition.hosts
    return check_folder(Path.cwd(), hosts)


def requests(workflow: Any) -> Iterable[Request]:
    """Yield what the jobs to run ask for: one job of each rule, each of its attempts."""
    rules = {job.rule.name: job for job in workflow.dag.needrun_jobs() if not job.is_local}
    for name, job in rules.items():
        for attempt in range(1, job.restart_times + 2):
            job.attempt = attempt
            found = job.resources
            yield Request(
                rule=name,
                attempt=attempt,
                partition=found.get("slurm_partition"),
                threads=job.threads,
                memory_mb=found.get("mem_mb"),
                minutes=found.get("runtime"),
            )
        job.attempt = 1


def chosen(request: Request, known: Mapping[str, slurm.Partition]) -> list[slurm.Partition]:
    """Return the partitions that a job may go to.

    Parameters
    ----------
    request : Request
        What a job asks for; `slurm_partition` may be several names with commas between them.
    known : mapping
        Partitions of the cluster by name.

    Raises
    ------
    InputError
        One is unknown or closed, or none is chosen and the cluster has no default.
    """
    where = f"rule {request.rule}: slurm_partition"
    if request.partition is None:
        default = [partition for partition in known.values() if partition.default]
        if not default:
            problem, fix = "is missing, and the cluster has no default", "name one in default-resources of the profile"
            raise InputError(PROFILE, where, problem=problem, allowed=", ".join(known), fix=fix)
        return default
    names = str(request.partition).split(",")
    for name in names:
        if name not in known:
            fix = did_you_mean(name, known) or "write one of them; `sinfo` lists them"
            raise InputError(PROFILE, where, name, ", ".join(known), fix, problem="is no partition of this cluster")
        if not known[name].up:
            others = ", ".join(each.name for each in known.values() if each.up)
            raise InputError(PROFILE, where, name, others, "choose another, or wait", problem="takes no jobs now")
    return [known[name] for name in names]


def check_nothing_runs(folder: Path) -> None:
    """Refuse to submit again what jobs of an earlier snakemake, which has ended, are still computing.

    Parameters
    ----------
    folder : Path
        Working directory of the workflow.
    """
    jobs = slurm.jobs_in(folder)
    if jobs:
        problem = f"jobs of an earlier run are in the queue or at work: {', '.join(jobs)}"
        fix = f"wait until they have ended, or `scancel {' '.join(jobs)}`: what they have finished is kept"
        raise InputError(str(folder), problem=problem, fix=fix)


def check_status_command(command: str | None) -> None:
    """Refuse a way to learn of finished jobs that would never tell of some of them.

    Parameters
    ----------
    command : str or None
        `sacct`, or `squeue`.
    """
    if command == "sacct" and not slurm.has_accounting():
        problem = "needs an accounting database (slurmdbd), which this cluster lacks: finished jobs would not be seen"
        raise InputError(PROFILE, "slurm-status-command", command, "squeue", "write squeue", problem=problem)
    if command == "squeue" and (seconds := slurm.finished_job_seconds()) < LONGEST_WAIT:
        problem = f"knows finished jobs for {seconds:.0f} s only (MinJobAge), and is asked every {LONGEST_WAIT:.0f} s"
        fix = "write sacct" if slurm.has_accounting() else "ask who runs the cluster for a longer MinJobAge"
        raise InputError(PROFILE, "slurm-status-command", command, "sacct", fix, problem=problem)


def check_request(request: Request, partition: slurm.Partition, sweep: Sweep) -> None:
    """Refuse a job that the cluster would refuse, or that cannot end well.

    Parameters
    ----------
    request : Request
        What a job asks for.
    partition : Partition
        Where it goes.
    sweep : Sweep
        What is run.
    """
    where, attempt = f"rule {request.rule}", "" if request.attempt == 1 else f" at attempt {request.attempt}"
    name = f"partition {partition.name!r}"
    limits = {
        "runtime": (request.minutes, partition.minutes, "min", f"{name} ends jobs earlier", "chunk_points"),
        "mem_mb": (request.memory_mb, partition.memory_mb, "MB", f"no node of {name} has so much", "threads"),
        "threads": (request.threads, partition.cores, "cores", f"no node of {name} has so many", ""),
    }
    for key, (asked, most, unit, reason, smaller) in limits.items():
        if asked is not None and asked > most:
            fix = f"ask for at most {most:.0f}" + (f", with smaller {smaller}" if smaller else "")
            fix += f" (`{key}: min({asked / request.attempt:.0f} * attempt, {most:.0f})`)" if attempt else ""
            problem = f"{unit}{attempt} is too much: {reason}"
            raise InputError(
                PROFILE, f"{where}: {key}", f"{asked:.0f}", f"up to {most:.0f} {unit}", fix, problem=problem
            )
    needed = needed_mb(sweep, request.threads)
    if request.rule == "simulate_chunk" and request.memory_mb is not None and request.memory_mb < needed:
        problem = f"MB is less than {request.threads} threads and {sweep.chunk_points} points a chunk take"
        enough = 100 * math.ceil((needed + COMPILER_MIB) / 100)
        fix = f"write `mem_mb: {enough} * attempt`, or take fewer threads or smaller chunk_points"
        allowed = f"{needed:.0f} MB or more"
        raise InputError(PROFILE, f"{where}: mem_mb", f"{request.memory_mb:.0f}", allowed, fix, problem=problem)


def needed_mb(sweep: Sweep, threads: int) -> float:
    """Return the memory that a job of a chunk takes at least [MB].

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    threads : int
        Points simulated side by side, in units of a batch.

    Returns
    -------
    float
        Interpreter and compiled model, a batch in each thread, and the rows of the chunk, in memory twice when they
        are written. Compiling the model, which the first job of a version does, comes on top.
    """
    numbers = len(SCALARS) + len(ONSETS) * len(QUANTILES) + len(SERIES) * sweep.cycles
    rows = 2 * 8 * numbers * min(sweep.chunk_points, sweep.points) / 2**20
    return (BASE_MIB + THREAD_MIB * threads + rows) * 2**20 / 1e6


def check_folder(folder: Path, hosts: Set[str]) -> list[str]:
    """Refuse a folder that the nodes cannot see; return a warning for one that they may not see.

    Parameters
    ----------
    folder : Path
        Working directory of the workflow.
    hosts : set of str
        Machines on which jobs run. Where all are this one, any folder will do.

    Returns
    -------
    list of str
        At most one line.
    """
    here = {socket.gethostname(), socket.gethostname().split(".")[0]}
    if hosts <= here:
        return []
    kind, place = file_system(folder), folder.resolve()
    temporary = [each for each in (*TEMPORARY, os.environ.get("TMPDIR") or tempfile.gettempdir()) if each]
    fix = "work in a folder that all nodes share, such as your home, project or work folder"
    if kind in IN_MEMORY:
        raise InputError(
            str(folder), problem=f"is in the memory of this machine ({kind}); nodes do not see it", fix=fix
        )
    if any(place.is_relative_to(each) for each in temporary):
        raise InputError(str(folder), problem="is a temporary folder of this machine; nodes do not see it", fix=fix)
    if kind in OF_ONE_MACHINE:
        return [f"{folder}: is on a disk of this machine ({kind}); unless it is exported to the nodes, {fix}"]
    return []


def file_system(folder: Path) -> str:
    """Return the kind of file system that a folder is on, such as `nfs4` or `ext4`; empty if unknown."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    place = folder.resolve()
    holding = [(len(point), kind) for point, kind in mounts if place.is_relative_to(point.replace("\\040", " "))]
    # Of two mounts at one point the later hides the earlier.
    return max(enumerate(holding), key=lambda each: (each[1][0], each[0]))[1][1] if holding else ""
