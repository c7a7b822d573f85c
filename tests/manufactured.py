"""A manufactured solution of the coupled system: sources that turn smooth exact fields into its solution.

Sources of balances are exact fluxes through the faces of every cell and Gauss integrals of the reactions, so that only
the discretisation of the model is left over; the skin of a particle stands for its surface. The model takes one
implicit Euler step of an hour from the exact fields: nothing is moved by time.

References
----------
P. J. Roache, J. Fluids Eng. 124 (2002) 4, doi:10.1115/1.1436090.
"""

from itertools import pairwise

import numpy as np
from manufactured_fields import CURRENT, CathodeFields, HostFields, edges_of, means, rounded

import cellmodel as cm
from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.model import initial, pack, pack_cathode
from cellmodel.model import layout as at
from cellmodel.model.probe import Evaluator
from cellmodel.model.residual import mass_diagonal
from cellmodel.settings import Settings

STEP = 3600.0  # s
CONTROL = np.array([0.0, CURRENT])
PRESSURE, COATING = 2e7, 3e-3  # Pa, ohm m2


def smooth_cell(cells, ratio):
    """Physics of a scaffold cell on a mesh with `cells` in every direction, graded by `ratio`; its cathode's material.

    The share of plated lithium that the interphase takes and the flaws are left out: they tie the scalars to the host's
    last cell, whose exact counterpart would have to be written down as well.
    """
    overrides = {
        "cathode.diffusivity_decades": "1", "cathode.diffusivity_width": "0.2",
        # What calibrations move is written out: they must not decide which error dominates on a mesh.
        "cathode.diffusivity": "1.5e-15 m2/s", "cathode.diffusivity_centre": "0.89",
        "cathode.stoichiometry_offset": "0.12",
        "silver.diffusivity": "3e-12 m2/s", "silver.conduction_power": "3",
    }  # fmt: skip
    cell = cm.Cell(anode="ag-ni-scaffold", cathode="ncm811", stack_pressure="20 MPa", overrides=overrides)
    settings = Settings(host_cells=cells, cathode_cells=cells, shells=cells, host_ratio=ratio, shell_ratio=ratio)
    physics = pack.pack(cell.si, cell.phases, True, "porous", settings)
    interphase = physics.interphase._replace(throughput=0.0)
    physics = physics._replace(interphase=interphase, flaws=physics.flaws._replace(density=1e-9))
    return physics, (pack_cathode.oxide_potential(cell.si), pack_cathode.oxide_diffusivity(cell.si))


