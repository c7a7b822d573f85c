"""Sweeps that are large: time and memory of a design, a table and a map of a million points, and of many chunks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from measure import python, report

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep import rows, store
from cellmodel.sweep.cluster import this_machine
from cellmodel.sweep.definition import Sweep, load
from cellmodel.sweep.plan import Plan, plan
from cellmodel.sweep.run import points_of
from cellmodel.sweep.sample import sample
from cellmodel.sweep.workspace import chunk_files, design_file

ROOT = Path(__file__).parents[1]
FIGURE = ROOT / "docs/figures/scale-memory.png"
SHAPE = (100, 100, 10, 10)
SWEEP = """\
base_cell: {{anode: ag-ni-scaffold, electrolyte: lpscl, cathode: ncm811}}
protocol:
  - repeat: {cycles}
    steps: [Charge at 1C for {minutes[0]} min, Discharge at 1C for {minutes[1]} min]
axes:
  stack_pressure: {{log: [1 MPa, 20 MPa, {shape[0]}]}}
  cathode.loading: {{linear: [5 mg/cm2, 20 mg/cm2, {shape[1]}]}}
  anode.porosity: {{linear: [0.8, 0.9, {shape[2]}]}}
  temperature: {{linear: [10 degC, 60 degC, {shape[3]}]}}
