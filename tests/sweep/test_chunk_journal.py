"""The journal of a chunk: what stands in it is right to the last bit, or is left out."""

import errno
import os

import numpy as np
import pytest
import xarray as xr

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep import journal, rows, store
from cellmodel.sweep.journal import Journal

HASHES = {point: f"{point:032x}" for point in range(6)}
ODD = [np.nan, -np.nan, np.inf, -np.inf, -0.0, 5e-324, 3.4028234e38, 0.1 + 0.2]


def row(point, trace=None):
    numbers = np.roll(ODD, point)
    return rows.Row(
        point,
        OutcomeKind.SHORTED,
        f'µm, "quoted"\n\\ line {point}',
        {name: float(numbers[i % 8]) for i, name in enumerate(rows.SCALARS)},
        {name: numbers[:5].copy() for name in rows.ONSETS},
        {name: numbers.copy() for name in rows.SERIES},
        trace,
        repeatable=bool(point % 2),
    )


def a_trace():
    voltage = ("sample", np.array(ODD, np.float32), {"units": "V", "flag_values": np.array([0, 1], np.int8)})
    where = ("place", np.array(["host", "top"], dtype=object))
    return xr.Dataset(
        {"trace_voltage": voltage, "trace_step": ("sample", np.arange(8, dtype=np.int32))}, {"place": where}
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "00000.jsonl"


def test_what_is_kept_comes_back_to_the_last_bit(path):
    written = [row(0, a_trace()), row(1), rows.Row(2, OutcomeKind.INVALID_DESIGN, "no such cell")]
    Journal(path, HASHES).add(written)
    back = Journal(path, HASHES)
    assert back.damaged == [] and list(back.rows) == [0, 1, 2]
    one, other = rows.table(written, 8), rows.table(list(back.rows.values()), 8)
    assert list(one.variables) == list(other.variables)
    for name, variable in one.variables.items():
        assert variable.dtype == other[name].dtype and str(variable.attrs) == str(other[name].attrs)
        if variable.dtype.kind == "O":
            assert variable.values.tolist() == other[name].values.tolist()
        else:
            assert variable.values.tobytes() == other[name].values.tobytes(), name
    assert back.rows[1].repeatable and not back.rows[0].repeatable


def test_batches_that_began_and_did_not_end_are_known(path):
    first = Journal(path, HASHES)
    assert first.rows == {} and first.interrupted == []
    first.begin([0, 1])
    first.begin([2, 3])
    first.begin([4, 5])
    first.add([row(0), row(1)])
    first.add([row(3)])
    assert Journal(path, HASHES).interrupted == [[2], [4, 5]]


def test_rows_of_other_points_are_not_used(path):
    Journal(path, HASHES).add([row(0), row(1)])
    assert list(Journal(path, HASHES | {1: "another"}).rows) == [0]
    assert list(Journal(path, {0: HASHES[0]}).rows) == [0]


def test_no_flipped_bit_is_believed_and_no_other_line_is_lost(path):
    kept = Journal(path, HASHES)
    for point in range(4):
        kept.add([row(point)])
    content = path.read_bytes()
    ends = [place for place, byte in enumerate(content) if byte == ord("\n")]
    for place in range(0, len(content), 97):
        altered = bytearray(content)
        altered[place] ^= 1 << (place % 8)
        path.write_bytes(altered)
        back = Journal(path, HASHES)
        line = sum(end < place for end in ends)
        assert set(range(4)) - set(back.rows) <= {line, line + 1}
        assert back.damaged
        for point, found in back.rows.items():
            assert np.array_equal(found.onsets["onset_time"], row(point).onsets["onset_time"], equal_nan=True)


@pytest.mark.parametrize("lost", [1, 50, 400])
def test_a_cut_line_costs_itself_and_the_file_goes_on(path, lost):
    kept = Journal(path, HASHES)
    kept.add([row(0)])
    kept.add([row(1)])
    os.truncate(path, path.stat().st_size - lost)
    again = Journal(path, HASHES)
    again.add([row(2)])
    # A line that lacks its end alone is whole; the next one begins a line of its own.
    assert sorted(Journal(path, HASHES).rows) == ([0, 1, 2] if lost == 1 else [0, 2])


def test_a_full_disk_is_named(path, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(store.StoreError, match=r"00000\.jsonl.*the disk is full.*free some space"):
        Journal(path, HASHES).begin([1])


def test_other_sweeps_read_whole_rows_with_their_hashes(path):
    assert journal.read(path) == []
    kept = Journal(path, HASHES)
    kept.begin([0, 1])
    kept.add([row(0), row(1)])
    assert [(identity, found.point) for identity, found in journal.read(path)] == [(HASHES[0], 0), (HASHES[1], 1)]
