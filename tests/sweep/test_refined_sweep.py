"""A sweep file that asks for refinement: what is refused, how its rounds are laid out, what its map tells."""

import numpy as np
import pytest
import xarray as xr

from cellmodel.errors import InputError
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.plots import draw_boundary
from cellmodel.sweep import store, workspace
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.failure_map import failure_map
from cellmodel.sweep.plan_text import layout
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.refine.boundary import UNKNOWN, categories
from cellmodel.sweep.refine.surface import surface
from cellmodel.sweep.rounds import found_before, gather
from cellmodel.sweep.run import run_chunk

REFINE = {"first": 16, "rounds": 2, "points": 10, "explore": 0.2}


@pytest.fixture
def refined(small):
    """Content of a refined sweep; the stand-in shorts above 20 MPa and breaks down in one corner."""
    small["axes"] = {
        "anode.porosity": {"linear": [0.6, 0.95]},
        "stack_pressure": {"log": ["0.5 MPa", "50 MPa"]},
        "temperature": {"values": ["0 degC", "60 degC"]},
    }
    small["design"] = {"refine": dict(REFINE)}
    return small


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def simulate(sweep, threads=2):
    """Run the rounds as the workflow does."""
    for number, part in enumerate(sweep.parts):
        if not workspace.design_file(part).is_file():
            store.write(build(part, found_before(sweep, number)), workspace.design_file(part), part.label("design"))
        design = store.read(workspace.design_file(part), part.label("design"))
        for chunk, file in enumerate(workspace.chunk_files(part)):
            if not file.is_file():
                results = run_chunk(part, design, chunk, threads, Progress("", 0, 0, ()))
                store.write(results, file, part.label(f"chunk {chunk}"))
    return failure_map(gather(sweep, sweep.parts), sweep)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"of": "margin_shorts"}, "did you mean 'margin_short'"),
        ({"of": "outcome", "level": 1}, "leave the level out"),
        ({"of": "peak_stack_pressure"}, "level: 0.9"),
        ({"of": "short_cycle", "level": 0}, "above 0"),
        ({"first": 20}, "use 16 or 32"),
        ({"rounds": 0}, "greater than or equal to 1"),
        ({"explore": 1.5}, "less than or equal to 1"),
        ({"batch": 3}, "batch"),
    ],
)
def test_a_boundary_that_is_none_is_refused(refined, write, change, message):
    refined["design"]["refine"] |= change
    with pytest.raises(InputError, match="design") as error:
        load(write(refined))
    assert message in str(error.value)


def test_axes_and_draws_that_cannot_be_refined_are_refused(refined, write):
    refined["axes"]["stack_pressure"] = {"log": ["0.5 MPa", "50 MPa", 5]}
    with pytest.raises(InputError, match="samples fill the range"):
        load(write(refined))
    refined["axes"] = {"temperature": {"values": ["0 degC", "60 degC"]}}
    with pytest.raises(InputError, match="every axis has explicit values"):
        load(write(refined))
    refined["axes"] = {"stack_pressure": {"log": ["0.5 MPa", "50 MPa"]}}
    refined["uncertain"] = {"draws": 4, "parameters": {"laboratory.flaw_depth": {}}}
    with pytest.raises(InputError, match="not possible with uncertain parameters"):
        load(write(refined))


def test_rounds_are_arithmetic(refined, write):
    refined["trace_points"] = [0, 17, 30]
    sweep = load(write(refined))
    assert [part.points for part in sweep.parts] == [16, 10, 10]
    assert (sweep.points, sweep.chunks) == (36, 3 + 2 + 2)
    assert [part.trace_points for part in sweep.parts] == [(0,), (1,), (4,)]
    assert len({part.folder_name for part in sweep.parts}) == 3


def test_more_rounds_leave_those_before_as_they_are(refined, write):
    names = [part.folder_name for part in load(write(refined)).parts]
    refined["design"]["refine"]["rounds"] = 5
    assert [part.folder_name for part in load(write(refined)).parts][:3] == names


@pytest.mark.parametrize(
    ("change", "same"),
    [({"level": 0.5}, 1), ({"points": 12}, 1), ({"explore": 0.5}, 1), ({"seed": 1}, 0), ({"first": 32}, 0)],
)
def test_another_boundary_keeps_the_even_round(refined, write, change, same):
    names = [part.folder_name for part in load(write(refined)).parts]
    refined["design"]["refine"] |= change
    changed = [part.folder_name for part in load(write(refined)).parts]
    assert [a == b for a, b in zip(names, changed, strict=True)] == [True] * same + [False] * (3 - same)


def test_a_report_moves_only_a_boundary_that_reads_it(refined, write):
    def names():
        return [part.folder_name for part in load(write(refined)).parts]

    before = names()
    refined["report"]["threshold"] = 0.9
    assert names() == before
    refined["design"]["refine"]["of"] = "margin_fade"
    faded = names()
    refined["report"]["threshold"] = 0.85
    assert names()[0] == faded[0] and names()[1] != faded[1]


