"""A calibration as a table for the terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from cellmodel.calibration.result import Calibrated, Fitted

_HEAD = ("parameter", "start", "value", "uncertainty", "range", "what constrains it")
_FITS = ("compared with", "measured", "simulated", "misfit", "before")


def text(found: Calibrated) -> str:
    """Parameters, fits, what is left open, and a summary."""
    calibration = found.calibration
    rows = [_HEAD, *(_row(each) for each in found.parameters)]
    fits = [_FITS, *(_fit(found, each) for each in found.comparisons)]
    cost = f"cost {found.start_cost:.4g} at the start, {found.cost:.4g} now; {found.evaluations} evaluations"
    parts = [calibration.description, _table(rows), _table(fits), *_open(found)]
    if calibration.untouched:
        parts.append(f"Left out, none of the parameters changes them: {', '.join(calibration.untouched)}")
    return "\n\n".join([*parts, f"{calibration.name}: {cost}"])


def _row(each: Fitted) -> tuple[str, ...]:
    shown = "" if each.unit == "1" else f" {each.unit}"
    uncertainty = f"x/: {each.factor:.4g}" if each.factor else f"+- {each.uncertainty:.2g}{shown}"
    notes = [f"at the {each.end} end of its range"] if each.end else []
    notes += [] if each.identified else ["not identified"]
    measured = ", ".join(each.constrained_by) or "nothing"
    return each.name, f"{each.start:.4g}{shown}", f"{each.value:.4g}{shown}", uncertainty, each.range, "; ".join(
        [*notes, measured]
    )  # fmt: skip


def _fit(found: Calibrated, each: Any) -> tuple[str, ...]:
    def size(misfits: Any) -> str:
        return f"{float(np.sqrt(np.mean(misfits[each['id']] ** 2))):.2f}"

    return each["id"], each["measured"], each["simulated"], size(found.misfits), size(found.start_misfits)


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _open(found: Calibrated) -> list[str]:
    names = [each.name for each in found.calibration.free]
    pairs = [
        f"  {each.name} and {other}: {r:+.2f}"
        for number, each in enumerate(found.parameters)
        for other, r in each.correlated_with
        if names.index(other) < number
    ]
    combinations = found.known.open_combinations(names)
    profiles = [f"  {line}" for line in _profiles(found)]
    return [
        "\n".join([head, *lines])
        for head, lines in (
            ("Correlated:", pairs),
            ("Not fixed by what was measured:", [f"  {each}" for each in combinations]),
            ("Profile likelihood, one standard uncertainty:", profiles),
        )
        if lines
    ]


def _profiles(found: Calibrated) -> list[str]:
    free = {each.name: each for each in found.calibration.free}
    lines = []
    for each in found.profiles:
        ends = ["open" if x is None else free[each.name].text(free[each.name].value(x)) for x in each.interval]
        lines.append(f"{each.name}: {ends[0]} to {ends[1]}")
    return lines


def content(found: Calibrated) -> dict[str, Any]:
    """Everything, fit for JSON.

    Returns
    -------
    dict
        ``name``, ``description``, ``parameters`` (one mapping each, as `Fitted`), ``correlation``, ``singular_values``,
        ``not_fixed``, ``profiles``, ``compared``, ``cost``, ``start_cost``, ``scale``, ``evaluations``, ``left_out``,
        ``provenance``.
    """
    calibration, known = found.calibration, found.known
    free = {each.name: each for each in calibration.free}
    names = list(free)
    profiles = {
        each.name: {
            "values": [free[each.name].value(float(x)) for x in each.places],
            "rise": each.rise.tolist(),
            "interval": [None if x is None else free[each.name].value(x) for x in each.interval],
        }
        for each in found.profiles
    }
    compared = [
        {**each, "source": calibration.sources[each["id"]], "misfits": found.misfits[each["id"]].tolist(),
         "start_misfits": found.start_misfits[each["id"]].tolist()}
        for each in found.comparisons
    ]  # fmt: skip
    return {
        "name": calibration.name,
        "description": calibration.description,
        "parameters": [asdict(each) for each in found.parameters],
        "correlation": known.correlation.tolist(),
        "singular_values": known.singular_values.tolist(),
        "not_fixed": known.open_combinations(names),
        "profiles": profiles,
        "compared": compared,
        "cost": found.cost,
        "start_cost": found.start_cost,
        "scale": known.scale,
        "evaluations": found.evaluations,
        "left_out": list(calibration.untouched),
        "provenance": dict(found.provenance),
    }


def as_json(found: Calibrated) -> str:
    """The same as text."""
    return json.dumps(content(found), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
