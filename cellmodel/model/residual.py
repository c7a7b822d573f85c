"""The coupled system on one screen: M du/dt = f(t, u), with M = 1 for differential and 0 for algebraic rows."""

from __future__ import annotations

import numpy as np
from numba import njit

from cellmodel.model import layout as at
from cellmodel.model.cathode import cathode_balance, cathode_voltage_gap, particle_rates, reaction_gaps
from cellmodel.model.degradation import ageing_rates, contact_rates
from cellmodel.model.electrolyte import separator_potential
from cellmodel.model.host import host_balance
from cellmodel.model.interfaces import anode_surface, base_current, counter_gap
from cellmodel.model.mechanics import pressure_gap
from cellmodel.model.morphology import morphology_rates
from cellmodel.model.short_circuit import anode_flaws, counter_flaws, leak_rate

CURRENT_MODE, VOLTAGE_MODE = 0.0, 1.0


@njit(nogil=True, error_model="numpy", inline="always")
def rhs(t, u, p, control, out):
    """Fill `out` with f(t, u), in parts of which each fills its own rows; parameters as below."""
    particles(t, u, p, control, out)
    beside_particles(t, u, p, control, out)


@njit(nogil=True, error_model="numpy", inline="always")
def beside_particles(t, u, p, control, out):
    """Fill all rows but those of `particles`."""
    reactions(t, u, p, control, out)
    beside_cathode(t, u, p, control, out)


@njit(nogil=True, error_model="numpy", inline="always")
def particles(t, u, p, control, out):
    """Fill the rows of diffusion in the cathode's particles."""
    particle_rates(u, p, out)


@njit(nogil=True, error_model="numpy", inline="always")
def reactions(t, u, p, control, out):
    """Fill the rows of charge transfer at the cathode's particles."""
    reaction_gaps(u, p, out)


def part_of_rows(layout: at.Layout) -> np.ndarray:
    """Which of `PARTS` fills each row, int64[n]."""
    part = np.zeros(layout.size, np.int64)
    if layout.cathode_cells:
        for offset in range(layout.shells + 2):
            rows = slice(layout.cathode + offset, layout.scalars, layout.cathode_block)
            part[rows] = 1 if offset == layout.shells + 1 else 2
    return part


@njit(nogil=True, error_model="numpy")
def beside_cathode(t, u, p, control, out):
    """Fill all other rows.

    Parameters
    ----------
    t : time [s]; the system is autonomous within a protocol step
    u : float64[n], see `layout`
    p : Physics
    control : float64[2], mode, and rate at which the set point moves [A/m2/s or V/s]
    out : float64[n], rates of differential rows, gaps of algebraic rows
    """
    s = p.layout.scalars
    fluxes = host_balance(u, p, out)
    surface = anode_surface(u, p, out)
    foot, base_covered = base_current(u, p)
    psi_separator = surface.psi + surface.ionic * p.separator.thickness / p.separator.conductivity
    if p.layout.separator_cells > 0:
        psi_separator = separator_potential(u, p, surface.psi, surface.ionic, out)
    filling, from_top = anode_flaws(u, p, surface, fluxes, out)
    counter_filling = counter_flaws(u, p, surface.ionic, -u[s + at.VOLTAGE] + psi_separator, out)

    dead_top, dead_base = ageing_rates(u, p, surface, fluxes.foot, base_covered, out)
    contact_rates(u, p, surface, fluxes, out)
    morphology_rates(u, p, surface, out)

    out[s + at.TOP] = surface.top - dead_top - from_top
    # What leaves the host: the same as `foot` at a solution, but not multiplied by the base's fast kinetics off it.
    out[s + at.BASE] = fluxes.foot - dead_base if p.layout.host_cells > 0 else 0.0
    out[s + at.INTERPHASE] = surface.interphase
    out[s + at.DEAD] = dead_top + dead_base + fluxes.detached
    out[s + at.FILAMENT] = filling + counter_filling
    out[s + at.COUNTER] = -surface.ionic - counter_filling if p.layout.cathode_cells == 0 else 0.0
    out[s + at.CATHODE_CHARGE] = surface.ionic if p.layout.cathode_cells > 0 else 0.0
    out[s + at.LEAK] = leak_rate(u, p)
    out[s + at.PASSED] = u[s + at.CURRENT]
    out[s + at.ENERGY] = u[s + at.CURRENT] * u[s + at.VOLTAGE]
    out[s + at.SETPOINT] = control[1]

    # The double layer takes what Kirchhoff's law leaves over; it counts as lithium in the ledger.
    arriving = surface.ionic - surface.interphase
    out[s + at.SURFACE] = (arriving - surface.top - fluxes.top - fluxes.detached) / p.contact.capacitance
    out[s + at.FOOT] = fluxes.foot - foot if p.layout.host_cells > 0 else -u[s + at.FOOT]
    out[s + at.PRESSURE] = pressure_gap(u, p)
    out[s + at.CURRENT] = control_gap(u, p, control)
    if p.layout.cathode_cells > 0:
        cathode_balance(u, p, surface.ionic, surface.leak, psi_separator, out)
        out[s + at.VOLTAGE] = cathode_voltage_gap(u, p)
    else:
        out[s + at.VOLTAGE] = counter_gap(u, p, surface.ionic, psi_separator, out)


PARTS, DIRECTIONS_OF_PARTS = (beside_cathode, reactions, particles), (8, 8, 4)
"""Parts that fill f's rows, and how many directions duals need in each: a row of diffusion depends on four unknowns."""


@njit(nogil=True, error_model="numpy")
def control_gap(u, p, control):
    """What the cycler holds minus its set point: the current [A/m2] or the voltage [V], zero at a solution."""
    s, mode = p.layout.scalars, control[0]
    setpoint = u[s + at.SETPOINT]
    return (1.0 - mode) * (u[s + at.CURRENT] - setpoint) + mode * (u[s + at.VOLTAGE] - setpoint)


def mass_diagonal(layout: at.Layout) -> np.ndarray:
    """1 for differential and 0 for algebraic unknowns, float64[n]."""
    mass = np.ones(layout.size)
    mass[: layout.salt : layout.host_block] = 0.0
    mass[layout.separator : layout.cathode] = 0.0
    for offset in range(layout.shells + 1, layout.cathode_block):
        mass[layout.cathode + offset : layout.scalars : layout.cathode_block] = 0.0
    mass[layout.scalars + np.array([at.FOOT, at.PRESSURE, at.CURRENT, at.VOLTAGE])] = 0.0
    mass[layout.drops :] = 0.0
    return mass
