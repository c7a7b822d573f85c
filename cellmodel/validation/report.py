"""Verdicts as a table for the terminal, as rows and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cellmodel.validation.observation import Observation, Observations
from cellmodel.validation.registry import Measured

if TYPE_CHECKING:
    from cellmodel.validation.evaluation import Validation, Verdict

_HEAD = ("observation", "quantity", "measured", "simulated", "verdict")
_NEVER = ("short_onset_capacity", "short_onset_cycle", "short_onset_time", "critical_current_density")


def row(file: Observations, verdict: Verdict) -> dict[str, Any]:
    """One observation with its verdict, fit for JSON.

    Parameters
    ----------
    file : Observations
        It stands in.
    verdict : Verdict

    Returns
    -------
    dict
        ``file``, ``source``, ``id``, ``line``, ``where``, ``note``, ``quantity``, ``unit``, ``measured`` (text),
        ``interval`` (both ends of what agrees, or None), ``simulated`` (number, bool, list, dict by cell, None;
        ``"infinite"`` for what never happens), ``simulated_text``, ``verdict``, ``misfit``, ``reason`` and ``assumed``.
    """
    entry = verdict.observation
    common = {
        "file": str(file.path),
        "source": dict(file.source),
        "id": entry.id,
        "line": entry.line,
        "verdict": "passed" if verdict.passed else "failed",
        "misfit": verdict.misfit,
        "reason": verdict.reason,
    }
    if not isinstance(entry, Observation):
        known = {"where": entry.where, "note": "", "quantity": entry.quantity, "unit": "", "measured": entry.expected}
        unknown = {"interval": None, "simulated": None, "simulated_text": "-"}
        return common | known | unknown | {"assumed": {"stated": dict(file.assumed), "cells": {}}}
    interval = entry.expected.interval
    return common | {
        "where": entry.where,
        "note": entry.note,
        "quantity": entry.asked.text,
        "unit": entry.asked.unit,
        "measured": entry.expected.text,
        "interval": list(interval) if interval else None,
        "simulated": _plain(verdict.simulated),
        "simulated_text": shown(verdict.simulated, entry.asked.quantity.name),
        "assumed": assumptions(entry),
    }


def assumptions(entry: Observation) -> dict[str, Any]:
    """What the file assumes, and what it leaves to component files and defaults."""
    cells = {
        name or "cell": {
            "components": each.components,
            "defaults": each.defaults,
            "assumed": list(each.assumed),
        }
        for name, each in entry.members.items()
    }
    return {"stated": dict(entry.assumed), "cells": cells}


def _plain(value: Any) -> Any:
    """Numbers that JSON has no word for become words."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return "infinite" if isinstance(value, float) and math.isinf(value) else value


def shown(value: Measured | Mapping[str, Measured | None] | None, quantity: str, digits: int = 4) -> str:
    """A simulated value as text; those of a comparison with one more digit."""
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {shown(each, quantity, 5)}" for name, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(f"{each:.3g}" for each in value) or "none"
    return ("never" if quantity in _NEVER else "infinite") if math.isinf(value) else f"{value:.{digits}g}"


def as_json(validation: Validation) -> str:
    """Everything, as text.

    Returns
    -------
    str
        ``passed``, ``total``, ``simulations``, ``seconds``, ``model`` (content hash), ``versions`` and
        ``observations``, a list of rows as from `row`.
    """
    from cellmodel.sweep.identity import model_hash
    from cellmodel.sweep.store import provenance

    content = {
        "passed": validation.passed,
        "total": validation.total,
        "simulations": validation.simulations,
        "seconds": round(validation.seconds, 3),
        "model": model_hash(),
        "versions": provenance(),
        "observations": validation.table,
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def text(validation: Validation) -> str:
    """Tables by file, what was assumed, and a summary."""
    parts = [_of_file(file, validation.verdicts[file.path]) for file in validation.files]
    total, passed = validation.total, validation.passed
    verdicts = [each for found in validation.verdicts.values() for each in found]
    unknown = sum(_is_unknown(each) for each in verdicts)
    summary = (
        f"{passed} of {total} observations passed, {total - passed} failed"
        f"{f' ({unknown} of them could not be evaluated)' if unknown else ''}; "
        f"{validation.simulations} simulations, {validation.seconds:.0f} s"
    )
    return "\n\n".join([*parts, summary])


def _is_unknown(verdict: Verdict) -> bool:
    value = verdict.simulated
    return value is None or (isinstance(value, Mapping) and None in value.values())


def _of_file(file: Observations, verdicts: Sequence[Verdict]) -> str:
    source = file.source
    passed = sum(each.passed for each in verdicts)
    about = [source.get("title"), source.get("laboratory"), f"doi:{source['doi']}" if "doi" in source else None]
    head = f"{source['key']}: {'; '.join(each for each in about if each)} ({passed} of {len(verdicts)} passed)"
    rows = [row(file, each) for each in verdicts]
    cells = [_HEAD, *(_cells(each) for each in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [head, _line(_HEAD, widths)]
    for verdict, each, shown_cells in zip(verdicts, rows, cells[1:], strict=True):
        lines.append(_line(shown_cells, widths))
        if _is_unknown(verdict):
            lines.append(f"      {each['reason'].removeprefix(f'{file.path}: ').splitlines()[0]}")
    return "\n".join([*lines, *_assumed(file, verdicts)])


def _cells(each: Mapping[str, Any]) -> tuple[str, ...]:
    unit = f" [{each['unit']}]" if each["unit"] not in ("", "1", "count") else ""
    verdict = "passed" if each["verdict"] == "passed" else "FAILED"
    return each["id"], each["quantity"] + unit, each["measured"], each["simulated_text"], verdict


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return ("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))).rstrip()


def _assumed(file: Observations, verdicts: Sequence[Verdict]) -> list[str]:
    """Lines on what the file assumes, and on what component files and defaults filled in."""
    entries = [each.observation for each in verdicts if isinstance(each.observation, Observation)]
    members = [member for entry in entries for member in entry.members.values()]
    own = {f"{key} ({entry.id})": value for entry in entries for key, value in entry.assumed.items()
           if file.assumed.get(key) != value}  # fmt: skip
    lines = [f"  assumed, {key}: {value}" for key, value in {**file.assumed, **own}.items()]
    lines += [f"  assumed: {each}" for each in dict.fromkeys(text for member in members for text in member.assumed)]
    names = dict.fromkeys(name for member in members for name in member.components.values())
    if names:
        lines.append(f"  all other values of: {', '.join(names)}")
    defaults: dict[str, int] = {}
    for member in members:
        for path, value in member.defaults.items():
            defaults[f"{path} {value}"] = defaults.get(f"{path} {value}", 0) + 1
    if defaults:
        some = (each if count == len(members) else f"{each} ({count} cells)" for each, count in defaults.items())
        lines.append(f"  conditions by default: {', '.join(some)}")
    return lines
