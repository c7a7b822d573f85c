"""Parameter values at the temperature of the run, and stand-ins for electrodes that a cell does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

import numpy as np

from cellmodel.laws import mechanics, transport

Values = Mapping[str, Any]


def activated(si: Values, key: str, activation: str) -> float:
    """Value of a parameter at the cell's temperature."""
    return transport.arrhenius.py_func(si[key], si[activation], si["temperature"])


def acceleration(si: Values, activation: str) -> float:
    """How much faster a process is at the cell's temperature than at 25 degC [1]."""
    return transport.arrhenius.py_func(1.0, si[activation], si["temperature"])


def pellet_porosity(si: Values) -> float:
    """Porosity of the pellet as it was pressed [1]."""
    return mechanics.pressed_porosity.py_func(
        si["electrolyte.porosity"],
        si["electrolyte.pellet_pressure"],
        si["electrolyte.reference_pressure"],
        si["electrolyte.heckel_pressure"],
    )


def placeholder(kind: type, **given: Any) -> Any:
    """Instance of a NamedTuple without content: compiled code needs the types of a part that a cell does not have.

    Parameters
    ----------
    kind : class of the NamedTuple
    given : fields that are neither numbers nor arrays of one dimension
    """
    hints = get_type_hints(kind)
    return kind(**({name: np.zeros(0) if hint is np.ndarray else 1.0 for name, hint in hints.items()} | given))
