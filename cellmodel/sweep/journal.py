"""What a running chunk has finished, in a file that only grows: a job that is killed loses the batches under way.

Each line is a checksum and a JSON object: the points of a batch that begins, or the rows of one that has ended. A line
is on the disk before the next batch is counted. One that is cut or altered is left out, and nothing else is.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from cellmodel.sweep import store
from cellmodel.sweep.row_records import from_row, to_row
from cellmodel.sweep.rows import Row


class Journal:
    """Finished rows of one chunk, in memory and on the disk; for one writer at a time, see `chunk_lock`.

    Parameters
    ----------
    path : Path
        File; made when the first batch begins.
    identities : mapping of int to str
        Content hash of each point of the chunk. A row that was written under another one is not used.

    Attributes
    ----------
    rows : dict of int to Row
        By point.
    interrupted : list of list of int
        Batches that had begun and not ended when the last job died, in order.
    damaged : list of int
        Numbers (from 1) of lines that were left out.
    """

    def __init__(self, path: Path, identities: Mapping[int, str]) -> None:
        self.path, self._identities = path, identities
        records, self.damaged = _records(path)
        own = (pair for pair in _rows(records) if identities.get(pair[1].point) == pair[0])
        self.rows: dict[int, Row] = {row.point: row for _, row in own}
        begun = [[p for p in record["begun"] if p in identities] for record in records if "begun" in record]
        left = ([point for point in batch if point not in self.rows] for batch in begun)
        self.interrupted = [batch for batch in left if batch]

    def begin(self, points: Sequence[int]) -> None:
        """Note that a batch begins."""
        self._append({"begun": list(points)})

    def add(self, rows: Sequence[Row]) -> None:
        """Keep the rows of a batch; they are on the disk when this returns."""
        self._append({"rows": [from_row(row) | {"identity": self._identities[row.point]} for row in rows]})
        self.rows |= {row.point: row for row in rows}

    def remove(self) -> None:
        """Forget the file: its rows stand in the chunk's file now."""
        self.path.unlink(missing_ok=True)

    def _append(self, record: Mapping[str, Any]) -> None:
        text = json.dumps(record).encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as stream:
                torn = stream.tell() and not _ends_in_newline(self.path)
                stream.write(b"\n" * torn + b"%08x %b\n" % (crc32(text), text))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise store.named(error, self.path) from error


def read(path: Path) -> list[tuple[str, Row]]:
    """Return the whole rows of a journal, each with the content hash of its point; none of a file that is missing."""
    return list(_rows(_records(path)[0]))


def _records(path: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the whole records of a file, and the numbers of the lines that are none."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise store.named(error, path) from error
    found, damaged = [], []
    for number, line in enumerate(lines, 1):
        if line[:9] == b"%08x " % crc32(line[9:]):
            found.append(json.loads(line[9:]))
        elif line:
            damaged.append(number)
    return found, damaged


def _rows(records: Sequence[Mapping[str, Any]]) -> list[tuple[str, Row]]:
    return [(each["identity"], to_row(each)) for record in records for each in record.get("rows", ())]


def _ends_in_newline(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