def test_later_rounds_lie_at_the_boundary(refined, write, no_solver, here):
    sweep = load(write(refined))
    found = simulate(sweep)
    assert found.sizes["point"] == 36
    assert found["refinement_round"].values.tolist() == [0] * 16 + [1] * 10 + [2] * 10
    assert found["even_sample"].values.sum() == 16 + 2 + 2
    at = found.isel(point=np.flatnonzero(found["even_sample"] == 0))
    away = np.abs(np.log(at["stack_pressure"] / 20.0)) / np.log(100.0)
    assert away.mean() < 0.12
    assert len(set(found["point_identity"].values)) == 36
    assert set(found["temperature"].values) == {0.0, 60.0}
    assert all(float(f"{value:.6g}") == value for value in found["stack_pressure"].values)


def test_points_depend_neither_on_chunks_nor_on_threads(refined, write, no_solver, here):
    first = simulate(load(write(refined, "one")), threads=1)
    refined["chunk_points"] = 3
    second = simulate(load(write(refined, "two")), threads=2)
    for name in ("stack_pressure", "anode_porosity", "temperature", "outcome", "point_identity"):
        assert np.array_equal(first[name].values, second[name].values), name


def test_a_grown_sweep_goes_on(refined, write, no_solver, here):
    before = simulate(load(write(refined)))
    times = {file: file.stat().st_mtime_ns for file in workspace.RESULTS.rglob("0*.nc")}
    refined["design"]["refine"]["rounds"] = 3
    sweep = load(write(refined))
    assert workspace.points_done(sweep) == 36
    after = simulate(sweep)
    assert np.array_equal(after["point_identity"].values[:36], before["point_identity"].values)
    assert all(file.stat().st_mtime_ns == time for file, time in times.items())


def test_categories_tell_sides_and_what_is_not_known(refined, write, no_solver, here):
    sweep = load(write(refined))
    found = simulate(sweep)
    failed = np.arange(36) % 9 == 0
    found["outcome"][failed] = OutcomeKind.SOLVER_FAILED.value
    kinds = categories(found, sweep)
    assert (kinds[failed] == UNKNOWN).all()
    assert np.array_equal(kinds[~failed] == 1, found["stack_pressure"].values[~failed] > 20.0)
    for change in ({"of": "short_cycle"}, {"of": "short_areal_capacity", "level": 2.5}):  # infinite where none came
        refined["design"]["refine"] = REFINE | change
        assert np.array_equal(categories(found, load(write(refined))), kinds)
    refined["design"]["refine"] = REFINE | {"of": "short_areal_capacity", "level": 1.5}
    assert not (categories(found, load(write(refined))) == 1).any()


@pytest.mark.parametrize("of", ["margin_short", "outcome", "margin_contact"])
def test_the_surface_tells_the_boundary_and_its_error(refined, write, no_solver, here, tmp_path, of):
    refined["design"]["refine"]["of"] = of
    sweep = load(write(refined))
    found = simulate(sweep)
    gridded = surface(found, sweep)
    assert dict(gridded.sizes) == {"anode_porosity": 36, "stack_pressure": 36, "temperature": 2}
    assert all(np.isfinite(gridded[name]).all() for name in gridded.data_vars)
    pressure = gridded["stack_pressure"]
    if of == "outcome":
        shorted = gridded["outcome"] == OutcomeKind.SHORTED
        assert float((shorted == (pressure > 20.0)).mean()) > 0.93
    else:
        below = gridded["probability_below"] > 0.5
        assert float((below == (pressure > 20.0)).mean()) > 0.93
        assert 0.0 < float(gridded["in_doubt"].mean()) < 0.6
        assert gridded.attrs["boundary"] == f"{of} = 0"
    assert gridded.attrs["points"] + gridded.attrs["points_without_answer"] == 36
    assert 0.0 < gridded.attrs["expected_error"] < 0.3 and 0.0 <= gridded.attrs["error"] <= 0.3
    assert sum(gridded.attrs["calibration_points"]) == gridded.attrs["points"] * 2
    files = draw_boundary(gridded, found, categories(found, sweep), tmp_path / "figures")
    assert [file.suffix for file in files] == [".png", ".svg"] and all(file.stat().st_size > 10_000 for file in files)
    store.write(gridded, tmp_path / "boundary.nc", sweep.label("boundary"))
    xr.testing.assert_allclose(store.read(tmp_path / "boundary.nc", sweep.label("boundary")), gridded)


def test_without_any_boundary_the_surface_says_so(refined, write, no_solver, here, tmp_path):
    refined["axes"]["stack_pressure"] = {"log": ["2 MPa", "10 MPa"]}
    sweep = load(write(refined))
    found = simulate(sweep)
    gridded = surface(found, sweep)
    assert (gridded["probability_below"] == 0.0).all() and not gridded["log_odds"].isnull().any()
    assert draw_boundary(gridded, found, categories(found, sweep), tmp_path)


def test_a_plan_names_the_rounds(refined, write, here):
    refined["protocol"][0]["repeat"] = 1
    refined["report"] = {}
    assert "36 = 16 even ones, then 2 rounds of 10" in f"{load(write(refined)).points} = {layout(load(write(refined)))}"
