"""How finely and how accurately a run is computed."""

from __future__ import annotations

from dataclasses import dataclass, fields

from cellmodel.errors import InputError

ALLOWED = {
    "relative_tolerance": (1e-9, 1e-2),
    "host_cells": (3, 200),
    "cathode_cells": (2, 200),
    "shells": (3, 200),
    "host_ratio": (1.0, 1000.0),
    "shell_ratio": (1.0, 1000.0),
    "max_steps": (1, 100_000_000),
    "largest_step": (1.0, 1e6),
}
"""Smallest and largest sensible value of each setting."""


@dataclass(frozen=True)
class Settings:
    """Accuracy and mesh of a run.

    Attributes
    ----------
    relative_tolerance : float
        Error allowed in a time step, relative to each unknown's scale.
    host_cells, cathode_cells, shells : int
        Finite volumes of host, cathode and particle.
    host_ratio, shell_ratio : float
        Width of the first over the last cell: the mesh is graded towards the electrolyte and the particle's surface.
    max_steps : int
        Accepted time steps after which a run ends as `time_limit`.
    largest_step : float
        Longest time step [s].

    Raises
    ------
    InputError
        If a value lies outside `ALLOWED`.

    Example
    -------
    >>> Settings(shells=20).shells
    20
    """

    relative_tolerance: float = 1e-3
    host_cells: int = 8
    cathode_cells: int = 5
    shells: int = 8
    host_ratio: float = 6.0
    shell_ratio: float = 6.0
    max_steps: int = 1_000_000
    largest_step: float = 7200.0

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        for field in fields(self):
            value = getattr(self, field.name)
            low, high = ALLOWED[field.name]
            whole = field.type == "int"
            if isinstance(value, bool) or not isinstance(value, (int, float)) or (whole and not isinstance(value, int)):
                kind = "a whole number" if whole else "a number"
                raise InputError("Settings", field.name, value, f"{kind} from {low:g} to {high:g}", f"give {kind}")
            if not low <= value <= high:
                raise InputError("Settings", field.name, value, f"{low:g} to {high:g}", "choose a value inside")
