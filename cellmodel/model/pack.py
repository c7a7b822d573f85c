"""From the parameters of a cell (SI, at 25 degC) to the plain numbers of the balances (SI, at the cell's temperature)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cellmodel import mesh
from cellmodel.constants import FARADAY, GAS_CONSTANT, VOLUME_PER_CHARGE
from cellmodel.laws import contact as contact_laws
from cellmodel.laws import mechanics as mechanics_laws
from cellmodel.laws import transport
from cellmodel.model import physics
from cellmodel.model.layout import make_layout
from cellmodel.settings import Settings

Values = Mapping[str, Any]

FLAW_PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Share of cells whose largest flaw is smaller than each quantile that a run carries."""

REDUCTION_WIDTH = 0.05
"""Over which the reduction of the electrolyte sets in around its onset [V]."""

MINUTE_DEPOSIT = 18.0
"""Lithium at which a deposit's activity has risen to one half [C/m2]: 0.5 uAh/cm2, some 2 nm."""

NUCLEATION_CHARGE = 360.0
"""Over which patches, grains and porosity of a deposit are set [C/m2]: 10 uAh/cm2."""

FLAW_TOUCH = 18.0
"""Lithium at which a deposit feeds a flaw half as well as a thick one [C/m2]: 0.5 uAh/cm2, some 2 nm."""


def activated(si: Values, key: str, activation: str) -> float:
    """Value of a parameter at the cell's temperature."""
    return transport.arrhenius.py_func(si[key], si[activation], si["temperature"])


def pack(si: Values, phases: Sequence[str], full: bool, porous: bool, settings: Settings) -> physics.Physics:
    """Collect everything the compiled balances need.

    Parameters
    ----------
    si : mapping of parameter path to SI value
    phases : names of the lithium-storing phases of the anode
    full : whether the cell has a cathode (else a lithium counter electrode)
    porous : whether the anode has a host
    settings : sizes of the mesh

    Returns
    -------
    Physics
    """
    layout = make_layout(
        settings.host_cells if porous else 0, len(phases) if porous else 0,
        settings.cathode_cells if full else 0, settings.shells if full else 0, len(FLAW_PROBABILITIES),
    )  # fmt: skip
    host = pack_host(si, phases, settings) if porous else empty_host()
    cathode = pack_cathode(si, settings) if full else empty_cathode()
    return physics.Physics(
        layout,
        GAS_CONSTANT * si["temperature"] / FARADAY,
        host,
        pack_deposit(si, "base") if porous else pack_deposit(si, "top"),
        pack_deposit(si, "top"),
        pack_contact(si),
        pack_interphase(si),
        pack_separator(si),
        cathode,
        pack_counter(si, full),
        pack_flaws(si),
        pack_stack(si, host, porous, full),
        physics.Limits(si.get("anode.overflow_limit") or np.inf, si["capacity_threshold"]),
    )


def pack_host(si: Values, phases: Sequence[str], settings: Settings) -> physics.Host:
    """Numbers of a porous layer; conductivities follow from shares, diffusivities and connectivity."""
    solid = 1.0 - si["anode.porosity"] - si["anode.electrolyte_share"]
    exponent = si["anode.tortuosity_exponent"]
    ionic = activated(si, "electrolyte.conductivity", "electrolyte.conductivity_activation")
    infiltrated = ionic * transport.bruggeman.py_func(si["anode.electrolyte_share"], exponent)
    metal = transport.lithium_metal_conductivity.py_func(
        activated(si, "lithium_self_diffusivity", "lithium_self_diffusion_activation"), si["temperature"]
    )
    surface = 4.0 * (solid + si["anode.electrolyte_share"]) / si["anode.fibre_diameter"]
    lithium_rate = transport.arrhenius.py_func(
        1.0, si["electrolyte.lithium_exchange_activation"], si["temperature"]
    )
    per_phase = [pack_phase(si, f"anode.{name}.", solid, surface, lithium_rate) for name in phases]
    steps = max(len(phase["levels"]) for phase in per_phase)
    column = {
        key: np.array([phase[key] for phase in per_phase])
        for key in per_phase[0]
        if key not in ("levels", "edges")
    }
    return physics.Host(
        mesh.graded(si["anode.thickness"], settings.host_cells, settings.host_ratio),
        infiltrated + si["anode.floor_conductivity"],
        metal * transport.bruggeman.py_func(si["anode.porosity"], exponent),
        si["anode.porosity"],
        mechanics_laws.foam_modulus.py_func(si["anode.solid_modulus"], si["anode.porosity"]),
        si["anode.pore_exchange_current"] * lithium_rate * surface,
        si["anode.pore_penalty"],
        si["anode.pore_gate"],
        si["anode.pore_back_pressure"],
        si["anode.pore_back_width"],
        si["anode.contact_spacing"],
        column["capacity"],
        column["conductivity"],
        column["power"],
        column["reaction"],
        np.array(
            [phase["levels"] + phase["levels"][-1:] * (steps - len(phase["levels"])) for phase in per_phase]
        ),
        np.array([phase["edges"] + (2.0,) * (steps - 1 - len(phase["edges"])) for phase in per_phase]),
        column["width"],
        column["swelling"],
    )


