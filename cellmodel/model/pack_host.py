"""Numbers of a porous layer; conductivities follow from shares, diffusivities and connectivity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cellmodel import mesh
from cellmodel.constants import FARADAY
from cellmodel.errors import InputError
from cellmodel.laws import mechanics as mechanics_laws
from cellmodel.laws import seeds, transport
from cellmodel.model import physics
from cellmodel.model.pack_values import Values, acceleration, activated, placeholder

NO_HOST = placeholder(physics.Host, levels=np.zeros((0, 0)), edges=np.zeros((0, 0)))
"""Host of a foil."""

BEYOND_FULL = 2.0
"""Lithiation at which a plateau that a phase does not have would begin [1]."""


LEAST_PORES = 0.02
"""Pore volume that swollen phases must leave [1]; nearer to nothing, a pore's filling says nothing."""


YIELD_OF_METAL = 1e-3
"""Strain at which a host yields that no binder holds together [1]: metals yield at about 0.1 %."""


def film_values(si: Values, phases: Sequence[str]) -> dict[str, Any]:
    """Values of a dense film, with what a layer without pores has in place of a porous layer's numbers.

    Its surface is that of a plane, its pores never take lithium, and nothing grows between it and its collector.
    """
    film = {
        "porosity": 0.0, "electrolyte_share": 0.0, "fibre_diameter": 4.0 * si["anode.thickness"],
        "connectivity": 1.0, "detachment": 0.0, "tortuosity_exponent": 1.0, "electrolyte_area_ratio": 1.0,
        "pore_exchange_current": 0.0, "pore_penalty": 0.0, "pore_gate": 0.02, "pore_back_pressure": 0.0,
        "pore_back_width": 1.0, "base_exchange_current": 0.0, "base_barrier": 0.0, "base_patch_density": 1e13,
    }  # fmt: skip
    shares = {f"anode.{name}.share_of_solid": 1.0 / len(phases) for name in phases}
    return dict(si) | {f"anode.{name}": value for name, value in film.items()} | shares


def pack_host(si: Values, phases: Sequence[str], cells: int, ratio: float) -> physics.Host:
    """Numbers of the layer between collector and electrolyte, in `cells` that thin by `ratio` towards it."""
    paths = [f"anode.{name}." for name in phases]
    active = solid_share(si) * sum(si[path + "share_of_solid"] for path in paths)
    packed = [pack_phase(si, path, active) for path in paths]
    exponent = si["anode.tortuosity_exponent"]
    ionic = activated(si, "electrolyte.conductivity", "electrolyte.conductivity_activation")
    infiltrated = ionic * transport.bruggeman.py_func(si["anode.electrolyte_share"], exponent)
    metal = transport.lithium_metal_conductivity.py_func(
        activated(si, "lithium_self_diffusivity", "lithium_self_diffusion_activation"), si["temperature"]
    )
    return physics.Host(
        width=mesh.graded(si["anode.thickness"], cells, ratio),
        thickness=si["anode.thickness"],
        conductivity=infiltrated + si["anode.floor_conductivity"],
        lithium_conductivity=metal * transport.bruggeman.py_func(si["anode.porosity"], exponent),
        porosity=si["anode.porosity"],
        modulus=mechanics_laws.foam_modulus.py_func(si["anode.solid_modulus"], si["anode.porosity"]),
        pore_reaction=si["anode.pore_exchange_current"] * lithium_rate(si) * pore_surface(si, phases),
        pore_penalty=si["anode.pore_penalty"],
        pore_gate=si["anode.pore_gate"],
        back_pressure=si["anode.pore_back_pressure"],
        back_width=si["anode.pore_back_width"],
        contact_spacing=si["anode.contact_spacing"],
        detachment=si["anode.detachment"],
        elastic_limit=si.get("anode.binder_elastic_limit", YIELD_OF_METAL),
        **pack_phases(packed),
    )


def check_room(host: physics.Host) -> None:
    """Refuse a porous host whose lithiated phases would leave almost no pores."""
    porosity, swollen = host.porosity, float(host.swelling.sum())
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


def phase_surface(si: Values, path: str) -> float:
    """Surface of a phase per volume of layer [1/m]: of its particles, or its share in that of the fibres."""
    share = si[path + "share_of_solid"]
    if path + "particle_size" in si:
        return 6.0 * share * solid_share(si) / si[path + "particle_size"]
    return share * inner_surface(si)


def pore_surface(si: Values, phases: Sequence[str]) -> float:
    """Surface on which lithium can plate in the pores, per volume of layer [1/m]."""
    if any(f"anode.{name}.particle_size" in si for name in phases):
        return sum(phase_surface(si, f"anode.{name}.") for name in phases)
    return inner_surface(si)


def unevenness(si: Values, phases: Sequence[str]) -> float:
    """Current at the worst site over the mean: particles of several sizes spread it better than those of one [1]."""
    single = si["anode.seed_unevenness"]
    grains = [f"anode.{name}." for name in phases if f"anode.{name}.particle_size" in si]
    if not grains:
        return single
    shares = np.array([si[path + "share_of_solid"] for path in grains]) + 1e-12
    sizes = np.array([si[path + "particle_size"] for path in grains])
    classes = seeds.size_classes.py_func(shares, sizes)
    return seeds.uneven_current.py_func(single, si["anode.packing_voids"], classes)


def binder_share(si: Values, phases: Sequence[str]) -> float:
    """Volume share of the layer that is binder: what the phases leave of the solid [1]."""
    return solid_share(si) * max(1.0 - sum(si[f"anode.{name}.share_of_solid"] for name in phases), 0.0)


def lithium_rate(si: Values) -> float:
    """Speed of charge transfer at the cell's temperature, relative to 25 degC [1]."""
    return acceleration(si, "electrolyte.lithium_exchange_activation")


def pack_phase(si: Values, path: str, active: float) -> dict[str, Any]:
    """Numbers of one lithium-storing phase, per volume of layer.

    Paths for lithium lead through all phases, `active` of the layer's volume; each carries its share of the current.
    """
    share = si[path + "share_of_solid"] * solid_share(si)
    diffusivity = activated(si, path + "diffusivity", path + "diffusivity_activation")
    bulk = transport.nernst_einstein.py_func(si[path + "capacity"], diffusivity, si["temperature"])
    tortuous = transport.bruggeman.py_func(active, si["anode.tortuosity_exponent"] - 1.0)
    layer = si["anode.connectivity"] * share * tortuous
    reaction = si[path + "exchange_current"] * lithium_rate(si) * phase_surface(si, path)
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
