"""From the parameters of a cell (SI, at 25 degC) to the plain numbers of the balances (SI, at its temperature)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cellmodel.constants import FARADAY, GAS_CONSTANT
from cellmodel.current_focusing import focusing_of_shape
from cellmodel.errors import InputError
from cellmodel.laws import fracture, transport
from cellmodel.laws import mechanics as mechanics_laws
from cellmodel.model import pack_cathode, pack_salt, physics
from cellmodel.model.layout import Layout, make_layout
from cellmodel.model.pack_host import NO_HOST, check_room, film_values, pack_host, unevenness
from cellmodel.model.pack_interfaces import pack_contact, pack_counter, pack_deposit, pack_interphase
from cellmodel.model.pack_values import Values, activated, pellet_porosity
from cellmodel.numerics.cubic_table import make_table
from cellmodel.settings import Settings

FLAW_PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Share of cells whose largest flaw is smaller than each quantile that a run carries."""

LARGEST_FLAW = 0.9
"""Depth over separator thickness beyond which a fresh cell is no cell [1]."""

LEAST_FLAW = 1e-9
"""Depth below which a flaw is none [m]: a few atoms. The largest flaw of a minute cell may be smaller by the law."""

FLAW_TOUCH = 360.0
"""Lithium at which a deposit feeds a flaw half as well as a thick one [C/m2]: 50 nm, the mouth of a small flaw."""


def pack(si: Values, phases: Sequence[str], full: bool, geometry: str, settings: Settings) -> physics.Physics:
    """Collect everything the compiled balances need.

    Parameters
    ----------
    si : mapping of parameter path to SI value
    phases : names of the lithium-storing phases of the anode
    full : whether the cell has a cathode (else a counter electrode)
    geometry : of the anode: 'planar', 'film' or 'porous'; the last two have a host
    settings : sizes of the mesh

    Returns
    -------
    Physics
    """
    if geometry == "film":
        si = film_values(si, phases)
    cells = {"planar": 0, "film": 1, "porous": settings.host_cells}[geometry]
    host = pack_host(si, phases, cells, settings.host_ratio) if cells else NO_HOST
    if geometry == "porous":
        check_room(host)
    binary = pack_salt.is_binary(si)
    separator = pack_separator(si)
    cathode = pack_cathode.pack_cathode(si, settings) if full else pack_cathode.NO_CATHODE
    overflow = si.get("anode.overflow_limit") or np.inf
    return physics.Physics(
        layout=pack_layout(cells, len(phases), full, binary, settings),
        thermal_voltage=GAS_CONSTANT * si["temperature"] / FARADAY,
        host=host,
        base=pack_deposit(si, "base" if cells else "top"),
        top=pack_deposit(si, "top"),
        contact=pack_contact(si, phases if cells else ()),
        interphase=pack_interphase(si, geometry),
        separator=separator,
        salt=pack_salt.pack_salt(si, separator, cathode, settings) if binary else pack_salt.NO_SALT,
        cathode=cathode,
        counter=pack_counter(si, full),
        flaws=pack_flaws(si, unevenness(si, phases)),
        stack=pack_stack(si, host, full),
        limits=physics.Limits(overflow, si["capacity_threshold"], first_discharge=0.0),
    )


def pack_layout(host_cells: int, phases: int, full: bool, binary: bool, settings: Settings) -> Layout:
    """Sizes of the state vector; what a cell does not have takes no room."""
    return make_layout(
        host_cells=host_cells,
        phases=phases if host_cells else 0,
        separator_cells=settings.separator_cells if binary else 0,
        cathode_cells=settings.cathode_cells if full else 0,
        shells=settings.shells if full else 0,
        flaws=len(FLAW_PROBABILITIES),
    )


def pack_separator(si: Values) -> physics.Separator:
    """Thickness and effective conductivity of the pressed electrolyte."""
    dense = 1.0 - pellet_porosity(si)
    ionic = activated(si, "electrolyte.conductivity", "electrolyte.conductivity_activation")
    return physics.Separator(
        thickness=si["electrolyte.mass"] / (si["electrolyte.density"] * dense),
        conductivity=ionic * transport.bruggeman.py_func(dense, si["electrolyte.tortuosity_exponent"]),
    )


def pack_flaws(si: Values, unevenness: float) -> physics.Flaws:
    """Quantiles of the largest flaw (Weibull) and what makes flaws grow; `unevenness` is that of the current."""
    depth = flaw_depths(si)
    thickness = pack_separator(si).thickness
    if depth[-1] > LARGEST_FLAW * thickness:
        given = f"one cell in twenty has a flaw of {depth[-1] * 1e6:.3g} um or more"
        allowed = f"at most {LARGEST_FLAW:.0%} of the separator's {thickness * 1e6:.3g} um"
        fix = "raise electrolyte.mass, or lower the flaw depth or the area"
        raise InputError("Cell", "laboratory.flaw_depth", given, allowed, fix)
    log_biot, focusing, slopes = focusing_of_shape(si["electrolyte.flaw_aspect"])
    return physics.Flaws(
        depth=depth,
        probability=np.array(FLAW_PROBABILITIES),
        median=len(FLAW_PROBABILITIES) // 2,
        aspect=si["electrolyte.flaw_aspect"],
        focusing=make_table(log_biot[0], log_biot[-1], focusing, slopes),
        unevenness=unevenness,
        conductivity=activated(si, "electrolyte.conductivity", "electrolyte.conductivity_activation"),
        toughness=si["electrolyte.toughness"],
        threshold=si["electrolyte.toughness_threshold"],
        poisson=si["electrolyte.poisson"],
        residual=si["electrolyte.crack_residual_closure"],
        speed=si["electrolyte.crack_speed"],
        exponent=si["electrolyte.crack_exponent"],
        creep=activated(si, "lithium_creep_rate", "lithium_creep_activation"),
        creep_exponent=si["lithium_creep_exponent"],
        touch=FLAW_TOUCH,
        density=si["electrolyte.flaw_density"],
        leak=si["electrolyte.filament_conductance"],
        leak_time=si["electrolyte.filament_time"],
    )


def flaw_depths(si: Values) -> np.ndarray:
    """Quantiles of the largest flaw of a cell of this area [m], one for each of `FLAW_PROBABILITIES`.

    Without an area the cell is as large as those that the flaw depth was found on.
    """
    areas = (si.get("area") or si["flaw_area"]) / si["flaw_area"]
    # The law loses its last digits where a cell below the quantile has next to no flaw.
    shares = [max(p, np.finfo(float).eps ** areas) for p in FLAW_PROBABILITIES]
    scale, modulus = si["laboratory.flaw_depth"], si["electrolyte.flaw_modulus"]
    depths = [fracture.largest_flaw.py_func(share, scale, modulus, areas) for share in shares]
    return np.maximum(depths, LEAST_FLAW)


def pack_stack(si: Values, host: physics.Host, full: bool) -> physics.Stack:
    """Fixture, and the compliance of the elastic layers in series."""
    separator = mechanics_laws.sintered_modulus.py_func(
        si["electrolyte.modulus"], pellet_porosity(si), si["electrolyte.modulus_decay"]
    )
    compliance = pack_separator(si).thickness / separator
    compliance += host.width.sum() / host.modulus
    compliance += pack_cathode.thickness(si) / si["cathode.modulus"] if full else 0.0
    return physics.Stack(pressure=si["stack_pressure"], stiffness=si["fixture_stiffness"], compliance=compliance)
