"""Write the table of free parameters into docs/calibration.md, from the calibrations of the shipped values.

Run `python docs/make_calibration.py` after one of them, or a calibrated value, has changed; a block of the page fails
until then.
"""

from __future__ import annotations

from pathlib import Path

from cellmodel.calibration.definition import Calibration, read
from cellmodel.validation.reading import read as read_observations

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PAGE = DOCS / "calibration.md"
RECIPES = [ROOT / "config/calibrations" / name for name in ("shipped.yaml", "shorts.yaml")]
OBSERVATIONS = sorted((ROOT / "tests/literature/data").glob("*.yaml"))
BEGIN, END = "<!-- free parameters: docs/make_calibration.py -->\n", "<!-- end of the free parameters -->\n"
HEAD = "| parameter | value | range searched | what constrains it | recipe |\n| --- | --- | --- | --- | --- |\n"


def table(recipes: list[Path]) -> str:
    """Return the count, and one row for each free parameter, in Markdown."""
    found = {path.name: read(path) for path in recipes}
    free = sum(len(each.free) for each in found.values())
    observations = sum(len(read_observations(file).sound) for file in OBSERVATIONS)
    count = f"{free} free parameters, {observations} observations; {_used(found)}.\n\n"
    rows = [
        f"| `{each.name}` | {each.parameter.text} | {each.range_text}{', by factors' if each.log else ''} "
        f"| {each.parameter.source} | {name} |\n"
        for name, calibration in found.items()
        for each in calibration.free
    ]
    return count + HEAD + "".join(rows)


def _used(found: dict[str, Calibration]) -> str:
    return ", ".join(f"{len(each.free)} on {len(each.targets)} in `{name}`" for name, each in found.items())


def main() -> None:
    """Replace what stands between the two marks of the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGIN + table(RECIPES) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
