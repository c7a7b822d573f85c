"""What a sweep will take, told before it runs: jobs, hours, memory, disk, and what to ask a scheduler for."""

import math
from dataclasses import dataclass

from cellmodel.sweep.cluster import Cluster
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.sample import MIB, Sample

JOB_SECONDS = (600.0, 1800.0, 3600.0)
"""A good job lasts from ten minutes to an hour: what starting it costs is little, and so is what a kill costs."""

MOST_JOBS = 1000
"""More jobs make snakemake slow and schedulers refuse them."""

USEFUL_SHARE = 0.5
"""Share of a job's time up to which threads may be in the interpreter's lock; they would wait for each other beyond."""

PARSE_SECONDS, PARSE_SECONDS_A_JOB = 2.3, 0.0025
"""What snakemake takes to begin: measured with up to 1,000 jobs, docs/scale.md."""

LOCAL_SECONDS_A_JOB = 1.0
"""What snakemake takes around a job on one machine."""

CLUSTER_SECONDS_A_JOB = 10.0
"""On a cluster: a second snakemake within the job. Measured on the test cluster, docs/scale.md."""

FIRST_LOOK, LATER_LOOK, LAST_LOOK = 20.0, 10.0, 180.0
"""When snakemake looks at the queue after a job ended, by how much each pause is longer, and the longest [s]."""

STAGE_SECONDS = 4.0
"""What each of design, known points, collect, failure map and figures takes for a small sweep."""

ROW_SECONDS = 1.2e-4
"""What design, collect and failure map take together for a point: docs/scale.md."""

COMPILER_MIB = 550.0
"""What compiling the model takes on top, in the first job of a new version."""

MARGIN = 1.3
"""By how much more is asked for than is expected, in memory; half again in time."""

DESIGN_BYTES = 60.0
"""Memory that a job takes for each point of the whole design."""


@dataclass(frozen=True)
class Plan:
    """What the rest of a sweep will take on a cluster.

    Attributes
    ----------
    points, done : int
        Points of the sweep, and those that need no computing any more.
    cluster : Cluster
        What it is planned for.
    sample : Sample
        What it rests on.
    threads, slots : int
        Threads of a job, and jobs at the same time.
    chunk_points, jobs : int
        Points of a job, and jobs to run.
    point_seconds, job_seconds : float
        How long a job takes for a point, and in all [s].
    core_hours, core_hours_error : float
        Computing time of all points, and twice its standard error.
    wall_seconds, wall_seconds_error, overhead_seconds : float
        From the start to the map, twice its standard error, and the part of it that is no simulation [s].
    job_MiB, asked_MiB, asked_minutes : float
        Memory of a job, and what to ask a scheduler for.
    chunks_bytes, table_bytes, map_bytes : float
        Disk, compressed.
    """

    points: int
    done: int
    cluster: Cluster
    sample: Sample
    threads: int
    slots: int
    chunk_points: int
    jobs: int
    point_seconds: float
    job_seconds: float
    core_hours: float
    core_hours_error: float
    wall_seconds: float
    wall_seconds_error: float
    overhead_seconds: float
    job_MiB: float
    asked_MiB: int
    asked_minutes: int
    chunks_bytes: float
    table_bytes: float
    map_bytes: float

    @property
    def share_of_error(self) -> float:
        """Twice the standard error of the sample's mean, relative to it."""
        return 2.0 * self.sample.error / self.sample.core_seconds


def plan(sweep: Sweep, found: Sample, cluster: Cluster, *, done: int = 0, chunk_points: int | None = None) -> Plan:
    """Tell what the rest of a sweep will take.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    found : Sample
        As from `sample.sample`.
    cluster : Cluster
        What it is to run on.
    done : int
        Points whose results exist.
    chunk_points : int, optional
        Points of a job, by default those of the sweep.

    Returns
    -------
    Plan
        With the sweep's own `chunk_points` unless told otherwise.
    """
    size = min(chunk_points or sweep.chunk_points, sweep.points)
    left = sweep.points - done
    jobs, files = math.ceil(left / size), math.ceil(sweep.points / size)
    threads = cluster.threads(USEFUL_SHARE * found.core_seconds / found.serial_seconds)
    slots = cluster.slots(threads)
    each = max(found.core_seconds / threads, found.serial_seconds)
    begin = found.start_seconds + (LOCAL_SECONDS_A_JOB if cluster.local else CLUSTER_SECONDS_A_JOB)
    job, waves = begin + size * each, math.ceil(jobs / slots)
    # Jobs are equal, so they run in waves; one after another, the last one may be a short one.
    simulated = each * (left if slots == 1 else waves * size)
    between = begin + (0.0 if cluster.local else _wait_for_look(job))
    overhead = _overhead(sweep.points, files, cluster) + waves * between if left else 0.0
    share = 2.0 * found.error / found.core_seconds
    memory = found.base_MiB + threads * found.thread_MiB + (size * found.row_bytes + sweep.points * DESIGN_BYTES) / MIB
    hours = left * found.core_seconds / 3600
    return Plan(
        points=sweep.points,
        done=done,
        cluster=cluster,
        sample=found,
        threads=threads,
        slots=slots,
        chunk_points=size,
        jobs=jobs,
        point_seconds=each,
        job_seconds=job,
        core_hours=hours,
        core_hours_error=share * hours,
        wall_seconds=simulated + overhead,
        wall_seconds_error=share * simulated,
        overhead_seconds=overhead,
        job_MiB=memory,
        asked_MiB=100 * math.ceil((MARGIN * memory + COMPILER_MIB) / 100),
        asked_minutes=math.ceil(5 + 1.5 * (1 + share) * job / 60),
        chunks_bytes=sweep.points * found.chunk_bytes + files * found.file_bytes,
        table_bytes=sweep.points * found.chunk_bytes + found.file_bytes,
        map_bytes=sweep.points * found.map_bytes + found.file_bytes,
    )


def _overhead(points: int, files: int, cluster: Cluster) -> float:
    """Return what snakemake and the stages around the chunks take [s]."""
    stages = 5 * STAGE_SECONDS  # on a cluster table and map are one job, the others run beside snakemake
    if not cluster.local:
        stages += CLUSTER_SECONDS_A_JOB + _wait_for_look(CLUSTER_SECONDS_A_JOB)
    return PARSE_SECONDS + PARSE_SECONDS_A_JOB * files + stages + ROW_SECONDS * points


def _wait_for_look(job_seconds: float) -> float:
    """Return how long jobs that have ended wait on average until snakemake looks at the queue [s]."""
    pause = looked = FIRST_LOOK
    while looked < job_seconds and pause < LAST_LOOK:
        pause = min(pause + LATER_LOOK, LAST_LOOK)
        looked += pause
    return pause / 2


def recommended_chunk(sweep: Sweep, found: Sample, cluster: Cluster, done: int = 0) -> int:
    """Return the `chunk_points` that makes good jobs.

    Parameters
    ----------
    sweep, found, cluster, done
        As for `plan`.

    Returns
    -------
    int
        Jobs of half an hour; shorter ones, down to ten minutes, where jobs would not fill the cluster otherwise; at
        most `MOST_JOBS`, so longer ones where there is more to do.
    """
    left = max(sweep.points - done, 1)
    one = plan(sweep, found, cluster, done=done, chunk_points=1)
    shortest, usual, _ = JOB_SECONDS
    seconds = min(max(left * one.point_seconds / one.slots, shortest), usual)
    size = max(int(seconds / one.point_seconds), math.ceil(left / MOST_JOBS), 1)
    return math.ceil(left / math.ceil(left / size))
