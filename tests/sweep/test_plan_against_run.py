"""A plan from a few points tells what all of them take."""

import time

import pytest

from cellmodel.sweep.cluster import this_machine
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.plan import plan
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import run_chunk
from cellmodel.sweep.sample import sample


def computing_seconds(sweep, design):
    begin = time.process_time()
    run_chunk(sweep, design, 0, 2, Progress("", 1, 0, ()))
    return time.process_time() - begin


def test_the_core_hours_of_a_run_on_two_threads_are_within_a_quarter_of_the_plan(small, write):
    small["protocol"] = [{"repeat": 3, "steps": ["Charge at 1C until 4.25 V", "Discharge at 1C until 2.5 V"]}]
    small["axes"] = {
        "stack_pressure": {"log": ["1 MPa", "20 MPa", 40]},
        "cathode.loading": {"linear": ["5 mg/cm2", "20 mg/cm2", 20]},
    }
    small["chunk_points"] = 800
    sweep = load(write(small))
    told = plan(sweep, sample(sweep.path, threads=2, seconds=3.0), this_machine())
    assert told.sample.points < 800
    design = build(sweep)
    one = design.isel(point=[int(design["chunk"].argmin())])
    start, took = (computing_seconds(sweep, each) for each in (one, design))
    took = (took - start) / 3600
    assert told.core_hours == pytest.approx(took, rel=0.25)
