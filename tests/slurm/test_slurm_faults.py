"""Jobs, nodes and snakemake that end early: the sweep completes, and only batches under way are computed again."""

import os
import signal

import pytest
from slurm_cluster import wait_for
from slurm_sweep import assert_same_rows

pytestmark = pytest.mark.slurm

# The first try may take a minute, which is the shortest time that SLURM knows.
A_MINUTE = ["--set-resources", "simulate_chunk:runtime=2*attempt-1", "simulate_chunk:mem_mb=1500*attempt"]


@pytest.fixture(autouse=True)
def from_here(monkeypatch, folder):
    """Files of the workflow are named from its folder."""
    monkeypatch.chdir(folder)


def assert_complete(run, local, before, kept):
    """Every row is there and right, and what was finished before a fault was not computed again."""
    assert_same_rows(run.rows(), local)
    for chunk, points in kept.items():
        after = run.stored(chunk)
        assert points and {point: after[point] for point in points} == points
    again = {chunk for chunk, job in run.jobs().items() if job != before[chunk]}
    assert again == set(kept)


def test_a_cancelled_job_and_one_at_its_time_limit_go_on_in_retries(run, local):
    """Chunk 0 is cancelled; chunk 1 stalls, as on a file system that hangs, until its time is over."""
    run.start(*A_MINUTE)
    run.until(lambda: all(run.finished(chunk) for chunk in range(3)), "batches of all chunks")
    before = run.jobs()
    (_, cancelled), (_, stalled) = before[0], before[1]
    for pid in run.cluster.processes_of_jobs(words="simulate_chunk.py", job=stalled):
        os.kill(pid, signal.SIGSTOP)
    run.cluster.run("scancel", cancelled)
    kept = {chunk: run.finished(chunk) for chunk in (0, 1)}
    assert run.wait() == 0, run.said.read_text()
    states = run.cluster.run("squeue", "--noheader", "--states=all", "--format=%i %T")
    assert f"{cancelled} CANCELLED" in states and f"{stalled} TIMEOUT" in states
    assert_complete(run, local, before, kept)


def test_chunks_of_a_node_that_dies_go_on_on_the_other(run, local):
    run.start()
    run.until(lambda: all(run.finished(chunk) for chunk in range(3)), "batches of all chunks")
    before = run.jobs()
    lost = [chunk for chunk, (node, _) in before.items() if node == "n2"]
    try:
        run.cluster.power_off("n2")
        kept = {chunk: run.finished(chunk) for chunk in lost}
        assert run.wait() == 0, run.said.read_text()
    finally:
        run.cluster.power_on("n2")
    assert lost and all(run.jobs()[chunk][0] == "n1" for chunk in lost)
    assert_complete(run, local, before, kept)


def test_a_second_call_goes_on_after_snakemake_was_killed(run, local):
    """Its jobs run on without it: they are named, and nothing is submitted twice; cancelled, they lose nothing."""
    run.start()
    run.until(lambda: all(run.finished(chunk) for chunk in range(3)), "batches of all chunks")
    before = run.jobs()
    for pid in run.cluster.processes_of_jobs(words="simulate_chunk.py"):
        os.kill(pid, signal.SIGSTOP)  # so that they are there when snakemake looks
    os.killpg(run.process.pid, signal.SIGKILL)
    run.process.wait()
    jobs = sorted(job for _, job in before.values())
    run.unlock()
    run.start()
    assert run.wait() == 2
    assert f"are in the queue or at work: {', '.join(jobs)}. Fix: wait until" in run.said.read_text()
    run.cluster.run("scancel", *jobs)
    wait_for(lambda: not run.cluster.run("squeue", "--noheader"), "the jobs to end")
    kept = {chunk: run.finished(chunk) for chunk in range(3)}
    run.complete()
    assert_complete(run, local, before, kept)
