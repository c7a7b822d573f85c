"""How finely and how accurately a run is computed, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from cellmodel.errors import InputError, did_you_mean

ALLOWED = {
    "relative_tolerance": (1e-9, 0.1),
    "host_cells": (3, 200),
    "separator_cells": (3, 200),
    "cathode_cells": (2, 200),
    "shells": (3, 200),
    "host_ratio": (1.0, 1000.0),
    "shell_ratio": (1.0, 1000.0),
    "max_steps": (1, 10_000_000),
    "largest_step": (1.0, 1e6),
    "time_limit": (0.01, 1e6),
    "jump_error": (1e-4, 0.05),
}
"""Smallest and largest sensible value of each setting; `jump_error` may also be 0."""

MOST_PARTICLE_VALUES = 5000
"""Largest `cathode_cells` times `shells`: each is an unknown, and the memory of a plan grows with their square."""

SMOOTHNESS = 50.0
"""Least ratio of the error of jumps to the tolerance of time steps: a jump multiplies the noise of the cycles.

At 50 the errors of twenty-four cells were up to 0.54 of what was asked for, at 25 up to 0.9, at 5 up to 3.5.
"""


@dataclass(frozen=True)
class Settings:
    """Accuracy and mesh of a run, and the limits on its cost.

    Attributes
    ----------
    relative_tolerance : float
        Error allowed in a time step, relative to each unknown's scale.
    host_cells, separator_cells, cathode_cells, shells : int
        Finite volumes of host, separator, cathode and particle; a single-ion separator needs none and takes none.
    host_ratio, shell_ratio : float
        Width of the first over the last cell: the mesh is graded towards the electrolyte and the particle's surface.
    max_steps : int
        Time steps, those tried in vain included, after which a run ends as `time_limit`.
    largest_step : float
        Longest time step [s].
    time_limit : float
        Wall time after which a run ends as `time_limit` [s].
    jump_error : float
        Error of capacity retention up to which cycles are extrapolated; 0 computes every cycle.

    Raises
    ------
    InputError
        If a value lies outside `ALLOWED`, if cathode and particles have more than `MOST_PARTICLE_VALUES` values, or if
        time steps are too inaccurate for jumps.

    Example
    -------
    >>> Settings(shells=20).shells
    20
    """

    relative_tolerance: float = 2e-4
    host_cells: int = 8
    separator_cells: int = 12
    cathode_cells: int = 5
    shells: int = 8
    host_ratio: float = 6.0
    shell_ratio: float = 6.0
    max_steps: int = 1_000_000
    largest_step: float = 7200.0
    time_limit: float = 600.0
    jump_error: float = 0.0

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        check({field.name: getattr(self, field.name) for field in fields(self)}, "Settings")

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any], where: str) -> Settings:
        """Settings as a file gives them.

        Parameters
        ----------
        content : mapping
            Some of the fields by name.
        where : str
            File and key, for messages.

        Raises
        ------
        InputError
            If a name is unknown or a value lies outside its range.
        """
        check(content, where)
        return cls(**content)


def check(content: Mapping[str, Any], where: str) -> None:
    """Refuse names, kinds and ranges of settings, and settings that exclude each other; `where` begins the message."""
    known = {field.name: field for field in fields(Settings)}
    for name, value in content.items():
        if name not in known:
            fix = did_you_mean(name, known)
            raise InputError(where, str(name), allowed=", ".join(known), fix=fix, problem="is not a setting")
        whole, (low, high) = known[name].type == "int", ALLOWED[name]
        kind = "a whole number" if whole else "a number"
        off = ", or 0 for none" if name == "jump_error" else ""
        allowed = f"{low:g} to {high:g}{off}"
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise InputError(where, name, value, f"{kind} from {allowed}", problem=f"is not {kind}")
        if not (low <= value <= high or (off and value == 0)):
            raise InputError(where, name, value, allowed, "choose a value inside")
    check_together({name: content.get(name, field.default) for name, field in known.items()}, where)


def check_together(values: Mapping[str, Any], where: str) -> None:
    """Refuse a mesh that is too fine as a whole, and time steps that are too inaccurate for jumps."""
    cells, shells = values["cathode_cells"], values["shells"]
    if cells * shells > MOST_PARTICLE_VALUES:
        allowed = f"cathode_cells times shells up to {MOST_PARTICLE_VALUES}"
        raise InputError(where, "shells", shells, allowed, problem=f"with {cells} cathode cells is too fine a mesh")
    tolerance, jumps = values["relative_tolerance"], values["jump_error"]
    if jumps and tolerance * SMOOTHNESS > jumps * (1.0 + 1e-9):
        most = f"up to jump_error / {SMOOTHNESS:g}, here {jumps / SMOOTHNESS:g}"
        problem = "is too inaccurate for jumps, which multiply the errors of cycles"
        raise InputError(where, "relative_tolerance", tolerance, most, "lower it", problem=problem)
