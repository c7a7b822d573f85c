"""Resistances read from the impedance steps of a protocol."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellmodel.validation.ending import ended_early
from cellmodel.validation.registry import REQUIRED, Unmeasurable, number, quantity


def _resistance(run: Any, name: str, place: int) -> float:
    asked = int(np.isfinite(run.compiled.highest).sum())
    if place > asked:
        raise Unmeasurable(f"the protocol has {asked or 'no'} impedance steps, and number {place} is asked for")
    found = run.impedance[name].values
    if place > len(found):
        raise ended_early(run)
    return float(found[place - 1])


@quantity("ohm*cm2", n=number(1, "at", "step"))
def bulk_resistance(run: Any, n: int) -> float:
    """Resistance of electrolyte and contacts at high frequency, at the n-th impedance step."""
    return _resistance(run, "bulk_resistance", n)


@quantity("ohm*cm2", n=number(1, "at", "step"))
def charge_transfer_resistance(run: Any, n: int) -> float:
    """Resistance of the reactions at the interfaces, at the n-th impedance step."""
    return _resistance(run, "charge_transfer_resistance", n)


@quantity("1", of=number(REQUIRED), to=number(REQUIRED))
def total_resistance_ratio(run: Any, of: int, to: int) -> float:
    """Bulk and charge-transfer resistance at one impedance step over that at another."""

    def total(place: int) -> float:
        return bulk_resistance(run, place) + charge_transfer_resistance(run, place)

    return total(of) / total(to)
