"""Every evaluation of a calibration, in a file that only grows: what was finished is not lost, whatever happens."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel.errors import InputError

Point = tuple[float, ...]


class Journal:
    """Misfits by point, in memory and in a file of one JSON object a line.

    Parameters
    ----------
    path : Path
        File; made when missing.
    header : mapping of str to str
        What the misfits depend on beside the point: hashes, by what they are of. It is the first line.
    start : sequence of float
        Where the search starts; a journal that exists keeps its own, see `start`.

    Raises
    ------
    InputError
        When the file was written for something else, naming what has changed, or cannot be written.
    """

    def __init__(self, path: Path, header: Mapping[str, str], start: Sequence[float]) -> None:
        self.path = path
        self.found: dict[Point, NDArray[np.float64]] = {}
        self.start = np.array(start)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.stat().st_size:
                self._read(dict(header))
            else:
                self._append([{**header, "start": list(start)}])
        except OSError as error:
            fix = "make room or choose another folder"
            raise InputError(str(path), problem=f"cannot be written: {error.strerror}", fix=fix) from None

    def _read(self, header: dict[str, str]) -> None:
        text = self.path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        if len(whole) < len(text):  # a kill or a full disk cut the last line
            os.truncate(self.path, len(whole))
        lines = [self._line(number, line) for number, line in enumerate(whole.splitlines(), 1)]
        if not lines:
            self._append([{**header, "start": self.start.tolist()}])
            return
        first, *rest = lines
        changed = [name for name, value in header.items() if first.get(name) != value]
        if changed:
            problem = f"is of another calibration: {' and '.join(changed)} changed since"
            raise InputError(str(self.path), problem=problem, fix="remove it to begin anew, or undo the change")
        self.start = np.array(first["start"])
        self.found = {tuple(line["point"]): np.array(line["misfits"]) for line in rest}

    def _line(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            return json.loads(line)
        except ValueError:
            fix = "remove this line, or the file to begin anew"
            raise InputError(f"{self.path}: line {number}", problem="is damaged", fix=fix) from None

    def add(self, points: Sequence[Point], misfits: Sequence[NDArray[np.float64]]) -> None:
        """Keep evaluations; they are on the disk when this returns."""
        pairs = list(zip(points, misfits, strict=True))
        self._append([{"point": list(point), "misfits": values.tolist()} for point, values in pairs])
        self.found |= dict(pairs)

    def _append(self, lines: Sequence[Mapping[str, Any]]) -> None:
        with open(self.path, "ab") as stream:
            stream.write("".join(f"{json.dumps(line)}\n" for line in lines).encode())
            stream.flush()
            os.fsync(stream.fileno())
