"""What tests need from the machine: named when it is missing, and demanded on the project's own checks."""

import importlib.util
import os
import shutil

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def slurm_missing() -> str | None:
    from slurm_cluster import missing  # beside the tests that carry the marker

    return missing()


def browser_missing() -> str | None:
    if not any(shutil.which(name) for name in CHROMIUM_NAMES):
        return "Chromium is not installed; get it with: apt-get install chromium"
    return None


def pybamm_missing() -> str | None:
    if importlib.util.find_spec("pybamm") is None:
        pins = "--require-hashes --no-deps -r constraints-benchmark.txt"
        return f"PyBaMM is not installed; get it with: .venv/bin/python -m pip install {pins}"
    return None


MISSING = {"slurm": slurm_missing, "browser": browser_missing, "pybamm": pybamm_missing}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, missing in MISSING.items():
        if item.get_closest_marker(marker) is None or (reason := missing()) is None:
            continue
        # A check that skips what it came to check proves nothing.
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
