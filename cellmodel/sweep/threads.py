"""A dask cluster of threads in this process, whose timers do not follow jumps of the clock."""

import logging
import time
from collections.abc import Callable
from typing import Any

LOCAL = "127.0.0.1"
"""Dask always serves its state over HTTP, and only this machine shall see it."""


def cluster_of(threads: int, dashboard: int = 0, tell: Callable[[str], None] = print) -> Any:
    """Return a cluster of one worker.

    Parameters
    ----------
    threads : int
        Tasks that run at the same time.
    dashboard : int
        Port of dask's dashboard on this machine; 0 for none.
    tell : callable
        Told where the dashboard is: elsewhere, if the port is taken by another job.

    Returns
    -------
    distributed.LocalCluster
        To be closed by the caller.
    """
    import dask
    from distributed import LocalCluster, Worker  # a second to import

    class PlainWorker(Worker):
        """One without pages of its own: the scheduler's show it, and loading what draws them takes seconds."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options | {"dashboard": False})

    _keep_time()
    dask.config.set({"distributed.scheduler.worker-ttl": None})  # no beat by the clock: there is one process
    cluster = LocalCluster(
        n_workers=1,
        threads_per_worker=threads,
        processes=False,
        memory_limit=0,  # a limit would pause the one process that does everything
        scheduler_kwargs={"dashboard": bool(dashboard)},
        worker_class=PlainWorker,
        dashboard_address=f"{LOCAL}:{dashboard}",
        worker_dashboard_address=f"{LOCAL}:0",
        silence_logs=logging.ERROR,
    )
    if dashboard:
        tell(f"dashboard at http://{LOCAL}:{cluster.scheduler.http_server.port}/status")
    return cluster


def _keep_time() -> None:
    """Let messages between the cluster's parts wait by the monotonic clock.

    By the clock of the day, which both libraries use, a clock that is set back an hour stops them for an hour.
    """
    import distributed.batched
    import tornado.ioloop

    start = time.time() - time.monotonic()

    def steady(*_loop: Any) -> float:
        return start + time.monotonic()

    distributed.batched.time = steady
    tornado.ioloop.IOLoop.time = steady
