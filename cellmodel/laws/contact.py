"""True contact between lithium (or a host) and the electrolyte. Phenomenological.

Continuum creep alone cannot grow isolated voids below about 1 mm (Roy, Fleck, Deshpande, Extreme Mech. Lett. 46 (2021)
101307, doi:10.1016/j.eml.2021.101307), so these laws describe what voids do, not why.
"""

from __future__ import annotations

from math import exp, log, sqrt

from cellmodel.laws.compiled import law


@law
def void_closing_velocity(pressure, diffusional, power_law, exponent):
    """V = a P + b (P / 1 MPa)^n: diffusional plus power-law closing of voids [m/s].

    It depends on P, not on the local P/theta: with P/theta a steady contact always exists and there would be no
    critical stripping current, against J. Kasemchainan et al., Nat. Mater. 18 (2019) 1105,
    doi:10.1038/s41563-019-0438-9.

    Parameters
    ----------
    pressure : P, not negative [Pa]
    diffusional : a(T) [m/s/Pa]
    power_law : b(T), velocity at 1 MPa [m/s]
    exponent : n [1]
    """
    return diffusional * pressure + power_law * exp(exponent * log(pressure * 1e-6 + 1e-30))


@law
def initial_contact(pressure, full_pressure):
    """Contact of a freshly assembled interface: sqrt(P/P_f), saturating at 1 [1].

    Interfacial resistance falls as P^(-1/2): arXiv:2501.00600.
    """
    ratio = pressure / full_pressure
    return sqrt(ratio) / sqrt(sqrt(1.0 + ratio * ratio))


@law
def constriction_length(contact, spacing):
    """Extra path of current that has to spread from contact spots: l (1/theta - 1) [m].

    R. Holm, Electric Contacts (1967), doi:10.1007/978-3-662-06688-1: spreading resistance of a spot.
    """
    return spacing * (1.0 / contact - 1.0)
