"""Lines that say how far a sweep is, readable on a terminal as well as in a log file."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm


class Progress:
    """Count finished points and say every few seconds how many, how fast and how long still.

    Every message is a line of its own: no carriage return, which a log file would keep.

    Parameters
    ----------
    name : str
        Sweep's name, the first word of each line.
    total : int
        Points of the whole sweep.
    done : int
        Points that earlier chunks finished.
    streams : tuple of text files
        Where the lines go.
    every : float
        Seconds between lines.
    clock : callable
        Returns seconds; monotonic, so that a change of the wall clock changes nothing.
    what : str
        What is counted.
    """

    def __init__(
        self,
        name: str,
        total: int,
        done: int,
        streams: tuple[TextIO, ...],
        *,
        every: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        what: str = "points",
    ) -> None:
        self.name, self.total, self.done = name, total, done
        self._streams, self._every, self._clock, self._what = streams, every, clock, what
        self._counted = 0
        self._start = self._last = clock()

    def say(self, text: str) -> None:
        """Write one line to every stream at once."""
        for stream in self._streams:
            stream.write(f"{self.name}: {text}\n")
            stream.flush()

    def begin(self, points: int) -> None:
        """Count the first points and measure the rate from now on: they also waited for the model to compile."""
        self.done += points
        self._counted, self._start = 0, self._clock()
        self._last = self._start

    def add(self, points: int) -> None:
        """Count finished points, and write a line if the last one is old enough."""
        self.done += points
        self._counted += points
        now = self._clock()
        if now - self._last >= self._every:
            self._last = now
            self.say(self.line())

    def note(self, batch: Sequence[Any]) -> None:
        """Be told of the rows of a batch; the log of a job names them."""

    def line(self) -> str:
        """Return the present state, such as ``312/700 points, 4.1 points/s, 01:35 left``."""
        return self.state(self.done, self.total)

    def state(self, done: int, total: int) -> str:
        """Return how many of how many are done, at the present rate."""
        elapsed = self._clock() - self._start
        state = f"{done}/{total} {self._what}"
        if not self._counted or elapsed <= 0:
            return state
        rate = self._counted / elapsed
        left = tqdm.format_interval((total - done) / rate)
        return f"{state}, {rate:.3g} {self._what}/s, {left} left"


def place() -> str:
    """Return where this process runs: ``n1, SLURM job 17`` in a job, else the name of the machine."""
    node = os.environ.get("SLURMD_NODENAME")
    return f"{node}, SLURM job {os.environ.get('SLURM_JOB_ID')}" if node else socket.gethostname()


def open_log(path: str | Path) -> TextIO:
    """Return an appending text file at `path`, its folder made when missing."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return open(path, "a", encoding="utf-8")
