"""Charge transfer at the planes of the cell: electrolyte and anode, deposits, counter foil."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

from numba import njit

from cellmodel.laws.ageing import formation_current, growth_current, left_behind, renewal_current
from cellmodel.laws.kinetics import availability, releasing_branch, storing_branch
from cellmodel.laws.nucleation import coverage, patch_radius, spreading
from cellmodel.laws.smooth import logistic, met_share, positive_part, rectified
from cellmodel.laws.storage import deposit_potential
from cellmodel.model import layout as at

ANODE, COUNTER = 0, 1
"""Interfaces of the electrolyte with lithium."""

PLATE_WIDTH = 0.01
"""Over which plating sets in [A/m2]: 1 uA/cm2."""

LOOSE_NUCLEI = 0.5
"""Nuclei on bare sites dissolve again while the deposit is no more than seven times this share of the minute one [1]:
2 uAh/cm2. Beyond, patches hold what there is, and a bare site has nothing to give."""

LOOSE_WIDTH = 1e-2
"""Over which bare sites turn from taking to giving, in exchange currents [1]."""


class Surface(NamedTuple):
    """Currents and potentials where the anode meets the electrolyte.

    Attributes
    ----------
    ionic : through the separator, towards the anode [A/m2]
    leak : through a filament [A/m2]
    contact : true contact fraction, kept off zero [1]
    covered : share of the surface covered by the top deposit [1]
    top : into the top deposit [A/m2]
    nucleating : the part of it that starts on bare surface [A/m2]
    interphase : consumed by the electrolyte's reduction [A/m2]
    psi : potential of the electrolyte at the contact [V]
    """

    ionic: float
    leak: float
    contact: float
    covered: float
    top: float
    nucleating: float
    interphase: float
    psi: float


@njit(nogil=True, error_model="numpy")
def deposit_current(psi, amount, density, porosity, pressure, deposit, thermal_voltage):
    """Plating and stripping on a plane with covered and bare sites in parallel.

    i = theta_cov i0 g(eta) + (1 - theta_cov) i0_bare g(eta + dU_nuc), the stripping branch fading with the deposit,
    and that of bare sites as patches take over what nucleated on them: bare sites have nothing to give.

    Returns
    -------
    current, part of it on bare sites [A/m2], covered fraction [1]
    """
    covered = coverage(density, patch_radius(amount, density, porosity, deposit.regular))
    eta = -psi - deposit_potential(pressure, 0.0)
    stock = availability(amount, deposit.regular)
    on_lithium = storing_branch(eta, thermal_voltage) - stock * releasing_branch(eta, thermal_voltage)
    on_bare = storing_branch(eta + deposit.barrier, thermal_voltage) - stock * releasing_branch(
        eta + deposit.barrier, thermal_voltage
    )
    loose = 1.0 - left_behind(amount, LOOSE_NUCLEI * deposit.regular)
    on_bare = rectified(on_bare, LOOSE_WIDTH) - loose * rectified(-on_bare, LOOSE_WIDTH)
    nucleating = (1.0 - covered) * deposit.bare_exchange_current * on_bare
    return covered * deposit.exchange_current * on_lithium + nucleating, nucleating, covered


@njit(nogil=True, error_model="numpy")
def interphase_current(u, p, psi, covered, contact, plating, resistance):
    """Lithium taken by the electrolyte's reduction: formation, growth, and a share of what arrives to plate [A/m2].

    It is driven by how far the surface is below the onset, and no faster than this drives ions to it.
    `plating` is the current through the separator, which a protocol sets, and not the current into the deposits: in a
    cell that holds still that one swings around zero with every microvolt.
    """
    interphase, s = p.interphase, p.layout.scalars
    reduced = logistic((psi + interphase.onset) / interphase.onset_width)
    reach = covered + (1.0 - covered) * interphase.host_reach
    area = interphase.area_ratio * contact * reach * reduced
    held = u[s + at.INTERPHASE]
    forming = formation_current(area, held, interphase.formation_charge, interphase.formation_time)
    growing = growth_current(area, held, interphase.growth, interphase.formation_charge)
    plated = rectified(plating, PLATE_WIDTH)
    newly = (1.0 - interphase.host_reach) * spreading(covered, u[s + at.TOP], p.top.regular)
    renewed = renewal_current(plated, newly, interphase.area_ratio * interphase.formation_charge, interphase.renewal)
    taken = reduced * (forming + interphase.throughput * plated + renewed) + growing
    reaching = positive_part(psi + interphase.onset, interphase.onset_width) / resistance
    return taken * met_share(taken, reaching)


@njit(nogil=True, error_model="numpy")
def interface_drop(u, p, interface, current, resistance, out):
    """Potential between the two sides of an interface with lithium [V].

    Ohm's law; for impedance an unknown that a capacitance may hold back, with the current it leaves over as its gap.
    """
    if p.layout.interfaces == 0:
        return current * resistance
    drop = u[p.layout.drops + interface]
    out[p.layout.drops + interface] = current - drop / resistance
    return drop


@njit(nogil=True, error_model="numpy")
def anode_surface(u, p, out):
    """Currents at the plane between anode and electrolyte."""
    s = p.layout.scalars
    leak = u[s + at.VOLTAGE] * u[s + at.LEAK]
    ionic = u[s + at.CURRENT] - leak
    contact = positive_part(u[s + at.CONTACT], 1e-3)
    psi = u[s + at.SURFACE]
    current, nucleating, covered = deposit_current(
        psi, u[s + at.TOP], exp(u[s + at.PATCHES]), u[s + at.DEPOSIT_POROSITY],
        u[s + at.PRESSURE], p.top, p.thermal_voltage,
    )  # fmt: skip
    top = contact * current
    resistance = p.contact.resistance / contact + p.interphase.resistivity * u[s + at.INTERPHASE]
    lost = interphase_current(u, p, psi, covered, contact, ionic, resistance)
    electrolyte = psi + interface_drop(u, p, ANODE, ionic - lost, resistance, out)
    return Surface(ionic, leak, contact, covered, top, contact * nucleating, lost, electrolyte)


@njit(nogil=True, error_model="numpy")
def base_current(u, p):
    """Current into the lithium between collector and host [A/m2], and its covered fraction [1]."""
    s = p.layout.scalars
    current, _, covered = deposit_current(
        u[s + at.FOOT],
        u[s + at.BASE],
        p.base.patch_density,
        0.0,
        u[s + at.PRESSURE],
        p.base,
        p.thermal_voltage,
    )
    return current, covered


@njit(nogil=True, error_model="numpy")
def counter_gap(u, p, ionic, psi_separator, out):
    """Kirchhoff's law at the counter foil: what it stores plus what passes the separator, zero at a solution [A/m2].

    Lithium metal feels the stack pressure; an alloy stays on its plateau, and has room for so much lithium only.
    """
    s, counter = p.layout.scalars, p.counter
    contact = positive_part(u[s + at.COUNTER_CONTACT], 1e-3)
    psi = psi_separator + interface_drop(u, p, COUNTER, ionic, counter.resistance / contact, out)
    eta = u[s + at.VOLTAGE] - psi - counter.potential - counter.metal * deposit_potential(u[s + at.PRESSURE], 0.0)
    stock = availability(u[s + at.COUNTER], counter.gate)
    room = availability(counter.room + counter.lithium - u[s + at.COUNTER], counter.gate)
    stored = room * storing_branch(eta, p.thermal_voltage) - stock * releasing_branch(eta, p.thermal_voltage)
    return ionic + contact * counter.exchange_current * stored
