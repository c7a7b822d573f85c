"""Charge transfer at a lithium-storing site.

The overpotential is eta = phi - psi - U, with phi the potential of the electrons, psi the potential of a
Li/Li+ reference in the lithium conductor, U the equilibrium potential; storing lithium needs eta < 0 and is
counted as positive current.
"""

from __future__ import annotations

from math import asinh, sqrt

from cellmodel.laws.compiled import law
from cellmodel.laws.smooth import bounded_exp, positive_part, rectified


@law
def storing_branch(eta, thermal_voltage):
    """exp(-eta / (2 RT/F)): Butler-Volmer branch that stores lithium, transfer coefficient 1/2 [1]; definition."""
    return bounded_exp(-0.5 * eta / thermal_voltage)


@law
def releasing_branch(eta, thermal_voltage):
    """exp(+eta / (2 RT/F)): Butler-Volmer branch that releases lithium, transfer coefficient 1/2 [1]; definition."""
    return bounded_exp(0.5 * eta / thermal_voltage)


@law
def availability(amount, scale):
    """Activity of a stock that runs out: a_+ / (a_+ + scale) [1]; phenomenological.

    a_+ is the amount where it is positive and next to nothing where it is not: a stock that an integrator has
    overdrawn must not give any more, or its reaction would run backwards and speed up the overdraft.

    Parameters
    ----------
    amount : any unit
    scale : amount at which the activity is one half, same unit
    """
    held = rectified(amount, 1e-3 * scale)
    return held / (held + scale)


@law
def overpotential_of_current(current, exchange_current, thermal_voltage):
    """Eta = -2 (RT/F) asinh(i / (2 i0)): Butler-Volmer turned around for transfer coefficient 1/2 [V].

    Parameters
    ----------
    current : i, positive when lithium is stored [A/m2]
    exchange_current : i0 [A/m2]
    thermal_voltage : RT/F [V]

    Definition: the inverse of the two branches above.
    """
    return -2.0 * thermal_voltage * asinh(0.5 * current / exchange_current)


@law
def intercalation_exchange_current(reference, lithiation):
    """i0 = 2 i0_ref sqrt(x (1 - x)) [A/m2], i0_ref at half lithiation; a floor keeps a full host reactive.

    M. Doyle, T. F. Fuller, J. Newman, J. Electrochem. Soc. 140 (1993) 1526, doi:10.1149/1.2221597, with the
    constant lithium activity of a single-ion conductor.
    """
    return 2.0 * reference * sqrt(positive_part(lithiation, 1e-3) * positive_part(1.0 - lithiation, 1e-3))
