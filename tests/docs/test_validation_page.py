"""The script that writes the verdicts into the docs."""

import importlib.util
import json
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def row(name, verdict="passed", **changes):
    values = {
        "file": "a.yaml", "source": {"key": "a", "title": "Copper", "doi": "10.1/a"}, "id": name, "where": "Fig. 1",
        "quantity": "coverage", "unit": "1", "measured": "x < y", "interval": [0.4, 0.6], "simulated": 0.5,
        "simulated_text": "0.5", "verdict": verdict, "misfit": 0.0 if verdict == "passed" else 2.0,
    }  # fmt: skip
    return values | changes


@pytest.fixture
def script(tmp_path):
    spec = importlib.util.spec_from_file_location("make_validation", DOCS / "make_validation.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.PAGE, module.FIGURE, module.MISSES = (tmp_path / name for name in ("page.md", "figure", "misses.yaml"))
    module.PAGE.write_text(f"before\n{module.BEGIN}old\n{module.END}after\n")
    return module


def verdicts(folder, *rows):
    path = folder / "verdicts.json"
    passed = sum(each["verdict"] == "passed" for each in rows)
    path.write_text(
        json.dumps({"passed": passed, "total": len(rows), "simulations": 2, "seconds": 3.0, "observations": rows})
    )
    return path


def test_page_gets_table_misses_and_figure(script, tmp_path):
    script.MISSES.write_text("b: The paper does not say.\n")
    rows = (row("a"), row("b", "failed"), row("c", interval=None, simulated="infinite", unit="mV"))
    script.main(verdicts(tmp_path, *rows))
    page = script.PAGE.read_text()
    assert page.startswith("before\n") and page.endswith("after\n") and "old" not in page
    assert "2 of 3 observations passed; 2 simulations in 3 s." in page
    assert "| `a` (Fig. 1) | coverage | x &lt; y | 0.5 | passed |" in page
    assert "- `b`: The paper does not say." in page
    assert (tmp_path / "figure.png").stat().st_size > 1000


def test_miss_without_a_reason_is_refused(script, tmp_path):
    script.MISSES.write_text("{}\n")
    with pytest.raises(SystemExit, match=r"no reason in misses\.yaml for: b"):
        script.main(verdicts(tmp_path, row("a"), row("b", "failed")))
    assert "old" in script.PAGE.read_text()


def test_script_finds_its_place_in_the_page(script):
    page = (DOCS / "validation.md").read_text()
    assert page.count(script.BEGIN) == page.count(script.END) == 1
