"""A real SLURM of two nodes on this machine, with its own configuration, keys, spool and logs in one folder.

By hand: ``python tests/slurm/slurm_cluster.py bash`` opens a shell on it and stops it when the shell ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

INSTALL = "apt-get install -y slurm-wlm munge"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "sinfo", "scontrol", "scancel")
USERS_OWN = (Path("/etc/slurm/slurm.conf"), Path("/etc/slurm-llnl/slurm.conf"))
NODES = ("n1", "n2")
CORES, MEMORY_MB = 2, 16000

CONFIGURATION = """\
ClusterName=cellmodel-tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
ReturnToService=2
# A node that is silent for this long is down; a job that must end gets this long between SIGTERM and SIGKILL.
SlurmdTimeout=10
KillWait=2
MinJobAge=300
SchedulerParameters=sched_min_interval=100000,batch_sched_delay=0
# The machine may have less than what its nodes say.
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs={cores} RealMemory={memory}
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs={cores} RealMemory={memory}
NodeName=n3 NodeHostname=elsewhere NodeAddr=127.0.0.1 Port={ports[3]} CPUs={cores} RealMemory={memory} State=DOWN
PartitionName=work Nodes=n1,n2 Default=YES MaxTime=1-00:00:00 State=UP
PartitionName=short Nodes=n1,n2 MaxTime=2 State=UP
PartitionName=closed Nodes=n1,n2 State=DOWN
PartitionName=remote Nodes=n3 State=UP
"""


def missing() -> str | None:
    """Return what this machine lacks for a test cluster, with the fix, or None."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        return f"SLURM is not installed ({', '.join(absent)}); get it with: {INSTALL}"
    if os.geteuid() != 0:
        return "a test SLURM needs root: its daemons start jobs; run these tests in a container, for instance"
    theirs = [str(path) for path in USERS_OWN if path.exists()]
    if theirs or "SLURM_CONF" in os.environ:
        named = theirs[0] if theirs else "SLURM_CONF"
        return f"this machine has a SLURM of its own ({named}), which tests must not touch; run them elsewhere"
    return None


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait until `condition` holds; say `what` did not come when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.1)


class SlurmCluster:
    """Two nodes of two cores each, `n1` and `n2`, in the partitions `work` (a day) and `short` (2 minutes).

    The partition `closed` takes no jobs; `remote` has one node that is another machine, and down.

    Parameters
    ----------
    folder : Path
        Where everything of the cluster lives; a short path, as it holds a socket.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        found = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": f"{folder}/bin:{os.environ.get('PATH', '')}"}
        self.environment = os.environ | found
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start all daemons and wait until both nodes are idle."""
        for name in ("bin", "state", *(f"spool-{node}" for node in NODES)):
            (self.folder / name).mkdir(parents=True)
        # The executor plugin takes SLURM_CONF away from the steps of a job; a cluster in /etc/slurm needs none.
        srun = self.folder / "bin/srun"
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {shutil.which("srun")} "$@"\n')
        srun.chmod(0o755)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        text = CONFIGURATION.format(
            host=socket.gethostname(), folder=self.folder, ports=free_ports(4), cores=CORES, memory=MEMORY_MB
        )
        (self.folder / "slurm.conf").write_text(text)
        files = {name: f"--{name}-file={self.folder}/munge.{name}" for name in ("key", "pid", "log", "seed")}
        socket_file = self.folder / "munge.socket"
        self._begin("munged", "--foreground", "--force", f"--socket={socket_file}", *files.values())
        wait_for(socket_file.exists, "munge")
        self._begin("slurmctld", "-D")
        for node in NODES:
            self.start_node(node)
        wait_for(lambda: self.states() == dict.fromkeys(NODES, "idle"), "two idle nodes")

    def stop(self) -> None:
        """Cancel all jobs and stop all daemons; processes that jobs left are ended, too."""
        if "slurmctld" in self._daemons:
            self.clear()
        for name in reversed(list(self._daemons)):
            self._end(name)
        self.end_processes_of_jobs()

    def clear(self) -> None:
        """Cancel all jobs, end what they left, and wait until both nodes are free."""
        subprocess.run(["scancel", "--user=root"], env=self.environment, timeout=30, check=False)
        wait_for(lambda: not self.run("squeue", "--noheader", "--states=running,pending").strip(), "jobs to end")
        self.end_processes_of_jobs()

    def start_node(self, node: str) -> None:
        """Start the daemon of a node."""
        self._begin(f"slurmd-{node}", "slurmd", "-D", "-N", node)

    def power_off(self, node: str) -> None:
        """End at once all that a node does, without a word to the controller."""
        jobs = self.run("squeue", "--noheader", f"--nodelist={node}", "--format=%i").split()
        self._end(f"slurmd-{node}", signal.SIGKILL)
        steps = [pid for pid in process_ids() if any(f"slurmstepd: [{job}." in command_line(pid) for job in jobs)]
        for pid in [*steps, *self.processes_of_jobs(node)]:
            kill(pid)

    def power_on(self, node: str) -> None:
        """Start a node again, and wait until it takes jobs."""
        self.start_node(node)
        wait_for(lambda: self.states().get(node) in ("idle", "mixed", "allocated"), f"{node} to come back")

    def run(self, *command: str) -> str:
        """Return what a SLURM command prints."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    def states(self) -> dict[str, str]:
        """Return the state of each node; empty while the controller does not answer."""
        done = subprocess.run(
            ["sinfo", "--noheader", "--Node", "--partition=work", "--format=%N %T"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return dict(line.split() for line in done.stdout.splitlines())

    def end_processes_of_jobs(self, node: str | None = None) -> None:
        """End by force what runs in jobs, of one node or of all, as a node that loses its power does."""
        for pid in self.processes_of_jobs(node):
            kill(pid)

    def processes_of_jobs(self, node: str | None = None, words: str = "", job: str | None = None) -> list[int]:
        """Return the processes that run in jobs, of one node or job or of all, with `words` in their command lines."""
        found = []
        for pid in process_ids():
            variables = environment_of(pid)
            ours = "SLURM_JOB_ID" in variables and variables.get("PATH") == self.environment["PATH"]
            wanted = node in (None, variables.get("SLURMD_NODENAME")) and job in (None, variables.get("SLURM_JOB_ID"))
            if ours and wanted and words in command_line(pid):
                found.append(pid)
        return found

    def _begin(self, name: str, *command: str) -> None:
        words = command if command[0] == "slurmd" else (name, *command)
        with (self.folder / f"{name}.out").open("ab") as output:
            self._daemons[name] = subprocess.Popen(
                words, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )

    def _end(self, name: str, sign: signal.Signals = signal.SIGTERM) -> None:
        daemon = self._daemons.pop(name, None)
        if daemon is None:
            return
        daemon.send_signal(sign)
        try:
            daemon.wait(timeout=10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def process_ids() -> list[int]:
    """Return the numbers of all processes."""
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def environment_of(pid: int) -> dict[str, str]:
    """Return the environment of a process; empty for one that is gone, or another user's."""
    try:
        entries = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return {}
    return dict(each.split("=", 1) for each in entries if "=" in each)


def command_line(pid: int) -> str:
    """Return the command line of a process; empty for one that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def kill(pid: int) -> None:
    """End a process by force; one that is gone is no error."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def main(command: Sequence[str]) -> int:
    """Run a command on a test cluster of its own."""
    if reason := missing():
        print(f"No test cluster: {reason}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="slurm-") as name:
        cluster = SlurmCluster(Path(name))
        try:
            cluster.start()
            return subprocess.run(command, env=cluster.environment, check=False).returncode
        finally:
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["bash"]))
