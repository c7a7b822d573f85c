"""Cells drawn at random: from the whole box that all parameters span, and from the box of a failure map."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from kernel_cells import ANODES
from scipy.stats import qmc

import cellmodel as cm
from cellmodel import components
from cellmodel.errors import InputError
from cellmodel.settings import Settings

LOGARITHMIC = 20.0
"""A range whose ends differ by more than this factor is drawn on a logarithmic scale."""

PROTOCOL = {
    "one_c",
    "specific_one_c",
    "cathode.voltage_window_low",
    "cathode.voltage_window_high",
    "capacity_threshold",
}
FIXED = PROTOCOL | {"flaw_area"}
"""Not drawn: they define the protocol, not the cell, or do nothing without an area."""

SHAPES = ("cathode.ocp_", "cathode.stoichiometry_")
"""Not drawn: the fitted open-circuit curve is one function in several numbers."""

STEPS_AT_MOST = 20_000

FULL = [(anode, True) for anode in ANODES]
HALF = [(anode, False) for anode in ANODES]
POROUS_HALF = [kind for kind in HALF if components.load("anode", kind[0]).geometry == "porous"]


def left_in_host(drawn):
    """Largest electrolyte share beside the pores, with a little left for the solid [1]."""
    return 0.99 - drawn["anode.porosity"]


def left_to_swell(drawn, phase):
    """Largest swelling after which pores remain, an equal part of them for each phase [1]."""
    if "anode.porosity" not in drawn:  # a dense film has no pores to keep
        return np.inf
    solid = 1.0 - drawn["anode.porosity"] - drawn["anode.electrolyte_share"]
    phases = sum(name.endswith(".share_of_solid") for name in drawn)
    return (drawn["anode.porosity"] - 0.021) / max(drawn[f"{phase}.share_of_solid"] * solid, 1e-9) / phases


def left_of_solid(drawn):
    """Largest further share of the solid [1]."""
    return 1.0 - sum(value for name, value in drawn.items() if name.endswith(".share_of_solid"))


def left_in_cathode(drawn):
    """Largest further share of the composite [1]."""
    return 0.99 - sum(drawn.get(f"cathode.{part}_share", 0.0) for part in ("active", "electrolyte"))


def thinner_than_separator(drawn):
    """Largest flaw of which one cell in twenty has a flaw nearly as deep as the separator [um]."""
    pressed = drawn["electrolyte.pellet_pressure"] - drawn["electrolyte.reference_pressure"]
    voids = np.exp(-pressed / drawn["electrolyte.heckel_pressure"]) / (1.0 / drawn["electrolyte.porosity"] - 1.0)
    dense = 1.0 / (1.0 + voids)
    thickness = 10.0 * drawn["electrolyte.mass"] / (drawn["electrolyte.density"] * dense)  # from mg/cm2 and g/cm3
    return 0.89 * thickness / np.log(20.0) ** (1.0 / drawn["electrolyte.flaw_modulus"])


def room(name, drawn):
    """What the values drawn before leave for a parameter, in its own unit: a cell is more than independent numbers."""
    if name == "anode.electrolyte_share":
        return left_in_host(drawn)
    if name.endswith(".share_of_solid"):
        return left_of_solid(drawn)
    if name.startswith("anode.") and name.endswith(".swelling"):
        return left_to_swell(drawn, name.removesuffix(".swelling"))
    if name in ("cathode.electrolyte_share", "cathode.carbon_share"):
        return left_in_cathode(drawn)
    if name == "laboratory.flaw_depth":
        return thinner_than_separator(drawn)
    return np.inf


def drawn_names(cell):
    """Paths of all parameters of a cell that are drawn."""
    return [
        name for name, parameter in cell.parameters.items()
        if np.isscalar(parameter.value) and name not in FIXED and not name.startswith(SHAPES)
        and parameter.low < parameter.high
    ]  # fmt: skip


def value_at(place, low, high):
    """Value at a place (0..1) of a range, on a logarithmic scale where the range is wide."""
    if low > 0.0 and high / low > LOGARITHMIC:
        return low * (high / low) ** place
    return low + place * (high - low)


def box_cell(anode, full, point):
    """A cell anywhere in the box of all parameters at once; a limit gives way to what was drawn before."""
    base = cm.Cell(anode=anode, cathode="ncm811" if full else None)
    drawn = {}
    for name, place in zip(drawn_names(base), point, strict=False):
        parameter = base.parameters[name]
        high = max(parameter.low, min(parameter.high, room(name, drawn)))
        drawn[name] = value_at(place, parameter.low, high)
    return base.with_({name: f"{value:.12g} {base.parameters[name].unit}" for name, value in drawn.items()})


def map_cell(anode, full, point):
    """A cell of the size of failure map that the project is for: pressure, temperature, loading, porosity."""
    pressure, temperature, loading, porosity = point
    settings = {"stack_pressure": f"{0.5 * 100**pressure} MPa", "temperature": f"{60 * temperature} degC"}
    if full:
        settings["loading"] = f"{5 + 25 * loading} mg/cm2"
    if anode.startswith("ag-ni-scaffold"):
        settings["overrides"] = {"anode.porosity": f"{0.6 + 0.35 * porosity}"}
    return cm.Cell(anode=anode, cathode="ncm811" if full else None, **settings)


def drawn_protocol(full, rate):
    """Three cycles at a rate of 0.1-1C, or at the current that it is in a cell of 3 mAh/cm2."""
    if full:
        return cm.Protocol.cycling(rate=f"{rate:.3g}C", cycles=3, upper="4.25 V", lower="2.5 V")
    cycle = [f"Plate at {3.0 * rate:.3g} mA/cm2 until 2 mAh/cm2", f"Strip at {3.0 * rate:.3g} mA/cm2 until 1 V"]
    return cm.Protocol([{"repeat": 3, "steps": cycle}])


def drawn_design(draw, anode, full, point):
    """A drawn cell and its protocol; None if its parameters exclude each other, which is refused by name."""
    try:
        return draw(anode, full, point[1:]), drawn_protocol(full, 0.1 * 10.0 ** point[0])
    except InputError:
        return None


def simulate_points(draw, kinds, points, **settings):
    """Run drawn designs on two threads, spread evenly over kinds of cells; None for those that are refused."""
    designs = [drawn_design(draw, *kinds[number % len(kinds)], point) for number, point in enumerate(points)]
    accepted = [design for design in designs if design is not None]
    limits = Settings(max_steps=STEPS_AT_MOST, **settings)

    def simulate(part):
        return cm.simulate_many([cell for cell, _ in part], [protocol for _, protocol in part], settings=limits)

    middle = len(accepted) // 2
    with ThreadPoolExecutor(2) as pool:
        runs = iter([run for half in pool.map(simulate, (accepted[:middle], accepted[middle:])) for run in half])
    return [None if design is None else next(runs) for design in designs]


def sobol(designs, dimensions, seed=7):
    """Evenly spread points, float64[designs, dimensions]; the designs are rounded up to a power of two and cut."""
    return qmc.Sobol(dimensions, seed=seed).random_base2(int(np.ceil(np.log2(designs))))[:designs]
