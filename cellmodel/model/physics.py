"""What the compiled balances need to know of a cell: plain SI numbers at the temperature of the run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cellmodel.model.layout import Layout
from cellmodel.numerics.cubic_table import CubicTable
from cellmodel.numerics.record_view import SIDE_BY_SIDE, Matrix, view_of


class Host(NamedTuple):
    """Porous layer between collector and electrolyte."""

    width: np.ndarray  # of each cell, from the collector up [m]
    thickness: float  # [m]
    conductivity: float  # infiltrated electrolyte plus floor [S/m]
    lithium_conductivity: float  # of pores full of lithium [S/m]
    porosity: float  # free pore volume as made [1]
    modulus: float  # of the layer [Pa]
    pore_reaction: float  # exchange current of the pores [A/m3]
    pore_penalty: float  # persistent pressure of forcing metal into the pore space [Pa]
    pore_gate: float  # filled fraction at which activity has risen to one half [1]
    back_pressure: float  # in a full pore [Pa]
    back_width: float  # [1]
    contact_spacing: float  # [m]
    detachment: float  # share of an alloy's lithium cut off as it shrinks away from its neighbours [1]
    elastic_limit: float  # strain up to which the layer gives back what it was stretched by [1]
    capacity: np.ndarray  # of each phase per volume of layer [C/m3]
    full_conductivity: np.ndarray  # of each lithiated phase in the layer [S/m]
    power: np.ndarray  # of conductivity in lithiation [1]
    reaction: np.ndarray  # exchange current of each phase [A/m3]
    levels: Matrix  # plateau potentials, phase by phase [V]
    edges: Matrix  # lithiation between plateaus [1]
    step_width: np.ndarray  # [1]
    swelling: np.ndarray  # pore volume taken by full lithiation, per volume of layer [1]


class Deposit(NamedTuple):
    """A plane on which lithium can grow."""

    exchange_current: float  # on lithium [A/m2]
    bare_exchange_current: float  # on the bare surface [A/m2]
    barrier: float  # of nucleation [V]
    patch_density: float  # at 1 mA/cm2 [1/m2]
    patch_exponent: float
    regular: float  # minute initial amount [C/m2]
    grain: float  # at 1 mA/cm2 [m]
    grain_exponent: float
    porosity: float  # at 1 mA/cm2 without pressure [1]
    porosity_pressure: float  # [Pa]
    dead_weight: float  # [1]
    nucleation_charge: float  # over which patches, grains and porosity are set [C/m2]
    lithium: float  # present at assembly [C/m2]


class Contact(NamedTuple):
    """True contact of lithium and electrolyte."""

    full_pressure: float  # [Pa]
    diffusional: float  # [m/s/Pa]
    power_law: float  # at 1 MPa [m/s]
    exponent: float
    layer: float  # thickness of the layer that voids form in [m]
    host_layer: float  # the part of it that a host takes; 0 for a foil [m]
    binder: float  # modulus of the host's binder times its volume share [Pa]
    resistance: float  # of charge transfer at full contact [ohm m2]
    capacitance: float  # [F/m2]


class Interphase(NamedTuple):
    """Reaction of lithium with the electrolyte."""

    formation_charge: float  # per touched area [C/m2]
    formation_time: float  # [s]
    growth: float  # [C2/m4/s]
    throughput: float  # share of plated lithium [1]
    renewal: float  # share of newly covered surface that forms interphase once more [1]
    resistivity: float  # resistance per charge held and area [ohm m4/C]
    area_ratio: float  # electrolyte area in reach per cell area [1]
    host_reach: float  # share of it that the anode touches without any lithium metal [1]
    onset: float  # potential below which the electrolyte is reduced [V]
    onset_width: float  # [V]


class Separator(NamedTuple):
    """Electrolyte between the electrodes."""

    thickness: float  # [m]
    conductivity: float  # effective [S/m]


class Salt(NamedTuple):
    """Binary electrolyte in the cells of separator and cathode; arrays are empty in a single-ion conductor."""

    volume: np.ndarray  # electrolyte in each cell per area [m]
    half_path: np.ndarray  # width of half a cell over its effective diffusivity [s/m]
    half_resistance: np.ndarray  # the same over its effective conductivity, at the initial concentration [ohm m2]
    migration: float  # (1 - t+)/(F c0): what a current does not carry of its salt, over the concentration [m3/C]
    potential: float  # 2 (RT/F)(1 - t+)(1 + dlnf/dlnc) [V]
    peak: float  # concentration of the largest conductivity over the initial one [1]


class Cathode(NamedTuple):
    """Porous electrode; arrays are empty in a half cell."""

    width: np.ndarray  # of each cell, from the separator outwards [m]
    ionic_conductivity: float  # effective [S/m]
    electronic_conductivity: float  # effective [S/m]
    area: float  # particle surface per volume [1/m]
    exchange_current: float  # at half lithiation [A/m2]
    storage: float  # F c_max [C/m3] of particle
    share: float  # active volume share [1]
    shell_volume: np.ndarray  # share of the particle's volume [1]
    per_volume: np.ndarray  # its inverse [1]
    shell_face: np.ndarray  # outer face area over particle volume and distance to the next node [1/m2]
    outer_face: float  # area of the face below the surface over particle volume [1/m]
    outer_distance: float  # from the last node but one to the surface [m]
    contact_spacing: float  # of the spots where a particle touches electrolyte [m]
    surface_ratio: float  # surface over volume of a particle [1/m]
    diffusion: CubicTable  # integral of the diffusivity over the lithiation [m2/s]
    potential: CubicTable  # at equilibrium, over the lithiation [V]
    coating: float  # initial area resistance [ohm m2]
    coating_growth: float  # [ohm m2/s]
    coating_onset: float  # [V]
    coating_width: float  # [V]
    contact: float  # initial [1]
    contact_sensitivity: float
    contact_pressure: float  # [Pa]
    initial_lithiation: float
    capacity: float  # charge between empty and full [C/m2]
    strain_charge: float  # thickness change per charge stored [m/(C/m2)]
    strain: float  # volume strain per lithiation [1]


class Counter(NamedTuple):
    """Foil opposite the anode: lithium, or an alloy on its plateau."""

    lithium: float  # initial [C/m2]
    room: float  # for more than that [C/m2]
    exchange_current: float  # [A/m2]
    gate: float  # amount at which activity has risen to one half [C/m2]
    resistance: float  # of charge transfer at full contact [ohm m2]
    potential: float  # against lithium [V]
    metal: float  # 1 where lithium metal touches the electrolyte, 0 in an alloy
    volume: float  # by which it grows per charge [m3/C]


class Flaws(NamedTuple):
    """Weibull population of flaws in the electrolyte surfaces that lithium touches."""

    depth: np.ndarray  # quantiles of a cell's largest flaw [m]
    probability: np.ndarray  # that a cell's largest flaw is smaller [1]
    median: int
    aspect: float  # depth over mouth width [1]
    focusing: CubicTable  # current at the tip over the mean, over ln of the Biot number [1]
    unevenness: float  # current at the worst site over the mean [1]
    conductivity: float  # of the dense electrolyte [S/m]
    toughness: float  # [Pa m^0.5]
    threshold: float  # [Pa m^0.5]
    poisson: float
    residual: float  # [Pa]
    speed: float  # [m/s]
    exponent: float
    creep: float  # rate at 1 MPa [1/s]
    creep_exponent: float
    touch: float  # amount of lithium that feeds a flaw [C/m2]
    density: float  # of flaws that carry lithium [1/m2]
    leak: float  # conductance of a filament that crosses the separator [S/m2]
    leak_time: float  # over which a filament thickens [s]


class Stack(NamedTuple):
    """Mechanics of the layers in series."""

    pressure: float  # when assembled [Pa]
    stiffness: float  # of the fixture [Pa/m]
    compliance: float  # of the elastic layers [m/Pa]


class Limits(NamedTuple):
    """Where a run ends by itself."""

    overflow: float  # lithium between host and separator [C/m2]
    capacity_threshold: float  # of the first full cycle's discharge [1]
    first_discharge: float  # of a run that goes on with an aged cell [C/m2]; 0 where the run itself has the first


class Physics(NamedTuple):
    """A whole cell."""

    layout: Layout
    thermal_voltage: float  # RT/F [V]
    host: Host
    base: Deposit
    top: Deposit
    contact: Contact
    interphase: Interphase
    separator: Separator
    salt: Salt
    cathode: Cathode
    counter: Counter
    flaws: Flaws
    stack: Stack
    limits: Limits


view, view_lanes = view_of(Physics), view_of(Physics, SIDE_BY_SIDE)
"""Compiled code's access to what `flatten` wrote of a cell, and of several in lanes."""
