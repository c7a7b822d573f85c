"""Figures of failure maps and of single runs, all in one style.

The names below load on first use: the workflow asks for the names of the figures without drawing any.
"""

from importlib import import_module
from typing import Any

FIGURES = ("outcome", "short_onset_capacity", "short_probability", "capacity_retention")
"""Names of the figures of a sweep."""

FIGURES_OF_DRAWS = ("probability_of_short", "probability_of_retention", "capacity_retention", "cycle_life", "bands")
"""Names of the figures of a sweep with uncertain parameters."""

_HOMES = {
    "draw_boundary": "boundary",
    "draw_indices": "indices",
    "draw_maps": "maps",
    "literature_map": "literature",
    "nyquist": "nyquist_plot",
    "run_overview": "overview",
    "save": "style",
    "validation_overview": "verdicts",
}

__all__ = [
    "FIGURES",
    "FIGURES_OF_DRAWS",
    "draw_boundary",
    "draw_indices",
    "draw_maps",
    "literature_map",
    "nyquist",
    "run_overview",
    "save",
    "validation_overview",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module the first time it is asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
