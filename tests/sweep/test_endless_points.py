"""A point that does not end: the solver's own limit, and the end of a process in which something else hangs."""

import os
from pathlib import Path

import numpy as np
import pytest

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.settings import Settings
from cellmodel.sweep import isolated
from cellmodel.sweep.definition import load
from cellmodel.sweep.points import run_batch

STAND_IN = Path(__file__).parents[1] / "workflow" / "stand_in"


def test_a_run_that_meets_its_limit_is_a_row_and_no_other_chunk_takes_it_over(small, write):
    assert load(write(small)).settings.time_limit == Settings().time_limit == 600.0
    small["settings"] = {"time_limit": 0.01}
    small["protocol"][0]["repeat"] = 2000
    (row,), _ = run_batch(load(write(small)), [0], np.array([[0.8, 5.0, 25.0]]))
    assert row.outcome == OutcomeKind.TIME_LIMIT and "Settings.time_limit was met" in row.message
    assert not row.repeatable


@pytest.mark.slow
def test_a_process_that_hangs_is_ended_and_its_point_named(small, write, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(STAND_IN), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("FAULT", '{"kind": "hang", "pressure": [5]}')
    monkeypatch.setattr(isolated, "START_SECONDS", 20.0)
    small["settings"] = {"time_limit": 0.5}
    worker = isolated.Worker(load(write(small)))
    values = np.array([[0.8, 2.0, 25.0], [0.8, 5.0, 25.0], [0.8, 9.0, 25.0]])
    try:
        found = [row for batch in isolated.run_carefully(worker, values, [[0, 1, 2]]) for row in batch]
    finally:
        worker.close()
    assert [row.outcome for row in found] == [OutcomeKind.COMPLETED, OutcomeKind.TIME_LIMIT, OutcomeKind.COMPLETED]
    assert "killed after 20.5 s" in found[1].message and not found[1].repeatable
