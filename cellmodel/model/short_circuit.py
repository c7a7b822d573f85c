"""Flaws of the electrolyte that fill with lithium and grow, and the filament that crosses."""

from __future__ import annotations

from math import exp, log, pi
from typing import NamedTuple

from numba import njit

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws.creep import slot_extrusion_pressure, slot_extrusion_velocity
from cellmodel.laws.fracture import (
    crack_closure,
    elliptic_tip_radius,
    faradaic_velocity,
    flaw_pressure,
    fracture_velocity,
    stress_intensity,
    tip_current,
)
from cellmodel.laws.smooth import logistic, met_share, positive_part, rectified, soft_minimum
from cellmodel.model import layout as at
from cellmodel.numerics.cubic_table import look_up
from cellmodel.numerics.dual import zero_like

SOFT_FROM = 0.99
"""Depth over separator thickness from which a filament leaks [1]: the last grains, some micrometres."""

SOFT_SHARE = 0.5
"""Share of the current that leaks in a cell that is called shorted [1]; it can never be all of it."""

LEAST_SUPPLY = 1e-30
"""Keeps the bound on a flaw's growth positive where nothing is plated at all [A/m2]."""

LEAST_CURRENT = 0.1
"""Current that a leak is compared with at rest [A/m2]: 0.01 mA/cm2."""

FEEDING_DEPTH = 1e-6
"""Lithium plated into pores within this depth below the electrolyte feeds a flaw [m]: about the mouth of a flaw that is
10 um deep. An assumption."""

FEED_WIDTH = 1e-3
"""Over which the feeding of flaws sets in [A/m2]: 0.1 uA/cm2.

A sixth of it is left at rest and fills less than 0.1 um of a flaw in 1000 h, times what focuses it.
"""


CROSSED, CROSSING_WIDTH = 1.02, 0.004
"""Depth over separator thickness at which a flaw stops, and over which it does [1]."""


class Flaw(NamedTuple):
    """What all flaws of one side have in common, read and computed once for all of them.

    Attributes
    ----------
    fed : current that they focus [A/m2]
    supply : what all of them together may take [A/m2]
    activity : 0 without, 1 with lithium touching [1]
    psi : potential of the electrolyte there [V]
    pressure : stack pressure [Pa]
    closure : stress that holds them shut [Pa]
    squeezing : speed of lithium that is squeezed in, per width of the mouth [1/s]
    slenderness : width of the mouth over the depth [1]
    charge : current per squared depth and speed of growth, of all of them [A s/m5]
    conductivity, creep, creep_exponent, threshold, toughness, speed, exponent : as in `physics.Flaws`
    """

    fed: float
    supply: float
    activity: float
    psi: float
    pressure: float
    closure: float
    squeezing: float
    slenderness: float
    charge: float
    conductivity: float
    creep: float
    creep_exponent: float
    threshold: float
    toughness: float
    speed: float
    exponent: float


@njit(nogil=True, error_model="numpy")
def common_flaw(feeding, touching, psi, activity, pressure, squeeze, flaws):
    """Collect what the flaws of one side have in common.

    Parameters
    ----------
    feeding : mean current into the lithium that touches the electrolyte, per touching area [A/m2]
    touching : share of the cell's area where it touches [1]
    psi, activity, pressure : see `Flaw`
    squeeze : the part of the pressure that drives lithium into flaws [Pa]
    """
    # The flow into a slot depends on its shape, which is the same at any depth.
    squeezing = activity * slot_extrusion_velocity(squeeze, 1.0, flaws.aspect, flaws.creep, flaws.creep_exponent)
    closure = crack_closure(pressure, flaws.poisson, flaws.residual)
    return Flaw(
        feeding * flaws.unevenness, feeding * touching + LEAST_SUPPLY, activity, psi, pressure, closure, squeezing,
        1.0 / flaws.aspect, flaws.density * pi / (flaws.aspect * VOLUME_PER_CHARGE),
        flaws.conductivity, flaws.creep, flaws.creep_exponent,
        flaws.threshold, flaws.toughness, flaws.speed, flaws.exponent,
    )  # fmt: skip


@njit(nogil=True, error_model="numpy")
def growth_velocity(depth, focusing, flaw):
    """Speed of one flaw: the slower of its supply of lithium and of fracture [m/s].

    Parameters
    ----------
    depth : a [m]
    focusing : current at the tip over the mean [1]
    flaw : Flaw
    """
    mouth = depth * flaw.slenderness
    local = tip_current(flaw.fed * focusing, flaw.conductivity, flaw.psi, elliptic_tip_radius(depth, mouth))
    deposited = flaw.activity * faradaic_velocity(local)
    # All flaws together take no more than what is plated.
    taken = filament_charge_rate(depth, deposited, flaw)
    deposited *= met_share(taken, flaw.supply)
    outflow = slot_extrusion_pressure(deposited, mouth, depth, flaw.creep, flaw.creep_exponent)
    # Lithium under the stack pressure is in equilibrium with the electrolyte at P V_Li/F already.
    inner = flaw_pressure(flaw.pressure, flaw.psi - VOLUME_PER_CHARGE * flaw.pressure, outflow)
    intensity = stress_intensity(inner, flaw.closure, depth)
    cracking = fracture_velocity(intensity, flaw.threshold, flaw.toughness, flaw.speed, flaw.exponent)
    return soft_minimum(deposited + flaw.squeezing * mouth, cracking)


@njit(nogil=True, error_model="numpy")
def filament_charge_rate(depth, velocity, flaw):
    """Current into penny-shaped flaws of volume pi a^3 / (3 aspect) [A/m2]."""
    return flaw.charge * depth * depth * velocity


