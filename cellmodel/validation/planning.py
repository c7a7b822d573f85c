"""Which simulations observations need: each distinct one once, however many observations look at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cellmodel.cell import Cell
from cellmodel.protocol import Protocol
from cellmodel.sweep.identity import digest
from cellmodel.validation.observation import Member, Observation

Overrides = Mapping[str, Mapping[str, Any]]
"""Component name (``cell`` for the cell's own settings): path inside the component: quantity."""


@dataclass(frozen=True)
class Simulation:
    """A cell, what it goes through, and whether its time series is needed."""

    cell: Cell
    protocol: Protocol
    traced: bool


class Plan(NamedTuple):
    """Distinct simulations by their identity, and that of each cell of each observation."""

    simulations: dict[str, Simulation]
    identities: list[dict[str, str]]


def plan(observations: Iterable[Observation], overrides: Overrides | None = None) -> Plan:
    """Collect the simulations of some observations.

    Parameters
    ----------
    observations : iterable of Observation
    overrides : mapping, optional
        Parameters to change, by component; what an observation states itself stays as stated.

    Returns
    -------
    Plan
        `identities` in the order of the observations, each by the name of the cell.

    Raises
    ------
    InputError
        If a component has no such parameter, or a value makes no sense.

    Examples
    --------
    >>> plan([]).simulations
    {}
    """
    simulations: dict[str, Simulation] = {}
    identities: list[dict[str, str]] = []
    for observation in observations:
        names: dict[str, str] = {}
        for name, each in observation.members.items():
            cell = overridden(each, overrides or {})
            key = digest({"cell": cell.identity(), "protocol": each.protocol.identity()})
            before = simulations.get(key)
            traced = observation.asked.quantity.traced or (before is not None and before.traced)
            simulations[key] = Simulation(cell, each.protocol, traced)
            names[name] = key
        identities.append(names)
    return Plan(simulations, identities)


def overridden(member: Member, overrides: Overrides) -> Cell:
    """The cell of an observation with the parameters of its components changed."""
    changes = {}
    for slot, component in {"cell": "cell", **member.cell.names}.items():
        for path, value in overrides.get(component, {}).items():
            full = path if slot == "cell" else f"{slot}.{path}"
            if full not in member.stated:
                changes[full] = value
    return member.cell.with_(changes, "overrides") if changes else member.cell
