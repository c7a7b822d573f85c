"""Elastic and geometric response of the layers."""

from __future__ import annotations

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
