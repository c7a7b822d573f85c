"""Balances of the porous host: one network potential, lithium stored in alloys and pores."""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws.ageing import detachment_rate
from cellmodel.laws.contact import constriction_length
from cellmodel.laws.kinetics import availability, releasing_branch, storing_branch
from cellmodel.laws.mechanics import crushing_strain, densified_porosity, recovered_fraction
from cellmodel.laws.smooth import positive_part, rectified
from cellmodel.laws.storage import deposit_potential, plateau_potential, pore_back_pressure
from cellmodel.laws.transport import alloy_conductivity
from cellmodel.model import layout as at
from cellmodel.numerics.dual import zero_like

SPARSE = 1e-5
"""Lithiation, or share of vacancies, over which the last of them are used up [1]."""

LEAVE_WIDTH = 0.01
"""Over which lithium starts to leave a host [A/m2]: 1 uA/cm2. At rest nothing leaves at all."""

CLOSED = 0.01
"""Free pore volume at which half of the pores' surface is closed [1]."""


class HostFluxes(NamedTuple):
    """What the host exchanges with its neighbours.

    Attributes
    ----------
    top : current into the host from its upper surface [A/m2]
    foot : current out of the host into the base layer [A/m2]
    pore_touch : filled fraction of the pores next to the electrolyte [1]
    into_pores : current into the pores next to the electrolyte, per volume [A/m3]
    stored : current into pores and alloys next to the electrolyte, per volume [A/m3]
    strain : volume of the lithium held per volume of layer, next to the electrolyte [1]
    recovered : share of that strain that the layer takes back [1]
    detached : what of the current out of the upper surface is cut off among shrinking particles [A/m2]
    """

    top: float
    foot: float
    pore_touch: float
    into_pores: float
    stored: float
    strain: float
    recovered: float
    detached: float


@njit(nogil=True, error_model="numpy")
def pore_volume(u, cell, opened, host, layout):
    """Free pore volume per volume of layer: what pressure and swollen alloys leave [1]."""
    volume = opened
    for k in range(layout.phases):
        volume -= host.swelling[k] * u[cell + at.LITHIATION + k]
    return positive_part(volume, 1e-3)


@njit(nogil=True, error_model="numpy")
def network_conductivity(u, cell, free, host, layout):
    """Infiltrated electrolyte, lithiated alloys and lithium in the pores, in parallel [S/m]."""
    filled = u[cell + layout.phases + 1] / free
    total = host.conductivity + host.lithium_conductivity * positive_part(filled, 1e-4)
    for k in range(layout.phases):
        total += alloy_conductivity(host.full_conductivity[k], u[cell + at.LITHIATION + k], host.power[k])
    return total


@njit(nogil=True, error_model="numpy")
def alloy_reaction(u, cell, k, host, thermal_voltage):
    """Lithium stored by phase k [A/m3]: vacancies take, lithium leaves (lattice gas on the plateaus)."""
    y = u[cell + at.LITHIATION + k]
    eta = -u[cell + at.PSI] - plateau_potential(y, host.levels[k], host.edges[k], host.step_width[k])
    taking = rectified(1.0 - y, SPARSE) * storing_branch(eta, thermal_voltage)
    stored = taking - rectified(y, SPARSE) * releasing_branch(eta, thermal_voltage)
    return host.reaction[k] * stored


@njit(nogil=True, error_model="numpy")
def pore_reaction(psi, filled, free, host, thermal_voltage):
    """Lithium plated in the pores [A/m3]; both branches die out smoothly at the empty and at the full pore.

    Pores that swollen phases and pressure have closed (`free` below `CLOSED`) have no surface left.
    """
    openness = free * free / (free * free + CLOSED * CLOSED)
    back = pore_back_pressure(filled, host.back_pressure, host.back_width)
    eta = -psi - deposit_potential(back, host.pore_penalty)
    room = availability(1.0 - filled, host.pore_gate)
    stock = availability(filled, host.pore_gate)
    return (openness * host.pore_reaction) * (
        room * storing_branch(eta, thermal_voltage) - stock * releasing_branch(eta, thermal_voltage)
    )


@njit(nogil=True, error_model="numpy")
def held_strain(u, cell, host, layout):
    """Volume of the lithium in alloys and pores of a host cell per volume of layer [1]."""
    held = u[cell + layout.phases + 1]
    for k in range(layout.phases):
        held += VOLUME_PER_CHARGE * host.capacity[k] * u[cell + at.LITHIATION + k]
    return positive_part(held, 1e-4)


@njit(nogil=True, error_model="numpy")
def cut_off(u, cell, top, recovered, p):
    """Lithium cut off among the particles next to the electrolyte, of what leaves the host through them [A/m2]."""
    leaving = max(-top, 0.0)
    lithiation = zero_like(u[cell])
    for k in range(p.layout.phases):
        lithiation += u[cell + at.LITHIATION + k] / p.layout.phases
    return detachment_rate(leaving * leaving / (leaving + LEAVE_WIDTH), lithiation, recovered, p.host.detachment)


@njit(nogil=True, error_model="numpy")
def host_balance(u, p, out):
    """Fill the rows of all host cells: dJ/dx = R, F c dy/dt = R_k, (F/V_Li) dv/dt = R_p; returns the edge fluxes."""
    layout, host, s = p.layout, p.host, p.layout.scalars
    none = zero_like(u[s + at.FOOT])
    if layout.host_cells == 0:
        return HostFluxes(none, none, none, none, none, none, none, none)
    opened = densified_porosity(host.porosity, crushing_strain(u[s + at.PRESSURE], host.modulus))
    free = pore_volume(u, 0, opened, host, layout)
    sigma = network_conductivity(u, 0, free, host, layout)
    below = 2.0 * sigma * (u[at.PSI] - u[s + at.FOOT]) / host.width[0]
    foot = below
    filled, into_pores, above, stored = none, none, none, none
    for c in range(layout.host_cells):
        cell = c * layout.host_block
        psi = u[cell + at.PSI]
        filled = u[cell + layout.phases + 1] / free
        into_pores = pore_reaction(psi, filled, free, host, p.thermal_voltage)
        stored = into_pores
        out[cell + layout.phases + 1] = VOLUME_PER_CHARGE * into_pores
        for k in range(layout.phases):
            into_phase = alloy_reaction(u, cell, k, host, p.thermal_voltage)
            out[cell + at.LITHIATION + k] = into_phase / host.capacity[k]
            stored += into_phase
        if c + 1 < layout.host_cells:
            free = pore_volume(u, cell + layout.host_block, opened, host, layout)
            sigma_next = network_conductivity(u, cell + layout.host_block, free, host, layout)
            # Arithmetic mean: at a steep front the lithiated side feeds the empty one.
            distance = 0.5 * (host.width[c] + host.width[c + 1])
            above = 0.5 * (sigma + sigma_next) * (u[cell + layout.host_block + at.PSI] - psi) / distance
            sigma = sigma_next
        else:
            contact = positive_part(u[s + at.CONTACT], 1e-3)
            path = 0.5 * host.width[c] + constriction_length(contact, host.contact_spacing)
            above = sigma * (u[s + at.SURFACE] - psi) / path
        out[cell + at.PSI] = above - below - host.width[c] * stored
        below = above
    strain = held_strain(u, layout.cathode - layout.host_block, host, layout)
    recovered = recovered_fraction(strain, host.elastic_limit)
    detached = cut_off(u, layout.cathode - layout.host_block, above, recovered, p)
    return HostFluxes(above, foot, filled, into_pores, stored, strain, recovered, detached)
