"""A plan in words: a table for a terminal, and the lines of a profile."""

from tqdm import tqdm

from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.plan import JOB_SECONDS, Plan


def text(sweep: Sweep, found: Plan, better: Plan) -> str:
    """Return a plan as a table.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    found : Plan
        With the sweep's own `chunk_points`.
    better : Plan
        With the recommended ones.

    Returns
    -------
    str
        Several lines for a terminal; the last ones can be copied into a profile.
    """
    sample, cluster = found.sample, found.cluster
    at_once = "one job at a time" if found.slots == 1 else f"up to {found.slots} jobs at the same time"
    table = {
        "points": f"{found.points} = {layout(sweep)}; {found.done} done",
        "cycles": f"{sweep.cycles} a point",
        "sample": f"{sample.points} points: {1e3 * sample.core_seconds:.3g} ms a point on a core, "
        f"+- {found.share_of_error:.0%}",
        "cluster": f"{cluster.text}; {_many(found.threads, 'thread')} a job, {at_once}",
        "jobs": _jobs(found),
        "core hours": f"{found.core_hours:.3g} +- {found.core_hours_error:.2g}",
        "wall time": f"{_time(found.wall_seconds)} +- {_time(found.wall_seconds_error)}, of it "
        f"{_time(found.overhead_seconds)} snakemake, starts, table and map",
        "memory": f"{found.job_MiB:.0f} MiB a job: {sample.base_MiB:.0f} process, {found.threads} x "
        f"{sample.thread_MiB:.0f} threads, {_rest(found):.0f} points",
        "disk": _disk(found),
        "advice": _advice(found, better),
    }
    head = f"sweep {sweep.name} ({sweep.path})"
    lines = [head, *(f"  {key:<12}{value}" for key, value in table.items())]
    return "\n".join(lines if cluster.local else [*lines, *_profile(better)])


def layout(sweep: Sweep) -> str:
    """Return how the points are laid out, such as ``5 anode.porosity x 6 stack_pressure``."""
    draws = f" x {sweep.draws.count} draws" if sweep.draws else ""
    if spec := sweep.design.refine:
        return f"{spec.first} even ones, then {spec.rounds} rounds of {spec.points} at the boundary of {spec.of}"
    if not sweep.gridded:
        names = ", ".join(axis.path for axis in sweep.axes)
        kind = "Sobol sequence" if sweep.design.sobol else "Latin hypercube"
        return f"{kind} over {names}{draws}"
    return " x ".join(f"{axis.count} {axis.path}" for axis in sweep.axes) + draws


def _jobs(found: Plan) -> str:
    size = f"up to {found.chunk_points}" if found.jobs > 1 else f"{found.chunk_points}"
    return f"{found.jobs} of {size} points, {_time(found.job_seconds)} each"


def _disk(found: Plan) -> str:
    parts = {"chunks": found.chunks_bytes, "table": found.table_bytes, "map": found.map_bytes}
    listed = ", ".join(f"{name} {_size(count)}" for name, count in parts.items())
    return f"{_size(sum(parts.values()))}, compressed: {listed}"


def _advice(found: Plan, better: Plan) -> str:
    if better.chunk_points == found.chunk_points:
        return "chunk_points is well chosen"
    why = "" if better.job_seconds <= JOB_SECONDS[2] else "; fewer jobs would be longer still, more are too many"
    return f"chunk_points: {better.chunk_points} makes {_jobs(better)}{why}; wall time {_time(better.wall_seconds)}"


def _profile(better: Plan) -> list[str]:
    """Return the lines of the SLURM profile that ask for what is needed."""
    return [
        f"  for the profile, with chunk_points: {better.chunk_points}",
        f"    jobs: {min(better.slots, better.jobs)}",
        "    set-threads:",
        f"      simulate_chunk: {better.threads}",
        "    set-resources:",
        "      simulate_chunk:",
        f"        mem_mb: {better.asked_MiB}",
        f"        runtime: {better.asked_minutes}",
    ]


def _many(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def _rest(found: Plan) -> float:
    return found.job_MiB - found.sample.base_MiB - found.threads * found.sample.thread_MiB


def _time(seconds: float) -> str:
    if seconds >= 48 * 3600:
        return f"{seconds / 86400:.3g} days"
    return tqdm.format_interval(seconds)


def _size(count: float) -> str:
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000 or unit == "GB":
            return f"{count:.3g} {unit}"
    return ""