chunk_points: {chunk_points}
"""
CYCLES = 20
MINUTES = (6, 3)
DISTINCT = 2000

STAGE = """\
import json, sys, time
from pathlib import Path
sys.path.insert(0, "workflow/scripts")
import {stage}
from measure import peak_memory
begin = time.monotonic()
{stage}.main({arguments})
print(json.dumps([time.monotonic() - begin, time.process_time(), peak_memory()]))
"""


def make_folder(
    folder: Path, *, shape: tuple[int, ...] = SHAPE, chunk_points: int = 10_000, cycles: int = CYCLES
) -> None:
    """Make what a clone has, with a sweep called `large`; the package is the one beside this file."""
    (folder / "config/sweeps").mkdir(parents=True)
    shutil.copy(ROOT / "Snakefile", folder)
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    (folder / "cellmodel").symlink_to(ROOT / "cellmodel")
    (folder / "config/config.yaml").write_text("sweep: large\n")
    text = SWEEP.format(shape=shape, chunk_points=chunk_points, cycles=cycles, minutes=MINUTES)
    (folder / "config/sweeps/large.yaml").write_text(text)


def stage(folder: Path, name: str, *arguments: object) -> dict[str, float]:
    """Run a stage of the workflow in a process of its own; returns wall and computing seconds, and peak memory."""
    shown = [f"Path({str(each)!r})" if isinstance(each, Path) else repr(each) for each in arguments]
    printed = python(STAGE.format(stage=name, arguments=", ".join(shown)), cwd=folder, OMP_NUM_THREADS="1")
    wall, computing, peak = json.loads(printed.splitlines()[-1])
    return {"wall_seconds": wall, "core_seconds": computing, "peak_MiB": peak}


def synthetic_rows(cycles: int) -> list[rows.Row]:
    """Return rows that look like those of runs, and are as hard to compress: every number is another one."""
    random = np.random.default_rng(0)
    found = []
    for point in range(DISTINCT):
        shorted = point % 4 == 0
        ended = int(random.integers(2, cycles + 1)) if shorted else cycles
        scalars = {name: float(random.normal()) for name in rows.SCALARS}
        scalars |= {"outcome_cycle": float(ended), "short_cycle": float(ended) if shorted else np.inf}
        series = {name: 1.0 + np.cumsum(random.normal(0, 1e-3, ended)) for name in rows.SERIES}
        onsets = {name: random.random(5) if shorted else np.full(5, np.inf) for name in rows.ONSETS}
        kind = OutcomeKind.SHORTED if shorted else OutcomeKind.COMPLETED
        message = f"shorted at {random.random():.3f} mAh/cm2 in cycle {ended}" if shorted else f"all {2 * cycles} steps"
        found.append(rows.Row(point, kind, message, scalars, onsets, series))
    return found


def write_chunks(sweep: Sweep) -> None:
    """Write synthetic results of every chunk into the present folder."""
    design = store.read(design_file(sweep), sweep.label("design"))
    table = rows.stack(synthetic_rows(sweep.cycles), sweep.cycles)
    for chunk, file in enumerate(chunk_files(sweep)):
        points = points_of(design, chunk)
        part = table.isel(point=np.arange(len(points)) % DISTINCT).assign_coords(point=points)
        part["point_identity"] = design["point_identity"].sel(point=points).drop_vars("point")
        store.write(part, file, sweep.label(f"chunk {chunk}"))


def million_rows(
    folder: Path, cycles: int = CYCLES, shape: tuple[int, ...] = SHAPE, chunk_points: int = 10_000
) -> dict[str, dict[str, float]]:
    """Lay out, collect and map a million synthetic points in `folder`, which becomes the present one.

    Returns figures of each stage, sizes of files included.
    """
    make_folder(folder, cycles=cycles, shape=shape, chunk_points=chunk_points)
    os.chdir(folder)
    sweep = load(Path("config/sweeps/large.yaml"))
    results = Path("results/large")
    found = {"design": stage(folder, "design", sweep.path, 0, design_file(sweep))}
    write_chunks(sweep)
    files = chunk_files(sweep)
    points, failure_map = results / "points.nc", results / "failure_map.nc"
    found["collect"] = stage(folder, "collect", sweep.path, points)
    found["failure_map"] = stage(folder, "failure_map", sweep.path, points, failure_map)
    sizes = {"design": design_file(sweep), "collect": points, "failure_map": failure_map}
    for name, file in sizes.items():
        found[name]["file_MB"] = file.stat().st_size / 1e6
    found["chunks"] = {"file_MB": sum(file.stat().st_size for file in files) / 1e6}
    return found


def chunks_seconds(folder: Path, chunks: int) -> tuple[float, float]:
    """Return wall and computing seconds of `snakemake --dry-run` on a sweep of so many chunks."""
    make_folder(folder, shape=(10, chunks // 10, 1, 10), chunk_points=10)
    begin, before = time.monotonic(), os.times()
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--workflow-profile", "workflow/profiles/local"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "-n", "--quiet", "all"], cwd=folder, check=True, capture_output=True, env=environment)
    after = os.times()
    computing = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - begin, computing


@dataclass
class Watched:
    """A workflow that was run: its wall time and the memory of its processes."""

    seconds: float
    times: list[float]
    memory: dict[str, list[float]]


ROLES = {"simulate_chunk": "simulate_chunk", "collect": "collect", "failure_map": "failure_map", "design": "design"}


def watched_run(folder: Path, every: float = 2.0) -> Watched:
    """Run the workflow in `folder`, and look every few seconds how much memory each kind of process has [MiB]."""
    import psutil

    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--workflow-profile", "workflow/profiles/local"]
    begin, found = time.monotonic(), Watched(0.0, [], {"snakemake": [], **{role: [] for role in ROLES}})
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            held = dict.fromkeys(found.memory, 0.0)
            for each in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
                try:
                    role = _role(each.cmdline(), each.pid == process.pid)
                    held[role] = max(held[role], each.memory_info().rss / 2**20)
                except (psutil.Error, KeyError):
                    continue
            found.times.append(time.monotonic() - begin)
            for role, values in found.memory.items():
                values.append(held[role])
            time.sleep(every)
    if process.returncode:
        raise RuntimeError(f"the workflow ended with code {process.returncode}")
    found.seconds = time.monotonic() - begin
    return found


def _role(command: list[str], first: bool) -> str:
    if first:
        return "snakemake"
    return next((role for word in command for role in ROLES if f"{role}.py" in word), "")


def hundred_thousand(folder: Path, points: int = 100_000) -> tuple[Plan, Watched]:
    """Plan a large sweep of one short cycle and run it; returns both."""
    shape = (100, points // 1000, 1, 10)
    make_folder(folder, shape=shape, chunk_points=points // 10, cycles=1)
    path = folder / "config/sweeps/large.yaml"
    sweep = load(path)
    return plan(sweep, sample(path), this_machine()), watched_run(folder)


def growth(memory: list[float]) -> float:
    """Return by how much the largest memory of the last third of a run is above that of the middle third."""
    held = [value for value in memory if value]
    third = len(held) // 3
    return max(held[-third:]) - max(held[third:-third])


def draw_memory(found: Watched, target: Path = FIGURE) -> None:
    """Draw the memory of every kind of process over time."""
    figure, axes = plt.subplots(figsize=(6.0, 3.0), layout="constrained")
    for role, values in found.memory.items():
        held = np.where(np.array(values) > 0, values, np.nan)
        axes.plot(np.array(found.times) / 60, held, ".", markersize=3, label=role.replace("_", " "))
    axes.set(xlabel="time (min)", ylabel="memory of a process (MiB)", ylim=(0, None))
    axes.legend(frameon=False, ncols=2)
    figure.savefig(target, dpi=150)


def measure(report: Callable[..., None]) -> None:
    """Report the graph of a thousand chunks, a sweep of 10^5 points, and the stages of a million rows."""
    for part in (measure_chunks, measure_sweep, measure_rows):
        part(report)


def measure_chunks(report: Callable[..., None]) -> None:
    """Report how long snakemake takes to see what a thousand chunks need."""
    with tempfile.TemporaryDirectory() as name:
        wall, computing = chunks_seconds(Path(name) / "chunks", 1000)
    report("thousand_chunks", dry_run_seconds=wall, core_seconds=computing)


def measure_sweep(report: Callable[..., None]) -> None:
    """Report a sweep of 10^5 points against its plan, and draw the memory of its processes."""
    with tempfile.TemporaryDirectory() as name:
        told, found = hundred_thousand(Path(name) / "sweep")
    draw_memory(found)
    report(
        "hundred_thousand_points",
        wall_seconds=found.seconds,
        planned_seconds=told.wall_seconds,
        ratio=found.seconds / told.wall_seconds,
        planned_MiB=told.job_MiB,
        **{f"{role}_MiB": max(values) for role, values in found.memory.items()},
        growth_MiB=growth(found.memory["simulate_chunk"]),
    )


def measure_rows(report: Callable[..., None]) -> None:
    """Report design, table and map of a million synthetic points."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        try:
            for stage_name, values in million_rows(Path(name) / "rows").items():
                report(f"million_rows_{stage_name}", **values)
        finally:
            os.chdir(here)


if __name__ == "__main__":
    {"chunks": measure_chunks, "sweep": measure_sweep, "rows": measure_rows}[sys.argv[1]](report)
