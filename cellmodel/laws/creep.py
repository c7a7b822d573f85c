"""Flow of lithium metal under stress."""

from __future__ import annotations

from math import exp, log, sqrt

from cellmodel.laws.compiled import law

SQRT3 = sqrt(3.0)


@law
def creep_rate(stress, coefficient, exponent):
    """Power-law creep: strain rate = A (sigma / 1 MPa)^n [1/s].

    W. S. LePage et al., J. Electrochem. Soc. 166 (2019) A89, doi:10.1149/2.0221902jes.

    Parameters
    ----------
    stress : equivalent stress, not negative [Pa]
    coefficient : A(T), rate at 1 MPa [1/s]
    exponent : n [1]
    """
    return coefficient * exp(exponent * log(stress * 1e-6 + 1e-30))


@law
def slot_extrusion_velocity(pressure, mouth, depth, coefficient, exponent):
    """Mean velocity of lithium squeezed by a pressure into a slot [m/s].

    Plane flow of a power-law fluid: v = (w/2) sqrt(3) A (sqrt(3) P w / (2 a))^n / (n + 2); about 2e-9 m/s at 25 MPa
    in a slot 20 times deeper than its 1 um mouth.
    R. B. Bird, R. C. Armstrong, O. Hassager, Dynamics of Polymeric Liquids 1 (1987), section 4.2.

    Parameters
    ----------
    pressure : P, not negative [Pa]
    mouth, depth : w and a [m]
    coefficient : A(T) [1/s]
    exponent : n [1]
    """
    stress = 0.5 * SQRT3 * pressure * mouth / depth
    return 0.5 * SQRT3 * mouth * creep_rate(stress, coefficient, exponent) / (exponent + 2.0)


@law
def slot_extrusion_pressure(velocity, mouth, depth, coefficient, exponent):
    """Pressure at which lithium creeps out as fast as it is deposited [Pa]; inverse of the above by definition."""
    rate = 2.0 * (velocity + 1e-20) * (exponent + 2.0) / (SQRT3 * mouth * coefficient)
    return 2.0 * depth / (SQRT3 * mouth) * 1e6 * exp(log(rate) / exponent)
