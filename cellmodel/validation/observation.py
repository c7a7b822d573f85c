"""An observation, ready to be simulated and judged; or why it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cellmodel.cell import Cell
from cellmodel.errors import InputError
from cellmodel.protocol import Protocol
from cellmodel.validation.expectations import Expectation
from cellmodel.validation.registry import Asked

CONDITIONS = (
    "stack_pressure", "temperature", "fixture_stiffness", "one_c", "specific_one_c", "counter.thickness",
    "electrolyte.mass", "electrolyte.pellet_pressure", "anode.lithium_thickness", "cathode.loading",
)  # fmt: skip
"""What a paper would state of a cell beside its components; those that an observation leaves open are printed."""

ALONE = ""
"""Name of the cell of an observation that has one."""


@dataclass(frozen=True)
class Member:
    """One cell of an observation with what it goes through.

    Attributes
    ----------
    cell : Cell
    protocol : Protocol
    stated : frozenset of str
        Parameters, by path, and component slots that the file gives.
    assumed : tuple of str
        What had to be assumed to build it at all.
    """

    cell: Cell
    protocol: Protocol
    stated: frozenset[str]
    assumed: tuple[str, ...] = ()

    @property
    def components(self) -> dict[str, str]:
        """Component of each slot; those that the file leaves open are marked."""
        names = self.cell.names.items()
        return {slot: name if slot in self.stated else f"{name} (default)" for slot, name in names}

    @property
    def defaults(self) -> dict[str, str]:
        """Conditions that the file leaves open, as the data files give them."""
        table = self.cell.parameters
        return {path: table[path].text for path in CONDITIONS if path in table and path not in self.stated}


@dataclass(frozen=True)
class Observation:
    """A checked observation.

    Attributes
    ----------
    id, where, note : str
        As in the file.
    line : int
        Where it begins.
    members : dict of str to Member
        Its cells by name; a single one is called `ALONE`.
    asked : Asked
        Quantity and arguments.
    expected : Expectation
        What was measured.
    assumed : dict of str to str
        What the file assumes, for all of its observations or for this one.
    """

    id: str
    line: int
    where: str
    note: str
    members: Mapping[str, Member]
    asked: Asked
    expected: Expectation
    assumed: Mapping[str, str]

    @property
    def is_comparison(self) -> bool:
        """Whether several cells are compared."""
        return ALONE not in self.members

    @property
    def traced(self) -> bool:
        """Whether it is read from time series."""
        return self.asked.quantity.traced


@dataclass(frozen=True)
class Unreadable:
    """An observation that cannot be used, and why; it counts as failed.

    Attributes
    ----------
    id : str
    line : int
        Where it begins.
    error : InputError
        What is wrong.
    where, quantity, expected : str
        As it has them in its file, if it does.
    """

    id: str
    line: int
    error: InputError
    where: str = ""
    quantity: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Observations:
    """A file of observations.

    Attributes
    ----------
    path : Path
    source : dict of str to object
        Key, title, doi, laboratory.
    assumed : dict of str to str
        What holds for all of the file.
    entries : tuple of Observation or Unreadable
        In the order of the file.
    """

    path: Path
    source: Mapping[str, Any]
    assumed: Mapping[str, str]
    entries: tuple[Observation | Unreadable, ...] = field(repr=False)

    @property
    def sound(self) -> tuple[Observation, ...]:
        """Those that can be simulated and judged."""
        return tuple(each for each in self.entries if isinstance(each, Observation))
