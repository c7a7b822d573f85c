"""Balances of the composite cathode: ions, electrons, and lithium in spherical particles."""

from __future__ import annotations

from math import sqrt

from numba import njit

from cellmodel.laws.contact import constriction_length
from cellmodel.laws.kinetics import intercalation_exchange_current, overpotential_of_current
from cellmodel.laws.smooth import positive_part
from cellmodel.laws.transport import SPENT
from cellmodel.model import layout as at
from cellmodel.model.electrolyte import ion_current, salt_rate
from cellmodel.numerics.cubic_table import look_up
from cellmodel.numerics.dual import zero_like


@njit(nogil=True, error_model="numpy")
def particle_balance(u, first, surface_flux, contact, cathode, layout, out):
    """Fill dx/dt of all shells of one particle, the last of which is its surface.

    Lithium diffuses along the gradient of the integral of D over x. `surface_flux` is the lithiation flux through the
    surface [m/s]. The path to the surface is longer where lithium has to spread from contact spots.
    """
    inner = zero_like(surface_flux)
    path = cathode.outer_distance + constriction_length(contact, cathode.contact_spacing)
    here = look_up(cathode.diffusion, u[first])
    for r in range(layout.shells - 1):
        ahead = look_up(cathode.diffusion, u[first + r + 1])
        outer = cathode.shell_face[r] * (ahead - here)
        out[first + r] = (outer - inner) * cathode.per_volume[r]
        inner, here = outer, ahead
    last = first + layout.shells
    outer = cathode.outer_face * (look_up(cathode.diffusion, u[last]) - here) / path
    out[last - 1] = (outer - inner) * cathode.per_volume[layout.shells - 1]
    out[last] = (surface_flux * cathode.surface_ratio - outer) * cathode.per_volume[layout.shells]


@njit(nogil=True, error_model="numpy")
def particle_rates(u, p, out):
    """Fill the rows of all particles."""
    layout, cathode = p.layout, p.cathode
    contact = positive_part(u[layout.scalars + at.CATHODE_CONTACT], 1e-3)
    for c in range(layout.cathode_cells):
        first = layout.cathode + c * layout.cathode_block
        j = u[first + layout.shells + 1]
        particle_balance(u, first, contact * j / cathode.storage, contact, cathode, layout, out)


@njit(nogil=True, error_model="numpy")
def reaction_gaps(u, p, out):
    """Fill the rows of reaction currents in all cathode cells: the driving potential minus what they need [V]."""
    layout, cathode, s = p.layout, p.cathode, p.layout.scalars
    for c in range(layout.cathode_cells):
        at_surface = layout.cathode + c * layout.cathode_block + layout.shells
        surface, j = u[at_surface], u[at_surface + 1]
        exchange = intercalation_exchange_current(cathode.exchange_current, surface)
        if layout.separator_cells > 0:
            exchange *= sqrt(max(u[layout.salt + layout.separator_cells + c], SPENT))
        eta = overpotential_of_current(j, exchange, p.thermal_voltage)
        driving = u[at_surface + 3] - u[at_surface + at.CATHODE_PSI] - look_up(cathode.potential, surface)
        out[at_surface + 1] = driving - eta + u[s + at.COATING] * j


@njit(nogil=True, error_model="numpy")
def cathode_balance(u, p, ionic, leak, psi_separator, out):
    """Fill the rows of potentials and salt in all cathode cells.

    Parameters
    ----------
    ionic : current through the separator towards the anode [A/m2]
    leak : electronic current that a filament takes from the face of the cathode [A/m2]
    psi_separator : what `separator_potential` gives [V]
    """
    layout, cathode, s = p.layout, p.cathode, p.layout.scalars
    contact = positive_part(u[s + at.CATHODE_CONTACT], 1e-3)
    j_at, psi_at, phi_at = layout.shells + 1, layout.shells + at.CATHODE_PSI, layout.shells + 3
    first = layout.cathode
    ion_in = ion_current(u, p, 0, psi_separator)
    electron_in = leak
    for c in range(layout.cathode_cells):
        j, psi, phi = u[first + j_at], u[first + psi_at], u[first + phi_at]
        ion_out, electron_out = 0.0, u[s + at.CURRENT]
        if c + 1 < layout.cathode_cells:
            ahead = first + layout.cathode_block
            distance = 0.5 * (cathode.width[c] + cathode.width[c + 1])
            ion_out = ion_current(u, p, c + 1, psi)
            electron_out = cathode.electronic_conductivity * (u[ahead + phi_at] - phi) / distance
        stored = cathode.width[c] * cathode.area * contact * j
        out[first + psi_at] = ion_out - ion_in - stored
        out[first + phi_at] = electron_out - electron_in + stored
        if layout.separator_cells > 0:
            k = layout.separator_cells + c
            out[layout.salt + k] = salt_rate(u, p, k, stored)
        ion_in, electron_in = ion_out, electron_out
        first += layout.cathode_block


@njit(nogil=True, error_model="numpy")
def cathode_voltage_gap(u, p):
    """V - phi at the cathode's collector, zero at a solution [V]."""
    layout, cathode, s = p.layout, p.cathode, p.layout.scalars
    last = layout.cathode_cells - 1
    phi = u[layout.cathode + last * layout.cathode_block + layout.shells + 3]
    drop = u[s + at.CURRENT] * 0.5 * cathode.width[last] / cathode.electronic_conductivity
    return phi + drop - u[s + at.VOLTAGE]
