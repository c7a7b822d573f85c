"""Which simulations observations need: each distinct one once, however many observations look at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from typing import Protocol as Interface

from cellmodel import components
from cellmodel.cell import Cell
from cellmodel.errors import InputError, did_you_mean
from cellmodel.protocol import Protocol
from cellmodel.sweep.identity import digest
from cellmodel.validation.observation import Member

Overrides = Mapping[str, Mapping[str, Any]]
"""Component or material (``cell`` for the cell's own settings): path inside it: quantity."""


class Simulated(Interface):
    """What simulations are planned for: an observation, or a measurement of a user's own."""

    @property
    def members(self) -> Mapping[str, Member]:
        """Its cells by name."""

    @property
    def traced(self) -> bool:
        """Whether it is read from time series."""


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


def plan(observations: Iterable[Simulated], overrides: Overrides | None = None) -> Plan:
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
    _check(overrides or {})
    simulations: dict[str, Simulation] = {}
    identities: list[dict[str, str]] = []
    for observation in observations:
        names: dict[str, str] = {}
        for name, each in observation.members.items():
            cell = overridden(each, overrides or {})
            key = digest({"cell": cell.identity(), "protocol": each.protocol.identity()})
            before = simulations.get(key)
            traced = observation.traced or (before is not None and before.traced)
            simulations[key] = Simulation(cell, each.protocol, traced)
            names[name] = key
        identities.append(names)
    return Plan(simulations, identities)


def together(plans: Iterable[Plan]) -> dict[str, Simulation]:
    """The simulations of several plans, those of different overrides among them, each distinct one once.

    Parameters
    ----------
    plans : iterable of Plan

    Returns
    -------
    dict of str to Simulation
        By identity; with its time series if one of the plans needs that.

    Examples
    --------
    >>> together([plan([]), plan([])])
    {}
    """
    found: dict[str, Simulation] = {}
    for each in plans:
        for key, simulation in each.simulations.items():
            if key not in found or simulation.traced:
                found[key] = simulation
    return found


def reaches(member: Member, component: str, path: str) -> bool:
    """Whether changing a parameter of a component changes the cell of an observation."""
    return bool(_changes(member, {component: {path: None}}))


def overridden(member: Member, overrides: Overrides) -> Cell:
    """The cell of an observation with the parameters of its components changed."""
    changes = _changes(member, overrides)
    return member.cell.with_(changes, "overrides") if changes else member.cell


def _changes(member: Member, overrides: Overrides) -> dict[str, Any]:
    """Overrides by path in the cell, without those of other components and of what the observation states."""
    cell = member.cell
    slots = {"cell": "", **{name: f"{slot}." for slot, name in cell.names.items()}}
    changes = {}
    for component, values in overrides.items():
        for path, value in values.items():
            # A cell knows the numbers of its materials by the material's name.
            name = f"{slots[component]}{path}" if component in slots else f"{component}.{path}"
            if cell.has(name) and not {name, cell.full_path(name)} & member.stated:
                changes[name] = value
    return changes


def _check(overrides: Overrides) -> None:
    """Refuse components and parameters that do not exist, whether or not a cell uses them."""
    kinds = {name: kind for kind in components.KINDS for name in components.names(kind)}
    for component, values in overrides.items():
        if component not in kinds:
            fix = did_you_mean(component, kinds)
            raise InputError("overrides", "", component, ", ".join(kinds), fix, problem="is not a known component")
        known = components.load(kinds[component], component).parameters
        for path in values:
            if path not in known:
                problem = f"is not a parameter of {component!r}"
                raise InputError(
                    "overrides", component, path, ", ".join(known), did_you_mean(path, known), problem=problem
                )
