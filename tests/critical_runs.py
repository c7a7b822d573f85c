"""Runs in which a flaw begins to run, or an interface resists, as the field's formulas say."""

from typing import NamedTuple

import numpy as np
from kernel_cells import MPA, make_cell
from limit_runs import CONSTANT_PRESSURE, FAST, FEW, INERT, SOUND, flaw_depths, last_of_step, run_altered

from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.laws.fracture import crack_closure
from cellmodel.laws.limits import flaw_critical_current, griffith_overpotential

NOTICED = 1e-4
"""Growth of a flaw within a step of the ramp that counts as running, over its depth [1]: 2 % above the threshold."""


class Start(NamedTuple):
    """Where flaws begin to run, from the ramp and from the formulas."""

    overpotential: np.ndarray  # [V]
    griffith: np.ndarray  # [V]
    current: np.ndarray  # [A/m2]
    critical: np.ndarray  # [A/m2]


def ramped_flaws(depths, pressure=1.0):
    """Overpotential and current at which flaws of some depths [m] run, in a ramp by 2 % every 10 min.

    Lithium is so stiff that none flows back out of a flaw, and supply is plentiful: only fracture resists. The model
    takes the potential at the surface for that at the tip, so the electrolyte's drop over the depth is left out.
    """
    currents = 0.05 * 1.02 ** np.arange(170)  # mA/cm2
    cell = make_cell("lithium-foil", False, stack_pressure=f"{pressure} MPa", **CONSTANT_PRESSURE)
    sentences = [f"Plate at {current:.5f} mA/cm2 for 10 min" for current in currents]
    flaws = {"depth": np.asarray(depths), "creep": 1e-60, "speed": 1e-6, "density": FEW, "unevenness": 1.0}
    run = run_altered(cell, sentences, **INERT, flaws=flaws)
    grown = np.diff(np.log(flaw_depths(run, 0)), axis=0) > NOTICED
    assert np.all(grown.any(axis=0)) and not grown[0].any()
    first = grown.argmax(axis=0)
    physics, p = run.physics, run.physics.flaws
    contact = np.array([float(last_of_step(run, step).contact_fraction) for step in first])
    surface = np.array([1e-3 * float(last_of_step(run, step).surface_potential) for step in first])
    driven = 10.0 * currents[first]
    closure = crack_closure(pressure * MPA, p.poisson, p.residual)
    griffith = np.array([griffith_overpotential(p.threshold, depth, pressure * MPA, closure) for depth in depths])
    resistance = (physics.contact.resistance + physics.thermal_voltage / physics.top.exchange_current) / contact
    critical = [flaw_critical_current(*pair, 0.0, 1.0) for pair in zip(griffith, resistance, strict=True)]
    # Lithium under pressure is in equilibrium with a surface at P V_Li/F already.
    beyond = surface - VOLUME_PER_CHARGE * pressure * MPA
    return Start(beyond + driven * physics.contact.resistance / contact, griffith, driven, np.array(critical))


def fresh_interface(pressure):
    """Resistance [ohm m2] of one interface of a cell just assembled under a pressure [MPa], and its physics."""
    cell = make_cell("lithium-foil", False, stack_pressure=f"{pressure} MPa", **CONSTANT_PRESSURE)
    fast = {"exchange_current": FAST}
    top = fast | {"bare_exchange_current": FAST, "barrier": 0.0}
    run = run_altered(cell, ["Plate at 0.1 mA/cm2 for 1 s"], top=top, counter=fast, **INERT, **SOUND)
    separator = run.physics.separator
    total = -float(run.trace.voltage[-1]) / (10.0 * float(run.trace.current[-1]))
    return 0.5 * (total - separator.thickness / separator.conductivity), run.physics
