"""Where each unknown stands in the state vector.

Order: host cells from the collector up, each [psi, y_1..y_K, v]; where the electrolyte is a binary one, c of separator
and cathode cells, then psi of separator cells; cathode cells from the separator outwards, each [x_0..x_R, j, psi, phi];
then the scalars below; then flaw depths, working side and counter side. Impedance adds the drops of potential over the
resistances of both interfaces with lithium, which a run need not know apart.

| symbol | meaning | unit |
| --- | --- | --- |
| psi | potential of a Li/Li+ reference in the lithium conductor | V |
| y_k | lithiation of alloy k | 1 |
| v | lithium metal in the pores per volume of layer | 1 |
| c | salt concentration over that of the fresh cell | 1 |
| x_r | lithiation of the active particles, from their centre to their surface | 1 |
| j | current stored per particle surface in contact | A/m2 |
| phi | potential of the electrons in the cathode | V |
"""

from __future__ import annotations

from typing import NamedTuple

# Scalars, as offsets from Layout.scalars. Amounts of lithium in C per m2 of cell.
BASE = 0  # lithium between collector and host [C/m2]
TOP = 1  # lithium at the electrolyte; on a foil: the whole deposit [C/m2]
INTERPHASE = 2  # lithium in the solid electrolyte interphase [C/m2]
DEAD = 3  # lithium metal without contact [C/m2]
FILAMENT = 4  # lithium in the flaws of the median cell [C/m2]
COUNTER = 5  # lithium of the counter foil [C/m2]
CONTACT = 6  # true contact fraction of anode and electrolyte [1]
COUNTER_CONTACT = 7  # the same for the counter foil [1]
PATCHES = 8  # ln of the density of patches of the top deposit, 1/m2 [1]
GRAIN = 9  # ln of the grain size of the top deposit, m [1]
DEPOSIT_POROSITY = 10  # [1]
CATHODE_CONTACT = 11  # [1]
COATING = 12  # area resistance of the cathode particles' surface [ohm m2]
CATHODE_CHARGE = 13  # lithium that left the cathode since assembly [C/m2]
LEAK = 14  # conductance of the filament [S/m2]
PASSED = 15  # charge passed in the present protocol step [C/m2]
ENERGY = 16  # energy put in during the present protocol step [J/m2]
SURFACE = 17  # psi on the host side of the contact with the electrolyte [V]
FOOT = 18  # psi at the foot of the host [V]
PRESSURE = 19  # stack pressure [Pa]
CURRENT = 20  # I, positive when lithium is plated on the anode [A/m2]
VOLTAGE = 21  # potential of the counter or cathode collector; the anode collector is at 0 [V]
SETPOINT = 22  # what the cycler holds: a current [A/m2], or the voltage above, which a sweep moves [V]
SCALARS = 23

SCALAR_NAMES = (
    "base lithium", "top lithium", "interphase lithium", "dead lithium", "filament lithium", "counter lithium",
    "contact fraction", "counter contact fraction", "patch density", "grain size", "deposit porosity",
    "cathode contact", "coating resistance", "cathode charge", "leak conductance", "charge passed", "energy",
    "surface potential", "foot potential", "stack pressure", "current", "voltage", "set point",
)  # fmt: skip

PSI, LITHIATION = 0, 1  # offsets in a host cell; the pore lithium follows the last alloy
CATHODE_PSI = 2  # offset in a cathode cell behind the surface's lithiation


class Layout(NamedTuple):
    """Sizes of a cell's state vector.

    Attributes
    ----------
    host_cells, phases : int
        Finite volumes of the host (0 for a foil) and lithium-storing phases in each.
    separator_cells : int
        Finite volumes of the separator (0 in a single-ion conductor, where Ohm's law needs none).
    cathode_cells, shells : int
        Finite volumes of the cathode (0 in a half cell) and steps from centre to surface of its particles.
    flaws : int
        Quantiles of flaw size on each side.
    interfaces : int
        Drops of potential at the end of the vector, at the anode and at a counter foil: 0 but for impedance.
    """

    host_cells: int
    phases: int
    separator_cells: int
    cathode_cells: int
    shells: int
    flaws: int
    interfaces: int
    host_block: int
    cathode_block: int
    salt: int
    separator: int
    cathode: int
    scalars: int
    depths: int
    counter_depths: int
    drops: int
    size: int


def make_layout(
    host_cells: int,
    phases: int,
    separator_cells: int,
    cathode_cells: int,
    shells: int,
    flaws: int,
    interfaces: int = 0,
) -> Layout:
    """Lay out the state vector of a cell."""
    host_block = phases + 2
    cathode_block = shells + 4
    salt = host_cells * host_block
    separator = salt + (separator_cells + cathode_cells if separator_cells else 0)
    cathode = separator + separator_cells
    scalars = cathode + cathode_cells * cathode_block
    depths = scalars + SCALARS
    drops = depths + 2 * flaws
    return Layout(
        host_cells=host_cells,
        phases=phases,
        separator_cells=separator_cells,
        cathode_cells=cathode_cells,
        shells=shells,
        flaws=flaws,
        interfaces=interfaces,
        host_block=host_block,
        cathode_block=cathode_block,
        salt=salt,
        separator=separator,
        cathode=cathode,
        scalars=scalars,
        depths=depths,
        counter_depths=depths + flaws,
        drops=drops,
        size=drops + interfaces,
    )


def name_of(layout: Layout, index: int) -> str:
    """Say in words which unknown stands at an index, for messages."""
    if index < layout.salt:
        cell, offset = divmod(index, layout.host_block)
        words = {0: "psi", layout.host_block - 1: "pore lithium"}
        what = words.get(offset, f"alloy {offset} lithiation")
        return f"{what} in host cell {cell + 1} of {layout.host_cells}"
    if index < layout.cathode:
        return _name_in_salt(layout, index)
    if index < layout.scalars:
        cell, offset = divmod(index - layout.cathode, layout.cathode_block)
        words = ("surface lithiation", "reaction current", "psi", "phi")
        tail = dict(enumerate(words, start=layout.shells))
        what = tail.get(offset, f"lithiation of shell {offset + 1}")
        return f"{what} in cathode cell {cell + 1} of {layout.cathode_cells}"
    if index < layout.depths:
        return SCALAR_NAMES[index - layout.scalars]
    if index >= layout.drops:
        return f"drop at the {('anode', 'counter')[index - layout.drops]}'s interface"
    side = "working" if index < layout.counter_depths else "counter"
    return f"depth of flaw {(index - layout.depths) % layout.flaws + 1} on the {side} side"


def _name_in_salt(layout: Layout, index: int) -> str:
    if index >= layout.separator:
        return f"psi in separator cell {index - layout.separator + 1} of {layout.separator_cells}"
    cell = index - layout.salt
    if cell < layout.separator_cells:
        return f"salt concentration in separator cell {cell + 1} of {layout.separator_cells}"
    return f"salt concentration in cathode cell {cell - layout.separator_cells + 1} of {layout.cathode_cells}"
