"""Numbers of the planes on which lithium grows and of their contact with the electrolyte."""

from __future__ import annotations

from collections.abc import Sequence

from cellmodel.constants import FARADAY, VOLUME_PER_CHARGE
from cellmodel.laws import contact as contact_laws
from cellmodel.model import physics
from cellmodel.model.pack_host import binder_share
from cellmodel.model.pack_values import Values, acceleration, activated

REDUCTION_WIDTH = 0.05
"""Over which the reduction of the electrolyte sets in around its onset [V]."""

MINUTE_DEPOSIT = 18.0
"""Lithium at which a deposit's activity has risen to one half [C/m2]: 0.5 uAh/cm2, some 2 nm."""

NUCLEATION_CHARGE = 360.0
"""Over which patches, grains and porosity of a deposit are set [C/m2]: 10 uAh/cm2."""

SPENT_FOIL = 100.0
"""Lithium at which the counter foil's activity has fallen to one half [C/m2]: 2.8 uAh/cm2."""

ENDLESS_ROOM = 1e12
"""Lithium that can be plated on lithium [C/m2]."""


def pack_deposit(si: Values, plane: str) -> physics.Deposit:
    """Numbers of a plane on which lithium grows; `plane` is 'base' or 'top'."""
    of_plane = "anode.base_exchange_current" if plane == "base" else "electrolyte.lithium_exchange_current"
    exchange = activated(si, of_plane, "electrolyte.lithium_exchange_activation")
    return physics.Deposit(
        exchange_current=exchange,
        bare_exchange_current=exchange * si["anode.exchange_ratio_bare"],
        barrier=si[f"anode.{plane}_barrier"],
        patch_density=si[f"anode.{plane}_patch_density"],
        patch_exponent=si["anode.patch_exponent"],
        regular=MINUTE_DEPOSIT,
        grain=si["anode.grain_size"],
        grain_exponent=si["anode.grain_exponent"],
        porosity=si["anode.deposit_porosity"],
        porosity_pressure=si["anode.deposit_porosity_pressure"],
        dead_weight=si["anode.dead_weight"],
        nucleation_charge=NUCLEATION_CHARGE,
        lithium=(si.get("anode.lithium_thickness") or 0.0) / VOLUME_PER_CHARGE,
    )


def initial_contact(si: Values) -> float:
    """Contact of a fresh interface of lithium and electrolyte under the stack pressure [1]."""
    return contact_laws.initial_contact.py_func(si["stack_pressure"], si["contact_full_pressure"])


def transfer_resistance(si: Values) -> float:
    """Resistance of a laboratory's interfaces at full contact and the cell's temperature [ohm m2]."""
    return si["laboratory.interfacial_resistance"] / acceleration(si, "electrolyte.lithium_exchange_activation")


def pack_contact(si: Values, phases: Sequence[str]) -> physics.Contact:
    """Numbers of the contact between anode and electrolyte; `phases` of its host, none for a foil."""
    diffusion = acceleration(si, "lithium_self_diffusion_activation")
    creep = acceleration(si, "lithium_creep_activation")
    transfer = acceleration(si, "electrolyte.lithium_exchange_activation")
    return physics.Contact(
        full_pressure=si["contact_full_pressure"],
        diffusional=si["void_closing_diffusional"] * diffusion,
        power_law=si["void_closing_power_law"] * creep,
        exponent=si["lithium_creep_exponent"],
        layer=si["void_layer"],
        host_layer=min(si["void_layer"], si["anode.thickness"]) if phases else 0.0,
        binder=si["anode.binder_modulus"] * binder_share(si, phases) if "anode.binder_modulus" in si else 0.0,
        resistance=transfer_resistance(si) + si.get("anode.top_reaction_resistance", 0.0) / transfer,
        capacitance=si["double_layer"],
    )


def pack_interphase(si: Values, geometry: str) -> physics.Interphase:
    """Numbers of the electrolyte's reduction; a plane reaches no more of it than the lithium on it."""
    return physics.Interphase(
        formation_charge=si["electrolyte.interphase_formation"],
        formation_time=si["electrolyte.interphase_formation_time"],
        growth=activated(si, "electrolyte.interphase_growth", "electrolyte.interphase_growth_activation"),
        throughput=si["electrolyte.interphase_throughput"],
        renewal=si["electrolyte.interphase_renewal"],
        resistivity=si["electrolyte.interphase_resistance"],
        area_ratio=si["anode.electrolyte_area_ratio"] * si.get("anode.top_interphase_ratio", 1.0),
        host_reach=1.0 if geometry == "porous" else 0.0,
        onset=si["electrolyte.reduction_onset"],
        onset_width=REDUCTION_WIDTH,
    )


def pack_counter(si: Values, full: bool) -> physics.Counter:
    """Numbers of the foil opposite the anode of a half cell: lithium, or a metal on its two-phase plateau."""
    alloy = "counter.capacity" in si
    held, room, volume = (0.0 if full else si["counter.thickness"] / VOLUME_PER_CHARGE), ENDLESS_ROOM, VOLUME_PER_CHARGE
    if alloy:
        full_charge = FARADAY * si["counter.capacity"] * si["counter.thickness"]
        held = full_charge * si["counter.initial_lithiation"]
        room = full_charge - held
        volume = si["counter.swelling"] / (FARADAY * si["counter.capacity"])
    return physics.Counter(
        lithium=held,
        room=room,
        exchange_current=activated(
            si, "electrolyte.lithium_exchange_current", "electrolyte.lithium_exchange_activation"
        ),
        gate=SPENT_FOIL,
        resistance=transfer_resistance(si),
        potential=si.get("counter.potential", 0.0),
        metal=0.0 if alloy else 1.0,
        volume=volume,
    )
