"""Runs of the whole model in limits that have a closed solution.

A limit that no component reaches (no resistance of charge transfer, no storage) is made by replacing numbers of the
packed cell; balances and integrator are those of every other run.
"""

from itertools import pairwise
from typing import NamedTuple
from unittest import mock

import closed_forms as exact
import numpy as np
from kernel_cells import MAH_PER_CM2, MPA, make_cell, steps

import cellmodel as cm
from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.current_focusing import current_focusing
from cellmodel.laws.limits import critical_stripping_current
from cellmodel.model import assembled
from cellmodel.model.pack import pack
from cellmodel.numerics.cubic_table import look_up
from cellmodel.settings import Settings

COVERING = 1e15
"""Patches that leave no bare sites once some lithium is plated [1/m2]."""
FAST, CONDUCTING = 1e6, 1e6
"""An exchange current [A/m2] next to no overpotential, a conductivity [S/m] next to no drop."""
PLANE = {"exchange_current": FAST, "bare_exchange_current": FAST, "barrier": 0.0, "patch_density": COVERING}
"""A plane on which lithium grows without resistance, everywhere at once."""

INERT = {"interphase": {"area_ratio": 0.0, "throughput": 0.0, "formation_charge": 1e-6}}
FEW = 1e-9
"""A density of flaws [1/m2] that takes no lithium worth counting."""
SOUND = {"flaws": {"speed": 0.0, "density": FEW}}
UNIFORM = {
    "ionic_conductivity": CONDUCTING, "electronic_conductivity": CONDUCTING,
    "contact": 1.0, "contact_sensitivity": 0.0, "contact_spacing": 0.0,
}  # fmt: skip
"""A cathode in which all particles are alike."""
ONE_DIFFUSIVITY = {"cathode.diffusivity_decades": "0"}
RIGID = 1e25
"""Stiffness of a fixture that never gives [Pa/m]."""
CONSTANT_PRESSURE = {"fixture_stiffness": "0 MPa/um"}
ACCURATE = Settings(relative_tolerance=1e-7)


class Compared(NamedTuple):
    """A quantity over another one, from the model and from the formula."""

    x: np.ndarray
    model: np.ndarray
    exact: np.ndarray


def run_altered(cell, sentences, settings=ACCURATE, **parts):
    """Simulate a cell in which numbers of its packed parts are replaced: `separator={"conductivity": 1.0}`."""

    def altered(*arguments):
        physics = pack(*arguments)
        changed = {name: getattr(physics, name)._replace(**values) for name, values in parts.items()}
        return physics._replace(**changed)

    with mock.patch.object(assembled, "pack", altered):
        run = cm.simulate(cell, steps(*sentences), settings=settings)
    assert run.outcome.kind.label == "completed", str(run.outcome)
    return run


def last_of_step(run, step):
    return run.trace.isel(time=np.flatnonzero(run.trace.step.values == step)[-1])


def ohmic_stack():
    """Voltage [V] of a half cell with Ohm's law only, over the current [A/m2], both ways."""
    cell = make_cell("cu-foil", False, stack_pressure="20 MPa")
    sentences = ["Plate at 1 mA/cm2 for 3 h", "Plate at 0.3 mA/cm2 for 1 h", "Strip at 0.5 mA/cm2 for 1 h"]
    run = run_altered(cell, sentences, top=PLANE, counter={"exchange_current": FAST}, **INERT, **SOUND)
    ends = [last_of_step(run, step) for step in range(3)]
    current = np.array([10.0 * float(end.current) for end in ends])
    both = run.physics.contact.resistance, run.physics.counter.resistance
    spread = np.array([both[0] / float(e.contact_fraction) + both[1] / float(e.counter_contact_fraction) for e in ends])
    separator = run.physics.separator
    resistance = separator.thickness / separator.conductivity + spread
    return Compared(current, np.array([float(end.voltage) for end in ends]), -current * resistance)


def porous_electrode(cells):
    """Resistance [ohm m2] of a cathode that neither empties nor fills, over the number of its cells."""
    lithiation = 0.6
    cell = make_cell("cu-foil", True, overrides={"cathode.initial_lithiation": str(lithiation)})
    full = {"storage": 1e25, "contact_sensitivity": 0.0, "coating_growth": 0.0}
    settings = Settings(relative_tolerance=1e-8, cathode_cells=cells, shells=3)
    run = run_altered(cell, ["Charge at 0.01 mA/cm2 for 1 min"], settings, cathode=full, **INERT, **SOUND)
    end, physics, cathode = run.trace.isel(time=-1), run.physics, run.physics.cathode
    drop = float(end.voltage) - 1e-3 * float(end.surface_potential) - look_up(cathode.potential, lithiation)
    before = physics.separator.thickness / physics.separator.conductivity
    before += physics.contact.resistance / float(end.contact_fraction)
    exchange = 2.0 * cathode.exchange_current * np.sqrt(lithiation * (1.0 - lithiation))
    surface = physics.thermal_voltage / exchange + 1e-4 * float(end.coating_resistance)
    reaction = surface / (cathode.area * float(end.cathode_contact_fraction))
    length, sides = cathode.width.sum(), (cathode.ionic_conductivity, cathode.electronic_conductivity)
    expected = exact.porous_electrode_resistance(length, *sides, reaction)
    return Compared(np.array(cells), drop / (10.0 * float(end.current)) - before, expected)


