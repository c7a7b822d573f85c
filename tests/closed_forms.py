"""Closed solutions that runs of the model are held against; lengths, times and amounts as in the formulas."""

import numpy as np
from numpy import cosh, exp, pi, sin, sinh, sqrt
from scipy.integrate import quad
from scipy.optimize import brentq

from cellmodel.constants import FARADAY, VOLUME_PER_CHARGE

SPHERE_ROOTS = np.array(
    [brentq(lambda z: sin(z) - z * np.cos(z), k * pi, (k + 0.5) * pi, xtol=1e-14) for k in range(1, 300)]
)
"""Positive roots of tan z = z."""


def constant_flux_sphere(rho, tau):
    """Lithiation gained, over N R / D, by a sphere that a constant flux N enters.

    J. Crank, The Mathematics of Diffusion (1975), equation 6.45; rho = r/R (scalar), tau = D t / R^2.
    """
    z = SPHERE_ROOTS
    waves = np.sinc(z * rho / pi) / (z * sin(z)) * exp(-z * z * tau)
    return 3.0 * tau + 0.5 * rho * rho - 0.3 - 2.0 * waves.sum()


def constant_flux_shell(inner, outer, tau):
    """Mean of `constant_flux_sphere` over a shell."""
    nodes, weights = np.polynomial.legendre.leggauss(6)
    rho = 0.5 * (outer + inner) + 0.5 * (outer - inner) * nodes
    values = np.array([constant_flux_sphere(each, tau) for each in rho])
    share = weights * rho * rho
    return (values * share).sum() / share.sum()


def potential_step_flux(tau):
    """Flux into a sphere whose surface was raised by 1, over D/R: Cottrell's law less the sphere's curvature.

    F. G. Cottrell, Z. Phys. Chem. 42 (1903) 385; Crank (1975), section 6.3. Exact to 1e-4 for tau < 0.1.
    """
    return 1.0 / sqrt(pi * tau) - 1.0


def porous_electrode_resistance(length, ionic, electronic, reaction):
    """Resistance [ohm m2] of a porous electrode of uniform equilibrium potential with linear kinetics.

    J. S. Newman, C. W. Tobias, J. Electrochem. Soc. 109 (1962) 1183, doi:10.1149/1.2425269.

    Parameters
    ----------
    length : L [m]
    ionic, electronic : kappa, sigma [S/m]
    reaction : resistance of charge transfer in a volume [ohm m3]
    """
    nu = length * sqrt((1.0 / ionic + 1.0 / electronic) / reaction)
    both = 2.0 + (electronic / ionic + ionic / electronic) * cosh(nu)
    return length / (ionic + electronic) * (1.0 + both / (nu * sinh(nu)))


def steady_contact(opening):
    """Contact fraction at which voids open as fast as they close; `opening` is (V_Li/F) i / v.

    1 - theta = opening theta/(theta + 0.02): 1 - opening as long as little contact is lost.
    """
    b = opening - 0.98
    return 0.5 * (sqrt(b * b + 0.08) - b)


def island_coverage(charge, density):
    """Share of a plane covered by randomly placed hemispheres, N per area, that hold a charge [C/m2]."""
    radius = np.cbrt(1.5 * VOLUME_PER_CHARGE * charge / (pi * density))
    return 1.0 - exp(-pi * density * radius**2)


def filling_time(start, depth, current, focusing):
    """Time [s] in which a flaw grows from one depth to another if it grows as fast as it is filled.

    da/dt = (V_Li/F) i f(a); `focusing` is f, a function of the depth [m].
    """
    return quad(lambda a: 1.0 / focusing(a), start, depth, epsabs=0.0)[0] / (VOLUME_PER_CHARGE * current)


def critical_depth(pressure, threshold, poisson):
    """Depth [m] from which a flaw grows that is filled with lithium at the stack pressure (Griffith).

    K_I = 1.12 P [1 - nu/(1 - nu)] sqrt(pi a) = K_th.
    """
    opening = pressure * (1.0 - poisson / (1.0 - poisson))
    return (threshold / (1.12 * opening)) ** 2 / pi


def limiting_current(diffusivity, concentration, length, transference):
    """Largest steady current [A/m2] between two electrodes of lithium: 2 F c0 D / [L (1 - t+)]."""
    return 2.0 * FARADAY * concentration * diffusivity / (length * (1.0 - transference))


def finite_diffusion(frequency, resistance, time):
    """Impedance of diffusion between two electrodes that are one another's source: R tanh(s)/s, s = sqrt(2 pi i f t).

    Parameters
    ----------
    frequency : f [Hz]
    resistance : R at frequency 0 [any unit]
    time : t = L^2 / (4 D) [s]

    The reflecting plane is the middle, where the concentration does not change: Warburg's element of finite length.
    """
    s = sqrt(2j * pi * frequency * time)
    return resistance * np.tanh(s) / s
