"""Where the lithium is after the last plating, and what the deposit looks like."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.model import layout as at
from cellmodel.validation.ending import last_plating
from cellmodel.validation.registry import Unmeasurable, quantity


def share_below(width: np.ndarray, held: np.ndarray, under: float) -> float:
    """Share of the lithium below mid-height.

    Parameters
    ----------
    width : ndarray, shape (cells,)
        Of the host's cells from the collector up.
    held : ndarray, shape (cells,)
        Lithium in each.
    under : float
        Lithium between host and collector, in the same unit.

    Returns
    -------
    float
        [1]
    """
    upper = np.cumsum(width)
    below = np.clip((0.5 * upper[-1] - (upper - width)) / width, 0.0, 1.0)
    return float((below @ held + under) / (held.sum() + under))


@quantity("1")
def deposit_share_lower_half(run: Any) -> float:
    """Of the lithium in the host and under it, the share below mid-height."""
    layout, host = run.physics.layout, run.physics.host
    if run.cell.geometry != "porous":
        raise Unmeasurable("a lower half needs a porous anode, and this one is not")
    state = run.ended.states[last_plating(run)]
    cells = state[: layout.salt].reshape(layout.host_cells, layout.host_block)
    held = host.width * (cells[:, at.LITHIATION : -1] @ host.capacity + cells[:, -1] / VOLUME_PER_CHARGE)
    return share_below(host.width, held, float(state[layout.scalars + at.BASE]))


@quantity("1")
def coverage(run: Any) -> float:
    """Share of the collector covered by lithium."""
    if run.cell.geometry == "porous":
        raise Unmeasurable("how much of the collector lithium covers is not known under a porous anode")
    return float(run.steps["coverage"].values[last_plating(run)])


@quantity("nm")
def deposit_size(run: Any) -> float:
    """Grain size of the deposit."""
    state = run.ended.states[last_plating(run)]
    return float(np.exp(state[run.physics.layout.scalars + at.GRAIN]) * 1e9)
