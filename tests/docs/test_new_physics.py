"""The page that adds a law, carried out on a copy of the package."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/new-physics.md").read_text(encoding="utf-8")
EDITS = re.findall(r"```diff\n--- (\S+)\n@@\n(.*?)```", PAGE, re.DOTALL)
TEST = re.search(r"`(tests/\S+\.py)`:.*?```python\n(.*?)```", PAGE, re.DOTALL)


def edited(text: str, hunk: str) -> str:
    """Replace the lines of a hunk that stand in the text (' ' and '-') by those that shall (' ' and '+')."""
    lines = hunk.splitlines(keepends=True)
    old = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
    new = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
    assert text.count(old) == 1, f"stands {text.count(old)} times in the file:\n{old}"
    return text.replace(old, new)


def apply_page(folder: Path) -> None:
    for name, hunks in EDITS:
        file = folder / name
        text = file.read_text(encoding="utf-8")
        for hunk in hunks.split("@@\n"):
            text = edited(text, hunk)
        file.write_text(text, encoding="utf-8")
    test = folder / TEST[1]
    test.parent.mkdir(parents=True, exist_ok=True)
    test.write_text(TEST[2], encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "cellmodel", tmp_path / "cellmodel", ignore=ignored)
    shutil.copytree(ROOT / "tests/laws", tmp_path / "tests/laws", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    apply_page(tmp_path)
    return tmp_path


def run_in(copy: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "CELLMODEL_CACHE": str(copy / "cache")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_edits_of_the_page_fit_the_package(copy: Path) -> None:
    assert len(EDITS) == PAGE.count("```diff")
    place = run_in(copy, "-c", "import cellmodel; print(cellmodel.__file__)").strip()
    assert Path(place) == copy / "cellmodel/__init__.py"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_page_adds_a_law_that_works(copy: Path) -> None:
    output = run_in(copy, "-m", "pytest", "-v", "tests/laws", TEST[1], "-k", "electronic_leak")
    for name in ("test_law_has_the_unit_that_it_claims", "test_law_names_its_source", "test_a_resting_cell_loses"):
        assert re.search(rf"{name}.* PASSED", output), output
