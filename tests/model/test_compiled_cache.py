"""A changed law can never meet an old cache."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cellmodel
from cellmodel import compiled_cache

PACKAGE = Path(cellmodel.__file__).parent
COMPILED_FILES = ["constants.py", "laws/creep.py", "numerics/rosenbrock.py", "model/host.py"]


@pytest.fixture
def copied_package(tmp_path):
    target = tmp_path / "cellmodel"
    shutil.copytree(PACKAGE, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def test_copy_has_the_same_hash(copied_package):
    assert compiled_cache.source_hash(copied_package) == compiled_cache.source_hash(PACKAGE)


@pytest.mark.parametrize("name", COMPILED_FILES)
def test_hash_changes_with_every_compiled_file(copied_package, name):
    before = compiled_cache.source_hash(copied_package)
    path = copied_package / name
    path.write_text(path.read_text() + "\n# changed\n")
    assert compiled_cache.source_hash(copied_package) != before


def test_hash_changes_with_a_new_or_renamed_law(copied_package):
    before = compiled_cache.source_hash(copied_package)
    (copied_package / "laws" / "extra.py").write_text("")
    added = compiled_cache.source_hash(copied_package)
    (copied_package / "laws" / "extra.py").rename(copied_package / "laws" / "other.py")
    assert len({before, added, compiled_cache.source_hash(copied_package)}) == 3


@pytest.mark.parametrize("name", ["cell.py", "data/cell.yaml", "sweep/run.py"])
def test_hash_ignores_what_is_not_compiled(copied_package, name):
    before = compiled_cache.source_hash(copied_package)
    path = copied_package / name
    path.write_text(path.read_text() + "\n# changed\n")
    assert compiled_cache.source_hash(copied_package) == before


def test_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("CELLMODEL_CACHE", str(tmp_path))
    folder = compiled_cache.cache_folder()
    assert folder.parent == tmp_path
    assert compiled_cache.source_hash(PACKAGE) in folder.name


def test_unwritable_cache_is_replaced(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CELLMODEL_CACHE", str(tmp_path / "file"))
    folder = compiled_cache.cache_folder()
    assert folder.is_dir()
    assert tmp_path not in folder.parents
    folder.rmdir()


def test_second_process_starts_from_the_cache():
    """Loading takes seconds where compiling takes most of a minute."""
    program = (
        "import cellmodel as cm, time; began = time.perf_counter();"
        "cm.simulate(cm.Cell(anode='cu-foil'), cm.Protocol([{'repeat': 1, 'steps': ['Rest for 1 min']}]));"
        "print(time.perf_counter() - began)"
    )
    for _ in range(2):  # the first one may have to compile
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=dict(os.environ)
        )
    assert float(done.stdout) < 20.0
