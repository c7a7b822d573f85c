"""A sweep from a session of Python, on workers that are SLURM jobs."""

import os
import threading

import pytest
from dask_jobqueue import SLURMCluster
from distributed import Client
from slurm_cluster import wait_for
from slurm_sweep import assert_same_rows, sweep_in

from cellmodel.sweep import interactive
from cellmodel.sweep.progress import Progress

pytestmark = pytest.mark.slurm


@pytest.fixture
def client(cluster, monkeypatch, folder):
    """Two workers, one on each node: each takes all cores of a node."""
    for name in ("SLURM_CONF", "PATH"):
        monkeypatch.setenv(name, cluster.environment[name])
    monkeypatch.chdir(folder.parent)  # a package in the working directory would be another one, to be compiled anew
    workers = SLURMCluster(
        queue="work",
        cores=2,
        processes=1,
        memory="4GB",
        walltime="00:30:00",
        interface="lo",
        log_directory=str(folder / "logs"),
        scheduler_options={"dashboard_address": "127.0.0.1:0"},
        worker_extra_args=["--no-dashboard"],
    )
    with workers, Client(workers) as connected:
        workers.scale(jobs=2)
        connected.wait_for_workers(2, timeout=120)
        yield connected
    cluster.clear()


def test_a_sweep_runs_on_workers_of_both_nodes_and_loses_one(client, cluster, folder, local):
    """The job of one worker is cancelled once the first batch is there; the other does the rest."""
    assert set(client.run(os.getenv, "SLURMD_NODENAME").values()) == {"n1", "n2"}
    sweep = sweep_in(folder)
    progress = Progress(sweep.name, sweep.points, 0, ())

    def cancel() -> None:
        wait_for(lambda: progress.done, "the first batch", 200)
        cluster.run("scancel", cluster.run("squeue", "--noheader", "--nodelist=n2", "--format=%i").strip())

    canceller = threading.Thread(target=cancel)
    canceller.start()
    found = interactive.run(sweep, client, progress=progress)
    canceller.join()
    assert len(client.nthreads()) == 1
    assert_same_rows(found, local)
