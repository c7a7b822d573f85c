"""The test cluster, the sweep that runs on it, and what a local run of that sweep finds."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import xarray as xr
from slurm_cluster import SlurmCluster
from slurm_sweep import Run, local_rows, make_slurm_folder


@pytest.fixture(scope="session")
def cluster() -> Iterator[SlurmCluster]:
    with tempfile.TemporaryDirectory(prefix="slurm-") as name:
        started = SlurmCluster(Path(name))
        try:
            started.start()
            yield started
        finally:
            started.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_slurm_folder(tmp_path / "sweep")


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """Return the rows of the sweep as this process finds them; the model is compiled afterwards."""
    return local_rows(make_slurm_folder(tmp_path_factory.mktemp("local") / "sweep"))


@pytest.fixture
def run(cluster: SlurmCluster, folder: Path) -> Iterator[Run]:
    """Start snakemake on the cluster; it is ended, with its jobs, when the test is over."""
    started = Run(cluster, folder)
    yield started
    started.end()
