"""Points that exist are not computed again: after an edit, in another sweep, from another folder."""

import numpy as np
import pytest
import xarray as xr

from cellmodel.sweep import known, store, workspace
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.journal import Journal
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import points_of, run_chunk

pytestmark = pytest.mark.usefixtures("no_solver")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(sweep, chunks=None):
    """Do what the workflow does; return how many points were simulated, and the chunks."""
    design = build(sweep)
    store.write(design, workspace.design_file(sweep), sweep.label("design"))
    folders = workspace.sources(sweep)
    folder = workspace.known_folder(sweep)
    known.write(sweep, design, known.look_up(design, folders), folder, known.state_of(folders))
    progress = Progress(sweep.name, sweep.points, 0, ())
    results = []
    for chunk in range(sweep.chunks) if chunks is None else chunks:
        rows = known.rows_for(sweep, folder, chunk, points_of(design, chunk))
        results.append(run_chunk(sweep, design, chunk, 1, progress, known=rows))
        store.write(results[-1], workspace.chunk_files(sweep)[chunk], sweep.label(f"chunk {chunk}"))
    return progress.done, results


def table(results):
    """Return all rows of a sweep by content hash, whatever their numbers."""
    whole = xr.concat([each.drop_dims("sample", errors="ignore") for each in results], "point")
    order = np.argsort(whole["point_identity"].values)
    return whole.isel(point=order).drop_vars("point")


def traces(results):
    """Return the time series of each point that has one."""
    parts = [each[[name for name in each if "sample" in each[name].dims]] for each in results if "sample" in each.dims]
    parts = [part.drop_vars("flaw_quantile", errors="ignore") for part in parts]
    return {
        int(p): part.isel(sample=part["trace_point"] == p) for part in parts for p in np.unique(part["trace_point"])
    }


def test_other_chunks_compute_nothing(small, write):
    done, before = run(load(write(small)))
    assert done == 30
    small["chunk_points"] = 4
    done, after = run(load(write(small)))
    assert done == 0
    xr.testing.assert_identical(table(after), table(before))


def test_more_values_compute_the_new_points_alone(small, write):
    run(load(write(small)))
    small["axes"]["temperature"] = {"values": ["0 degC", "60 degC", "80 degC"]}
    done, results = run(load(write(small)))
    assert done == 15
    alone = {**small, "chunk_points": 100}
    xr.testing.assert_identical(table(results), table(run(load(write(alone, "alone")))[1]))


def test_another_protocol_computes_everything(small, write):
    run(load(write(small)))
    small["protocol"][0]["repeat"] = 7
    assert run(load(write(small)))[0] == 30


def test_traces_serve_trace_points_and_rows_without_them_do_not(small, write):
    small["trace_points"] = [4, 11]
    before = traces(run(load(write(small)))[1])
    assert set(before) == {4, 11}
    small["trace_points"] = [4, 12]
    done, results = run(load(write(small, "other")))
    after = traces(results)
    assert done == 1 and set(after) == {4, 12}
    xr.testing.assert_identical(after[4], before[4])


def test_batches_of_a_job_that_died_are_known_to_a_sweep_that_was_edited(small, write):
    sweep = load(write(small))
    design = build(sweep)
    points = points_of(design, 0)
    path = workspace.journal_file(sweep, 0)
    journal = Journal(path, {p: design["point_identity"].values[p] for p in points})
    run_chunk(sweep, design, 0, 1, Progress("x", 30, 0, ()), journal=journal)
    assert path.is_file()
    small["chunk_points"] = 10
    assert run(load(write(small)))[0] == 30 - len(points)


def test_a_row_limited_by_time_is_computed_again(small, write):
    sweep = load(write(small))
    _, results = run(sweep)
    file = workspace.chunk_files(sweep)[0]
    changed = results[0].copy(deep=True)
    changed["repeatable"].values[2] = 0
    store.write(changed, file, sweep.label("chunk 0"))
    assert run(load(write(small, "other")))[0] == 1


def test_a_damaged_copy_of_known_points_stops_nothing(small, write):
    run(load(write(small)))
    small["chunk_points"] = 4
    sweep = load(write(small))
    assert run(sweep)[0] == 0
    (part,) = workspace.known_folder(sweep).glob("part-*.nc")
    part.write_bytes(part.read_bytes()[:500])
    points = points_of(build(sweep), 2)
    assert known.rows_for(sweep, workspace.known_folder(sweep), 2, points) == []


def test_a_damaged_chunk_of_another_sweep_is_passed_over(small, write):
    sweep = load(write(small))
    run(sweep)
    file = workspace.chunk_files(sweep)[1]
    file.write_bytes(file.read_bytes()[:-1000])
    assert run(load(write(small, "other")))[0] == len(points_of(build(sweep), 1))