def pack_phase(si: Values, path: str, solid: float, surface: float, lithium_rate: float) -> dict[str, Any]:
    """Numbers of one lithium-storing phase, per volume of layer."""
    share = si[path + "share_of_solid"] * solid
    diffusivity = activated(si, path + "diffusivity", path + "diffusivity_activation")
    bulk = transport.nernst_einstein.py_func(si[path + "capacity"], diffusivity, si["temperature"])
    layer = si["anode.connectivity"] * transport.bruggeman.py_func(share, si["anode.tortuosity_exponent"])
    return {
        "capacity": FARADAY * si[path + "capacity"] * share,
        "conductivity": bulk * layer,
        "power": si[path + "conduction_power"],
        "reaction": si[path + "exchange_current"] * lithium_rate * surface * si[path + "share_of_solid"],
        "levels": tuple(si[path + "plateaus"]),
        "edges": tuple(si[path + "plateau_edges"]),
        "width": si[path + "plateau_width"],
        "swelling": si[path + "swelling"] * share,
    }


def pack_deposit(si: Values, plane: str) -> physics.Deposit:
    """Numbers of a plane on which lithium grows; `plane` is 'base' or 'top'."""
    exchange = activated(
        si, "electrolyte.lithium_exchange_current", "electrolyte.lithium_exchange_activation"
    )
    return physics.Deposit(
        exchange,
        exchange * si["anode.exchange_ratio_bare"],
        si[f"anode.{plane}_barrier"],
        si[f"anode.{plane}_patch_density"],
        si["anode.patch_exponent"],
        MINUTE_DEPOSIT,
        si["anode.grain_size"],
        si["anode.grain_exponent"],
        si["anode.deposit_porosity"],
        si["anode.deposit_porosity_pressure"],
        si["anode.dead_weight"],
        NUCLEATION_CHARGE,
    )


def pack_contact(si: Values) -> physics.Contact:
    """Numbers of the contact between anode and electrolyte."""
    creep = transport.arrhenius.py_func(1.0, si["lithium_creep_activation"], si["temperature"])
    diffusion = transport.arrhenius.py_func(1.0, si["lithium_self_diffusion_activation"], si["temperature"])
    transfer = transport.arrhenius.py_func(
        1.0, si["electrolyte.lithium_exchange_activation"], si["temperature"]
    )
    return physics.Contact(
        si["contact_full_pressure"],
        si["void_closing_diffusional"] * diffusion,
        si["void_closing_power_law"] * creep,
        si["lithium_creep_exponent"],
        si["void_layer"],
        si.get("anode.host_void_weight", 1.0),
        si["laboratory.interfacial_resistance"] / transfer,
        si["double_layer"],
    )


def pack_interphase(si: Values) -> physics.Interphase:
    """Numbers of the electrolyte's reduction."""
    return physics.Interphase(
        si["electrolyte.interphase_formation"],
        si["electrolyte.interphase_formation_time"],
        activated(si, "electrolyte.interphase_growth", "electrolyte.interphase_growth_activation"),
        si["electrolyte.interphase_throughput"],
        si["electrolyte.interphase_resistance"],
        si["anode.electrolyte_area_ratio"],
        si["electrolyte.reduction_onset"],
        REDUCTION_WIDTH,
    )


def pack_separator(si: Values) -> physics.Separator:
    """Thickness and effective conductivity of the pressed electrolyte."""
    dense = 1.0 - si["electrolyte.porosity"]
    ionic = activated(si, "electrolyte.conductivity", "electrolyte.conductivity_activation")
    return physics.Separator(
        si["electrolyte.mass"] / (si["electrolyte.density"] * dense),
        ionic * transport.bruggeman.py_func(dense, si["electrolyte.tortuosity_exponent"]),
    )


def pack_counter(si: Values, full: bool) -> physics.Counter:
    """Numbers of the lithium foil of a half cell."""
    exchange = activated(
        si, "electrolyte.lithium_exchange_current", "electrolyte.lithium_exchange_activation"
    )
    lithium = 0.0 if full else si["counter.thickness"] / VOLUME_PER_CHARGE
    return physics.Counter(lithium, exchange, 100.0)


