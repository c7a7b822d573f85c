"""How finely and how accurately a run is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from cellmodel.errors import InputError, did_you_mean

ALLOWED = {
    "relative_tolerance": (1e-9, 1e-2),
    "host_cells": (3, 200),
    "cathode_cells": (2, 200),
    "shells": (3, 200),
    "host_ratio": (1.0, 1000.0),
    "shell_ratio": (1.0, 1000.0),
    "max_steps": (1, 100_000_000),
    "largest_step": (1.0, 1e6),
    "jump_error": (1e-4, 0.05),
}
"""Smallest and largest sensible value of each setting."""

SMOOTHNESS = 500.0
"""Least ratio of the error of jumps to the tolerance of time steps: a jump multiplies the noise of the cycles."""


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
    jump_error : float
        Error of capacity retention up to which cycles are extrapolated; 0 computes every cycle.

    Raises
    ------
    InputError
        If a value lies outside `ALLOWED`, or time steps are too inaccurate for jumps.

    Example
    -------
    >>> Settings(shells=20).shells
    20
    """

    relative_tolerance: float = 3e-4
    host_cells: int = 8
    cathode_cells: int = 5
    shells: int = 8
    host_ratio: float = 6.0
    shell_ratio: float = 6.0
    max_steps: int = 1_000_000
    largest_step: float = 7200.0
    jump_error: float = 0.0

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        for field in fields(self):
            value = getattr(self, field.name)
            low, high = ALLOWED[field.name]
            whole = field.type == "int"
            if isinstance(value, bool) or not isinstance(value, (int, float)) or (whole and not isinstance(value, int)):
                kind = "a whole number" if whole else "a number"
                raise InputError("Settings", field.name, value, f"{kind} from {low:g} to {high:g}", f"give {kind}")
            off = field.name == "jump_error" and value == 0
            if not (low <= value <= high or off):
                allowed = f"{low:g} to {high:g}" + (", or 0 for none" if field.name == "jump_error" else "")
                raise InputError("Settings", field.name, value, allowed, "choose a value inside")
        if self.jump_error and self.relative_tolerance * SMOOTHNESS > self.jump_error * (1.0 + 1e-9):
            most = f"up to jump_error / {SMOOTHNESS:g}, here {self.jump_error / SMOOTHNESS:g}"
            problem = "is too inaccurate for jumps, which multiply the errors of cycles"
            raise InputError(
                "Settings", "relative_tolerance", self.relative_tolerance, most, "lower it", problem=problem
            )

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any], where: str = "Settings") -> Settings:
        """Make settings from what a file holds.

        Parameters
        ----------
        content : mapping of str to number
            Any of the attributes.
        where : str, optional
            File and key, for messages.

        Returns
        -------
        Settings

        Raises
        ------
        InputError
            Naming file, key, what was given and what is allowed.
        """
        names = [field.name for field in fields(cls)]
        for key in content:
            if key not in names:
                fix = did_you_mean(str(key), names) or "remove it"
                raise InputError(where, str(key), allowed=", ".join(names), fix=fix, problem="is not a known key")
        try:
            return cls(**content)
        except InputError as error:
            raise InputError(where, error.key, error.given, error.allowed, error.fix, problem=error.problem) from None
