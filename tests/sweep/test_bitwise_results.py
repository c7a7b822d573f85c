"""The real model: the same bits for any chunking, threads, batches and processes, simulated, resumed or taken over."""

import numpy as np
import pytest
import xarray as xr
import yaml

from cellmodel.sweep import known, rows, store, workspace
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build
from cellmodel.sweep.isolated import Worker, run_carefully
from cellmodel.sweep.journal import Journal
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.run import points_of, run_chunk

TINY = {
    "base_cell": {"anode": "ag-ni-scaffold", "electrolyte": "lpscl", "cathode": "ncm811", "anode.porosity": 0.95},
    "protocol": [{"repeat": 2, "steps": ["Charge at 1C until 4.25 V", "Discharge at 1C until 2.5 V"]}],
    "axes": {
        "stack_pressure": {"log": ["1 MPa", "20 MPa", 5]},
        "cathode.loading": {"values": ["5 mg/cm2", "10 mg/cm2"]},
        "anode.electrolyte_share": {"values": [0.0, 0.3]},  # with the second, no cell can be built
    },
    "trace_points": [8],
}


def sweep_of(write, chunk_points, name="tiny"):
    return load(write({**TINY, "chunk_points": chunk_points}, name))


def simulated(sweep, threads=1, **options):
    """Return each chunk of a sweep, simulated."""
    design, progress = build(sweep), Progress(sweep.name, sweep.points, 0, ())
    return [run_chunk(sweep, design, chunk, threads, progress, **options) for chunk in range(sweep.chunks)]


def bits(chunks):
    """Return every number and text of a sweep's points by name, in the order of the points."""
    whole = xr.concat([each.drop_dims(["sample", "place"], errors="ignore") for each in chunks], "point").sortby(
        "point"
    )
    found = {name: whole[name].values for name in whole.variables if name != "kernel_seconds"}
    for chunk in chunks:
        if "sample" in chunk.dims:
            found |= {name: chunk[name].values for name in chunk.variables if "sample" in chunk[name].dims}
    return {name: values.tolist() if values.dtype.kind == "O" else values.tobytes() for name, values in found.items()}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    path = tmp_path_factory.mktemp("reference") / "tiny.yaml"
    path.write_text(yaml.safe_dump({**TINY, "chunk_points": 100}, sort_keys=False))
    found = simulated(load(path))
    assert len(set(found[0]["outcome"].values.tolist())) >= 2 and "trace_voltage" in found[0]
    return bits(found)


@pytest.mark.parametrize(("chunk_points", "threads", "lanes"), [(3, 2, 8), (100, 2, 1), (7, 1, 3)])
def test_chunks_threads_and_batches_change_no_bit(write, reference, monkeypatch, chunk_points, threads, lanes):
    monkeypatch.setattr("cellmodel.sweep.run.LANES", lanes)
    assert bits(simulated(sweep_of(write, chunk_points), threads)) == reference


def test_a_resumed_chunk_has_the_same_bits(write, reference, tmp_path):
    sweep = sweep_of(write, 100)
    design = build(sweep)
    hashes = dict(enumerate(design["point_identity"].values))
    path = tmp_path / "00000.jsonl"
    simulated(sweep, journal=Journal(path, hashes))
    lines = path.read_bytes().splitlines(keepends=True)
    whole = [line for line in lines if b'"rows"' in line]
    path.write_bytes(b"".join(whole[:-1]))
    journal = Journal(path, hashes)
    assert 0 < len(journal.rows) < sweep.points
    assert bits(simulated(sweep, journal=journal)) == reference


def test_points_taken_over_have_the_same_bits(write, reference, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old, new = sweep_of(write, 100, "old"), sweep_of(write, 7, "new")
    (chunk,) = simulated(old)
    store.write(chunk, workspace.chunk_files(old)[0], old.label("chunk 0"))
    design, folder = build(new), workspace.known_folder(new)
    assert known.write(new, design, known.look_up(design, workspace.sources(new)), folder, "") == new.points
    progress, chunks = Progress("new", new.points, 0, ()), []
    for number, file in enumerate(workspace.chunk_files(new)):
        taken = known.rows_for(new, folder, number, points_of(design, number))
        store.write(run_chunk(new, design, number, 1, progress, known=taken), file, new.label(f"chunk {number}"))
        chunks.append(store.read(file, new.label(f"chunk {number}")))
    assert progress.done == 0 and bits(chunks) == reference


def test_a_process_apart_gives_the_same_bits(write, reference):
    sweep = sweep_of(write, 100)
    design = build(sweep)
    values = np.stack([design[each.name].values for each in sweep.varied], axis=1)
    worker = Worker(sweep)
    try:
        batches = list(run_carefully(worker, values, [[0, 1, 2, 3, 4], [5], list(range(6, sweep.points))]))
    finally:
        worker.close()
    assert worker.death == ""
    table = rows.table([row for batch in batches for row in batch], sweep.cycles)
    table["point_identity"] = design["point_identity"].drop_vars("point")
    assert bits([table]) == reference
