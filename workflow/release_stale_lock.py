"""Free the working directory from what a killed snakemake left behind.

``make map`` runs this before snakemake. A snakemake that was ended by ``kill -9`` or by a power cut
leaves its lock, and perhaps jobs that go on computing for nobody. Unlocking blindly would let two live
snakemakes write into one folder, so the processes decide, not the lock file.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

GRACE_SECONDS = 5.0


def snakemake_processes(folder: Path) -> Iterator[tuple[psutil.Process, list[str]]]:
    """Yield snakemake, its jobs and their scripts that work in `folder`, each with its command line.

    Processes of other users, whose folder cannot be read, are left out.
    """
    import psutil

    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
            here = process.pid not in own and Path(process.cwd()) == folder
        except psutil.Error:
            continue
        if here and is_snakemake(command):
            yield process, command


def is_snakemake(command: list[str]) -> bool:
    """Tell whether a command line is a snakemake, one of its jobs, or a script that it runs."""
    runs_snakemake = any(Path(word).name == "snakemake" for word in command[:4])
    return runs_snakemake or any("/.snakemake/scripts/" in f"/{word}" for word in command)


def is_job(command: list[str]) -> bool:
    """Tell whether a command line belongs to a job, not to the snakemake that the user started."""
    return any(word.startswith("--target-jobs") or ".snakemake/scripts/" in word for word in command)


def end_jobs(jobs: list[psutil.Process]) -> None:
    """End jobs politely, then by force; chunk files are renamed into place, so none is left half-written."""
    import psutil

    for job in jobs:
        job.terminate()
    for job in psutil.wait_procs(jobs, timeout=GRACE_SECONDS)[1]:
        job.kill()


def main(folder: Path) -> int:
    """Release the lock of `folder` if its owner is gone.

    Parameters
    ----------
    folder
        The working directory of the workflow.

    Returns
    -------
    int
        0 when snakemake may start, 2 when another one is at work.
    """
    locks = folder / ".snakemake" / "locks"
    if not locks.is_dir() or not any(locks.iterdir()):
        return 0
    jobs: list[psutil.Process] = []
    for process, command in snakemake_processes(folder):
        if not is_job(command):
            print(
                f"{folder}: another snakemake (process {process.pid}) is at work here. "
                f"Fix: wait for it, or end it with: kill {process.pid}",
                file=sys.stderr,
            )
            return 2
        jobs.append(process)
    if jobs:
        print(f"Ending jobs that an interrupted run left behind: {len(jobs)}.", file=sys.stderr)
        end_jobs(jobs)
    print("The last run was interrupted; going on where it stopped.", file=sys.stderr)
    shutil.rmtree(locks)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
