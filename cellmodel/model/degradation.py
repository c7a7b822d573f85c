"""Rates of what is lost: dead lithium, contact of anode, counter and cathode, growth of the cathode's coating."""

from __future__ import annotations

from numba import njit

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws.ageing import cathode_contact_loss, coating_growth, dead_share, left_behind
from cellmodel.laws.contact import void_closing_velocity
from cellmodel.laws.kinetics import availability
from cellmodel.laws.mechanics import binder_pressure
from cellmodel.laws.smooth import magnitude, positive_part, rectified
from cellmodel.model import layout as at
from cellmodel.numerics.dual import zero_like

STRIP_WIDTH = 0.01
"""Over which stripping sets in [A/m2]: 1 uA/cm2, far below any current of a protocol."""

GATE = 0.02
"""Contact fraction below which void growth fades, so that contact stays positive [1]."""


@njit(nogil=True, error_model="numpy")
def contact_rate(contact, stripped, velocity, layer):
    """dtheta/dt = [v (1 - theta) - w (V_Li/F) i_strip gate(theta)] / delta [1/s]."""
    held = positive_part(contact, 1e-4)
    opening = VOLUME_PER_CHARGE * stripped * held / (held + GATE)
    return (velocity * (1.0 - contact) - opening) / layer


@njit(nogil=True, error_model="numpy")
def contact_rates(u, p, surface, fluxes, out):
    """Fill the contact of anode and counter: stripping opens voids, pressure and temperature close them.

    From a host only what leaves next to the electrolyte opens voids, less what its binder takes back; the binder's
    stress closes them together with that of the stack. An alloy opposite has no voids of lithium.
    """
    s, law = p.layout.scalars, p.contact
    pressure = positive_part(u[s + at.PRESSURE], 1e3)
    squeezed = pressure + binder_pressure(law.binder, fluxes.strain, fluxes.recovered)
    velocity = void_closing_velocity(squeezed, law.diffusional, law.power_law, law.exponent)
    # Stripping a few nanometres opens no voids: the deposit's share fades out with its amount.
    stripped = availability(u[s + at.TOP], p.top.regular) * rectified(-surface.top, STRIP_WIDTH)
    stripped += (1.0 - fluxes.recovered) * rectified(-law.host_layer * fluxes.stored, STRIP_WIDTH)
    out[s + at.CONTACT] = contact_rate(u[s + at.CONTACT], stripped, velocity, law.layer)
    velocity = void_closing_velocity(pressure, law.diffusional, law.power_law, law.exponent)
    taken = p.counter.metal * rectified(surface.ionic, STRIP_WIDTH) if p.layout.cathode_cells == 0 else 0.0
    out[s + at.COUNTER_CONTACT] = contact_rate(u[s + at.COUNTER_CONTACT], taken, velocity, law.layer)


@njit(nogil=True, error_model="numpy")
def ageing_rates(u, p, surface, foot, base_covered, out):
    """Fill cathode contact and coating; returns lithium dying in the top and in the base deposit [A/m2]."""
    s, cathode = p.layout.scalars, p.cathode
    share = dead_share(surface.contact, surface.covered, u[s + at.DEPOSIT_POROSITY], p.top.dead_weight)
    dead_top = share * rectified(-surface.top, STRIP_WIDTH) * left_behind(u[s + at.TOP], p.top.regular)
    share = dead_share(1.0, base_covered, 0.0, p.base.dead_weight)
    dead_base = share * rectified(-foot, STRIP_WIDTH) * left_behind(u[s + at.BASE], p.base.regular)
    if p.layout.host_cells == 0:  # no lithium below a foil's deposit, none to lose
        dead_base = zero_like(dead_base)
    out[s + at.CATHODE_CONTACT] = 0.0
    out[s + at.COATING] = 0.0
    if p.layout.cathode_cells > 0:
        strain_rate = cathode.strain * magnitude(surface.ionic, 1e-2) / cathode.capacity
        pressure = positive_part(u[s + at.PRESSURE], 1e3)
        out[s + at.CATHODE_CONTACT] = -cathode_contact_loss(
            strain_rate,
            u[s + at.CATHODE_CONTACT],
            cathode.contact_sensitivity,
            pressure,
            cathode.contact_pressure,
        )
        out[s + at.COATING] = coating_growth(
            cathode.coating_growth, u[s + at.VOLTAGE], cathode.coating_onset, cathode.coating_width,
            u[s + at.COATING], cathode.coating,
        )  # fmt: skip
    return dead_top, dead_base
