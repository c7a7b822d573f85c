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


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workers_that_start_at_once_share_one_empty_cache(tmp_path):
    """Each of them may compile, none may read what another has half written; afterwards the next one loads it."""
    program = (
        "import cellmodel as cm, time; began = time.perf_counter();"
        "run = cm.simulate(cm.Cell(anode='cu-foil'), cm.Protocol([{'steps': ['Plate at 0.1 mA/cm2 for 10 min']}]));"
        "print(time.perf_counter() - began, run.outcome.kind.label, float(run.trace.voltage[-1]).hex())"
    )
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "CELLMODEL_CACHE": str(tmp_path)}
    pipe = subprocess.PIPE
    workers = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) for _ in range(3)]
    printed = [worker.communicate() for worker in workers]
    assert all(worker.returncode == 0 for worker in workers), printed
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    results = {tuple(out.split()[1:]) for out, _ in [*printed, (done.stdout, "")]}
    assert len(results) == 1
    assert next(iter(results))[0] == "completed"
    assert float(done.stdout.split()[0]) < 20.0
