"""A sweep with uncertain parameters through the workflow: its own figures, and resumed like any other."""

import pytest
import xarray as xr
from tiny_sweep import chunk_folder, make_folder, run_in

from cellmodel.plots import FIGURES_OF_DRAWS

SWEEP = """\
base_cell: {anode: cu-foil}
protocol:
  - steps: [Plate at 1 mA/cm2 until 0.4 mAh/cm2, Strip at 1 mA/cm2 until 1.0 V]
axes:
  stack_pressure: {log: [5 MPa, 30 MPa, 2]}
  area: {values: [1 cm2, 10 cm2]}
uncertain:
  draws: 4
  parameters:
    laboratory.flaw_depth: {lognormal: {mean: 9 um, standard_deviation: 3 um}}
    electrolyte.toughness: {}
chunk_points: 6
"""


@pytest.fixture
def drawn(tmp_path):
    folder = make_folder(tmp_path / "drawn")
    (folder / "config/sweeps/tiny.yaml").write_text(SWEEP)
    return folder


def test_draws_end_in_probabilities_and_a_lost_chunk_is_the_only_one_computed_anew(drawn):
    done = run_in(drawn)
    assert done.returncode == 0, done.stderr
    results = drawn / "results/tiny"
    before = xr.load_dataset(results / "failure_map.nc")
    short = before["probability_of_short"].isel(cycle=-1)
    assert short.dims == ("stack_pressure", "area") and short.notnull().all()
    assert (short.sel(area=10) >= short.sel(area=1)).all()
    assert {file.stem for file in (results / "figures").iterdir()} == set(FIGURES_OF_DRAWS)
    chunks = {file.name: file.stat().st_mtime_ns for file in chunk_folder(drawn).glob("0*.nc")}
    assert len(chunks) == 3
    (chunk_folder(drawn) / "00001.nc").unlink()
    done = run_in(drawn)
    assert done.returncode == 0, done.stderr
    anew = {file.name for file in chunk_folder(drawn).glob("0*.nc") if file.stat().st_mtime_ns != chunks[file.name]}
    assert anew == {"00001.nc"}
    xr.testing.assert_identical(xr.load_dataset(results / "failure_map.nc"), before)
