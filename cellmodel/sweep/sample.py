"""A short measured sample of a sweep: what a point costs in time, memory and disk, in a process like that of a job.

Run as ``python -m cellmodel.sweep.sample FILE THREADS SECONDS`` it prints what it measured as JSON: a process of its
own has the memory of a job, not that of a session in which other things were done.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from cellmodel.numerics.lanes import LANES
from cellmodel.simulation import prepare
from cellmodel.sweep import rows, store
from cellmodel.sweep.definition import Sweep, load
from cellmodel.sweep.design import values
from cellmodel.sweep.failure_map import failure_map
from cellmodel.sweep.identity import digest
from cellmodel.sweep.journal import Journal
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import COMPILED_SECONDS, run_points, size_after
from cellmodel.sweep.workspace import ENVIRONMENT, clear_errors

SECONDS = 20.0
"""How long points are simulated for a sample, about."""

MOST_POINTS = 512
"""Points after which a sample knows enough: a spread as large as the mean leaves an error of 4 %."""

FILE_POINTS = 1000
"""Rows are written in a file of this size to see how long one takes: a file takes some time of its own."""

MIB = 2**20


@dataclass(frozen=True)
class Sample:
    """What a sample of a sweep showed.

    Attributes
    ----------
    points : int
        Points simulated.
    core_seconds : float
        Computing time of a point, all that a job does with it included [s].
    error : float
        Standard error of `core_seconds` from the spread over the sample [s]; an upper bound, as the sample is
        stratified.
    serial_seconds : float
        Part of `core_seconds` that holds the interpreter's lock, so that threads take turns [s].
    start_seconds : float
        Computing time from a new interpreter to the first point, the model already compiled [s].
    base_MiB, thread_MiB : float
        Memory of a job before its first batch, and what each thread adds.
    row_bytes : float
        Memory that the results of a point take until they are written.
    chunk_bytes, map_bytes : float
        Disk that a point takes, compressed: in its chunk (and again in the table of all points), and in the map.
    file_bytes : float
        Disk that a result file takes beyond its points.
    """

    points: int
    core_seconds: float
    error: float
    serial_seconds: float
    start_seconds: float
    base_MiB: float
    thread_MiB: float
    row_bytes: float
    chunk_bytes: float
    map_bytes: float
    file_bytes: float


def sample(path: Path, threads: int | None = None, seconds: float = SECONDS) -> Sample:
    """Measure a sample of the sweep in `path`, in a process of its own.

    Parameters
    ----------
    path : Path
        Sweep file that `definition.load` accepts.
    threads : int, optional
        Batches simulated at the same time, by default one on each core: cores slow each other down, in a job, too.
    seconds : float
        About how long points are simulated.

    Returns
    -------
    Sample
        Of a process that found the model compiled; where it was not, the sample is taken once more.

    Raises
    ------
    RuntimeError
        The process ended without an answer.
    """
    threads = threads or len(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "cellmodel.sweep.sample", str(path), str(threads), str(seconds)]
    for _ in range(2):
        done = subprocess.run(command, env=os.environ | ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the sample of {path} ended with code {done.returncode}")
        found = json.loads(done.stdout.splitlines()[-1])
        if not found.pop("compiled"):
            break
    return Sample(**found)


def order(sweep: Sweep, most: int = MOST_POINTS) -> NDArray[np.int64]:
    """Return points of the sweep of which every first few are spread evenly over the design.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    most : int
        How many at most, a power of two.

    Returns
    -------
    ndarray, shape (up to `most`,)
        Numbers of points, none twice: a Sobol sequence over the axes of a grid, over the order of other designs, and
        over the draws.
    """
    from scipy.stats import qmc  # a second to import

    shape = (*sweep.shape, sweep.draws.count) if sweep.draws else sweep.shape
    shares = qmc.Sobol(len(shape), rng=0).random_base2(most.bit_length() - 1)
    places = (shares * shape).astype(np.int64)
    return np.array(list(dict.fromkeys(np.ravel_multi_index(places.T, shape).tolist())))


def measure(sweep: Sweep, threads: int, seconds: float) -> dict[str, float | bool]:
    """Measure a sample in this process.

    Parameters
    ----------
    sweep : Sweep
        The sweep; its base cell and a first point are simulated before the measurement.
    threads : int
        Batches at the same time.
    seconds : float
        No batch is begun after so long, nor one that would end much later.

    Returns
    -------
    dict
        The fields of `Sample`, and `compiled`: whether the model was compiled here.
    """
    sweep = sweep.parts[0]  # where it is refined: all of that is known before it has run
    points = order(sweep)
    table = values(sweep)
    begin = time.monotonic()
    list(run_points(sweep, table, points[:1].tolist(), threads, Progress("", 1, 0, ())))
    compiled = time.monotonic() - begin > COMPILED_SECONDS
    start, base = time.process_time(), _memory()  # waiting for a busy machine is no part of it
    batches, peak = _batches(sweep, points, table, threads, seconds)
    found = [row for batch, _ in batches for row in batch]
    with tempfile.TemporaryDirectory() as name:
        tail, disk = _kept(sweep, found, Path(name)), _disk(sweep, found, Path(name))
    row_bytes = 2.0 * rows.stack(found, sweep.cycles).nbytes / len(found)  # the rows, and the table made of them
    core = sum(spent for _, spent in batches) / len(found) + tail
    return {
        "points": len(found),
        "core_seconds": core,
        "error": core * _relative_error(found, sweep.points),
        "serial_seconds": _serial(sweep, table[[row.point for row in found[:LANES]]]) + tail,
        "start_seconds": start,
        "base_MiB": base,
        "thread_MiB": max(peak - base - len(found) * row_bytes / MIB, 1.0) / threads,
        "row_bytes": row_bytes,
        **disk,
        "compiled": compiled,
    }


def _batches(
    sweep: Sweep, points: NDArray[np.int64], table: NDArray[np.float64], threads: int, seconds: float
) -> tuple[list[tuple[list[rows.Row], float]], float]:
    """Simulate points in batches as long as those of a job.

    Returns rows and computing time of each batch, and the largest memory at the end of one [MiB].
    """
    waiting, done, lock = points.tolist(), [], Lock()
    end, size, peak = time.monotonic() + seconds, LANES, 0.0

    def work() -> None:
        nonlocal size, peak
        last = 0.0
        while True:
            with lock:
                batch, waiting[:size] = waiting[:size], []
            if not batch or time.monotonic() + last / 2 > end:
                return
            begin = time.thread_time()
            found, last = run_batch(sweep, batch, table[batch])
            with lock:
                done.append((found, time.thread_time() - begin))
                peak = max(peak, _memory())
                size = max(LANES, min(size_after(found, last, len(batch)), len(waiting) // threads))

    with ThreadPoolExecutor(threads) as pool:
        for each in [pool.submit(work) for _ in range(threads)]:
            each.result()
    return done, peak


def _serial(sweep: Sweep, table: NDArray[np.float64]) -> float:
    """Return how long it takes to put a point into numbers for the compiled model, which Python does [s]."""
    begin = time.thread_time()
    for row in table:
        try:
            prepare(sweep.cell_at(row), sweep.protocol, sweep.settings)
        except Exception:  # a point that cannot be built costs as much
            continue
    return (time.thread_time() - begin) / len(table)


def _relative_error(found: list[rows.Row], total: int) -> float:
    """Return the standard error of the mean cost over the mean; none where every point was simulated."""
    cost = np.array([row.scalars.get("kernel_seconds", 0.0) for row in found])
    if len(cost) < 2 or not cost.mean():
        return 0.0
    left_out = 1.0 - len(cost) / total
    return float(cost.std(ddof=1) / cost.mean() * np.sqrt(max(left_out, 0.0) / len(cost)))


def _kept(sweep: Sweep, found: list[rows.Row], folder: Path) -> float:
    """Return the computing time that a row takes after its simulation: journal, table, file [s]."""
    many = [row._replace(point=point) for point, row in enumerate(found * -(-FILE_POINTS // len(found)))]
    _write(sweep, many[:1], folder, "first")  # loads what the first file needs
    begin = time.thread_time()
    Journal(folder / "many.jsonl", {row.point: "0" * 32 for row in many}).add(many)
    _write(sweep, many, folder, "many")
    return (time.thread_time() - begin) / len(many)


def _write(sweep: Sweep, found: list[rows.Row], folder: Path, name: str) -> int:
    """Write rows as a chunk, with content hashes that are as hard to compress as the real ones; returns its size."""
    chunk = rows.stack(found, sweep.cycles)
    hashes = np.array([digest(int(point)) for point in chunk["point"].values], dtype=object)
    store.write(chunk.assign(point_identity=("point", hashes)), folder / f"{name}.nc", "sample")
    return (folder / f"{name}.nc").stat().st_size


def _mapped(sweep: Sweep, folder: Path, name: str) -> int:
    """Write the map of a chunk that `_write` has written; returns its size."""
    chunk, file = store.read(folder / f"{name}.nc", "sample"), folder / f"{name}-map.nc"
    store.write(failure_map(chunk, replace(sweep, draws=None)), file, "sample")
    return file.stat().st_size


def _disk(sweep: Sweep, found: list[rows.Row], folder: Path) -> dict[str, float]:
    """Return what a point takes on the disk, and what a file takes beyond its points [bytes]."""
    few, many = found[: max(len(found) // 2, 1)], found
    sizes = [[_write(sweep, part, folder, "part"), _mapped(sweep, folder, "part")] for part in (few, many)]
    chunk, map_ = (_line(len(few), small, len(many), large) for small, large in zip(*sizes, strict=True))
    return {"chunk_bytes": chunk[0], "map_bytes": map_[0], "file_bytes": (chunk[1] + map_[1]) / 2}


def _line(few: int, small: int, many: int, large: int) -> tuple[float, float]:
    """Return the bytes of a point and those of no point, from two files; never less than nothing."""
    each = (large - small) / (many - few) if many > few else 0.0
    each = min(max(each, 1.0), large / many)
    return each, large - many * each


def _memory() -> float:
    """Return the resident memory of this process [MiB]."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


def main(path: str, threads: str, seconds: str) -> None:
    """Print a sample of the sweep in `path` as one line of JSON."""
    print(json.dumps(measure(load(path), int(threads), float(seconds))), flush=True)


if __name__ == "__main__":
    with clear_errors():
        main(*sys.argv[1:])
