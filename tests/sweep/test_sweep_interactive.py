"""A sweep on dask workers in other processes: equal to chunks, whatever happens to the workers."""

import os
import signal
import threading
import time

import numpy as np
import pytest
from distributed import Client, LocalCluster, WorkerPlugin

from cellmodel.errors import InputError
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep import interactive, store
from cellmodel.sweep.collect import collect
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.failure_map import failure_map
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import run_chunk

SWEEP = """\
base_cell: {anode: ag-ni-scaffold, electrolyte: lpscl, cathode: ncm811}
protocol:
  - repeat: 10
    steps: [Charge at 1C until 4.25 V, Discharge at 1C until 2.5 V]
axes:
  stack_pressure: {log: [1 MPa, 20 MPa, 8]}
  cathode.loading: {linear: [5 mg/cm2, 10 mg/cm2, 8]}
chunk_points: 64
"""
KILLER = 21


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    path = tmp_path_factory.mktemp("interactive") / "small.yaml"
    path.write_text(SWEEP)
    return load(path)


@pytest.fixture(scope="module")
def expected(sweep, tmp_path_factory):
    """What the same sweep finds in chunks."""
    design, file = build(sweep), tmp_path_factory.mktemp("chunks") / "0.nc"
    store.write(run_chunk(sweep, design, 0, 2, silent(sweep)), file, sweep.label("chunk 0"))
    return collect(sweep, design, [file])


@pytest.fixture
def client():
    address = "127.0.0.1:0"
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=address, silence_logs=50) as cluster,
        Client(cluster) as connected,
    ):
        yield connected


def silent(sweep):
    return Progress(sweep.name, sweep.points, 0, ())


def assert_equal_but_for(found, expected, point=None):
    for name in set(expected.variables) - {"kernel_seconds"}:
        one, other = found[name].values, expected[name].values
        if point is not None and expected[name].dims[:2] == ("stack_pressure", "cathode_loading"):
            one, other = (np.delete(each.reshape(64, *each.shape[2:]), point, 0) for each in (one, other))
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), name
    assert set(found.variables) == set(expected.variables)


def test_workers_of_other_processes_find_what_chunks_find(sweep, client, expected):
    found = interactive.run(sweep, client, progress=silent(sweep))
    assert_equal_but_for(found, expected)
    assert (failure_map(found, sweep)["outcome"] != OutcomeKind.NOT_RUN).all()
    assert client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.allowed_failures) == 3  # as before


def test_a_killed_worker_takes_only_its_batches_with_it(sweep, client, expected):
    """One of two workers is ended by force once the first batch is there; its nanny starts another."""
    pids = client.run(os.getpid)
    progress = silent(sweep)
    killer = threading.Thread(target=kill_after_first_batch, args=(progress, next(iter(pids.values()))))
    killer.start()
    found = interactive.run(sweep, client, progress=progress)
    killer.join()
    assert_equal_but_for(found, expected)
    assert progress.done == sweep.points  # each came once


def kill_after_first_batch(progress, pid):
    while not progress.done:
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)


class Deadly(WorkerPlugin):
    """Let one point end every worker that tries it, as a fault in compiled code would."""

    def setup(self, worker):
        from cellmodel.sweep import interactive

        usual = interactive.run_batch

        def deadly(sweep, points, values):
            if KILLER in list(points):
                os.kill(os.getpid(), signal.SIGKILL)
            return usual(sweep, points, values)

        interactive.run_batch = deadly


def test_the_point_that_ends_workers_is_found_and_blamed(sweep, client, expected):
    client.register_plugin(Deadly())
    found = interactive.run(sweep, client, progress=silent(sweep))
    assert_equal_but_for(found, expected, point=KILLER)
    row, column = divmod(KILLER, 8)
    assert found["outcome"].values[row, column] == OutcomeKind.SOLVER_FAILED
    assert "ended 2 workers while it ran alone" in str(found["message"].values[row, column])


def test_a_session_that_ended_goes_on_from_what_it_kept(sweep, client, expected, tmp_path):
    keep, progress = tmp_path / "rows.jsonl", silent(sweep)
    interactive.run(sweep, client, keep=keep, progress=progress)
    lines = keep.read_bytes().splitlines(keepends=True)
    keep.write_bytes(b"".join(lines[:2]))  # as if it had ended after two batches
    again = Progress(sweep.name, sweep.points, 0, ())
    found = interactive.run(sweep, client, keep=keep, progress=again)
    assert_equal_but_for(found, expected)
    assert 0 < again.done < sweep.points


def test_workers_with_another_model_are_refused(sweep):
    with pytest.raises(InputError, match="has another version of the model than this session"):
        interactive.simulate(sweep, [0], np.zeros((1, 2)), "another")
