"""Elastic and geometric response of the layers."""

from __future__ import annotations

from math import exp

from cellmodel.laws.compiled import law


@law
def foam_modulus(solid_modulus, porosity):
    """Modulus of an open-cell foam: E = E_s (1 - eps)^2 [Pa].

    L. J. Gibson, M. F. Ashby, Cellular Solids (1997), doi:10.1017/CBO9781139878326.
    """
    return solid_modulus * (1.0 - porosity) ** 2


@law
def densified_porosity(porosity, strain):
    """Porosity after the layer gave way by a strain at constant solid volume: 1 - (1 - eps)/(1 - e) [1]; geometry."""
    return 1.0 - (1.0 - porosity) / (1.0 - strain)


@law
def crushing_strain(pressure, modulus):
    """Compressive strain of a foam: e = (P/E) / (1 + P/E) [1]; elastic, then densifying; phenomenological."""
    ratio = pressure / modulus
    return ratio / (1.0 + ratio)


@law
def sintered_modulus(dense_modulus, porosity, decay):
    """Modulus of a pressed powder: E = E_0 exp(-b p) [Pa].

    R. W. Rice, Porosity of Ceramics (1998): exponential fit.
    """
    return dense_modulus * 2.718281828459045 ** (-decay * porosity)


@law
def pressed_porosity(reference, pressure, reference_pressure, heckel_pressure):
    """Porosity of a powder pressed to a pellet: p/(1 - p) = p_ref/(1 - p_ref) exp(-(P - P_ref)/P_H) [1].

    R. W. Heckel, Trans. Metall. Soc. AIME 221 (1961) 671: ln(1/p) = K P + A, K = 1/P_H; here for the void ratio
    p/(1 - p), which is the same in a dense pellet and stays below 1 in a loose one.

    Parameters
    ----------
    reference : p_ref, after pressing at P_ref [1]
    pressure, reference_pressure : P, P_ref, while pressing [Pa]
    heckel_pressure : P_H, over which the void ratio falls by e [Pa]
    """
    voids = reference / (1.0 - reference) * exp(-(pressure - reference_pressure) / heckel_pressure)
    return voids / (1.0 + voids)


@law
def recovered_fraction(strain, elastic_limit):
    """Share of a strain that a binder takes back: r = e_y / (e_y + e) [1].

    Assumption: all of it far below the strain e_y up to which the binder is elastic, and e_y of it far beyond.

    Parameters
    ----------
    strain : e, not negative [1]
    elastic_limit : e_y [1]
    """
    return elastic_limit / (elastic_limit + strain)


@law
def binder_pressure(modulus, strain, recovered):
    """Mean stress of a binder while it takes back what it can of a strain: p = E e r^2 / 2 [Pa].

    Its elastic energy E (e r)^2 / 2 over the whole way e back; a definition.

    Parameters
    ----------
    modulus : E, of the binder times its volume share in the layer [Pa]
    strain : e [1]
    recovered : r [1]
    """
    return 0.5 * modulus * strain * recovered * recovered
