"""What a SLURM cluster says about itself: partitions, their limits and nodes, and how finished jobs are known."""

import math
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cellmodel.errors import InputError

COMMANDS = ("sbatch", "squeue", "scancel", "sinfo", "scontrol")
SECONDS = 60
"""How long a command of SLURM may take before the controller counts as silent."""

LOCAL = "to run on this machine instead: snakemake --cores all --workflow-profile workflow/profiles/local"


@dataclass(frozen=True)
class Partition:
    """A partition of a cluster.

    Attributes
    ----------
    name : str
        What `slurm_partition` says.
    default : bool
        Whether jobs that name none go here.
    up : bool
        Whether it takes jobs.
    minutes : float
        Longest job [min]; infinite where there is no limit.
    memory_mb, cores : int
        Of its largest node.
    hosts : frozenset of str
        Machines that its nodes are.
    """

    name: str
    default: bool
    up: bool
    minutes: float
    memory_mb: int
    cores: int
    hosts: frozenset[str]


def check_commands() -> None:
    """Refuse a machine without SLURM's commands.

    Raises
    ------
    InputError
        Names those that are missing.
    """
    absent = [name for name in COMMANDS if shutil.which(name) is None]
    if absent:
        fix = f"work on a login node of the cluster (often after `module load slurm`); {LOCAL}"
        raise InputError("SLURM", problem=f"commands are not on the PATH: {', '.join(absent)}", fix=fix)


def partitions() -> dict[str, Partition]:
    """Return the partitions of the cluster by name.

    Raises
    ------
    InputError
        The controller does not answer.
    """
    lines = [line.split("|") for line in _ask("sinfo", "--all", "--noheader", "--Node", "--format=%P|%a|%l|%m|%c|%n")]
    found: dict[str, list[list[str]]] = {}
    for line in lines:
        found.setdefault(line[0].rstrip("*"), []).append(line)
    return {name: _partition(name, nodes) for name, nodes in found.items()}


def has_accounting() -> bool:
    """Tell whether `sacct` knows finished jobs, which needs the accounting database (slurmdbd)."""
    if shutil.which("sacct") is None:
        return False
    done = subprocess.run(
        ["sacct", "--noheader", "--allocations", "--format=JobIDRaw"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode == 0 and "disabled" not in done.stdout + done.stderr


def finished_job_seconds() -> float:
    """Return how long `squeue` knows a finished job [s]; infinite where the cluster does not tell."""
    found = re.search(r"^MinJobAge\s*=\s*(\d+)", "\n".join(_ask("scontrol", "show", "config")), re.MULTILINE)
    return float(found[1]) if found else math.inf


def jobs_in(folder: Path) -> list[str]:
    """Return the numbers of snakemake's jobs that wait or run with `folder` as their working directory.

    Its executor plugin says in the comment of a job which rule it runs; a notebook's workers have none.
    """
    states = "--states=pending,running,completing,suspended"
    lines = [line.split("|", 2) for line in _ask("squeue", "--me", "--noheader", states, "--format=%i|%k|%Z")]
    mine = [(number, place) for number, comment, place in lines if comment.startswith("rule_")]
    return [number for number, place in mine if Path(place).resolve() == folder.resolve()]


def _partition(name: str, nodes: list[list[str]]) -> Partition:
    _, up, limit, *_ = nodes[0]
    return Partition(
        name=name,
        default=nodes[0][0].endswith("*"),
        up=up == "up",
        minutes=minutes(limit),
        memory_mb=max(int(node[3].rstrip("+")) for node in nodes),
        cores=max(int(node[4].rstrip("+")) for node in nodes),
        hosts=frozenset(node[5] for node in nodes),
    )


def minutes(limit: str) -> float:
    """Return a time limit as SLURM prints it [min].

    Parameters
    ----------
    limit : str
        ``days-hours:minutes:seconds``, its first parts left out where they are zero; or ``infinite``.

    Returns
    -------
    float
        Minutes; infinite where it is no time.

    Examples
    --------
    >>> minutes("1-12:00:00"), minutes("30:00"), minutes("infinite")
    (2160.0, 30.0, inf)
    """
    found = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", limit)
    if not found:
        return math.inf
    days, hours, left, seconds = (int(part or 0) for part in found.groups())
    return days * 1440.0 + hours * 60.0 + left + seconds / 60.0


def _ask(*command: str) -> list[str]:
    """Return the lines that a command of SLURM prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        said = done.stderr.strip()
    except subprocess.TimeoutExpired:
        done, said = None, f"no answer within {SECONDS} s"
    if done is None or done.returncode:
        fix = f"wait until `scontrol ping` says UP, or ask who runs the cluster; {LOCAL}"
        raise InputError("SLURM", problem=f"does not answer `{' '.join(command[:2])}` ({said})", fix=fix)
    return done.stdout.splitlines()
