"""Size, number and spread of lithium deposits on a plane."""

from __future__ import annotations

from math import exp, log, pi, sqrt

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws.compiled import law
from cellmodel.laws.smooth import positive_part


@law
def patch_density(reference, current, exponent):
    """Density of patches nucleated at a current: N = N_ref (i / 1 mA/cm2)^m [1/m2].

    A. Pei et al., Nano Lett. 17 (2017) 1132, doi:10.1021/acs.nanolett.6b04755: nuclei density rises with current.

    Parameters
    ----------
    reference : N_ref at 10 A/m2 [1/m2]
    current : magnitude of the plating current [A/m2]
    exponent : m [1]
    """
    return reference * exp(exponent * log(positive_part(current / 10.0, 1e-3)))


@law
def patch_radius(charge, density, porosity, regular):
    """Radius of hemispherical patches that hold a charge: r = (3 V / (2 pi N))^(1/3) [m].

    Parameters
    ----------
    charge : lithium in the deposit [C/m2]
    density : N [1/m2]
    porosity : of the deposit [1]
    regular : minute amount that keeps the slope finite at an empty surface [C/m2]

    Geometry of hemispheres.
    """
    volume = VOLUME_PER_CHARGE * (positive_part(charge, 1e-3 * regular) + regular) / (1.0 - porosity)
    return exp(log(1.5 * volume / (pi * density)) / 3.0)


@law
def coverage(density, radius):
    """Covered fraction of randomly placed patches: 1 - exp(-pi N r^2) [1].

    M. Avrami, J. Chem. Phys. 8 (1940) 212, doi:10.1063/1.1750631 (extended area).
    """
    return 1.0 - exp(-pi * density * radius * radius)


@law
def spreading(covered, amount, minute):
    """Surface newly covered per charge: d cov/dq = (2/3) (1 - cov) [-ln(1 - cov)] / (q + q0) [m2/C].

    Derivative of `coverage` along `patch_radius` at a fixed number of patches; geometry.

    Parameters
    ----------
    covered : cov [1]
    amount : q, lithium in the deposit [C/m2]
    minute : q0, which keeps it finite at an empty surface [C/m2]
    """
    bare = positive_part(1.0 - covered, 1e-9)
    return -2.0 / 3.0 * bare * log(bare) / (positive_part(amount, 1e-3 * minute) + minute)


@law
def grain_size(reference, current, exponent):
    """Grain size that microscopy shows: d = d_ref (i / 1 mA/cm2)^(-m) [m].

    A. Pei et al. (2017), doi:10.1021/acs.nanolett.6b04755: size inversely proportional to overpotential.
    """
    return reference * exp(-exponent * log(positive_part(current / 10.0, 1e-3)))


@law
def deposit_porosity(reference, current, pressure, pressure_scale):
    """Porosity of a deposit: rises with current, falls with pressure [1]; phenomenological.

    phi = phi_ref (i / 1 mA/cm2)^(1/2) exp(-P / P_s), bounded by 0.6.
    C. Fang et al., Nat. Energy 6 (2021) 987, doi:10.1038/s41560-021-00917-3: pressure makes deposits dense.
    """
    raw = reference * sqrt(positive_part(current / 10.0, 1e-3)) * exp(-pressure / pressure_scale)
    return 0.6 * raw / (0.6 + raw)
