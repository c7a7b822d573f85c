"""Failure maps of anode-less all-solid-state lithium cells.

The names below load on first use, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Cell": "cell",
    "InputError": "errors",
    "Parameter": "parameters",
    "Protocol": "protocol",
    "Settings": "settings",
    "calibrate": "calibration",
    "impedance": "impedance_spectra",
    "simulate": "simulation",
    "simulate_many": "simulation",
    "validate": "validation",
}

__all__ = [
    "Cell",
    "InputError",
    "Parameter",
    "Protocol",
    "Settings",
    "calibrate",
    "impedance",
    "simulate",
    "simulate_many",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module the first time it is asked for (PEP 562)."""
    if name == "__version__":
        return import_module("importlib.metadata").version(__name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *_HOMES})