@njit(nogil=True, error_model="numpy")
def grow_side(u, p, first, feeding, touching, psi, activity, transfer, shortage, out):
    """Fill d(ln a)/dt of all quantiles of one side; returns the current into the median's flaws [A/m2].

    `transfer` is the linearised charge transfer [S/m2], which against conduction decides how flaws focus current.
    Lithium that is bound (psi below 0 by `shortage` [V]) resists being squeezed by F shortage / V_Li.
    """
    flaws, reach = p.flaws, 1.0 / (CROSSING_WIDTH * p.separator.thickness)
    pressure = positive_part(u[p.layout.scalars + at.PRESSURE], 1e3)
    squeeze = positive_part(pressure - shortage / VOLUME_PER_CHARGE, 1e3)
    flaw = common_flaw(feeding, touching, psi, activity, pressure, squeeze, flaws)
    biot_per_depth = log(transfer / flaws.conductivity)
    filling = zero_like(feeding)
    for q in range(p.layout.flaws):
        log_depth = min(u[first + q], 0.0)
        depth = exp(log_depth)
        focusing = look_up(flaws.focusing, log_depth + biot_per_depth)
        # A flaw that has crossed the separator stops.
        inside = logistic(CROSSED / CROSSING_WIDTH - depth * reach)
        velocity = inside * growth_velocity(depth, focusing, flaw)
        out[first + q] = velocity / depth
        if q == flaws.median:
            filling = filament_charge_rate(depth, velocity, flaw)
    return filling


@njit(nogil=True, error_model="numpy")
def anode_flaws(u, p, surface, fluxes, out):
    """Grow the flaws of the working side, fed by lithium that arrives at the top deposit or in the last pores.

    What arrives is what the separator brings and neither the electrolyte nor the host takes. It is not what the deposit
    keeps: flaws fed by that would stop as they take it all, and start again. Flaws share the charge transfer of the
    lithium that they touch, so what they take leaves the deposit and the pores, in the measure in which these touch.

    Returns
    -------
    current into the median's flaws; the part of it that is lithium of the top deposit [A/m2]
    """
    s = p.layout.scalars
    lithium = positive_part(u[s + at.TOP], 1e-2) / (positive_part(u[s + at.TOP], 1e-2) + p.flaws.touch)
    pores = positive_part(fluxes.pore_touch, 1e-3)
    activity = 1.0 - (1.0 - lithium) * (1.0 - min(pores, 1.0))
    touching = surface.contact * (surface.covered + (1.0 - surface.covered) * min(pores, 1.0))
    arriving = surface.ionic - surface.interphase - fluxes.top
    feeding = rectified(arriving + pores * fluxes.into_pores * FEEDING_DEPTH, FEED_WIDTH) / (touching + 1e-6)
    transfer = p.top.exchange_current / p.thermal_voltage
    shortage = positive_part(-u[s + at.SURFACE], 2e-4)
    filling = grow_side(u, p, p.layout.depths, feeding, touching, surface.psi, activity, transfer, shortage, out)
    if p.layout.host_cells == 0:
        return filling, filling
    from_top = filling * lithium / activity
    width = p.host.width[p.layout.host_cells - 1]
    out[p.layout.salt - 1] = VOLUME_PER_CHARGE * (fluxes.into_pores - (filling - from_top) / width)
    return filling, from_top


@njit(nogil=True, error_model="numpy")
def counter_flaws(u, p, ionic, psi_counter, out):
    """Grow the flaws of the counter side; in a full cell and at an alloy no lithium metal touches there [A/m2]."""
    s, first = p.layout.scalars, p.layout.counter_depths
    if p.layout.cathode_cells > 0:
        for q in range(p.layout.flaws):
            out[first + q] = 0.0
        return zero_like(ionic)
    contact = positive_part(u[s + at.COUNTER_CONTACT], 1e-3)
    feeding = rectified(-ionic, FEED_WIDTH) / contact
    transfer = p.counter.exchange_current / p.thermal_voltage
    return grow_side(u, p, first, feeding, contact, psi_counter, p.counter.metal, transfer, 0.0, out)


@njit(nogil=True, error_model="numpy")
def deepest_fraction(u, p):
    """Depth of the median cell's flaw over the separator's thickness, the deeper of both sides [1]."""
    first, second = p.layout.depths + p.flaws.median, p.layout.counter_depths + p.flaws.median
    return exp(min(max(u[first], u[second]), 0.0)) / p.separator.thickness


@njit(nogil=True, error_model="numpy")
def short_progress(u, p):
    """1 where the median cell shorts: its flaw has crossed, or half of the cell's current leaks through it [1]."""
    s = p.layout.scalars
    leak = abs(u[s + at.VOLTAGE] * u[s + at.LEAK]) / (abs(u[s + at.CURRENT]) + LEAST_CURRENT)
    return max(deepest_fraction(u, p), leak / SOFT_SHARE)


@njit(nogil=True, error_model="numpy")
def leak_rate(u, p):
    """dG/dt of the filament: it conducts as it crosses the last hundredth of the separator, and thickens [S/m2/s]."""
    crossed = 0.0
    for depths in (p.layout.depths, p.layout.counter_depths):
        fraction = exp(min(u[depths + p.flaws.median], 0.0)) / p.separator.thickness
        share = min(positive_part((fraction - SOFT_FROM) / (1.0 - SOFT_FROM), 1e-4), 2.0)
        crossed += share * share * share
    return (p.flaws.leak * crossed - u[p.layout.scalars + at.LEAK]) / p.flaws.leak_time
