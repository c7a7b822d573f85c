"""Write the table of docs/validation.md and draw its figure from the verdicts of `cellmodel validate`.

    cellmodel validate tests/literature/data/*.yaml --json verdicts.json
    python docs/make_validation.py verdicts.json

Every miss must have a reason in docs/misses.yaml.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cellmodel.plots import save, validation_overview
from cellmodel.yaml_files import read_yaml

DOCS = Path(__file__).resolve().parent
PAGE, MISSES, FIGURE = DOCS / "validation.md", DOCS / "misses.yaml", DOCS / "figures/validation"
BEGIN, END = "<!-- verdicts: docs/make_validation.py -->\n", "<!-- end of the verdicts -->\n"
HEAD = "| observation | quantity | measured | simulated | |\n| --- | --- | --- | --- | --- |\n"
PURE = ("", "1", "count")
"""Units that are not worth a word."""


def section(content: Mapping[str, Any], reasons: Mapping[str, str]) -> str:
    """Return what stands between the marks of the page, in Markdown."""
    rows = content["observations"]
    summary = (
        f"{content['passed']} of {content['total']} observations passed; {content['simulations']} simulations in "
        f"{content['seconds']:.0f} s.\n\n"
    )
    figure = "![Distance of every observation from measured, and simulated over measured](figures/validation.png)\n\n"
    return summary + "".join(tables(rows)) + figure + misses(rows, reasons)


def tables(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one table for each source."""
    sources = {row["file"]: row["source"] for row in rows}
    found = []
    for file, source in sources.items():
        about = [source.get("title", source["key"]), f"doi:{source['doi']}" if "doi" in source else ""]
        lines = [_line(row) for row in rows if row["file"] == file]
        found.append(f"**{', '.join(each for each in about if each)}**\n\n{HEAD}{''.join(lines)}\n")
    return found


def _line(row: Mapping[str, Any]) -> str:
    unit = "" if row["unit"] in PURE else f", {row['unit']}"
    verdict = "passed" if row["verdict"] == "passed" else "**missed**"
    measured = row["measured"].replace("<", "&lt;")
    cells = (f"`{row['id']}` ({row['where']})", f"{row['quantity']}{unit}", measured, row["simulated_text"], verdict)
    return f"| {' | '.join(cells)} |\n"


def misses(rows: Sequence[Mapping[str, Any]], reasons: Mapping[str, str]) -> str:
    """Return every miss with its reason; refuse one without."""
    missed = [row["id"] for row in rows if row["verdict"] == "failed"]
    if without := [name for name in missed if name not in reasons]:
        raise SystemExit(f"no reason in {MISSES.name} for: {', '.join(without)}")
    if not missed:
        return "No observation is missed.\n"
    return "Why the misses:\n\n" + "".join(f"- `{name}`: {reasons[name]}\n" for name in missed)


def main(file: str) -> None:
    """Replace what stands between the two marks of the page, and the figure."""
    content = json.loads(Path(file).read_text(encoding="utf-8"))
    written = section(content, read_yaml(MISSES))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGIN + written + END + after, encoding="utf-8")
    save(validation_overview(content["observations"]), FIGURE)


if __name__ == "__main__":
    main(sys.argv[1])
