"""The environment is what the pins say, and a killed workflow does not stand in its own way."""

import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PIN_FILES = ("constraints.txt", "constraints-build.txt", "constraints-benchmark.txt")


def load(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


release = load(ROOT / "workflow" / "release_stale_lock.py")


def pins(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text().splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[a-z0-9]", line)]


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    return [Requirement(text) for group in (project["dependencies"], *extras.values()) for text in group]


@pytest.mark.parametrize("name", PIN_FILES)
def test_every_pin_has_a_hash_and_no_file_names_a_host(name):
    text = (ROOT / name).read_text()
    entries = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert not re.search(r"(?m)^\s*--(?!hash)", text)


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_every_dependency_is_pinned_within_its_range(requirement):
    found = [pin for name in PIN_FILES for pin in pins(name) if pin.name.lower() == requirement.name.lower()]
    assert found
    assert all(requirement.specifier.contains(str(pin.specifier).removeprefix("==")) for pin in found)


@pytest.mark.parametrize("pin", pins("constraints.txt"), ids=str)
def test_installed_version_is_the_pinned_one(pin):
    if pin.marker is not None and not pin.marker.evaluate():
        return
    assert pin.specifier.contains(importlib.metadata.version(pin.name))


@pytest.fixture
def locked_folder(tmp_path):
    locks = tmp_path / ".snakemake" / "locks"
    locks.mkdir(parents=True)
    (locks / "0.input.lock").write_text("results/design.nc\n")
    return tmp_path


@pytest.fixture
def start(locked_folder):
    """Start a process in the locked folder whose command line looks as told."""
    started = []

    def sleeper(*words: str) -> subprocess.Popen:
        command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)", *words]
        process = subprocess.Popen(command, cwd=locked_folder, stdout=subprocess.PIPE)
        process.stdout.readline()
        started.append(process)
        return process

    yield sleeper
    for process in started:
        process.kill()
        process.communicate()


def test_lock_without_an_owner_is_released(locked_folder):
    assert release.main(locked_folder) == 0
    assert not (locked_folder / ".snakemake" / "locks").exists()


def test_lock_of_a_live_snakemake_is_respected(locked_folder, start, capsys):
    owner = start("snakemake")
    assert release.main(locked_folder) == 2
    assert str(owner.pid) in capsys.readouterr().err
    assert owner.poll() is None
    assert any((locked_folder / ".snakemake" / "locks").iterdir())


def test_jobs_without_a_snakemake_are_ended(locked_folder, start):
    orphan = start(os.path.join(locked_folder, ".snakemake/scripts/tmp1.simulate_chunk.py"))
    assert release.main(locked_folder) == 0
    orphan.wait(timeout=10)  # raises while it still runs


def test_processes_elsewhere_are_left_alone(locked_folder, start, tmp_path_factory):
    other = start("snakemake")
    assert release.main(tmp_path_factory.mktemp("elsewhere")) == 0
    assert other.poll() is None
