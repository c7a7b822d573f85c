"""Capacities, efficiencies and losses, cycle by cycle."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.validation.ending import ended_early, finished
from cellmodel.validation.registry import CYCLES, Unmeasurable, choice, cycle, quantity

PER = {"area": "mAh/cm2", "cathode_mass": "mAh/g"}


def _column(run: Any, name: str, cycle: int, direction: int) -> float:
    finished(run, cycle, direction)
    return float(run.cycles[name].values[cycle - 1])


def _charged(run: Any, cycle: int) -> float:
    return _column(run, "charge_capacity", cycle, 1)


def _discharged(run: Any, cycle: int) -> float:
    return _column(run, "discharge_capacity", cycle, -1)


def _scaled(run: Any, areal: float, per: str) -> float:
    """Areal capacity, or the same per mass of active material."""
    if per == "area":
        return areal
    if not run.cell.is_full:
        raise Unmeasurable("capacity per mass of cathode needs a cathode, and this is a half cell")
    milligrams = run.cell.si["cathode.loading"] * 100.0  # mg/cm2
    return 1000.0 * areal / milligrams


@quantity("1", cycle=cycle())
def coulombic_efficiency(run: Any, cycle: int) -> float:
    """Discharged (stripped) over charged (plated) capacity of a cycle."""
    charged = _charged(run, cycle)
    if charged <= 0.0:
        raise Unmeasurable(f"nothing was charged in cycle {cycle}")
    return _discharged(run, cycle) / charged


@quantity("1", cycles=CYCLES)
def mean_coulombic_efficiency(run: Any, cycles: list[int]) -> float:
    """Mean of the efficiencies of all cycles from the first to the last named."""
    return float(np.mean([coulombic_efficiency(run, each) for each in range(cycles[0], cycles[1] + 1)]))


@quantity("1", cycle=cycle(), reference=cycle())
def capacity_retention(run: Any, cycle: int, reference: int) -> float:
    """Discharge capacity of a cycle over that of the reference cycle.

    A cell that has faded below its threshold gives what its last discharge gave: it does not come back.
    """
    first = _discharged(run, reference)
    if first <= 0.0:
        raise Unmeasurable(f"nothing was discharged in cycle {reference}")
    faded = run.outcome.kind == OutcomeKind.CAPACITY_BELOW_THRESHOLD
    return _discharged(run, min(cycle, run.outcome.cycle) if faded else cycle) / first


@quantity(PER, cycle=cycle(), per=choice(*PER))
def charge_capacity(run: Any, cycle: int, per: str) -> float:
    """Capacity charged or plated in a cycle."""
    return _scaled(run, _charged(run, cycle), per)


@quantity(PER, cycle=cycle(), per=choice(*PER))
def discharge_capacity(run: Any, cycle: int, per: str) -> float:
    """Capacity discharged or stripped in a cycle."""
    return _scaled(run, _discharged(run, cycle), per)


@quantity(PER, per=choice(*PER))
def first_cycle_loss(run: Any, per: str) -> float:
    """Charged less discharged capacity of the first cycle."""
    return _scaled(run, _charged(run, 1) - _discharged(run, 1), per)


@quantity("mAh/cm2", cycle=cycle())
def dead_lithium(run: Any, cycle: int) -> float:
    """Lithium metal without contact at the end of a cycle."""
    steps = np.flatnonzero(run.compiled.cycle == cycle)
    if steps[-1] > run.outcome.step or (run.outcome.kind != OutcomeKind.COMPLETED and cycle >= run.outcome.cycle):
        raise ended_early(run)
    return float(run.cycles["dead_lithium"].values[cycle - 1])
