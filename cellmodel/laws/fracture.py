"""Growth of lithium-filled flaws in the solid electrolyte."""

from __future__ import annotations

from math import exp, log, pi, sqrt

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws.compiled import law
from cellmodel.laws.smooth import positive_part, soft_minimum

SHAPE = 1.12
"""Y of an edge crack [1]; H. Tada, P. C. Paris, G. R. Irwin, The Stress Analysis of Cracks Handbook (2000)."""


@law
def largest_flaw(probability, scale, modulus, areas):
    """Quantile of a cell's largest flaw: a_q = a_63 (-ln(1 - q^(1/n)))^(1/m) [m].

    A cell of n reference areas is as sound as the weakest of them, F_n(a) = F(a)^n, and F is a Weibull distribution:
    F(a) = 1 - exp(-(a/a_63)^m). For large n the quantiles grow as (ln n)^(1/m).

    Parameters
    ----------
    probability : q, share of cells whose largest flaw is smaller [1]
    scale : a_63, depth of the largest flaw that 63 % of cells of one reference area stay below [m]
    modulus : m [1]
    areas : n, area of the cell over the reference area [1]

    W. Weibull, J. Appl. Mech. 18 (1951) 293, doi:10.1115/1.4010337.
    """
    return scale * exp(log(-log(1.0 - exp(log(probability) / areas))) / modulus)


@law
def crack_closure(pressure, poisson, residual):
    """Lateral stress that holds a crack shut: nu/(1 - nu) P + residual [Pa].

    Uniaxial strain under the stack pressure, by definition of Poisson's ratio.
    """
    return poisson / (1.0 - poisson) * pressure + residual


@law
def stress_intensity(inner_pressure, closure, depth):
    """K_I = Y (p_f - closure) sqrt(pi a) [Pa m^0.5].

    L. Porz et al., Adv. Energy Mater. 7 (2017) 1701003, doi:10.1002/aenm.201701003.
    """
    return SHAPE * (inner_pressure - closure) * sqrt(pi * depth)


@law
def griffith_pressure(toughness, depth):
    """Inner pressure at which a flaw runs: K_IC / (Y sqrt(pi a)) [Pa].

    A. A. Griffith, Phil. Trans. R. Soc. A 221 (1921) 163, doi:10.1098/rsta.1921.0006.
    """
    return toughness / (SHAPE * sqrt(pi * depth))


@law
def fracture_velocity(intensity, threshold, toughness, speed, exponent):
    """Subcritical growth: v0 (<K_I - K_th> / K_IC)^n [m/s], zero below the threshold (rounded over 1 % of K_IC).

    R. J. Charles, J. Appl. Phys. 29 (1958) 1549, doi:10.1063/1.1722991 (power law of slow crack growth).
    """
    excess = positive_part(intensity - threshold, 1e-2 * toughness) / toughness
    floor = positive_part(-threshold, 1e-2 * toughness) / toughness
    drive = positive_part(excess - floor, 1e-9)
    return speed * exp(exponent * log(drive))


@law
def elliptic_tip_radius(depth, mouth):
    """Radius of curvature at the tip of an elliptic flaw: r = (w/2)^2 / a [m]; geometry.

    Parameters
    ----------
    depth, mouth : a and w [m]
    """
    return 0.25 * mouth * mouth / depth


@law
def tip_current(fed, conductivity, potential, radius):
    """Current density at the tip: the focused current, bounded by conduction kappa psi / r [A/m2].

    The bound is conduction to a spherical end. Growth of tips: C. Monroe, J. Newman, J. Electrochem. Soc. 150 (2003)
    A1377, doi:10.1149/1.1606686.
    """
    return soft_minimum(fed, conductivity * positive_part(potential, 1e-5) / radius)


@law
def faradaic_velocity(current):
    """Speed at which deposition fills a flaw: (V_Li/F) i [m/s]; definition."""
    return VOLUME_PER_CHARGE * current


@law
def flaw_pressure(stack_pressure, overpotential, back_flow_pressure):
    """Pressure of lithium in a flaw: P + min(F eta / V_Li, back-flow pressure) [Pa], the minimum rounded.

    Parameters
    ----------
    stack_pressure : P [Pa]
    overpotential : eta = psi - P V_Li/F, of the electrolyte at the surface beyond equilibrium under P [V]
    back_flow_pressure : at which lithium creeps out as fast as it is deposited [Pa]

    Phenomenological; the potential's part: C. Monroe, J. Newman (2004), doi:10.1149/1.1710893.
    """
    return stack_pressure + soft_minimum(positive_part(overpotential, 1e-5) / VOLUME_PER_CHARGE, back_flow_pressure)
