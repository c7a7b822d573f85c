"""The reference half cell: what a plain Doyle-Fuller-Newman model of it can express, and nothing else.

Lithium metal | single-ion separator | NCM811 composite, from the shipped components. Every mechanism that the plain
model lacks is switched off by a parameter within its range, so that the public interface runs the cell.
"""

from __future__ import annotations

from typing import Any

import cellmodel as cm

MESH = 20
"""Finite volumes of the cathode, and uniform shells of each of its particles."""

LOWER, UPPER = 3.4, 4.25
"""Cut-offs [V]; the open-circuit potential is a published fit down to 3.4 V."""

PLAIN = {
    # Contact: full, and closed again at once by 50 MPa; at constant pressure.
    "stack_pressure": "50 MPa",
    "contact_full_pressure": "0.5 MPa",
    "fixture_stiffness": "0 MPa/um",
    "laboratory.interfacial_resistance": "0.1 ohm*cm2",
    # No interphase, no dead lithium, no flaw that grows.
    "anode.dead_weight": 0,
    "electrolyte.interphase_formation": "1e-10 mAh/cm2",
    "electrolyte.interphase_growth": "0 mAh^2/cm^4/s",
    "electrolyte.interphase_throughput": 0,
    "electrolyte.interphase_resistance": "0 ohm*cm2/(mAh/cm2)",
    "laboratory.flaw_depth": "0.1 um",
    "electrolyte.toughness_threshold": "2 MPa*m^0.5",
    # Particles without coating, breathing and loss of contact.
    "cathode.coating_resistance": "0 ohm*cm2",
    "cathode.coating_growth": "0 ohm*cm2/s",
    "cathode.contact_pressure_initial": "0.001 MPa",
    "cathode.contact_sensitivity": 0,
    "cathode.contact_spacing": "0 um",
    "cathode.volume_strain": 0,
}
"""What the plain model does not know, switched off."""

RESOLVED = {
    "electrolyte.mass": "10 mg/cm2",
    "cathode.diffusivity": "1e-14 m2/s",
    "cathode.diffusivity_decades": 1,
    "cathode.diffusivity_centre": 0.89,
    "cathode.diffusivity_width": 0.1,
    "cathode.initial_lithiation": 0.9,
    "cathode.stoichiometry_offset": 0.12,
}
"""A cell that delivers at 2C, and a diffusivity whose fall 20 uniform shells resolve.

Numbers that calibrations move are written out: another fit of the oxide is no other benchmark.
"""


def reference_cell(**changes: Any) -> cm.Cell:
    """Return the reference half cell; `changes` are overrides by path, with ``__`` for the dot."""
    given = {path.replace("__", "."): value for path, value in changes.items()}
    return cm.Cell(anode="lithium-foil", cathode="ncm811", overrides=PLAIN | RESOLVED | given)


def polymer_cell(**changes: Any) -> cm.Cell:
    """Return the reference half cell with a binary electrolyte whose salt the currents of the comparison move about.

    It is as warm as the reference cell, where the comparison knows no activation energies. Its separator is as open as
    its cathode: where conductivities jump, PyBaMM takes their arithmetic mean, which is an error of first order.
    """
    salt = {
        "electrolyte.lowest_temperature": "25 degC", "electrolyte.mass": "2.5 mg/cm2",
        "electrolyte.porosity": 0.6, "electrolyte.tortuosity_exponent": 2,
        "electrolyte.conductivity": "1 mS/cm", "electrolyte.salt_diffusivity": "2e-11 m2/s",
        "electrolyte.transference_number": 0.3, "electrolyte.thermodynamic_factor": 1.5,
    }  # fmt: skip
    return reference_cell(**changes).with_({"electrolyte": "peo-litfsi"}).with_(salt)


def similar_cells(count: int) -> list[cm.Cell]:
    """Return reference cells as a sweep would draw them: their kinetics differ by up to a tenth."""
    si = reference_cell().si["cathode.exchange_current"]
    shares = [1.0 + 0.2 * (k / (count - 1) - 0.5) for k in range(count)]
    return [reference_cell(cathode__exchange_current=f"{si * share:.6g} A/m2") for share in shares]


def equal_mesh(tolerance: float, **others: Any) -> cm.Settings:
    """Return settings with the mesh of the comparison and a tolerance; `others` are fields of Settings."""
    mesh = {"cathode_cells": MESH, "shells": MESH, "shell_ratio": 1.0}
    return cm.Settings(relative_tolerance=tolerance, **(mesh | others))


def cycling(rate: float, cycles: int, lower: float = LOWER) -> cm.Protocol:
    """Return charge and discharge between the cut-offs [V] at a C-rate."""
    return cm.Protocol.cycling(rate=f"{rate:.9g}C", cycles=cycles, upper=f"{UPPER} V", lower=f"{lower} V")
