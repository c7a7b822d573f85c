"""States that were extrapolated instead of integrated: within bounds, and with all the lithium that there was."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cellmodel.model import layout as at
from cellmodel.model.initial import EMPTY
from cellmodel.model.physics import Physics
from cellmodel.model.probe import total_lithium

AGEING = (at.INTERPHASE, at.DEAD, at.FILAMENT, at.CATHODE_CONTACT, at.COATING)
"""Scalars that add up over a cell's life, as the depths of flaws do; all other unknowns follow them within cycles."""

_SCALAR_BOUNDS = {
    at.BASE: (0.0, np.inf), at.TOP: (0.0, np.inf), at.INTERPHASE: (0.0, np.inf), at.DEAD: (0.0, np.inf),
    at.FILAMENT: (0.0, np.inf), at.COUNTER: (0.0, np.inf), at.CONTACT: (1e-3, 1.0), at.COUNTER_CONTACT: (1e-3, 1.0),
    at.DEPOSIT_POROSITY: (0.0, 0.99), at.CATHODE_CONTACT: (1e-3, 1.0), at.COATING: (0.0, np.inf),
    at.LEAK: (0.0, np.inf),
}  # fmt: skip


class Frame(NamedTuple):
    """What holds for every state of a cell; arrays have one entry per unknown."""

    low: np.ndarray  # smallest and
    high: np.ndarray  # largest value with a meaning
    weights: np.ndarray  # lithium per unit of each unknown: the ledger is linear in the state [C/m2 per unit]
    store: np.ndarray  # the counter electrode's, or the cathode's, lithium
    ageing: np.ndarray  # unknowns that only grow or only shrink over a cell's life
    charge: int  # where the charge that left the cathode stands; -1 in a half cell


def make_frame(p: Physics) -> Frame:
    """Collect bounds, weights and kinds of a cell's unknowns."""
    layout, s = p.layout, p.layout.scalars
    low, high = np.full(layout.size, -np.inf), np.full(layout.size, np.inf)
    for offset, (least, most) in _SCALAR_BOUNDS.items():
        low[s + offset], high[s + offset] = least, most
    for cell in range(0, layout.salt, layout.host_block):
        phases = slice(cell + at.LITHIATION, cell + at.LITHIATION + layout.phases)
        low[phases], high[phases] = EMPTY**2, 1.0 - EMPTY
        low[cell + at.LITHIATION + layout.phases] = 0.0
    store = np.zeros(layout.size, bool)
    store[s + at.COUNTER] = layout.cathode_cells == 0
    for first in range(layout.cathode, s, layout.cathode_block):
        shells = slice(first, first + layout.shells + 1)
        store[shells], low[shells], high[shells] = True, EMPTY, 1.0 - EMPTY
    ageing = np.arange(layout.size) >= layout.depths
    ageing[s + np.array(AGEING)] = True
    weights = np.array([total_lithium(unit, p) for unit in np.eye(layout.size)])
    charge = s + at.CATHODE_CHARGE if layout.cathode_cells else -1
    return Frame(low, high, weights, store, ageing, charge)


def restored(u: np.ndarray, before: np.ndarray, frame: Frame) -> tuple[np.ndarray, float]:
    """Make an extrapolated state one that a cell can be in.

    Unknowns go back into their bounds, or to where they were if that is further out: what is left of an emptied store
    may lie a trace below zero. The counter electrode, in a full cell the cathode, takes or gives the lithium
    that is then left over or missing.

    Parameters
    ----------
    u : float64[n]
        Extrapolated state.
    before : float64[n]
        State that it was extrapolated from.
    frame : Frame

    Returns
    -------
    state : float64[n]
        With the same sum of lithium as `before`.
    outside : float
        Lithium that was, or is, out of bounds [C/m2].
    """
    weights, store = frame.weights, frame.store
    low, high = np.minimum(frame.low, before), np.maximum(frame.high, before)
    inside = np.clip(u, low, high)
    outside = np.abs(weights * (inside - u)).sum()
    inside[store] += weights @ (before - inside) / weights[store].sum()
    outside += np.abs(weights * (np.clip(inside, low, high) - inside)).sum()
    if frame.charge >= 0:
        given = (weights * (before - inside))[store].sum()
        inside[frame.charge] = before[frame.charge] + given
    return inside, float(outside)