def radius_of(cathode):
    return 3.0 / cathode.surface_ratio


def constant_flux(shells, ratio, taus=(0.01, 0.03, 0.1, 0.3)):
    """Lithiation gained over N R / D at the surface (over tau) and in the shells (over r/R, one row for each tau).

    The skin's lithiation is the surface's.
    """
    cell = make_cell("cu-foil", True, overrides=ONE_DIFFUSIVITY | {"cathode.initial_lithiation": "0.7"})
    unit = cell.si["cathode.particle_radius"] ** 2 / cell.si["cathode.diffusivity"]
    durations = np.diff(np.array([0.0, *taus])) * unit
    settings = Settings(relative_tolerance=1e-7, cathode_cells=2, shells=shells, shell_ratio=ratio)
    sentences = [f"Charge at 0.5 mA/cm2 for {duration:.6f} s" for duration in durations]
    run = run_altered(cell, sentences, settings, cathode=UNIFORM, **INERT, **SOUND)
    cathode, layout = run.physics.cathode, run.physics.layout
    flux = -5.0 / (cathode.area * cathode.width.sum() * cathode.storage)
    scale = flux * radius_of(cathode) / cell.si["cathode.diffusivity"]
    gained = (run.ended.states[:, layout.cathode : layout.cathode + shells + 1] - 0.7) / scale
    edges = np.cbrt(np.concatenate([[0.0], np.cumsum(cathode.shell_volume[:-1])]))
    means = [[exact.constant_flux_shell(*pair, tau) for pair in pairwise(edges)] for tau in taus]
    surface = Compared(np.array(taus), gained[:, -1], np.array([exact.constant_flux_sphere(1.0, tau) for tau in taus]))
    return surface, Compared(0.5 * (edges[1:] + edges[:-1]), gained[:, :-1], np.array(means))


def potential_step(change=-0.02):
    """Current [A/m2] over tau after a step of the potential that changes the surface's lithiation by `change`."""
    lithiation = 0.6
    overrides = ONE_DIFFUSIVITY | {"cathode.initial_lithiation": str(lithiation)}
    cell = make_cell("cu-foil", True, stack_pressure="20 MPa", overrides=overrides)
    cathode = pack(cell.si, cell.phases, True, "planar", Settings()).cathode
    pressed = 20 * MPA * VOLUME_PER_CHARGE  # lithium grows against 20 MPa
    voltage = look_up(cathode.potential, lithiation + change) + pressed
    unit = cell.si["cathode.particle_radius"] ** 2 / cell.si["cathode.diffusivity"]
    run = run_altered(
        cell, [f"Hold at {voltage:.7f} V for {0.1 * unit:.3f} s"],
        Settings(relative_tolerance=1e-6, cathode_cells=2, shells=40, shell_ratio=20.0),
        top=PLANE | {"regular": 1e-3}, separator={"conductivity": CONDUCTING}, contact={"resistance": 1e-9},
        cathode=UNIFORM | {"exchange_current": 1e4, "coating": 1e-9, "coating_growth": 0.0}, **INERT, **SOUND,
    )  # fmt: skip
    tau = run.trace.time.values * 3600.0 / unit
    used = tau > 2e-4  # before that the surface still follows the small resistances that are left
    charge = -change * cathode.storage * cathode.area * cathode.width.sum()
    expected = charge * radius_of(cathode) / unit * exact.potential_step_flux(tau[used])
    return Compared(tau[used], 10.0 * run.trace.current.values[used], expected)


def stripping_contact(pressure, current=1.0):
    """Contact fraction of a foil that is stripped at a current [mA/cm2], and what the law gives for good."""
    cell = make_cell("cu-foil", False, stack_pressure=f"{pressure} MPa", **CONSTANT_PRESSURE)
    sentences = [f"Plate at {current} mA/cm2 for 3 h", f"Strip at {current} mA/cm2 for 2.5 h"]
    run = run_altered(cell, sentences, **INERT, **SOUND)
    opening = 10.0 * current / critical_stripping_current(closing_velocity(run, pressure), 1.0)
    return float(run.trace.contact_fraction[-1]), exact.steady_contact(opening)


def closing_velocity(run, pressure):
    law = run.physics.contact
    return law.diffusional * pressure * MPA + law.power_law * pressure**law.exponent


