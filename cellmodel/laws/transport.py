"""Conduction of lithium: ionic phases, alloys, lithium metal."""

from __future__ import annotations

from math import exp, log

from cellmodel.constants import FARADAY, GAS_CONSTANT, LITHIUM_MOLAR_VOLUME, REFERENCE_TEMPERATURE
from cellmodel.laws.compiled import law
from cellmodel.laws.smooth import positive_part


@law
def arrhenius(reference, activation_energy, temperature):
    """X(T) = X_ref exp(-(E/R)(1/T - 1/T_ref)).

    Parameters
    ----------
    reference : value at 298.15 K [any unit]
    activation_energy : E [J/mol]
    temperature : T [K]

    Definition of an activation energy: S. Arrhenius, Z. Phys. Chem. 4 (1889) 226.
    """
    return reference * exp(-activation_energy / GAS_CONSTANT * (1.0 / temperature - 1.0 / REFERENCE_TEMPERATURE))


@law
def bruggeman(share, exponent):
    """Effective over bulk conductivity of a phase: share^exponent [1].

    D. A. G. Bruggeman, Ann. Phys. 416 (1935) 636, doi:10.1002/andp.19354160705.
    """
    return share**exponent


@law
def alloy_conductivity(full, lithiation, power):
    """Lithium conductivity of an alloy: sigma = sigma_full y^m [S/m].

    An alloy conducts in proportion to a power of the lithium that it holds (model assumption, m = 2-3):
    a phase that empties on stripping closes behind itself.

    Parameters
    ----------
    full : conductivity of the fully lithiated phase in the layer [S/m]
    lithiation : y, 0..1 [1]
    power : m [1]
    """
    return full * exp(power * log(positive_part(lithiation, 1e-6)))


SPENT = 1e-5
"""Concentration over the initial one below which a salt counts as used up [1].

There its logarithm goes on as its tangent: volts for a thousandth below nothing, which ends a protocol step."""


@law
def salt_conductivity(reference, concentration, peak):
    """Conductivity of a dissolved salt: kappa = kappa_0 x exp((1 - x)/x_m) [S/m], largest at x = x_m.

    In proportion to the ions where they are few; many ions stiffen the polymer.

    Parameters
    ----------
    reference : kappa_0 at the initial concentration [S/m]
    concentration : x, over the initial one [1]
    peak : x_m [1]

    K. I. S. Mongcopa et al., ACS Macro Lett. 7 (2018) 504.
    """
    held = max(concentration, SPENT)
    return reference * held * exp((1.0 - held) / peak)


@law
def diffusion_potential(concentration, factor):
    """Potential of a Li/Li+ reference at x against one at x = 1, without current: U ln(x) [V].

    U = 2 (RT/F)(1 - t+)(1 + dlnf/dlnc) with constant transference number and thermodynamic factor. Below `SPENT` the
    logarithm is continued by its tangent.

    Parameters
    ----------
    concentration : x, over the initial one [1]
    factor : U [V]

    J. Newman, N. P. Balsara, Electrochemical Systems, 4th ed. (2021), chapter 12; as in M. Doyle, T. F. Fuller,
    J. Newman, J. Electrochem. Soc. 140 (1993) 1526, doi:10.1149/1.2221597.
    """
    return factor * (log(max(concentration, SPENT)) + min(concentration / SPENT, 1.0) - 1.0)


@law
def nernst_einstein(concentration, diffusivity, temperature):
    """Conductivity of a species of one charge: F^2 c D / (R T) [S/m].

    Parameters
    ----------
    concentration : c [mol/m3]
    diffusivity : D [m2/s]
    temperature : T [K]

    J. Newman, N. P. Balsara, Electrochemical Systems, 4th ed. (2021), chapter 11.
    """
    return FARADAY * FARADAY * concentration * diffusivity / (GAS_CONSTANT * temperature)


@law
def lithium_metal_conductivity(diffusivity, temperature):
    """Self-diffusion of lithium metal as a conductivity: F^2 D / (R T V_Li) [S/m]; definition, as `nernst_einstein`."""
    return FARADAY * FARADAY * diffusivity / (GAS_CONSTANT * temperature * LITHIUM_MOLAR_VOLUME)
