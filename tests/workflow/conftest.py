"""Folders in which the tiny sweep has run, or is yet to run."""

import shutil
from pathlib import Path

import pytest
from tiny_sweep import make_folder, run_in


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the tiny sweep has run; never changed, only copied."""
    folder = make_folder(tmp_path_factory.mktemp("finished"))
    done = run_in(folder)
    assert done.returncode == 0, done.stderr
    (folder / "first.log").write_text(done.stderr)
    return folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """Return a copy of the finished folder, free to be changed; times of files are kept."""
    return Path(shutil.copytree(finished, tmp_path / "copy", symlinks=True))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "fresh")
