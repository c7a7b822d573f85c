"""Equilibrium potentials and solid diffusion of the phases that store lithium."""

from __future__ import annotations

from math import exp, tanh

from cellmodel.constants import FARADAY, LITHIUM_MOLAR_VOLUME
from cellmodel.laws.compiled import law
from cellmodel.laws.smooth import logistic


@law
def plateau_potential(lithiation, levels, edges, width):
    """Staircase of two-phase plateaus against Li/Li+ [V].

    U = U_1 + sum_m (U_{m+1} - U_m) / (1 + exp(-(y - y_m)/w)); the rise at an empty and the fall at a full phase
    come from the lattice-gas branches of the reaction, (1 - y) for storing and y for releasing.

    Parameters
    ----------
    lithiation : y, 0..1 [1]
    levels : float64[M], potential of each plateau, descending [V]
    edges : float64[M-1], lithiation between plateaus [1]
    width : w, width of a step [1]

    Phenomenological: sharp two-phase steps rounded over w.
    """
    potential = levels[0]
    for m in range(edges.size):
        potential += (levels[m + 1] - levels[m]) * logistic((lithiation - edges[m]) / width)
    return potential


@law
def layered_oxide_potential(x, offset, slope, heights, steepness, centres):
    """Open-circuit potential of a layered oxide: U = a + b x + sum h tanh(s (x - c)) [V].

    Form of C.-H. Chen et al., J. Electrochem. Soc. 167 (2020) 080534, doi:10.1149/1945-7111/ab9050.
    """
    potential = offset + slope * x
    for m in range(heights.size):
        potential += heights[m] * tanh(steepness[m] * (x - centres[m]))
    return potential


@law
def layered_oxide_diffusivity(x, middle, decades, centre, width):
    """Solid diffusion that dies out near full lithiation [m2/s].

    D = D_mid 10^(-N / (1 + exp(-(x - c)/w))): the vacancies through which lithium hops disappear as x -> 1.
    The form is an assumption. First-cycle loss by slow diffusion on discharge: H. Zhou et al., ACS Energy Lett. 4
    (2019) 1902, doi:10.1021/acsenergylett.9b01236; R. Robert, P. Novak, Chem. Mater. 30 (2018) 1907.

    Parameters
    ----------
    x : lithiation [1]
    middle : D_mid, at half lithiation [m2/s]
    decades : N, orders of magnitude lost at full lithiation [1]
    centre, width : where and how sharply the fall stands [1]
    """
    return middle * exp(-2.302585092994046 * decades * logistic((x - centre) / width))


@law
def deposit_potential(pressure, penalty):
    """Equilibrium potential of lithium metal that grows against a pressure: U = -(V_Li/F)(p + p_inf) [V].

    1 mV is 7.4 MPa. C. Monroe, J. Newman, J. Electrochem. Soc. 151 (2004) A880, doi:10.1149/1.1710893.
    """
    return -LITHIUM_MOLAR_VOLUME / FARADAY * (pressure + penalty)


@law
def pore_back_pressure(filled, scale, width):
    """Pressure against lithium in a nearly full pore: p = p_s exp((s - 1)/w) [Pa]; phenomenological.

    Parameters
    ----------
    filled : s, filled fraction of the free pore volume [1]
    scale : p_s, at a full pore [Pa]
    width : w, over which the pressure falls by e as volume is freed [1]
    """
    return scale * exp(min((filled - 1.0) / width, 3.0))
