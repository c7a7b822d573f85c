"""Large sweeps: memory and time stay within bounds; small ones here, the large ones in `make test-long`."""

import measure
import numpy as np
import pytest
import scale
import xarray as xr


def test_the_stages_of_synthetic_points(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # undone when the test ends
    found = scale.million_rows(tmp_path / "rows", cycles=3, shape=(5, 10, 2, 10), chunk_points=300)
    assert max(found[stage]["peak_MiB"] for stage in ("design", "collect", "failure_map")) < 512
    result = xr.open_dataset(tmp_path / "rows/results/large/failure_map.nc")
    assert result["outcome"].shape == (5, 10, 2, 10)
    assert float((result["outcome"] == 1).mean()) == pytest.approx(0.75, abs=0.01)
    assert len(np.unique(result["point_identity"])) == 1000


def test_memory_of_the_process_that_starts_a_stage_is_not_counted():
    held = np.ones(50_000_000)  # 400 MB
    assert float(measure.python("from measure import peak_memory; print(peak_memory())")) < 0.8 * held.nbytes / 2**20


def test_memory_that_grows_is_seen():
    assert scale.growth([0.0, *[300.0] * 9]) == 0.0
    assert scale.growth([0.0, *np.linspace(300, 390, 9)]) > 20


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_million_rows_take_less_than_two_gigabytes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = scale.million_rows(tmp_path / "rows")
    assert max(found[stage]["peak_MiB"] for stage in ("design", "collect", "failure_map")) < 2048


@pytest.mark.slow
def test_the_graph_of_a_thousand_chunks_takes_less_than_a_minute(tmp_path):
    wall, computing = scale.chunks_seconds(tmp_path / "chunks", 1000)
    assert computing < 30 and wall < 60
