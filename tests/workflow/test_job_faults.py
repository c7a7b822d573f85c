"""Whatever ends a job: no row is lost, none is wrong, and only the batches under way are computed twice."""

import errno
import os
import resource
import signal
import subprocess
import time

import pytest
from chunk_job import (
    POINTS,
    computed,
    file_in,
    finish,
    journal_in,
    make,
    rows_in,
    same_bits,
    start,
)

from cellmodel.numerics.outcome import OutcomeKind

UNDER_WAY = 4 * 8
"""Points of the batches that two threads work on or have waiting."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return the rows of a job that nothing disturbed."""
    folder = make(tmp_path_factory.mktemp("undisturbed") / "job")
    code, said = finish(start(folder))
    assert code == 0, said
    assert computed(folder) == POINTS
    assert not journal_in(folder).exists()
    return rows_in(folder)


@pytest.fixture
def folder(tmp_path):
    return make(tmp_path / "job")


def wait_for_lines(folder, process, wanted):
    """Wait until the journal holds so many batches that have ended."""
    end = time.monotonic() + 60
    while journal_in(folder).exists() is False or journal_in(folder).read_bytes().count(b'"rows"') < wanted:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.01)


def killed(folder, wanted=1, **given):
    """Run the job until it has ended so many batches, then kill it."""
    process = start(folder, POINT_SECONDS="0.03", **given)
    wait_for_lines(folder, process, wanted)
    os.killpg(process.pid, signal.SIGKILL)
    assert finish(process)[0] == -signal.SIGKILL
    assert not file_in(folder).exists()


def complete(folder, **given):
    code, said = finish(start(folder, **given))
    assert code == 0, said
    assert not journal_in(folder).exists()
    assert sorted(os.listdir(journal_in(folder).parent)) == []
    return said


def test_a_killed_job_computes_the_batches_under_way_again_and_no_more(folder, undisturbed):
    killed(folder, 2)
    said = complete(folder)
    assert same_bits(rows_in(folder), undisturbed)
    assert computed(folder) - POINTS <= UNDER_WAY
    assert f"{POINTS}/{POINTS} points" in said


@pytest.mark.slow
def test_a_job_that_is_killed_again_and_again_gets_on(folder, undisturbed):
    for _ in range(2):
        killed(folder, journal_in(folder).exists() and journal_in(folder).read_bytes().count(b'"rows"') + 1)
    complete(folder)
    assert same_bits(rows_in(folder), undisturbed)
    assert computed(folder) - POINTS <= 2 * UNDER_WAY


@pytest.mark.slow
def test_a_torn_line_and_a_flipped_bit_cost_their_batches_alone(folder, undisturbed):
    killed(folder, 3)
    path = journal_in(folder)
    lines = path.read_bytes().splitlines(keepends=True)
    whole = [number for number, line in enumerate(lines) if b'"rows"' in line]
    flipped = bytearray(lines[whole[0]])
    flipped[len(flipped) // 2] ^= 4
    lines[whole[0]] = bytes(flipped)
    path.write_bytes(b"".join(lines[: whole[-1]]) + lines[whole[-1]][:-100])
    (folder / "count").unlink()
    said = complete(folder)
    assert f"line {whole[0] + 1} is damaged" in said and f"line {whole[-1] + 1} is damaged" in said
    assert same_bits(rows_in(folder), undisturbed)
    assert computed(folder) == POINTS - 8 * (len(whole) - 2)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("segfault", "SIGSEGV (signal 11)"),
        pytest.param("abort", "SIGABRT (signal 6)", marks=pytest.mark.slow),
    ],
)
def test_points_that_crash_the_interpreter_become_rows_and_the_others_are_right(folder, undisturbed, kind, name):
    fault = {"kind": kind, "pressure": [7, 40]}
    code, _ = finish(start(folder, FAULT=fault))
    assert code < 0
    said = complete(folder, FAULT=fault)
    assert "a point of this chunk takes its process down" in said
    found = rows_in(folder)
    bad = found["point"].isin([6, 39])
    assert (found["outcome"].values[bad] == OutcomeKind.SOLVER_FAILED).all()
    assert all(name in text for text in found["message"].values[bad])
    assert (found["repeatable"].values[bad] == 0).all()
    assert same_bits(found.isel(point=~bad.values), undisturbed.isel(point=~bad.values))
    assert computed(folder) - (POINTS - 2) <= 2 * UNDER_WAY