def healing():
    """Contact fraction over the time [h] at rest."""
    cell = make_cell("cu-foil", False, stack_pressure="3 MPa", **CONSTANT_PRESSURE)
    run = run_altered(cell, ["Rest for 2 h"], **INERT)
    time, contact = run.trace.time.values, run.trace.contact_fraction.values
    rate = closing_velocity(run, 3.0) / run.physics.contact.layer
    return Compared(time, contact, 1.0 - (1.0 - contact[0]) * np.exp(-rate * 3600.0 * time))


def coverage():
    """Covered share of a copper foil over the charge [C/m2] plated on it; the double layer has kept its part."""
    cell = make_cell("cu-foil", False, stack_pressure="20 MPa", overrides={"anode.patch_exponent": "0"})
    amounts = np.logspace(-3.0, 0.0, 13)
    pieces = np.diff(np.concatenate([[0.0], amounts]))
    sentences = [f"Plate at 0.2 mA/cm2 until {piece:.6f} mAh/cm2" for piece in pieces]
    run = run_altered(cell, sentences, **INERT, **SOUND)
    top, kept = run.physics.top, run.trace.lithium.sel(place="double_layer")
    ends = np.array([float(last_of_step(run, step).lithium.sel(place="double_layer")) for step in range(len(pieces))])
    plated = MAH_PER_CM2 * (amounts - (ends - float(kept[0])))
    covered = exact.island_coverage(plated + top.regular, top.patch_density)
    return Compared(plated, run.steps.coverage.values, covered)


def flaw_depths(run, side):
    """Depth of every quantile's flaw [m], one row for each protocol step; side 0 is the working one."""
    layout = run.physics.layout
    first = layout.depths + side * layout.flaws
    return np.exp(run.ended.states[:, first : first + layout.flaws])


def resting_flaws(depth_over_critical, pressure=20, lithium=True):
    """Depths [m] of flaws before and after 1000 h at rest under a pressure [MPa], beside lithium or a bare collector.

    Lithium is so soft that it follows and builds up no pressure of its own; only the electrolyte resists.
    """
    cell = make_cell("cu-foil", False, stack_pressure=f"{pressure} MPa", **CONSTANT_PRESSURE)
    si = cell.si
    critical = exact.critical_depth(pressure * MPA, si["electrolyte.toughness_threshold"], si["electrolyte.poisson"])
    depth = critical * np.asarray(depth_over_critical)
    flaws = {"depth": depth, "creep": 1e20, "speed": 1e-9, "density": FEW}
    run = run_altered(cell, ["Rest for 1000 h"], **INERT, flaws=flaws)
    return depth, flaw_depths(run, 1 if lithium else 0)[-1], run.physics.flaws


def filling(exchange_current):
    """Time [s] for which flaws beside a lithium foil have been filled, from the run and from the depths reached [m]."""
    cell = make_cell("cu-foil", False, stack_pressure="200 MPa", **CONSTANT_PRESSURE)
    brittle = {"speed": 1e20, "threshold": -1e6, "creep": 1e-60, "density": FEW, "unevenness": 1.0}
    sentences = ["Plate at 0.5 mA/cm2 for 20 min", *["Strip at 0.5 mA/cm2 for 3 min"] * 4]
    run = run_altered(cell, sentences, **INERT, flaws=brittle, counter={"exchange_current": exchange_current})
    physics, depths = run.physics, flaw_depths(run, 1)
    transfer, flaws = exchange_current / physics.thermal_voltage, physics.flaws

    def focusing(depth):
        return current_focusing(depth, depth / flaws.aspect, transfer, flaws.conductivity)

    times = [[exact.filling_time(*pair, 5.0, focusing) for pair in zip(depths[0], row, strict=True)] for row in depths]
    return Compared(depths, np.repeat(180.0 * np.arange(5)[:, None], depths.shape[1], axis=1), np.array(times))


def rising_pressure(stiffness):
    """Rise of the pressure [Pa] over the charge passed [C/m2], in a fixture of a stiffness [Pa/m].

    The stack grows by the lithium plated less what the cathode shrinks by; fixture and layers give in series.
    """
    run = run_altered(
        make_cell("cu-foil", True), ["Charge at 0.2C for 1 h"], stack={"stiffness": stiffness}, **INERT, **SOUND
    )
    trace, stack = run.trace, run.physics.stack
    held = {place: MAH_PER_CM2 * trace.lithium.sel(place=place).values for place in ("top", "dead", "cathode")}
    growth = VOLUME_PER_CHARGE * (held["top"] / (1.0 - trace.deposit_porosity.values) + held["dead"])
    growth -= run.physics.cathode.strain_charge * (held["cathode"][0] - held["cathode"])
    growth -= growth[0]
    rise = MPA * trace.stack_pressure.values - stack.pressure
    expected = growth / (1.0 / stiffness + stack.compliance)
    return Compared(held["cathode"][0] - held["cathode"], rise, expected)
