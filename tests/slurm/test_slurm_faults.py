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


@pytest.mark.timeout(600)  # the time limit of a job alone takes one to two minutes
def test_a_cancelled_job_a_stalled_one_and_those_of_a_dead_node_go_on_in_retries(run, local):
    """Three faults at once, as each costs minutes: the job on node 2 dies with it, one of those on node 1 is cancelled,
    and the other stalls, as on a file system that hangs, until its time is over."""
    run.start(*A_MINUTE)
    run.until(lambda: all(run.finished(chunk) for chunk in range(3)), "batches of all chunks")
    before = run.jobs()
    (lost, cancelled, stalled) = sorted(before, key=lambda chunk: before[chunk][0], reverse=True)
    assert [before[chunk][0] for chunk in (lost, cancelled, stalled)] == ["n2", "n1", "n1"]
    for pid in run.cluster.processes_of_jobs(words="simulate_chunk.py", job=before[stalled][1]):
        os.kill(pid, signal.SIGSTOP)
    run.cluster.run("scancel", before[cancelled][1])
    try:
        run.cluster.power_off("n2")
        kept = {chunk: run.finished(chunk) for chunk in range(3)}
        assert run.wait() == 0, run.said.read_text()
    finally:
        run.cluster.power_on("n2")
    states = run.cluster.run("squeue", "--noheader", "--states=all", "--format=%i %T").splitlines()
    ends = {lost: "NODE_FAIL", cancelled: "CANCELLED", stalled: "TIMEOUT"}
    assert {f"{before[chunk][1]} {end}" for chunk, end in ends.items()} <= set(states)
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
    jobs = sorted((job for _, job in before.values()), key=int)
    run.unlock()
    run.start()
    assert run.wait() == 2
    assert f"are in the queue or at work: {', '.join(jobs)}. Fix: wait until" in run.said.read_text()
    run.cluster.run("scancel", *jobs)
    wait_for(lambda: not run.cluster.run("squeue", "--noheader"), "the jobs to end")
    kept = {chunk: run.finished(chunk) for chunk in range(3)}
    run.complete()
    assert_complete(run, local, before, kept)