@pytest.mark.parametrize("kind", ["kill", pytest.param("memory", marks=pytest.mark.slow)])
def test_a_job_that_ran_out_of_memory_goes_on_and_blames_nobody(folder, undisturbed, kind):
    fault = {"kind": kind, "pressure": [20], "once": str(folder / "struck")}
    code, said = finish(start(folder, FAULT=fault))
    assert code == (-signal.SIGKILL if kind == "kill" else 0), said
    if kind == "kill":
        complete(folder, FAULT=fault)
    assert same_bits(rows_in(folder), undisturbed)
    assert computed(folder) - POINTS <= UNDER_WAY


@pytest.mark.slow
def test_a_point_that_never_fits_into_memory_is_named(folder, undisturbed):
    fault = {"kind": "memory", "pressure": [20]}
    code, said = finish(start(folder, FAULT=fault))
    assert code == 2 and "memory: is used up by points on 2 threads" in said.split("Error: ")[-1]
    complete(folder, FAULT=fault)
    found = rows_in(folder)
    assert "out of memory" in str(found["message"].values[19])
    others = found["point"].values != 19
    assert same_bits(found.isel(point=others), undisturbed.isel(point=others))


@pytest.mark.slow
def test_a_disk_that_is_full_stops_the_job_with_one_message_and_loses_nothing(folder, undisturbed):
    killed(folder)
    room = journal_in(folder).stat().st_size + 3000  # for the start of a line, not for all of it
    process = start(folder)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (room, room))
    code, said = finish(process)
    assert code == 2 and "File too large" in said and "Traceback" not in said
    complete(folder)
    assert same_bits(rows_in(folder), undisturbed)
    assert computed(folder) - POINTS <= 2 * UNDER_WAY


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_small_disk_runs_full(tmp_path, undisturbed):
    folder = make(tmp_path / "job")
    results = folder / "results"
    results.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", results], capture_output=True).returncode:
        pytest.skip("no disk may be mounted here")
    try:
        code, said = finish(start(folder))
        assert (code == 2 and os.strerror(errno.ENOSPC) in said) or "the disk is full" in said
        assert "Traceback" not in said
        subprocess.run(["mount", "-o", "remount,size=20m", results], check=True)
        complete(folder)
        assert same_bits(rows_in(folder), undisturbed)
        assert computed(folder) - POINTS <= UNDER_WAY
    finally:
        subprocess.run(["umount", results], check=True)


def test_a_second_writer_ends_with_a_message_and_the_first_is_not_disturbed(folder, undisturbed):
    first = start(folder, POINT_SECONDS="0.3")
    wait_for_lines(folder, first, 0)
    code, said = finish(start(folder))
    assert code == 2 and f"is held by process {first.pid} on " in said and "Traceback" not in said
    assert finish(first)[0] == 0
    assert same_bits(rows_in(folder), undisturbed) and computed(folder) == POINTS


@pytest.mark.parametrize("seconds", [-1e8, pytest.param(1e8, marks=pytest.mark.slow)])
def test_a_clock_that_jumps_changes_nothing(folder, undisturbed, seconds):
    said = complete(folder, FAULT={"kind": "clock", "seconds": seconds, "pressure": [9]}, POINT_SECONDS="0.05")
    assert same_bits(rows_in(folder), undisturbed) and computed(folder) == POINTS
    rate, left = said.splitlines()[-1].split(", ")[1:]
    assert 1 < float(rate.removesuffix(" points/s")) < 200 and left == "00:00 left"
