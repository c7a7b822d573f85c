"""Write the table of calibrated parameters into docs/parameters.md from the component files.

Run `python docs/make_tables.py` after a value in `cellmodel/data/` has changed; a block of the page fails until then.
"""

from __future__ import annotations

from pathlib import Path

from cellmodel import components

PAGE = Path(__file__).with_name("parameters.md")
BEGIN, END = "<!-- table of calibrated parameters: docs/make_tables.py -->\n", "<!-- end of the table -->\n"
HEAD = "| parameter | value | range | how it was found |\n| --- | --- | --- | --- |\n"


def table() -> str:
    """Return one row for each parameter whose source says that it is calibrated, in Markdown."""
    rows = []
    for kind in components.KINDS:
        for name in components.names(kind):
            for path, parameter in components.load(kind, name).parameters.items():
                if "calibrated" in parameter.source:
                    place = path if kind == "cell" else f"{name}: {path}"
                    rows.append(f"| `{place}` | {parameter.text} | {parameter.allowed} | {parameter.source} |\n")
    return HEAD + "".join(rows)


def main() -> None:
    """Replace what stands between the two marks of the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGIN + table() + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
