"""Sweeps on a real SLURM of two nodes: whole, and equal to a local run to the last bit."""

import re

import pytest
from slurm_sweep import assert_same_rows

pytestmark = pytest.mark.slurm


def test_a_sweep_runs_on_both_nodes_and_equals_a_local_run(run, local):
    run.complete()
    told = [
        re.fullmatch(r"tiny: chunk (\d) on (n[12]), SLURM job \d+, (\d) threads?", each) for each in run.log_lines()
    ]
    jobs = [found.groups() for found in told if found]
    assert sorted(chunk for chunk, _, _ in jobs) == ["0", "1", "2"]
    assert {node for _, node, _ in jobs} == {"n1", "n2"}
    assert {threads for _, _, threads in jobs} == {"1"}
    assert_same_rows(run.rows(), local)
    assert not list((run.folder / "results/slurm_logs").rglob("*.log"))  # only jobs that failed leave one
