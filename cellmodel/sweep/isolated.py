"""Points in a process of their own: one that takes the interpreter down is found, and becomes a row.

A job that dies leaves batches in its journal that had begun. The next job simulates them here first. Where a batch
takes the process down again, its points are tried one by one; what dies alone, twice, is to blame.
"""

import errno
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep import rows
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.row_records import from_row, to_row

START_SECONDS = 300.0
"""What a process may take before its first point: the model may have to be compiled."""

DIED = "the process died twice that simulated this point alone"
READY = "ready"


class Worker:
    """A process that simulates batches; started when needed, and again when it has died.

    Parameters
    ----------
    sweep : Sweep
        The sweep.

    Attributes
    ----------
    death : str
        How the last one ended that died, empty if none has.
    late : bool
        Whether that was because a point did not end.
    """

    def __init__(self, sweep: Sweep) -> None:
        self._sweep, self.death, self.late = sweep, "", False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, points: Sequence[int], values: NDArray[np.float64]) -> list[rows.Row]:
        """Return the rows of a batch; none if the process died over it or did not end in time."""
        limit = START_SECONDS + len(points) * self._sweep.settings.time_limit
        process = self._process or self._started()
        timer = threading.Timer(limit, process.kill)
        timer.start()
        try:
            return [to_row(record) for record in _asked(process, (points, values))]
        except (EOFError, OSError, pickle.UnpicklingError):
            process.kill()
            code, self._process = process.wait(), None
            self.late = not timer.is_alive()
            self.death = f"killed after {limit:g} s" if self.late else _way_of(code)
            return []
        finally:
            timer.cancel()

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()

    def _started(self) -> "subprocess.Popen[bytes]":
        """Start a process; where that alone fails, no point is to blame."""
        # -P: the package that this process has, not one in the working directory, which would be compiled anew.
        command = [sys.executable, "-P", "-m", "cellmodel.sweep.isolated"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            _asked(process, self._sweep)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            process.kill()
            raise RuntimeError(f"a process for single points does not start: {_way_of(process.wait())}") from error
        self._process = process
        return process


def run_carefully(
    worker: Worker, table: NDArray[np.float64], batches: Sequence[Sequence[int]]
) -> Iterator[list[rows.Row]]:
    """Yield the rows of batches, as they finish, whatever a point does to its process.

    Parameters
    ----------
    worker : Worker
        Which simulates.
    table : ndarray, shape (points of the sweep, varied)
        Values of every point.
    batches : sequence of sequence of int
        Points.
    """
    for batch in batches:
        if found := worker.run(batch, table[batch]):
            yield found
            continue
        for point in batch:
            yield worker.run([point], table[[point]]) or worker.run([point], table[[point]]) or [_blamed(point, worker)]


def _blamed(point: int, worker: Worker) -> rows.Row:
    kind = OutcomeKind.TIME_LIMIT if worker.late else OutcomeKind.SOLVER_FAILED
    return rows.Row(point, kind, f"{DIED}: {worker.death}", repeatable=False)


def is_blamed(row: rows.Row) -> bool:
    """Tell whether a point has taken a process down."""
    return row.message.startswith(DIED)


def _asked(process: "subprocess.Popen[bytes]", question: Any) -> Any:
    assert process.stdin and process.stdout
    pickle.dump(question, process.stdin)
    process.stdin.flush()
    return pickle.load(process.stdout)


def _way_of(code: int) -> str:
    """Say how a process ended; a signal of the system's memory guard looks like any other kill."""
    if code == errno.ENOMEM:
        return "out of memory"
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name
    return f"{name} (signal {-code}{', perhaps out of memory' if -code == signal.SIGKILL else ''})"


def serve() -> None:
    """Simulate what is asked for on standard input, until it ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not disturb the answers
    asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    sweep = asked.get()
    answer: Any = READY
    while True:
        pickle.dump(answer, answers)
        answers.flush()
        try:
            answer = [from_row(row) for row in run_batch(sweep, *asked.get())[0]]
        except MemoryError:
            os._exit(errno.ENOMEM)


def _listen(asked: "queue.SimpleQueue[Any]") -> None:
    """Pass questions on, and end this process when the one that asks is gone."""
    try:
        while True:
            asked.put(pickle.load(sys.stdin.buffer))
    finally:
        os._exit(0)


if __name__ == "__main__":
    serve()
