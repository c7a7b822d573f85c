"""How far a sweep is: from heads, journals, locks and logs, at any moment."""

import io
import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from cellmodel.errors import InputError
from cellmodel.sweep import heads, known, store, workspace
from cellmodel.sweep.chunk_lock import locked
from cellmodel.sweep.chunk_progress import ChunkProgress
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.journal import Journal
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import points_of, run_chunk, table_of
from cellmodel.sweep.status import status
from cellmodel.sweep.status_text import ranges, text


@pytest.fixture
def place(small, write, tmp_path, monkeypatch, no_solver):
    """A sweep of five chunks in the present folder, laid out and not begun."""
    monkeypatch.chdir(tmp_path)
    sweep = load(write(small))
    design = build(sweep)
    store.write(design, workspace.design_file(sweep), sweep.label("design"))
    known.write(sweep, design, known.look_up(design, []), workspace.known_folder(sweep), "")
    return sweep, design


def finish(sweep, design, chunk):
    file, label = workspace.chunk_files(sweep)[chunk], sweep.label(f"chunk {chunk}")
    results = run_chunk(sweep, design, chunk, 1, Progress("", 1, 0, ()))
    store.write(results, file, label)
    heads.write(file, results, label)
    return file


def half_done(sweep, design, chunk):
    """Write the journal and the log that a killed job leaves after four points."""
    points = points_of(design, chunk)
    table = table_of(sweep, design)
    note = Journal(workspace.journal_file(sweep, chunk), {p: design["point_identity"].values[p] for p in points})
    note.begin(points[:4])
    note.add(run_batch(sweep, points[:4], table[points[:4]])[0])
    log = workspace.log_file(sweep, chunk)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("small: 4/30 points, 2.5 points/s, 00:10 left\nbatch of 4 points from 1 to 9\n")


def test_nothing_is_done_of_a_new_sweep(place):
    sweep, _ = place
    found = status(sweep)
    assert (found.done, found.points, found.numbers("missing")) == (0, 30, [0, 1, 2, 3, 4])
    assert "nothing is running" in text(sweep, found)


def test_every_state_is_told(place):
    sweep, design = place
    finish(sweep, design, 0)
    os.remove(heads.head_file(finish(sweep, design, 1)))  # as results of earlier versions
    cut = finish(sweep, design, 2)
    os.truncate(cut, cut.stat().st_size // 2)
    half_done(sweep, design, 3)
    found = status(sweep)
    assert [each.state for each in found.chunks] == ["done", "done", "damaged", "interrupted", "missing"]
    assert [each.done for each in found.chunks] == [6, 6, 0, 4, 0]
    assert sum(found.outcomes.values()) == 16 and found.rate == 0 and found.age < 60
    told = text(sweep, found)
    assert "16/30 done, 53.3%" in told and "done        2: chunks 0-1" in told and "interrupted 1: chunks 3" in told
    assert "chunk 2     damaged, 0/6: is truncated, altered" in told
    assert "chunk 3     interrupted, 4/6: small: 4/30 points, 2.5 points/s, 00:10 left" in told
    assert "nothing is running; last progress" in told
    with locked(workspace.lock_file(sweep, 3)):
        found = status(sweep)
        assert found.chunks[3].state == "running" and found.rate == 2.5
        assert "2.5 points/s in 1 running, 00:05 left" in text(sweep, found)


def test_a_job_that_was_killed_does_not_run(place):
    sweep, design = place
    half_done(sweep, design, 3)
    lock = workspace.lock_file(sweep, 3)
    code = "import sys, os, pathlib; from cellmodel.sweep.chunk_lock import locked\n"
    code += "with locked(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(lock)], check=False)
    assert lock.exists()
    assert status(sweep).chunks[3].state == "interrupted"


def test_points_without_an_answer_are_told_by_kind(place):
    sweep, design = place
    for chunk in range(sweep.chunks):
        finish(sweep, design, chunk)
    found = status(sweep)
    assert found.outcomes["solver_failed"] > 0 and found.outcomes["shorted"] > 0
    told = text(sweep, found)
    assert f"no answer   {found.outcomes['solver_failed']}: {found.outcomes['solver_failed']} solver failed" in told
    assert "all points are done" in told


def test_a_file_of_another_version_is_damaged(place):
    sweep, design = place
    file = finish(sweep, design, 0)
    os.rename(file, workspace.chunk_files(sweep)[1])
    os.rename(heads.head_file(file), heads.head_file(workspace.chunk_files(sweep)[1]))
    assert status(sweep).chunks[1].problem.startswith("belongs to another sweep")


def test_a_sweep_without_results_is_refused(small, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sweep = load(write(small))
    with pytest.raises(InputError, match=r"has no results in .* Fix: start it: cellmodel sweep"):
        status(sweep)
    (workspace.chunk_folder(sweep).parent / "0123456789ab").mkdir(parents=True)
    with pytest.raises(InputError, match="only 1 of other versions"):
        status(sweep)


def test_a_thousand_chunks_are_told_in_a_blink(small, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small["axes"] = {"stack_pressure": {"log": ["0.5 MPa", "50 MPa", 3000]}}
    small["chunk_points"] = 3
    sweep = load(write(small))
    for number, file in enumerate(workspace.chunk_files(sweep)):
        store.write_bytes(file, b"x" * 100)
        head = heads.Head(sweep.label(f"chunk {number}"), 100, {"completed": 3})
        heads.head_file(file).write_text(json.dumps(vars(head)))
    begin = time.thread_time()
    found = status(sweep)
    assert time.thread_time() - begin < 2.0
    assert found.done == 3000


def test_numbers_in_short():
    assert ranges([0, 1, 2, 5, 7, 8]) == "0-2, 5, 7-8"


def test_lines_of_a_job_count_the_sweep_alone_and_its_chunk_among_others(place):
    sweep, design = place
    finish(sweep, design, 0)
    half_done(sweep, design, 1)
    log = io.StringIO()
    progress = ChunkProgress(sweep, 2, table_of(sweep, design), io.StringIO(), log)
    assert progress.line() == "10/30 points"
    progress.begin(3)
    finish(sweep, design, 1)  # by another job, in the meantime
    assert progress.line() == "15/30 points"
    with locked(workspace.lock_file(sweep, 2)), locked(workspace.lock_file(sweep, 3)):
        assert progress.line() == "chunk 2: 3/6 points; 2 jobs at work, at least 15/30 of the sweep done"


def test_the_log_names_points(place):
    sweep, design = place
    table = table_of(sweep, design)
    log = io.StringIO()
    progress = ChunkProgress(sweep, 0, table, io.StringIO(), log)
    points = np.arange(30)
    progress.note(run_batch(sweep, points, table)[0])
    lines = log.getvalue().splitlines()
    assert lines[0] == "batch of 30 points from 0 to 29"
    assert lines[1].startswith(
        "point 20 is solver_failed: FloatingPointError: step size fell below 1e-9 s (anode.porosity = 0.95,"
    )
    assert "stack_pressure = 0.5 MPa" in lines[1] and "temperature = 0.0 degC" in lines[1]
