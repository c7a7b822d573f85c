"""The machine that a sweep is planned for: nodes and cores, and how many jobs of how many threads they carry."""

import os
import re
from dataclasses import dataclass

from cellmodel.errors import InputError

JOB_THREADS = 16
"""Most threads of a job on a cluster: as in the profile; smaller jobs find room sooner than whole nodes."""

MOST_NODES, MOST_CORES = 100_000, 1024


@dataclass(frozen=True)
class Cluster:
    """Nodes with so many cores each.

    Attributes
    ----------
    nodes, cores : int
        Number of nodes, and of cores in each.
    local : bool
        Whether it is this machine, on which one job at a time takes all cores.
    """

    nodes: int
    cores: int
    local: bool = False

    @property
    def text(self) -> str:
        """How it is told."""
        if self.local:
            return f"this machine, {self.cores} cores"
        return f"{self.nodes} nodes x {self.cores} cores"

    def threads(self, useful: float) -> int:
        """Return the threads of a job.

        Parameters
        ----------
        useful : float
            Threads beyond which a job gets no faster.

        Returns
        -------
        int
            All cores of this machine. On a cluster at most `JOB_THREADS` and what is useful, so that jobs fill nodes.
        """
        if self.local:
            return self.cores
        most = max(1, int(min(self.cores, JOB_THREADS, useful)))
        return self.cores // -(-self.cores // most)

    def slots(self, threads: int) -> int:
        """Return how many jobs of so many threads run at once."""
        return 1 if self.local else self.nodes * (self.cores // threads)


def this_machine() -> Cluster:
    """Return the machine that this process runs on, with the cores that it may use."""
    return Cluster(1, len(os.sched_getaffinity(0)), local=True)


def read(text: str, where: str) -> Cluster:
    """Read nodes x cores, such as ``64x32``.

    Parameters
    ----------
    text : str
        As given by the user.
    where : str
        For the message.

    Returns
    -------
    Cluster
        That many nodes.

    Raises
    ------
    InputError
        It is something else, or a number is zero or beyond any cluster.
    """
    allowed = f"nodes x cores of each, 1x1 to {MOST_NODES}x{MOST_CORES}, without spaces"
    match = re.fullmatch(r"(\d+)[xX](\d+)", text)
    if not match:
        fix = "write it like 64x32: 64 nodes of 32 cores"
        raise InputError(where, "--cluster", text, allowed, fix, problem="is not nodes x cores")
    nodes, cores = map(int, match.groups())
    if not (1 <= nodes <= MOST_NODES and 1 <= cores <= MOST_CORES):
        none = "nodes" if not nodes else "cores" if not cores else ""
        problem = f"has no {none}" if none else "is larger than any cluster"
        raise InputError(where, "--cluster", text, allowed, "write it like 64x32", problem=problem)
    return Cluster(nodes, cores)
