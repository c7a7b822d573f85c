"""Tables that are gathered in groups and worked through in blocks are those that are made at once."""

import numpy as np
import pytest
import xarray as xr

from cellmodel.sweep import store, tables
from cellmodel.sweep.collect import collect, parts
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.failure_map import failure_map
from cellmodel.sweep.map_blocks import write_map
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import run_chunk
from cellmodel.sweep.tables import Source, blocks, gather, rows_of

DESIGNS = ("grid", "grid of draws", "sample", "sample of draws")


@pytest.fixture(params=DESIGNS)
def simulated(request, small, write, no_solver, tmp_path):
    if "sample" in request.param:
        small["axes"] = {"stack_pressure": {"log": ["0.8 MPa", "50 MPa"]}, "anode.porosity": {"linear": [0.6, 0.95]}}
        small["design"] = {"latin_hypercube": {"points": 11}}
    if "draws" in request.param:
        small["uncertain"] = {"draws": 3, "parameters": {"electrolyte.toughness": {}}}
    sweep = load(write(small))
    design = build(sweep)
    files = [tmp_path / f"{chunk}.nc" for chunk in range(sweep.chunks)]
    for chunk, file in enumerate(files):
        store.write(run_chunk(sweep, design, chunk, 1, Progress("", 1, 0, ())), file, sweep.label(f"chunk {chunk}"))
    return sweep, design, files


def test_groups_and_blocks_change_nothing(simulated, tmp_path, monkeypatch):
    sweep, design, files = simulated
    whole = collect(sweep, design, files)
    monkeypatch.setattr(tables, "GROUP_BYTES", 1000)
    points = tmp_path / "points.nc"
    written = list(parts(sweep, design, files))
    assert len(written) > 5
    store.write_parts(written, points, sweep.label("points"))
    xr.testing.assert_identical(
        store.read(points, sweep.label("points")).drop_attrs(deep=False), whole.drop_attrs(deep=False)
    )

    write_map(points, sweep, tmp_path / "once.nc")
    monkeypatch.setattr(tables, "BLOCK_BYTES", 3000)
    write_map(points, sweep, tmp_path / "blocks.nc")
    once, by_blocks = (store.read(tmp_path / f"{name}.nc", sweep.label("failure_map")) for name in ("once", "blocks"))
    xr.testing.assert_identical(once, by_blocks)
    xr.testing.assert_equal(once, failure_map(whole, sweep))
    assert sorted(path.name for path in tmp_path.iterdir() if "blocks." in path.name) == ["blocks.nc"]


def test_blocks_are_successive_rows_and_hold_each_once():
    for shape, most in (((7,), 3), ((5, 4), 9), ((2, 3, 4), 1), ((2, 3, 4), 5), ((6, 2, 2), 8), ((3, 3), 100)):
        boxes = list(blocks(shape, 1.0, most))
        assert np.concatenate([rows_of(box, shape) for box in boxes]).tolist() == list(range(int(np.prod(shape))))
        for box in boxes:
            number = np.arange(np.prod(shape)).reshape(shape)[box].ravel()
            assert number.tolist() == rows_of(box, shape).tolist()
            assert number.size <= max(most, 1)


def test_texts_of_any_length_come_back(tmp_path):
    sources, texts = [], [["a", "", "bé"], ["longer", "x" * 50, "y"]]
    for number, each in enumerate(texts):
        table = xr.Dataset({"text": ("point", np.array(each, dtype=object), {"long_name": "a text"})})
        sources.append(Source(tmp_path / f"{number}.nc", "me", np.arange(number, 6, 2)))
        store.write(table, sources[-1].path, "me")
    (found,) = gather(sources, 7, "point", ["text"])
    assert found["text"].dtype.itemsize == 50
    store.write(found, tmp_path / "all.nc", "all")
    back = store.read(tmp_path / "all.nc", "all")["text"]
    assert back.values.tolist() == ["a", "longer", "", "x" * 50, "bé", "y", ""]
    assert back.attrs == {"long_name": "a text"}
    assert tables.decoded(found)["text"].values.tolist() == back.values.tolist()


def test_a_damaged_or_foreign_file_is_named_and_nothing_is_written(simulated, tmp_path):
    sweep, design, files = simulated
    content = files[1].read_bytes()
    files[1].write_bytes(files[0].read_bytes())
    with pytest.raises(store.ForeignFile, match=files[1].name):
        store.write_parts(parts(sweep, design, files), tmp_path / "points.nc", "x")
    files[1].write_bytes(content[: len(content) // 2])
    with pytest.raises(store.DamagedFile, match=files[1].name):
        store.write_parts(parts(sweep, design, files), tmp_path / "points.nc", "x")
    assert not [path for path in tmp_path.iterdir() if "points" in path.name]
