"""Chunks: a row for every point whatever happens, the same for any chunking and number of threads."""

import numpy as np
import pytest
import xarray as xr

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep import rows, store
from cellmodel.sweep.collect import collect
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import run_chunk

pytestmark = pytest.mark.usefixtures("no_solver")


def simulated(sweep, folder, threads=2):
    """Run every chunk of a sweep and collect them."""
    design, files = build(sweep), []
    progress = Progress(sweep.name, sweep.points, 0, ())
    for chunk in range(sweep.chunks):
        files.append(folder / f"{chunk}.nc")
        store.write(run_chunk(sweep, design, chunk, threads, progress), files[-1], sweep.label(f"chunk {chunk}"))
    assert progress.done == sweep.points
    return collect(sweep, design, files)


def test_every_point_of_a_grid_is_where_its_axes_say(sweep, tmp_path):
    points = simulated(sweep, tmp_path)
    assert dict(points["outcome"].sizes) == {"anode_porosity": 3, "stack_pressure": 5, "temperature": 2}
    high = points.sel(stack_pressure=50.0)
    assert (high["outcome"] == OutcomeKind.SHORTED).all()
    assert (high["message"] == "at 50 MPa").all()
    failed = points.sel(anode_porosity=0.95, stack_pressure=0.5)
    assert (failed["outcome"] == OutcomeKind.SOLVER_FAILED).all()
    assert (failed["message"] == "FloatingPointError: step size fell below 1e-9 s").all()
    assert int((points["outcome"] == OutcomeKind.NOT_RUN).sum()) == 0
    pressure = points["stack_pressure_max"].isel(cycle=0)
    kept = pressure.notnull()
    given = points["stack_pressure"].broadcast_like(pressure)
    assert np.allclose(pressure.values[kept], given.values[kept])


@pytest.mark.parametrize(("chunk_points", "threads"), [(1, 1), (4, 3), (30, 1), (100, 2)])
def test_results_depend_on_neither_chunks_nor_threads(small, write, tmp_path, chunk_points, threads):
    reference = simulated(load(write(small)), tmp_path)
    small["chunk_points"] = chunk_points
    (tmp_path / "other").mkdir()
    other = simulated(load(write(small)), tmp_path / "other", threads)
    xr.testing.assert_identical(other.drop_attrs(deep=False), reference.drop_attrs(deep=False))


def test_a_cell_that_cannot_be_built_is_a_row_with_its_reason(small, write, tmp_path):
    small["axes"] = {
        "anode.porosity": {"values": [0.6, 0.95]},
        "anode.electrolyte_share": {"values": [0.0, 0.3]},
    }
    points = simulated(load(write(small)), tmp_path)
    row = points.sel(anode_porosity=0.95, anode_electrolyte_share=0.3)
    assert int(row["outcome"]) == OutcomeKind.INVALID_DESIGN
    assert "anode.porosity" in str(row["message"].values)
    assert np.isnan(row["discharge_capacity"]).all() and np.isnan(row["short_probability"])
    assert int((points["outcome"] == OutcomeKind.COMPLETED).sum()) == 3


def test_every_point_is_run_with_the_settings_of_the_sweep(small, write, tmp_path):
    small["settings"] = {"relative_tolerance": 1e-5, "jump_error": 0.005}
    points = simulated(load(write(small)), tmp_path)
    ended = points["outcome"] != OutcomeKind.SOLVER_FAILED
    assert (points["jump_error"].where(ended, 0.005) == 0.005).all()


def test_a_chunk_in_which_everything_fails_fits_the_others(small, write, tmp_path, monkeypatch):
    reference = simulated(load(write(small)), tmp_path)

    def broken(*_args, **_options):
        raise ArithmeticError("no number")

    monkeypatch.setattr("cellmodel.sweep.points.run_tasks", broken)
    (tmp_path / "other").mkdir()
    other = simulated(load(write(small)), tmp_path / "other")
    assert set(other.variables) == set(reference.variables)
    assert (other["outcome"] == OutcomeKind.SOLVER_FAILED).all()


def test_scattered_designs_keep_their_points(small, write, tmp_path):
    small["axes"] = {
        "stack_pressure": {"log": ["0.5 MPa", "50 MPa"]},
        "temperature": {"linear": ["0 degC", "9 degC"]},
    }
    small["design"] = {"latin_hypercube": {"points": 11}}
    points = simulated(load(write(small)), tmp_path)
    assert points["outcome"].dims == ("point",)
    assert {"stack_pressure", "temperature"} < set(points.coords)


def test_traces_are_kept_for_the_chosen_points_only(small, write, tmp_path):
    small["trace_points"] = [4, 11]
    sweep = load(write(small))
    design = build(sweep)
    progress = Progress(sweep.name, sweep.points, 0, ())
    kept = {}
    for chunk in range(sweep.chunks):
        found = run_chunk(sweep, design, chunk, 1, progress)
        for point in np.unique(found.get("trace_point", [])):
            kept[int(point)] = found["trace_voltage"].values[found["trace_point"].values == point]
    assert set(kept) == {4, 11}
    assert np.allclose(kept[4], np.linspace(3, 4, 9))
    assert simulated(sweep, tmp_path)["outcome"].size == 30


def test_memory_stays_flat_however_many_points_wait(small, write, monkeypatch):
    small["chunk_points"] = 30
    sweep = load(write(small))
    submitted, finished, most = 0, 0, 0

    def count(self, *args, **options):
        nonlocal submitted, most
        submitted += 1
        most = max(most, submitted - finished)
        return original(self, *args, **options)

    from distributed import Client

    original = Client.submit
    monkeypatch.setattr(Client, "submit", count)

    class Counting(Progress):
        def add(self, points):
            nonlocal finished
            finished += 1

        begin = add

    design = build(sweep)
    run_chunk(sweep, design, 0, 2, Counting("x", 30, 0, ()))
    assert most <= 4 and submitted >= 2


def test_rows_carry_what_the_run_said(sweep):
    row = run_batch(sweep, [0], np.array([[0.6, 50.0, 0.0]]))[0][0]
    table = rows.stack([row], sweep.cycles)
    assert float(table["short_areal_capacity"][0]) == 2.0
    assert float(table["short_probability"][0]) == 1.0
    assert float(table["outcome_time"][0]) == 3.0
    assert np.isnan(table["discharge_capacity"].values[0, 3:]).all()
    for name, variable in table.variables.items():
        assert "long_name" in variable.attrs, name
        assert "units" in variable.attrs or name in ("point", "outcome", "message", "repeatable"), name
    meanings = table["outcome"].attrs["flag_meanings"].split()
    assert [OutcomeKind[name.upper()] for name in meanings] == list(table["outcome"].attrs["flag_values"])
