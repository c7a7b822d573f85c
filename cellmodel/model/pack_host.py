"""Numbers of a porous layer; conductivities follow from shares, diffusivities and connectivity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cellmodel import mesh
from cellmodel.constants import FARADAY
from cellmodel.errors import InputError
from cellmodel.laws import mechanics as mechanics_laws
from cellmodel.laws import transport
from cellmodel.model import physics
from cellmodel.model.pack_values import Values, acceleration, activated, placeholder
from cellmodel.settings import Settings

NO_HOST = placeholder(physics.Host, levels=np.zeros((0, 0)), edges=np.zeros((0, 0)))
"""Host of a foil."""

BEYOND_FULL = 2.0
"""Lithiation at which a plateau that a phase does not have would begin [1]."""


LEAST_PORES = 0.02
"""Pore volume that swollen phases must leave [1]; nearer to nothing, a pore's filling says nothing."""


def pack_host(si: Values, phases: Sequence[str], settings: Settings) -> physics.Host:
    """Numbers of the layer between collector and electrolyte."""
    packed = [pack_phase(si, f"anode.{name}.") for name in phases]
    check_room(si["anode.porosity"], sum(phase["swelling"] for phase in packed))
    exponent = si["anode.tortuosity_exponent"]
    ionic = activated(si, "electrolyte.conductivity", "electrolyte.conductivity_activation")
    infiltrated = ionic * transport.bruggeman.py_func(si["anode.electrolyte_share"], exponent)
    metal = transport.lithium_metal_conductivity.py_func(
        activated(si, "lithium_self_diffusivity", "lithium_self_diffusion_activation"), si["temperature"]
    )
    return physics.Host(
        width=mesh.graded(si["anode.thickness"], settings.host_cells, settings.host_ratio),
        conductivity=infiltrated + si["anode.floor_conductivity"],
        lithium_conductivity=metal * transport.bruggeman.py_func(si["anode.porosity"], exponent),
        porosity=si["anode.porosity"],
        modulus=mechanics_laws.foam_modulus.py_func(si["anode.solid_modulus"], si["anode.porosity"]),
        pore_reaction=si["anode.pore_exchange_current"] * lithium_rate(si) * inner_surface(si),
        pore_penalty=si["anode.pore_penalty"],
        pore_gate=si["anode.pore_gate"],
        back_pressure=si["anode.pore_back_pressure"],
        back_width=si["anode.pore_back_width"],
        contact_spacing=si["anode.contact_spacing"],
        **pack_phases(packed),
    )


def check_room(porosity: float, swollen: float) -> None:
    """Refuse a host whose lithiated phases would leave almost no pores."""
    if porosity - swollen < LEAST_PORES:
        given = f"{porosity:.3g}, of which swollen phases take {swollen:.3g}"
        allowed = f"what leaves {LEAST_PORES:.2g} or more beside the swollen phases"
        raise InputError(
            "Cell", "anode.porosity", given, allowed, "raise the porosity, or lower the phases' share or swelling"
        )


def solid_share(si: Values) -> float:
    """Volume share of the layer that is neither pore nor electrolyte [1]."""
    return 1.0 - si["anode.porosity"] - si["anode.electrolyte_share"]


def inner_surface(si: Values) -> float:
    """Surface of the fibres per volume of layer [1/m]."""
    return 4.0 * (solid_share(si) + si["anode.electrolyte_share"]) / si["anode.fibre_diameter"]


def lithium_rate(si: Values) -> float:
    """Speed of charge transfer at the cell's temperature, relative to 25 degC [1]."""
    return acceleration(si, "electrolyte.lithium_exchange_activation")


def pack_phase(si: Values, path: str) -> dict[str, Any]:
    """Numbers of one lithium-storing phase, per volume of layer."""
    share = si[path + "share_of_solid"] * solid_share(si)
    diffusivity = activated(si, path + "diffusivity", path + "diffusivity_activation")
    bulk = transport.nernst_einstein.py_func(si[path + "capacity"], diffusivity, si["temperature"])
    layer = si["anode.connectivity"] * transport.bruggeman.py_func(share, si["anode.tortuosity_exponent"])
    reaction = si[path + "exchange_current"] * lithium_rate(si) * inner_surface(si) * si[path + "share_of_solid"]
    return {
        "capacity": FARADAY * si[path + "capacity"] * share,
        "full_conductivity": bulk * layer,
        "power": si[path + "conduction_power"],
        "reaction": reaction,
        "levels": tuple(si[path + "plateaus"]),
        "edges": tuple(si[path + "plateau_edges"]),
        "step_width": si[path + "plateau_width"],
        "swelling": si[path + "swelling"] * share,
    }


def pack_phases(per_phase: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """One array a number; phases with fewer plateaus repeat their last one, at a lithiation that is never reached."""
    steps = max(len(phase["levels"]) for phase in per_phase)
    padded = [
        phase
        | {
            "levels": phase["levels"] + phase["levels"][-1:] * (steps - len(phase["levels"])),
            "edges": phase["edges"] + (BEYOND_FULL,) * (steps - 1 - len(phase["edges"])),
        }
        for phase in per_phase
    ]
    return {key: np.array([phase[key] for phase in padded]) for key in padded[0]}
