"""Where every mole of lithium is."""

from __future__ import annotations

from numba import njit

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.model import layout as at

PLACES = (
    "cathode", "alloys", "pores", "base", "top", "interphase", "dead", "filament", "counter", "double_layer",
)  # fmt: skip
"""Names of the ledger's columns; `double_layer` is the charge of the interfacial capacitance."""


@njit(nogil=True, error_model="numpy")
def fill_ledger(u, p, out):
    """Fill out (float64[10]) with the lithium in each of PLACES [C/m2]; returns the sum."""
    layout, s = p.layout, p.layout.scalars
    out[0], out[1], out[2] = 0.0, 0.0, 0.0
    for c in range(layout.cathode_cells):
        first = layout.cathode + c * layout.cathode_block
        volume = p.cathode.width[c] * p.cathode.share * p.cathode.storage
        for r in range(layout.shells + 1):
            out[0] += volume * p.cathode.shell_volume[r] * u[first + r]
    for c in range(layout.host_cells):
        cell = c * layout.host_block
        for k in range(layout.phases):
            out[1] += p.host.width[c] * p.host.capacity[k] * u[cell + at.LITHIATION + k]
        out[2] += p.host.width[c] * u[cell + layout.phases + 1] / VOLUME_PER_CHARGE
    out[3] = u[s + at.BASE]
    out[4] = u[s + at.TOP]
    out[5] = u[s + at.INTERPHASE]
    out[6] = u[s + at.DEAD]
    out[7] = u[s + at.FILAMENT]
    out[8] = u[s + at.COUNTER]
    out[9] = p.contact.capacitance * u[s + at.SURFACE]
    total = 0.0
    for i in range(10):
        total += out[i]
    return total
