"""Folders of other sweeps or machines: of use, or refused with what to do."""

import numpy as np
import pytest
import xarray as xr

from cellmodel.errors import InputError
from cellmodel.sweep import library, store
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.identity import result_hash


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "old" / "chunks" / "0123456789ab"
    folder.mkdir(parents=True)
    return folder


def fill(place, model, design=True):
    table = xr.Dataset({"outcome": ("point", np.ones(2, np.int8))}, attrs={"model": model})
    store.write(table, place / "00000.nc", "chunk")
    if design:
        store.write(table, place / "design.nc", "design")


def check(folder):
    library.check([folder], "config/config.yaml")


@pytest.mark.parametrize("design", [True, False])
@pytest.mark.parametrize("levels", range(3))
def test_results_of_this_model_are_accepted_at_any_level(place, design, levels):
    fill(place, result_hash(), design)
    check([place, *place.parents][levels])


@pytest.mark.parametrize("design", [True, False])
def test_results_of_another_model_are_refused(place, design):
    fill(place, "another", design)
    with pytest.raises(InputError, match=r"another version of the model.*Fix: take the entry out, or install"):
        check(place.parents[1])


def test_damaged_results_are_refused(place):
    (place / "00000.nc").write_bytes(b"nothing")
    with pytest.raises(InputError, match="no point that can be read"):
        check(place)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.touch(), "is no folder"),
        (lambda path: path.mkdir(), "holds no results of a sweep"),
    ],
)
def test_what_is_no_library_is_refused(tmp_path, make, problem):
    make(tmp_path / "folder")
    with pytest.raises(InputError, match=rf"config/config.yaml: library: '.*folder' {problem}.*Fix: name a folder"):
        check(tmp_path / "folder")


def test_a_library_changes_no_point(small, write):
    sweep = load(write(small))
    small["library"] = ["../elsewhere"]
    other = load(write(small))
    assert [str(folder) for folder in other.library] == ["../elsewhere"]
    assert other.identity == sweep.identity and other.folder_name == sweep.folder_name


def test_design_and_chunks_of_every_version_have_a_folder_of_their_own(small, write):
    names = {load(write(small)).folder_name}
    for chunk_points in (5, 10):
        names.add(load(write(small | {"chunk_points": chunk_points})).folder_name)
    names.add(load(write(small | {"trace_points": [1]})).folder_name)
    assert len(names) == 4
    assert load(write(small | {"report": {"threshold": 0.7}})).folder_name in names


def test_a_damaged_design_costs_no_point(small, write, tmp_path):
    from cellmodel.sweep import known

    sweep = load(write(small))
    design = build(sweep)
    folder = tmp_path / "chunks"
    held = np.flatnonzero(design["chunk"].values == 0)
    table = xr.Dataset({"outcome": ("point", np.ones(held.size, np.int8))})
    table["point_identity"] = ("point", design["point_identity"].values[held])
    store.write(table, folder / "00000.nc", "chunk")
    (folder / "design.nc").write_bytes(b"CDF damaged")
    found = known.look_up(design, [folder])
    assert np.flatnonzero(found.file[:, 0] >= 0).tolist() == held.tolist()
    assert found.row[held, 0].tolist() == list(range(held.size))
