"""Who may write a chunk: one process, and nobody waits for a dead one."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from cellmodel.errors import InputError
from cellmodel.sweep import chunk_lock
from cellmodel.sweep.chunk_lock import locked


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "00000.lock"


def left_by(path, **changes):
    """Leave a lock as this process would write it, with some entries changed."""
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(chunk_lock._owner(os.getpid()) | changes))


def test_a_lock_is_free_again_after_its_owner(path):
    for _ in range(2):
        with locked(path):
            assert json.loads(path.read_text())["pid"] == os.getpid()
        assert os.listdir(path.parent) == []


def test_a_living_process_of_this_machine_is_not_disturbed(path):
    with locked(path), pytest.raises(InputError, match=rf"is held by process {os.getpid()} on .*Fix: wait until"):
        with locked(path):
            pass


def test_the_lock_of_a_process_that_is_gone_is_taken_over_at_once(path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left_by(path, pid=gone.pid)
    start = time.monotonic()
    with locked(path):
        pass
    assert time.monotonic() - start < 5


def test_a_number_that_another_process_has_now_is_no_owner(path):
    left_by(path, start=1.0)
    with locked(path):
        assert json.loads(path.read_text())["start"] != 1.0


@pytest.mark.parametrize("changes", [{"host": "elsewhere"}, {"boot": "before"}])
def test_a_silent_lock_of_another_machine_is_taken_over(path, changes):
    left_by(path, **changes)
    with locked(path, watch=0.3):
        assert json.loads(path.read_text()) == chunk_lock._owner(os.getpid())


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_lock_that_says_nothing_is_judged_by_its_beat(path, content):
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with locked(path, watch=0.3):
        pass


def test_a_beating_lock_of_another_machine_is_respected(path):
    left_by(path, host="elsewhere")
    ended = threading.Event()
    beating = threading.Thread(target=chunk_lock._beat, args=(path, ended, 0.05))
    beating.start()
    try:
        with pytest.raises(InputError, match="on elsewhere"), locked(path, watch=5.0):
            pass
    finally:
        ended.set()
        beating.join()


def test_a_lock_that_was_taken_over_is_not_removed_by_its_first_owner(path):
    with locked(path):
        path.write_text("somebody else")
    assert path.read_text() == "somebody else"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Not a directory"):
        with locked(tmp_path / "file" / "x" / "00000.lock"):
            pass
