"""Figures of failure maps and of single runs, all in one style.

The names below load on first use: the workflow asks for the names of the figures without drawing any.
"""

from importlib import import_module
from typing import Any

FIGURES = ("outcome", "short_onset_capacity", "short_probability", "capacity_retention")
"""Names of the figures of a sweep."""

_HOMES = {"draw_maps": "maps", "literature_map": "literature", "run_overview": "overview", "save": "style"}

__all__ = ["FIGURES", "draw_maps", "literature_map", "run_overview", "save"]


def __getattr__(name: str) -> Any:
    """Import a public name from its module the first time it is asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
