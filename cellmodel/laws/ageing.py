"""Loss of lithium and of contact."""

from __future__ import annotations

from math import exp

from cellmodel.laws.compiled import law
from cellmodel.laws.smooth import positive_part


@law
def formation_current(area, held, formation_charge, time_constant):
    """Interphase formed on freshly touched electrolyte: (A Q_f - q)_+ / tau [A/m2].

    Parameters
    ----------
    area : electrolyte area touched by lithium per cell area [1]
    held : lithium already in the interphase [C/m2]
    formation_charge : Q_f per touched area [C/m2]
    time_constant : tau [s]

    S. Wenzel, S. J. Sedlmaier, C. Dietrich, W. G. Zeier, J. Janek, Solid State Ionics 318 (2018) 102,
    doi:10.1016/j.ssi.2017.07.005 (argyrodite).
    """
    return positive_part(area * formation_charge - held, 1e-3 * formation_charge) / time_constant


@law
def growth_current(area, held, rate, formation_charge):
    """Parabolic growth of the interphase: A k / (2 q/A) [A/m2], q/A never below half the formation charge.

    Parameters
    ----------
    area : electrolyte area touched by lithium per cell area [1]
    held : lithium in the interphase [C/m2]
    rate : k(T) [C2/m4/s]
    formation_charge : Q_f [C/m2]

    Wenzel et al. (2018), doi:10.1016/j.ssi.2017.07.005: diffusion-controlled growth.
    """
    thickness = (
        positive_part(held / (area + 1e-9) - 0.5 * formation_charge, 0.1 * formation_charge) + 0.5 * formation_charge
    )
    return area * rate / (2.0 * thickness)


@law
def renewal_current(current, newly_covered, formation_charge, share):
    """Interphase formed anew where a deposit spreads again: i_r = f Q_f (d cov/dq) i [A/m2].

    Stripped patches come back elsewhere, or onto interphase that has come off with them. The share is an assumption.

    Parameters
    ----------
    current : i, plated [A/m2]
    newly_covered : d cov/dq [m2/C]
    formation_charge : Q_f per touched area [C/m2]
    share : f, of the newly covered surface that forms interphase again [1]
    """
    return share * formation_charge * newly_covered * current


@law
def dead_share(contact, covered, porosity, weight):
    """Share of stripped lithium that is cut off: w [(1 - theta) + (1 - theta_cov)/2 + phi] [1]; phenomenological.

    C. Fang et al., Nature 572 (2019) 511, doi:10.1038/s41586-019-1481-z: dead lithium follows microstructure,
    not only chemistry.
    """
    return weight * ((1.0 - contact) + 0.5 * (1.0 - covered) + porosity)


@law
def detachment_rate(released, lithiation, recovered, share):
    """Lithium cut off among alloy particles that shrink away from each other: d (1 - r) y i_out, unit of i_out.

    Assumption; that particles lose contact with what they still hold where a stiff binder does not follow them:
    S. Choi, T. Kwon, A. Coskun, J. W. Choi, Science 357 (2017) 279, doi:10.1126/science.aal4373.

    Parameters
    ----------
    released : i_out, lithium that leaves through the particles, any unit
    lithiation : y, of the particles [1]
    recovered : r, share of the shrinkage that the binder follows [1]
    share : d, cut off where none is followed [1]
    """
    return share * (1.0 - recovered) * positive_part(lithiation, 1e-6) * released


@law
def left_behind(amount, minute):
    """How fully stripping leaves anything dead: a^3 / (a^3 + (7 a_m)^3) [1], next to nothing for a minute deposit.

    It takes away as much as `availability` would from a deposit of 1 mAh/cm2. But a minute deposit is in equilibrium
    with what touches it: it gains and gives lithium at once, and there a loss that only giving has would be a kink
    in the middle of the fastest reaction of the cell.

    Parameters
    ----------
    amount : a, lithium in the deposit [C/m2]
    minute : a_m, at which its activity is one half [C/m2]

    Phenomenological.
    """
    held = positive_part(amount, 1e-3 * minute) / (7.0 * minute)
    return held * held * held / (1.0 + held * held * held)


@law
def cathode_contact_loss(strain_rate, contact, sensitivity, pressure, pressure_scale):
    """Contact between active particles and electrolyte lost by breathing: chi |de/dt| theta P_s/(P + P_s) [1/s].

    Phenomenological; gaps around particles after charge: R. Koerver et al., Chem. Mater. 29 (2017) 5574,
    doi:10.1021/acs.chemmater.7b00931.
    """
    return sensitivity * strain_rate * contact * pressure_scale / (pressure + pressure_scale)


@law
def coating_growth(rate, potential, onset, width, resistance, initial):
    """Growth of the cathode's area resistance at high potential: k exp((V - V0)/w) R0/R [ohm m2/s], parabolic in time.

    Parameters
    ----------
    rate : k(T) at the onset potential [ohm m2/s]
    potential, onset, width : V, V0, w [V]
    resistance, initial : R and R0 [ohm m2]

    Phenomenological.
    """
    return rate * exp(min((potential - onset) / width, 10.0)) * initial / resistance
