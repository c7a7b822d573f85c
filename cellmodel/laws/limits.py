"""The field's formulas for limits of cells: when salt runs out, a flaw runs, contact is lost. The model meets them."""

from __future__ import annotations

from math import pi

from cellmodel.constants import FARADAY, VOLUME_PER_CHARGE
from cellmodel.laws.compiled import law
from cellmodel.laws.contact import initial_contact
from cellmodel.laws.fracture import griffith_pressure


@law
def sand_time(current, concentration, diffusivity, transference, charge_number):
    """Time at which salt is depleted at a planar electrode: tau = pi D (z c0 F)^2 / (4 J^2 (1 - t+)^2) [s].

    Semi-infinite: the electrolyte is thicker than sqrt(D tau). A single-ion conductor (t+ = 1) is never depleted.

    Parameters
    ----------
    current : J, constant [A/m2]
    concentration : c0 of the salt [mol/m3]
    diffusivity : D of the salt [m2/s]
    transference : t+ of lithium, below 1 [1]
    charge_number : z [1]

    H. J. S. Sand, Phil. Mag. 1 (1901) 45, doi:10.1080/14786440109462590; with the transference number:
    P. Bai et al., Energy Environ. Sci. 9 (2016) 3221, doi:10.1039/c6ee01674j.
    """
    charge = charge_number * concentration * FARADAY / (current * (1.0 - transference))
    return 0.25 * pi * diffusivity * charge * charge


@law
def griffith_overpotential(toughness, depth, pressure, closure):
    """Overpotential at which lithium in a flaw propagates it: (V_Li/F) [K_IC/(Y sqrt(pi a)) + closure - P] [V].

    Lithium that cannot flow out reaches P + F eta/V_Li. Negative where the stack pressure alone suffices.

    Parameters
    ----------
    toughness : K_IC, or the threshold of subcritical growth [Pa m^0.5]
    depth : a [m]
    pressure : P of the stack [Pa]
    closure : stress that holds the flaw shut, as of `crack_closure` [Pa]

    L. Porz et al., Adv. Energy Mater. 7 (2017) 1701003, doi:10.1002/aenm.201701003.
    """
    return VOLUME_PER_CHARGE * (griffith_pressure(toughness, depth) + closure - pressure)


@law
def flaw_critical_current(overpotential, resistance, depth, conductivity):
    """Critical current density of a flaw: i = eta_c / (R + a/kappa) [A/m2].

    Its tip sees what the interface drops and what the electrolyte drops over the flaw's depth. The flaw itself takes
    next to nothing: at its critical overpotential it is full.

    Parameters
    ----------
    overpotential : eta_c, as of `griffith_overpotential` [V]
    resistance : R of the interface, charge transfer over true contact [ohm m2]
    depth : a [m]
    conductivity : kappa of the electrolyte [S/m]

    Critical current from pressure and interfacial resistance: G. Li, C. W. Monroe, Phys. Chem. Chem. Phys. 21 (2019)
    20354, doi:10.1039/c9cp03884a. Assumption: the drop over the depth is that without a flaw.
    """
    return overpotential / (resistance + depth / conductivity)


@law
def critical_stripping_current(closing_velocity, electrolyte_share):
    """Stripping current above which voids open faster than they close: i = v / (w V_Li/F) [A/m2].

    Parameters
    ----------
    closing_velocity : v, as of `void_closing_velocity` [m/s]
    electrolyte_share : w, of the lithium that leaves, taken from beside the electrolyte; 1 on a foil [1]

    J. Kasemchainan et al., Nat. Mater. 18 (2019) 1105, doi:10.1038/s41563-019-0438-9.
    """
    return closing_velocity / (electrolyte_share * VOLUME_PER_CHARGE)


@law
def elliptic_focusing(depth, mouth):
    """Current at the tip of an elliptic flaw over the mean where conduction decides: 1 + 2 a/w [1].

    The largest focusing there is: charge transfer evens the current out. With it: `cellmodel.current_focusing`.

    Parameters
    ----------
    depth, mouth : a and w [m]

    Half an ellipse at one potential in a uniform field: by geometry (as the stress of C. E. Inglis, 1913).
    """
    return 1.0 + 2.0 * depth / mouth


@law
def macmullin_number(tortuosity, porosity):
    """Resistance of a porous layer filled with electrolyte over that of the electrolyte alone: N = tau / eps [1].

    Parameters
    ----------
    tortuosity : tau [1]; Bruggeman's is eps^(1-b)
    porosity : eps, share of the layer that conducts [1]

    J. Landesfeind et al., J. Electrochem. Soc. 163 (2016) A1373, doi:10.1149/2.1141607jes.
    """
    return tortuosity / porosity


@law
def interfacial_resistance(pressure, resistance, full_pressure):
    """Resistance of a fresh interface under a stack pressure: R / theta(P), R sqrt(P_f/P) at low pressure [ohm m2].

    Parameters
    ----------
    pressure : P [Pa]
    resistance : R at full contact [ohm m2]
    full_pressure : P_f, at which contact saturates [Pa]

    Falls as P^(-1/2): arXiv:2501.00600.
    """
    return resistance / initial_contact(pressure, full_pressure)
