"""What a sweep will take: the sample it rests on, the arithmetic, and how it is told."""

import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from cellmodel.errors import InputError
from cellmodel.sweep import cluster
from cellmodel.sweep.cluster import Cluster
from cellmodel.sweep.definition import load
from cellmodel.sweep.plan import FIRST_LOOK, MOST_JOBS, plan, recommended_chunk
from cellmodel.sweep.plan_text import text
from cellmodel.sweep.sample import Sample, measure, order

SAMPLE = Sample(
    points=200, core_seconds=0.1, error=0.005, serial_seconds=0.001, start_seconds=4.0, base_MiB=300.0, thread_MiB=5.0,
    row_bytes=8000.0, chunk_bytes=1500.0, map_bytes=400.0, file_bytes=1e5,
)  # fmt: skip


@pytest.fixture
def large(small, write):
    """Ten million core seconds."""
    small["axes"] = {
        "stack_pressure": {"log": ["0.5 MPa", "50 MPa", 1000]},
        "temperature": {"linear": ["0 degC", "60 degC", 1000]},
    }
    small["chunk_points"] = 100
    return load(write(small))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("64", "'64' is not nodes x cores"),
        ("64 x32", "is not nodes x cores"),
        ("x32", "is not nodes x cores"),
        ("6.4x32", "is not nodes x cores"),
        ("-1x4", "is not nodes x cores"),
        ("0x4", "has no nodes"),
        ("4x0", "has no cores"),
        ("64x100000", "is larger than any cluster"),
    ],
)
def test_a_cluster_that_is_none_is_refused(given, problem):
    with pytest.raises(InputError, match=problem) as raised:
        cluster.read(given, "cellmodel plan")
    assert "64x32" in str(raised.value)


def test_jobs_fill_nodes_and_no_thread_waits():
    assert cluster.read("64x32", "") == Cluster(64, 32)
    assert Cluster(64, 32).threads(useful=100) == 16
    assert Cluster(1, 24).threads(useful=100) == 12
    assert Cluster(1, 24).threads(useful=5.3) == 4
    assert Cluster(2, 7).threads(useful=0.3) == 1
    assert Cluster(64, 32).slots(16) == 128
    assert Cluster(1, 8, local=True).threads(useful=2) == 8 and Cluster(1, 8, local=True).slots(8) == 1


def test_the_sample_is_spread_evenly_over_grid_and_draws(small, write):
    small["uncertain"] = {"draws": 4, "parameters": {"electrolyte.toughness": {}}}
    sweep = load(write(small))
    points = order(sweep)
    assert len(set(points.tolist())) == len(points) == sweep.points
    first = np.array(np.unravel_index(points[:24], (3, 5, 2, 4)))
    for places, length in zip(first, (3, 5, 2, 4), strict=True):
        counts = np.bincount(places, minlength=length)
        assert counts.max() - counts.min() <= 3, counts


def test_the_sample_of_other_designs_is_spread_over_their_order(small, write):
    small["axes"] = {"stack_pressure": {"log": ["0.5 MPa", "50 MPa"]}}
    small["design"] = {"latin_hypercube": {"points": 5000}}
    points = order(load(write(small)), most=64)
    assert len(points) == 64
    assert np.histogram(points, bins=8, range=(0, 5000))[0].tolist() == [8] * 8


def test_a_sample_is_measured(sweep, no_solver):
    found = measure(sweep, 2, 5.0)
    assert found.pop("compiled") is False
    found = Sample(**found)
    assert found.points == sweep.points
    assert found.error == 0.0  # every point was simulated
    assert 0 < found.core_seconds < 0.5 and 0 < found.serial_seconds
    assert found.base_MiB > 50 and found.thread_MiB > 0
    assert 10 < found.chunk_bytes < 20_000 and 10 < found.map_bytes < 20_000 and found.file_bytes > 1000


def test_a_sample_ends_in_time(sweep, no_solver, monkeypatch):
    from cellmodel.sweep import sample

    def slow(*arguments):
        time.sleep(0.4)
        return run_batch(*arguments)

    run_batch = sample.run_batch
    monkeypatch.setattr(sample, "run_batch", slow)
    assert measure(sweep, 1, 0.1)["points"] < sweep.points


def test_the_arithmetic(large):
    found = plan(large, SAMPLE, Cluster(4, 32), done=500_000)
    assert (found.threads, found.slots, found.jobs, found.chunk_points) == (16, 8, 5000, 100)
    assert math.isclose(found.core_hours, 500_000 * 0.1 / 3600)
    assert math.isclose(found.core_hours_error, 0.1 * found.core_hours)
    assert math.isclose(found.point_seconds, 0.1 / 16)
    assert found.wall_seconds - found.overhead_seconds == pytest.approx(625 * 100 * 0.1 / 16)
    assert found.chunks_bytes == pytest.approx(1e6 * 1500 + 1e4 * 1e5)
    assert found.job_MiB > 300 + 16 * 5
    assert found.asked_MiB % 100 == 0 and found.asked_MiB > found.job_MiB
    slow = plan(large, replace(SAMPLE, serial_seconds=0.1), Cluster(4, 32))
    assert slow.threads == 1 and slow.slots == 128


def test_nothing_left_takes_no_time(large):
    found = plan(large, SAMPLE, cluster.this_machine(), done=large.points)
    assert found.jobs == 0 and found.core_hours == 0 and found.wall_seconds == 0


def test_recommended_chunks_are_good_jobs(large):
    for machine in (Cluster(64, 32), Cluster(2, 1), Cluster(1, 2, local=True)):
        size = recommended_chunk(large, SAMPLE, machine)
        found = plan(large, SAMPLE, machine, chunk_points=size)
        assert found.jobs <= MOST_JOBS
        assert 550 < found.job_seconds < 3700
    little = replace(SAMPLE, core_seconds=1e-4, serial_seconds=1e-5)
    assert recommended_chunk(large, little, Cluster(64, 32)) == large.points  # a hundred seconds of work are one job
    few = recommended_chunk(large, replace(SAMPLE, core_seconds=10.0), Cluster(2, 1))
    assert few == 1000  # so much work for two cores: no more jobs than snakemake carries


def test_the_text_holds_what_a_profile_takes(large):
    machine = Cluster(64, 32)
    better = plan(large, SAMPLE, machine, chunk_points=recommended_chunk(large, SAMPLE, machine))
    told = text(large, plan(large, SAMPLE, machine), better)
    assert "1000000 = 1000 stack_pressure x 1000 temperature; 0 done" in told
    assert f"mem_mb: {better.asked_MiB}" in told and f"runtime: {better.asked_minutes}" in told
    assert "+- 10%" in told and "128 jobs at the same time" in told
    assert f"chunk_points: {better.chunk_points} makes" in told
    assert "for the profile" not in text(large, plan(large, SAMPLE, cluster.this_machine()), better)
    assert max(map(len, told.splitlines())) < 140


def test_the_first_look_at_the_queue_is_that_of_the_profile():
    profile = yaml.safe_load((Path(__file__).parents[2] / "workflow/profiles/slurm/config.yaml").read_text())
    assert profile["slurm-init-seconds-before-status-checks"] == FIRST_LOOK
