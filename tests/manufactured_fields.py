"""Smooth fields in the host and in the cathode, with exact slopes, and the fluxes and reactions that go with them.

Written from the equations of docs/model.md, not from the code that they verify.
"""

import numpy as np

from cellmodel.constants import VOLUME_PER_CHARGE

CURRENT = 10.0  # A/m2
SPARSE = 1e-5  # lithiation over which the last sites of an alloy are used up
NODES, WEIGHTS = np.polynomial.legendre.leggauss(5)


def logistic(x):
    return 1.0 / (1.0 + np.exp(-x))


def rounded(x, width):
    """max(x, 0) as the model rounds it."""
    return 0.5 * (x + np.sqrt(x * x + width * width))


def rectified(x, width):
    """max(x, 0) that leaves next to nothing below 0, as the model rounds it."""
    part = rounded(x, width)
    return part * part / (part + width)


def availability(x, scale):
    held = rectified(x, 1e-3 * scale)
    return held / (held + scale)


def edges_of(width):
    return np.concatenate([[0.0], np.cumsum(width)])


def means(function, edges):
    """Mean of a function of position over every cell, by Gauss quadrature."""
    half = 0.5 * np.diff(edges)[:, None]
    middle = 0.5 * (edges[1:] + edges[:-1])[:, None]
    return 0.5 * (function(middle + half * NODES) * WEIGHTS).sum(axis=1)


class HostFields:
    """psi, y and v over the height x of the host, and what follows from them."""

    def __init__(self, physics, pressure):
        self.p, self.host = physics, physics.host
        self.length = physics.host.width.sum()
        strain = pressure / (pressure + self.host.modulus)
        self.opened = 1.0 - (1.0 - self.host.porosity) / (1.0 - strain)

    def psi(self, x):
        return -0.02 + 4e-3 * np.sin(1.5 * x / self.length)

    def slope(self, x):
        return 6e-3 / self.length * np.cos(1.5 * x / self.length)

    def y(self, x):
        return 0.6 + 0.2 * np.cos(2.0 * x / self.length)

    def v(self, x):
        return self.host.porosity * (0.15 + 0.1 * np.sin(2.0 * x / self.length))

    def filled(self, x):
        return self.v(x) / rounded(self.opened - self.host.swelling[0] * self.y(x), 1e-3)

    def sigma(self, x):
        host = self.host
        alloy = host.full_conductivity[0] * rounded(self.y(x), 1e-6) ** host.power[0]
        return host.conductivity + host.lithium_conductivity * rounded(self.filled(x), 1e-4) + alloy

    def flux(self, x):
        return self.sigma(x) * self.slope(x)

    def branches(self, potential, x):
        half = 0.5 * (-self.psi(x) - potential) / self.p.thermal_voltage
        return np.exp(-half), np.exp(half)

    def into_alloy(self, x):
        host, y = self.host, self.y(x)
        steps = np.diff(host.levels[0])
        potential = host.levels[0][0] + sum(
            step * logistic((y - edge) / host.step_width[0]) for step, edge in zip(steps, host.edges[0], strict=True)
        )
        store, release = self.branches(potential, x)
        return host.reaction[0] * (rectified(1.0 - y, SPARSE) * store - rectified(y, SPARSE) * release)

    def into_pores(self, x):
        host, s = self.host, self.filled(x)
        back = host.back_pressure * np.exp((s - 1.0) / host.back_width)
        store, release = self.branches(-VOLUME_PER_CHARGE * (back + host.pore_penalty), x)
        room, stock = availability(1.0 - s, host.pore_gate), availability(s, host.pore_gate)
        return host.pore_reaction * (room * store - stock * release)


class CathodeFields:
    """psi, phi and the lithiation of particles over the depth x of the cathode and the radius r."""

    def __init__(self, physics, contact, coating, psi_separator):
        self.p, self.cathode = physics, physics.cathode
        self.contact, self.coating, self.psi_separator = contact, coating, psi_separator
        self.length = physics.cathode.width.sum()
        self.radius = 3.0 / physics.cathode.surface_ratio

    def psi(self, x):
        z = x / self.length
        return self.psi_separator + CURRENT * self.length / self.cathode.ionic_conductivity * (z - 0.5 * z * z)

    def psi_slope(self, x):
        return CURRENT / self.cathode.ionic_conductivity * (1.0 - x / self.length)

    def phi(self, x):
        z = x / self.length
        return 3.9 + CURRENT * self.length / self.cathode.electronic_conductivity * 0.5 * z * z

    def phi_slope(self, x):
        return CURRENT / self.cathode.electronic_conductivity * x / self.length

    def bend(self, x):
        return -0.06 - 0.02 * np.cos(2.0 * x / self.length)

    def lithiation(self, r, x):
        rho = r / self.radius
        return 0.6 + 0.05 * np.sin(1.5 * x / self.length) + self.bend(x) * (rho**2 + 0.5 * rho**4)

    def gradient(self, r, x):
        rho = r / self.radius
        return self.bend(x) * (2.0 * rho + 2.0 * rho**3) / self.radius

    def diffusivity(self, lithiation):
        c = self.cathode
        fall = c.diffusivity_decades * logistic((lithiation - c.diffusivity_centre) / c.diffusivity_width)
        return c.diffusivity * 10.0**-fall

    def flux(self, r, x):
        return self.diffusivity(self.lithiation(r, x)) * self.gradient(r, x)

    def surface(self, x):
        """Lithiation at the contact spots; with full contact that of the whole surface, else for a constant D."""
        path = self.cathode.contact_spacing * (1.0 / self.contact - 1.0)
        return self.lithiation(self.radius, x) + path * self.gradient(self.radius, x)

    def reaction(self, x):
        return self.cathode.storage / self.contact * self.flux(self.radius, x)

    def kinetic_gap(self, x):
        c, spots, j = self.cathode, self.surface(x), self.reaction(x)
        potential = c.ocp_offset + c.ocp_slope * spots
        for height, steepness, centre in zip(c.ocp_heights, c.ocp_steepness, c.ocp_centres, strict=True):
            potential = potential + height * np.tanh(steepness * (spots - centre))
        exchange = 2.0 * c.exchange_current * np.sqrt(rounded(spots, 1e-3) * rounded(1.0 - spots, 1e-3))
        eta = -2.0 * self.p.thermal_voltage * np.arcsinh(0.5 * j / exchange)
        return self.phi(x) - self.psi(x) - potential - eta + self.coating * j
