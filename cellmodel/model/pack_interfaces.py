"""Numbers of the planes on which lithium grows and of their contact with the electrolyte."""

from __future__ import annotations

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws import contact as contact_laws
from cellmodel.model import physics
from cellmodel.model.pack_values import Values, acceleration, activated

REDUCTION_WIDTH = 0.05
"""Over which the reduction of the electrolyte sets in around its onset [V]."""

MINUTE_DEPOSIT = 18.0
"""Lithium at which a deposit's activity has risen to one half [C/m2]: 0.5 uAh/cm2, some 2 nm."""

NUCLEATION_CHARGE = 360.0
"""Over which patches, grains and porosity of a deposit are set [C/m2]: 10 uAh/cm2."""

SPENT_FOIL = 100.0
"""Lithium at which the counter foil's activity has fallen to one half [C/m2]: 2.8 uAh/cm2."""


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


def pack_contact(si: Values) -> physics.Contact:
    """Numbers of the contact between anode and electrolyte."""
    diffusion = acceleration(si, "lithium_self_diffusion_activation")
    creep = acceleration(si, "lithium_creep_activation")
    transfer = acceleration(si, "electrolyte.lithium_exchange_activation")
    return physics.Contact(
        full_pressure=si["contact_full_pressure"],
        diffusional=si["void_closing_diffusional"] * diffusion,
        power_law=si["void_closing_power_law"] * creep,
        exponent=si["lithium_creep_exponent"],
        layer=si["void_layer"],
        host_weight=si.get("anode.host_void_weight", 1.0),
        resistance=si["laboratory.interfacial_resistance"] / transfer,
        capacitance=si["double_layer"],
    )


def pack_interphase(si: Values) -> physics.Interphase:
    """Numbers of the electrolyte's reduction."""
    return physics.Interphase(
        formation_charge=si["electrolyte.interphase_formation"],
        formation_time=si["electrolyte.interphase_formation_time"],
        growth=activated(si, "electrolyte.interphase_growth", "electrolyte.interphase_growth_activation"),
        throughput=si["electrolyte.interphase_throughput"],
        resistivity=si["electrolyte.interphase_resistance"],
        area_ratio=si["anode.electrolyte_area_ratio"],
        onset=si["electrolyte.reduction_onset"],
        onset_width=REDUCTION_WIDTH,
    )


def pack_counter(si: Values, full: bool) -> physics.Counter:
    """Numbers of the lithium foil of a half cell."""
    return physics.Counter(
        lithium=0.0 if full else si["counter.thickness"] / VOLUME_PER_CHARGE,
        exchange_current=activated(
            si, "electrolyte.lithium_exchange_current", "electrolyte.lithium_exchange_activation"
        ),
        gate=SPENT_FOIL,
    )