def pack_flaws(si: Values) -> physics.Flaws:
    """Quantiles of the largest flaw (Weibull) and what makes flaws grow."""
    probability = np.array(FLAW_PROBABILITIES)
    depth = si["laboratory.flaw_depth"] * (-np.log1p(-probability)) ** (1.0 / si["electrolyte.flaw_modulus"])
    return physics.Flaws(
        depth,
        probability,
        len(FLAW_PROBABILITIES) // 2,
        si["electrolyte.flaw_aspect"],
        si["anode.seed_unevenness"],
        activated(si, "electrolyte.conductivity", "electrolyte.conductivity_activation"),
        si["electrolyte.toughness"],
        si["electrolyte.toughness_threshold"],
        si["electrolyte.poisson"],
        si["electrolyte.crack_residual_closure"],
        si["electrolyte.crack_speed"],
        si["electrolyte.crack_exponent"],
        activated(si, "lithium_creep_rate", "lithium_creep_activation"),
        si["lithium_creep_exponent"],
        FLAW_TOUCH,
        si["electrolyte.flaw_density"],
        si["electrolyte.filament_conductance"],
        si["electrolyte.filament_time"],
    )


def pack_stack(si: Values, host: physics.Host, porous: bool, full: bool) -> physics.Stack:
    """Fixture, and the compliance of the elastic layers in series."""
    sintered = mechanics_laws.sintered_modulus.py_func
    separator = sintered(
        si["electrolyte.modulus"], si["electrolyte.porosity"], si["electrolyte.modulus_decay"]
    )
    compliance = pack_separator(si).thickness / separator
    compliance += host.width.sum() / host.modulus if porous else 0.0
    compliance += cathode_thickness(si) / si["cathode.modulus"] if full else 0.0
    return physics.Stack(si["stack_pressure"], si["fixture_stiffness"], compliance)


def initial_contact(si: Values, pressure_key: str) -> float:
    """Contact of a fresh interface under the stack pressure [1]."""
    return contact_laws.initial_contact.py_func(si["stack_pressure"], si[pressure_key])


def cathode_thickness(si: Values) -> float:
    """Thickness of the composite from its loading [m]."""
    return si["cathode.loading"] / (si["cathode.density"] * si["cathode.active_share"])


def pack_cathode(si: Values, settings: Settings) -> physics.Cathode:
    """Numbers of the composite cathode."""
    ionic = activated(si, "electrolyte.conductivity", "electrolyte.conductivity_activation")
    thickness = cathode_thickness(si)
    particle = mesh.sphere(si["cathode.particle_radius"], settings.shells, settings.shell_ratio)
    scale, shift = si["cathode.stoichiometry_scale"], si["cathode.stoichiometry_offset"]
    storage = si["cathode.full_capacity"] * si["cathode.density"]
    capacity = si["cathode.full_capacity"] * si["cathode.loading"]
    strain = si["cathode.volume_strain"]
    return physics.Cathode(
        mesh.graded(thickness, settings.cathode_cells, 1.0),
        ionic
        * transport.bruggeman.py_func(si["cathode.electrolyte_share"], si["cathode.tortuosity_exponent"]),
        si["cathode.electronic_conductivity"],
        particle.surface_ratio * si["cathode.active_share"],
        activated(si, "cathode.exchange_current", "cathode.exchange_activation"),
        storage,
        si["cathode.active_share"],
        particle.volume,
        particle.face,
        particle.surface_distance,
        particle.surface_ratio,
        activated(si, "cathode.diffusivity", "cathode.diffusivity_activation"),
        si["cathode.diffusivity_decades"],
        si["cathode.diffusivity_centre"],
        si["cathode.diffusivity_width"],
        si["cathode.ocp_offset"] + si["cathode.ocp_slope"] * shift,
        si["cathode.ocp_slope"] * scale,
        np.array(si["cathode.ocp_heights"]),
        np.array(si["cathode.ocp_steepness"]) * scale,
        (np.array(si["cathode.ocp_centres"]) - shift) / scale,
        activated(si, "cathode.coating_resistance", "cathode.exchange_activation") ** -1
        * si["cathode.coating_resistance"] ** 2,
        activated(si, "cathode.coating_growth", "cathode.exchange_activation"),
        si["cathode.coating_onset"],
        si["cathode.coating_width"],
        initial_contact(si, "cathode.contact_pressure_initial"),
        si["cathode.contact_sensitivity"],
        si["cathode.contact_pressure"],
        si["cathode.initial_lithiation"],
        capacity,
        strain * si["cathode.active_share"] * thickness / capacity,
        strain,
    )


def empty_host() -> physics.Host:
    """A foil has no host; arrays keep their types."""
    none, table = np.zeros(0), np.zeros((0, 0))
    return physics.Host(none, *(1.0,) * 10, none, none, none, none, table, table, none, none)


def empty_cathode() -> physics.Cathode:
    """A half cell has no cathode; arrays keep their types."""
    none = np.zeros(0)
    return physics.Cathode(none, *(1.0,) * 6, none, none, *(1.0,) * 8, none, none, none, *(1.0,) * 11)
