"""How far a job is, and the sweep around it: also where other jobs work on other chunks at the same time."""

import os
from collections.abc import Sequence
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from cellmodel.sweep import chunk_lock, workspace
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.probability import WITHOUT_ANSWER
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.rows import Row


class ChunkProgress(Progress):
    """Progress of the job that computes one chunk.

    While it is alone, lines count the points of the sweep. While other jobs are at work they count those of the chunk,
    and tell how many points of the sweep are done at least: what others have in work is not known.

    Parameters
    ----------
    sweep : Sweep
        The sweep, or its round that the chunk belongs to.
    chunk : int
        Number of the chunk.
    table : ndarray, shape (points, varied)
        Values of the points of the chunk, each in its row.
    terminal : text file
        Where lines of progress go.
    log : text file
        Where they go as well, with the points of each batch and each point without an answer.
    **options
        As of `Progress`.
    """

    def __init__(
        self,
        sweep: Sweep,
        chunk: int,
        table: NDArray[np.float64],
        terminal: TextIO,
        log: TextIO,
        **options: Any,
    ) -> None:
        self._sweep, self._chunk, self._table, self._log = sweep, chunk, table, log
        self._files = workspace.chunk_files(sweep)
        self._at_start, self._sizes = workspace.done_by_chunk(sweep)
        self._own_before = int(self._at_start[chunk])
        name = sweep.name if sweep.round is None else f"{sweep.name}, round {sweep.round}"
        super().__init__(name, sweep.points, int(self._at_start.sum()), (terminal, log), **options)
        self._done_before = self.done

    def line(self) -> str:
        """Return the present state of the sweep, or of the chunk where other jobs are at work."""
        own = self._own_before + self.done - self._done_before
        others = self._others()
        total, done = self.total, self._done_elsewhere() + own
        if not others:
            return self.state(done, total)
        mine = self.state(own, int(self._sizes[self._chunk]))
        return f"chunk {self._chunk}: {mine}; {others + 1} jobs at work, at least {done}/{total} of the sweep done"

    def note(self, batch: Sequence[Row]) -> None:
        """Write into the log which points a batch held, and which of them ended without an answer."""
        points = [row.point for row in batch]
        lines = [f"batch of {len(points)} points from {min(points)} to {max(points)}"]
        for row in batch:
            if row.outcome in WITHOUT_ANSWER:
                pairs = zip(self._sweep.varied, self._table[row.point], strict=True)
                values = ", ".join(f"{each.path} = {each.text(value)}" for each, value in pairs)
                lines.append(f"point {row.point} is {row.outcome.label}: {row.message} ({values})")
        self._log.write("".join(f"{line}\n" for line in lines))
        self._log.flush()

    def _done_elsewhere(self) -> int:
        """Return the points done in other chunks: all of finished ones, of others those that were done at the start."""
        folder = self._files[0].parent
        there = set(os.listdir(folder)) if folder.is_dir() else set()
        finished = np.array([file.name in there for file in self._files])
        done = np.where(finished, self._sizes, self._at_start)
        done[self._chunk] = 0
        return int(done.sum())

    def _others(self) -> int:
        own = workspace.lock_file(self._sweep, self._chunk)
        return sum(lock != own and chunk_lock.is_held(lock) for lock in own.parent.glob("*.lock"))
