"""The reference half cell in PyBaMM: its half-cell Doyle-Fuller-Newman model with the numbers of our cell.

Numbers come from the cell's public parameters; what follows from them (thicknesses, effective conductivities, surface
area) is left to PyBaMM or reckoned here anew, so that a wrong number in our own preparation shows as a difference.

V. Sulzer et al., J. Open Res. Softw. 9 (2021) 14, doi:10.5334/jors.309.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

# Set before the import, which would otherwise ask or send.
os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

import pybamm
from half_cell import LOWER, MESH, UPPER
from pybamm import Symbol
from pybamm.parameters.lithium_ion_parameters import U_asymptotes

import cellmodel as cm
from cellmodel.constants import FARADAY, LITHIUM_MOLAR_VOLUME

LONGEST = 1e5
"""A half cycle ends by a cut-off long before [s]."""

ROUNDING = 1e-3
"""Width over which our exchange current is rounded at an empty and at a full particle [1]."""


def root(x: Symbol) -> Symbol:
    """Square root, written so that PyBaMM does not put its own rounding in its place."""
    return pybamm.exp(0.5 * pybamm.log(x))


def diffusivity(cell: cm.Cell) -> Callable[..., Symbol]:
    """Return D(x) as a function of stoichiometry and temperature."""
    si = cell.si

    def at(x: Symbol, _temperature: Symbol) -> Symbol:
        step = 1.0 / (1.0 + pybamm.exp(-(x - si["cathode.diffusivity_centre"]) / si["cathode.diffusivity_width"]))
        return si["cathode.diffusivity"] * pybamm.exp(-pybamm.log(10.0) * si["cathode.diffusivity_decades"] * step)

    return at


def potential(cell: cm.Cell) -> Callable[..., Symbol]:
    """Return the open-circuit potential against lithium under the stack pressure, as a function of stoichiometry.

    PyBaMM's lithium stands at 0 V under any pressure, so the pressure's share is counted here.
    """
    si = cell.si
    pressed = LITHIUM_MOLAR_VOLUME * si["stack_pressure"] / FARADAY
    terms = [si[f"cathode.ocp_{name}"] for name in ("heights", "steepness", "centres")]

    def at(x: Symbol) -> Symbol:
        source = si["cathode.stoichiometry_offset"] + si["cathode.stoichiometry_scale"] * x
        total = pressed + si["cathode.ocp_offset"] + si["cathode.ocp_slope"] * source
        for height, steepness, centre in zip(*terms, strict=True):
            total += height * pybamm.tanh(steepness * (source - centre))
        # PyBaMM adds walls at stoichiometry 0 and 1 to every potential; this takes them away again.
        return total - U_asymptotes(x)

    return at


def exchange_current(cell: cm.Cell) -> Callable[..., Symbol]:
    """Return the exchange current of the particles as a function of their surface concentration."""

    def part(x: Symbol) -> Symbol:
        return 0.5 * (x + root(x * x + ROUNDING**2))

    fresh = cell.si.get("electrolyte.salt_concentration")

    def at(salt: Symbol, surface: Symbol, most: Symbol, _temperature: Symbol) -> Symbol:
        x, ions = surface / most, 1.0 if fresh is None else root(salt / fresh)
        return 2.0 * cell.si["cathode.exchange_current"] * ions * root(part(x) * part(1.0 - x))

    return at


def electrolyte(cell: cm.Cell) -> dict[str, Any]:
    """Return the numbers of the electrolyte; a transference number of 1 leaves the salt where it is."""
    si = cell.si
    names = ("Initial concentration in electrolyte [mol.m-3]", "Electrolyte diffusivity [m2.s-1]")
    names += ("Cation transference number", "Thermodynamic factor", "Electrolyte conductivity [S.m-1]")
    if "electrolyte.salt_concentration" not in si:
        return dict(zip(names, (1000.0, 1e-10, 1.0, 1.0, si["electrolyte.conductivity"]), strict=True))

    def conductivity(salt: Symbol, _temperature: Symbol) -> Symbol:
        fresh, peak = si["electrolyte.salt_concentration"], si["electrolyte.conductivity_peak"]
        return si["electrolyte.conductivity"] * salt / fresh * pybamm.exp((fresh - salt) / peak)

    ours = ("salt_concentration", "salt_diffusivity", "transference_number", "thermodynamic_factor")
    numbers = [si[f"electrolyte.{name}"] for name in ours]
    return dict(zip(names, [*numbers, conductivity], strict=True))


def parameters(cell: cm.Cell) -> pybamm.ParameterValues:
    """Return the cell's numbers under PyBaMM's names, for an area of 1 m2; the current [A] is an input.

    The lithium electrode is so conductive that it drops nothing; what is left of interfacial resistance is a contact
    resistance.
    """
    si = cell.si
    storage = si["cathode.full_capacity"] * si["cathode.density"] / FARADAY
    return pybamm.ParameterValues(
        {
            "Current function [A]": "[input]",
            "Nominal cell capacity [A.h]": cell.one_c,
            "Lower voltage cut-off [V]": "[input]",
            "Upper voltage cut-off [V]": "[input]",
            "Open-circuit voltage at 0% SOC [V]": 2.0,
            "Open-circuit voltage at 100% SOC [V]": 4.6,
            "Electrode height [m]": 1.0,
            "Electrode width [m]": 1.0,
            "Number of electrodes connected in parallel to make a cell": 1.0,
            "Number of cells connected in series to make a battery": 1.0,
            "Ambient temperature [K]": si["temperature"],
            "Reference temperature [K]": si["temperature"],
            "Initial temperature [K]": si["temperature"],
            "Contact resistance [Ohm]": si["laboratory.interfacial_resistance"],
            "Negative electrode thickness [m]": 1e-6,
            "Negative electrode conductivity [S.m-1]": 1e8,
            "Negative electrode OCP [V]": 0.0,
            "Negative electrode OCP entropic change [V.K-1]": 0.0,
            "Exchange-current density for lithium metal electrode [A.m-2]": si["electrolyte.lithium_exchange_current"],
            "Separator thickness [m]": si["electrolyte.mass"]
            / (si["electrolyte.density"] * (1.0 - si["electrolyte.porosity"])),
            # PyBaMM's porosity is the share of the electrolyte.
            "Separator porosity": 1.0 - si["electrolyte.porosity"],
            "Separator Bruggeman coefficient (electrolyte)": si["electrolyte.tortuosity_exponent"],
            **electrolyte(cell),
            "Positive electrode thickness [m]": si["cathode.loading"]
            / (si["cathode.density"] * si["cathode.active_share"]),
            "Positive electrode porosity": si["cathode.electrolyte_share"],
            "Positive electrode Bruggeman coefficient (electrolyte)": si["cathode.tortuosity_exponent"],
            "Positive electrode conductivity [S.m-1]": si["cathode.electronic_conductivity"],
            "Positive electrode Bruggeman coefficient (electrode)": 0.0,
            "Positive electrode active material volume fraction": si["cathode.active_share"],
            "Positive particle radius [m]": si["cathode.particle_radius"],
            "Positive particle diffusivity [m2.s-1]": diffusivity(cell),
            "Maximum concentration in positive electrode [mol.m-3]": storage,
            "Initial concentration in positive electrode [mol.m-3]": si["cathode.initial_lithiation"] * storage,
            "Positive electrode OCP [V]": potential(cell),
            "Positive electrode OCP entropic change [V.K-1]": 0.0,
            "Positive electrode exchange-current density [A.m-2]": exchange_current(cell),
        }
    )


def built_model(cell: cm.Cell, shells: int = MESH, surface: str = "quadratic") -> pybamm.BaseModel:
    """Return the discretised model on the mesh of the comparison.

    Parameters
    ----------
    cell : Cell
    shells : int
        Uniform shells of the particles.
    surface : str
        Order, ``linear`` or ``quadratic``, to which PyBaMM extrapolates the concentration at a particle's surface from
        its outer shells; it uses no flux for that, and with 20 shells the linear one is off by millivolts above 1C.
    """
    model = pybamm.lithium_ion.DFN({"working electrode": "positive", "contact resistance": "true"})
    order = {"gradient": surface, "value": surface}
    methods = dict(model.default_spatial_methods)
    methods["positive particle"] = pybamm.FiniteVolume({"extrapolation": {"order": order}})
    points = {"x_n": MESH, "x_s": MESH, "x_p": MESH, "r_n": MESH, "r_p": shells}
    simulation = pybamm.Simulation(
        model, parameter_values=parameters(cell), var_pts=points, spatial_methods=methods, solver=pybamm.IDAKLUSolver()
    )
    simulation.build()
    return simulation.built_model


def half_cycles(
    model: pybamm.BaseModel, solver: pybamm.IDAKLUSolver, currents: Sequence[float], lower: float = LOWER
) -> list[pybamm.Solution]:
    """Carry a model through half cycles, one call of the solver each, every one from the end of the one before.

    Parameters
    ----------
    model : BaseModel
        From `built_model`; solver and model are set up at the first call and keep that.
    solver : IDAKLUSolver
    currents : sequence of float
        Of each half cycle, positive on discharge as PyBaMM counts [A/m2].
    lower : float
        Cut-off of discharge [V].

    Returns
    -------
    list of Solution
        One a half cycle, each ended by a cut-off.
    """
    cut_offs = {"Lower voltage cut-off [V]": lower, "Upper voltage cut-off [V]": UPPER}
    done, solutions = None, []
    for current in currents:
        inputs = {"Current function [A]": current, **cut_offs}
        solution = solver.step(done, model, LONGEST, save=False, inputs=inputs)
        if not solution.termination.startswith("event"):
            raise RuntimeError(f"PyBaMM ended a half cycle by {solution.termination!r}, not by a cut-off")
        solutions.append(solution)
        done = solution.last_state
        done.termination = "final time"  # else the next step would take the run for ended
    return solutions
