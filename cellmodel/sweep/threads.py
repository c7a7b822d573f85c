"""A dask cluster of threads in this process, whose timers do not follow jumps of the clock."""

import logging
import time
from typing import Any

LOCAL_PORT = "127.0.0.1:0"
"""Dask always serves its state over HTTP: on a free port that only this machine sees."""


def cluster_of(threads: int) -> Any:
    """Return a cluster of one worker.

    Parameters
    ----------
    threads : int
        Tasks that run at the same time.

    Returns
    -------
    distributed.LocalCluster
        To be closed by the caller.
    """
    import dask
    from distributed import LocalCluster  # a second to import

    _keep_time()
    dask.config.set({"distributed.scheduler.worker-ttl": None})  # no beat by the clock: there is one process
    return LocalCluster(
        n_workers=1,
        threads_per_worker=threads,
        processes=False,
        memory_limit=0,  # a limit would pause the one process that does everything
        dashboard_address=LOCAL_PORT,
        worker_dashboard_address=LOCAL_PORT,
        silence_logs=logging.ERROR,
    )


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