class Problem:
    """Exact state and sources on one mesh."""

    def __init__(self, cells, ratio=1.0, contact=1.0, cathode_contact=1.0):
        self.physics, self.material = smooth_cell(cells, ratio)
        p = self.physics
        self.layout, self.s, self.model = p.layout, p.layout.scalars, Evaluator(p)
        self.contact, self.cathode_contact = rounded(contact, 1e-3), rounded(cathode_contact, 1e-3)
        scalars = {
            at.BASE: 3e3, at.TOP: 2e3, at.INTERPHASE: 2e3, at.CONTACT: contact, at.CATHODE_CONTACT: cathode_contact,
            at.CURRENT: CURRENT, at.PRESSURE: PRESSURE, at.COATING: COATING,
        }  # fmt: skip
        self.exact = initial.initial_state(p, contact)
        for offset, value in scalars.items():
            self.exact[self.s + offset] = value
        self.host = HostFields(p, PRESSURE)
        self.set_interface()
        self.set_fields()
        self.source = self.make_source()

    def set_interface(self):
        """Potentials at both ends of the host."""
        host, u, s = self.host, self.exact, self.s
        path = host.host.contact_spacing * (1.0 / self.contact - 1.0)
        top = host.psi(host.length) + path * host.slope(host.length)
        u[s + at.SURFACE], u[s + at.FOOT] = top, host.psi(0.0)

    def rates(self, u):
        return self.model(u, CONTROL)

    def scalar_rates(self):
        """Rates of all scalars where exactly the exact currents enter and leave the host, on any mesh."""
        host, u, block = self.host, self.exact.copy(), self.layout.host_block
        x, half = centres(self.physics.host.width), 0.5 * self.physics.host.width
        u[at.PSI] = u[self.s + at.FOOT] + host.flux(0.0) * half[0] / host.sigma(x[0])
        path = half[-1] + host.host.contact_spacing * (1.0 / self.contact - 1.0)
        u[self.layout.cathode - block] = u[self.s + at.SURFACE] - host.flux(host.length) * path / host.sigma(x[-1])
        return self.rates(u)[self.s :]

    def set_fields(self):
        p, layout, u, s = self.physics, self.layout, self.exact, self.s
        interphase = self.rates(u)[s + at.INTERPHASE]  # of the surface alone
        resistance = p.contact.resistance / self.contact + p.interphase.resistivity * u[s + at.INTERPHASE]
        psi_separator = u[s + at.SURFACE] + (CURRENT - interphase) * resistance
        psi_separator += CURRENT * p.separator.thickness / p.separator.conductivity
        self.cathode = cathode = CathodeFields(p, self.material, self.cathode_contact, COATING, psi_separator)
        x = centres(p.host.width)
        block = u[: layout.cathode].reshape(layout.host_cells, layout.host_block)
        block[:] = np.column_stack([self.host.psi(x), self.host.y(x), self.host.v(x)])
        x = centres(p.cathode.width)[:, None]
        r = radii(p, cathode.radius)
        block = u[layout.cathode : s].reshape(layout.cathode_cells, layout.cathode_block)
        for shell, (inner, outer) in enumerate(pairwise(r[:-1])):
            block[:, shell] = shell_mean(cathode.lithiation, inner, outer, x)
        tail = [cathode.surface(x), cathode.reaction(x), cathode.psi(x), cathode.phi(x)]
        block[:, layout.shells :] = np.concatenate(tail, axis=1)
        u[s + at.VOLTAGE] = cathode.phi(cathode.length)

    def make_source(self):
        """The exact rate of every row, with the opposite sign."""
        exact, s = np.empty(self.layout.size), self.s
        exact[s:] = self.scalar_rates()
        exact[s + at.VOLTAGE] = 0.0
        exact[: self.layout.cathode] = self.host_rates().ravel()
        exact[self.layout.cathode : s] = self.cathode_rates().ravel()
        return -exact

    def host_rates(self):
        host, width = self.host, self.physics.host.width
        edges = edges_of(width)
        alloy, pores = means(host.into_alloy, edges), means(host.into_pores, edges)
        balance = np.diff(host.flux(edges)) - width * (alloy + pores)
        return np.column_stack([balance, alloy / host.host.capacity[0], VOLUME_PER_CHARGE * pores])

    def cathode_rates(self):
        cathode, p = self.cathode, self.physics.cathode
        edges, x = edges_of(p.width), centres(p.width)
        r = radii(self.physics, cathode.radius)
        through = cathode.flux(r, x[:, None]) * 3.0 * r**2 / cathode.radius**3
        shells = np.diff(through, axis=1) / p.shell_volume
        stored = p.width * p.area * cathode.contact * means(cathode.reaction, edges)
        ions = p.ionic_conductivity * np.diff(cathode.psi_slope(edges)) - stored
        electrons = p.electronic_conductivity * np.diff(cathode.phi_slope(edges)) + stored
        return np.column_stack([shells, cathode.kinetic_gap(x), ions, electrons])

    def solve(self):
        """The state that the model reaches from the exact one in one step, by Newton's method."""
        mass = mass_diagonal(self.layout) / STEP
        scale = initial.scales(self.physics, 1e-6)[0]
        u = self.exact.copy()
        for _ in range(10):
            here = self.rates(u)
            slopes = np.empty((u.size, u.size))
            for i in range(u.size):
                moved = u.copy()
                moved[i] += 1e-6 * scale[i]
                slopes[:, i] = (self.rates(moved) - here) / (moved[i] - u[i])
            gap = here + self.source - mass * (u - self.exact)
            update = np.linalg.solve(slopes - np.diag(mass), -gap)
            u += update
            if np.abs(update / scale).max() < 1e-8:
                return u
        raise AssertionError("Newton's method does not converge")

    def errors(self):
        """Largest error of each field [its unit]."""
        layout, error = self.layout, np.abs(self.solve() - self.exact)
        host = error[: layout.cathode].reshape(layout.host_cells, layout.host_block)
        cathode = error[layout.cathode : self.s].reshape(layout.cathode_cells, layout.cathode_block)
        tail = cathode[:, layout.shells :]
        return {
            "host potential": host[:, 0].max(), "alloy lithiation": host[:, 1].max(), "pore lithium": host[:, 2].max(),
            "particle lithiation": cathode[:, : layout.shells].max(), "surface lithiation": tail[:, 0].max(),
            "reaction current": tail[:, 1].max(), "cathode potential": tail[:, 2].max(),
            "electron potential": tail[:, 3].max(), "anode surface potential": error[self.s + at.SURFACE],
            "foot potential": error[self.s + at.FOOT], "voltage": error[self.s + at.VOLTAGE],
        }  # fmt: skip


def centres(width):
    return np.cumsum(width) - 0.5 * width


def radii(physics, radius):
    """Edges of the shells and, last, of the skin [m]."""
    return radius * np.cbrt(edges_of(physics.cathode.shell_volume))


def shell_mean(function, inner, outer, x):
    """Mean of a function of radius over a shell, at the depths x."""
    edges = np.array([inner, outer])
    return means(lambda r: function(r, x) * 3.0 * r**2, edges) * (outer - inner) / (outer**3 - inner**3)
