"""Write the table of free parameters into docs/calibration.md, from the calibration of the shipped values.

Run `python docs/make_calibration.py` after `config/calibrations/shipped.yaml` or a calibrated value has changed; a
block of the page fails until then.
"""

from __future__ import annotations

from pathlib import Path

from cellmodel.calibration.definition import Calibration, read

DOCS = Path(__file__).resolve().parent
PAGE, SHIPPED = DOCS / "calibration.md", DOCS.parent / "config/calibrations/shipped.yaml"
BEGIN, END = "<!-- free parameters: docs/make_calibration.py -->\n", "<!-- end of the free parameters -->\n"
HEAD = "| parameter | value | range searched | what constrains it |\n| --- | --- | --- | --- |\n"


def table(calibration: Calibration) -> str:
    """Return the count, and one row for each free parameter, in Markdown."""
    rows = [
        f"| `{each.name}` | {each.parameter.text} | {each.range_text}{', by factors' if each.log else ''} "
        f"| {each.parameter.source} |\n"
        for each in calibration.free
    ]
    count = f"{len(calibration.free)} free parameters, {len(calibration.targets)} observations.\n\n"
    return count + HEAD + "".join(rows)


def main() -> None:
    """Replace what stands between the two marks of the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGIN + table(read(SHIPPED)) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
