"""Numbers of the composite cathode."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellmodel import mesh
from cellmodel.laws import contact as contact_laws
from cellmodel.laws import transport
from cellmodel.model import cathode_tables, physics
from cellmodel.model.pack_values import Values, acceleration, activated, placeholder
from cellmodel.numerics.cubic_table import make_table
from cellmodel.settings import Settings

NO_TABLE = make_table(0.0, 1.0, np.zeros(2), np.zeros(2))
NO_CATHODE = placeholder(physics.Cathode, diffusion=NO_TABLE, potential=NO_TABLE)
"""Cathode of a half cell."""

BARE = 1e-12
"""Area resistance of particles without a coating [ohm m2]: growth is reckoned relative to what was there first."""


def pack_cathode(si: Values, settings: Settings) -> physics.Cathode:
    """Numbers of the composite: layer, particles, equilibrium, ageing."""
    return physics.Cathode(
        **pack_layer(si, settings),
        **pack_particles(si, settings),
        **pack_material(si),
        **pack_ageing(si),
    )


def thickness(si: Values) -> float:
    """Thickness of the composite from its loading [m]."""
    return si["cathode.loading"] / (si["cathode.density"] * si["cathode.active_share"])


def pack_layer(si: Values, settings: Settings) -> dict[str, Any]:
    """Mesh, conduction, capacity and breathing of the layer."""
    ionic = activated(si, "electrolyte.conductivity", "electrolyte.conductivity_activation")
    capacity = si["cathode.full_capacity"] * si["cathode.loading"]
    strain = si["cathode.volume_strain"]
    return {
        "width": mesh.graded(thickness(si), settings.cathode_cells, 1.0),
        "ionic_conductivity": ionic
        * transport.bruggeman.py_func(si["cathode.electrolyte_share"], si["cathode.tortuosity_exponent"]),
        "electronic_conductivity": si["cathode.electronic_conductivity"],
        "share": si["cathode.active_share"],
        "initial_lithiation": si["cathode.initial_lithiation"],
        "capacity": capacity,
        "strain_charge": strain * si["cathode.active_share"] * thickness(si) / capacity,
        "strain": abs(strain),
    }


def pack_particles(si: Values, settings: Settings) -> dict[str, Any]:
    """Mesh, charge transfer and diffusion of the active particles."""
    particle = mesh.sphere(si["cathode.particle_radius"], settings.shells, settings.shell_ratio)
    return {
        "area": particle.surface_ratio * si["cathode.active_share"],
        "exchange_current": activated(si, "cathode.exchange_current", "cathode.exchange_activation"),
        "storage": si["cathode.full_capacity"] * si["cathode.density"],
        "shell_volume": particle.volume,
        "per_volume": 1.0 / particle.volume,
        "shell_face": particle.face,
        "outer_face": particle.outer_face,
        "outer_distance": particle.outer_distance,
        "contact_spacing": si["cathode.contact_spacing"],
        "surface_ratio": particle.surface_ratio,
    }


def pack_material(si: Values) -> dict[str, Any]:
    """Tables of the active material."""
    return {
        "diffusion": cathode_tables.diffusion_table(oxide_diffusivity(si)),
        "potential": cathode_tables.potential_table(oxide_potential(si)),
    }


def oxide_diffusivity(si: Values) -> cathode_tables.OxideDiffusivity:
    """Solid diffusion at the cell's temperature."""
    return cathode_tables.OxideDiffusivity(
        middle=activated(si, "cathode.diffusivity", "cathode.diffusivity_activation"),
        decades=si["cathode.diffusivity_decades"],
        centre=si["cathode.diffusivity_centre"],
        width=si["cathode.diffusivity_width"],
    )


def oxide_potential(si: Values) -> cathode_tables.OxidePotential:
    """Equilibrium potential over the lithiation 0..1 of the model, from that over the stoichiometry of the source."""
    scale, shift = si["cathode.stoichiometry_scale"], si["cathode.stoichiometry_offset"]
    return cathode_tables.OxidePotential(
        offset=si["cathode.ocp_offset"] + si["cathode.ocp_slope"] * shift,
        slope=si["cathode.ocp_slope"] * scale,
        heights=np.array(si["cathode.ocp_heights"]),
        steepness=np.array(si["cathode.ocp_steepness"]) * scale,
        centres=(np.array(si["cathode.ocp_centres"]) - shift) / scale,
    )


def pack_ageing(si: Values) -> dict[str, Any]:
    """Coating of the particles and their contact with the electrolyte."""
    return {
        "coating": max(si["cathode.coating_resistance"], BARE) / acceleration(si, "cathode.exchange_activation"),
        "coating_growth": activated(si, "cathode.coating_growth", "cathode.exchange_activation"),
        "coating_onset": si["cathode.coating_onset"],
        "coating_width": si["cathode.coating_width"],
        "contact": contact_laws.initial_contact.py_func(si["stack_pressure"], si["cathode.contact_pressure_initial"]),
        "contact_sensitivity": si["cathode.contact_sensitivity"],
        "contact_pressure": si["cathode.contact_pressure"],
    }
