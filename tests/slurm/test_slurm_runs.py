"""Sweeps on a real SLURM of two nodes: whole, and equal to a local run to the last bit."""

import pytest
from slurm_sweep import assert_same_rows

pytestmark = pytest.mark.slurm


def test_a_sweep_runs_on_both_nodes_and_equals_a_local_run(run, local):
    run.complete()
    jobs = run.jobs()
    assert set(jobs) == {0, 1, 2}
    assert {node for node, _ in jobs.values()} == {"n1", "n2"}
    assert_same_rows(run.rows(), local)
    assert not list((run.folder / "results/slurm_logs").rglob("*.log"))  # only jobs that failed leave one
