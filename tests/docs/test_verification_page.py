"""The verification page names files that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/verification.md").read_text(encoding="utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE)))
FIGURES = re.findall(r"\]\((figures/[\w-]+\.png)\)", PAGE)


@pytest.mark.parametrize("name", TESTS)
def test_named_file_exists(name):
    assert (ROOT / name).is_file()


def test_figures_exist_and_are_all_shown():
    drawn = {f"figures/{path.name}" for path in (ROOT / "docs/figures").glob("verification-*.png")}
    assert drawn == set(FIGURES)


def test_every_closed_solution_names_a_test():
    table = PAGE.split("| limit | formula | test |\n")[1].split("\n\n")[0]
    rows = table.splitlines()[1:]
    assert len(rows) >= 10
    assert [row for row in rows if "tests/" not in row] == []


def test_tables_have_been_written():
    marks = re.findall(r"<!-- ([\w ]+): docs/make_(?:verification|comparisons)\.py -->\n", PAGE)
    assert len(marks) == 4
    for mark in marks:
        table = PAGE.split(f"<!-- {mark}: ")[1].split(f"<!-- end of {mark} -->")[0]
        assert table.count("\n| ") > 4
