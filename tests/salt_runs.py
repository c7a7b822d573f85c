"""Cells with a binary electrolyte, and runs of them that have a closed solution."""

from unittest import mock

import closed_forms as exact
import numpy as np
from kernel_cells import steps
from limit_runs import FAST, INERT, PLANE, SOUND, Compared, run_altered
from scipy.integrate import quad

import cellmodel as cm
from cellmodel.constants import FARADAY, GAS_CONSTANT
from cellmodel.laws.limits import sand_time
from cellmodel.model import pack_salt
from cellmodel.settings import Settings

WARM = 358.15  # K
COUNTER = {"exchange_current": FAST, "resistance": 1e-9}
BARE = {"top": PLANE, "counter": COUNTER, "contact": {"resistance": 1e-9}, **INERT, **SOUND}
"""Electrodes without a resistance of their own."""

SOUND_LIMITS = {"laboratory.flaw_depth": "0.1 um"}


def polymer_cell(full=False, anode="lithium-foil", **overrides):
    """A cell of PEO-LiTFSI at 85 degC; overrides are of the electrolyte, by name."""
    other = {"cathode": "ncm811", "loading": "5 mg/cm2"} if full else {}
    paths = SOUND_LIMITS | {f"electrolyte.{name}": value for name, value in overrides.items()}
    held = {"temperature": f"{WARM} K", "stack_pressure": "20 MPa"}
    return cm.Cell(anode=anode, electrolyte="peo-litfsi", overrides=paths, **held, **other)


def transport_of(cell):
    """D [m2/s], c0 [mol/m3] and t+ of a polymer cell, as the component's file says."""
    si = cell.si
    hotter = si["electrolyte.salt_diffusivity_activation"] / GAS_CONSTANT * (1.0 / 298.15 - 1.0 / WARM)
    diffusivity = si["electrolyte.salt_diffusivity"] * np.exp(hotter)
    return diffusivity, si["electrolyte.salt_concentration"], si["electrolyte.transference_number"]


def salt_of(run):
    """Concentrations over the initial one at the end of each protocol step, float64[steps, cells]."""
    layout = run.physics.layout
    return run.ended.states[:, layout.salt : layout.separator]


def depletion(current, cells):
    """Time [s] until a run at a current [A/m2] ends by its voltage, and Sand's; the separator is 0.6 mm thick."""
    cell = polymer_cell(mass="75 mg/cm2")
    settings = Settings(relative_tolerance=1e-5, separator_cells=cells)
    run = cm.simulate(cell, steps(f"Plate at {current / 10.0} mA/cm2 for 2 h"), settings=settings)
    assert run.outcome.kind.label == "completed" and int(run.steps.end_reason[0]) == 0
    diffusivity, concentration, transference = transport_of(cell)
    return float(run.trace.time[-1]) * 3600.0, sand_time.py_func(current, concentration, diffusivity, transference, 1.0)


def face_before_depletion(cells, share=0.5, current=10.0):
    """Concentration at the anode's face at a share of Sand's time, from the model and 1 - sqrt(share)."""
    cell = polymer_cell(mass="75 mg/cm2")
    diffusivity, concentration, transference = transport_of(cell)
    time = share * sand_time.py_func(current, concentration, diffusivity, transference, 1.0)
    settings = Settings(relative_tolerance=1e-8, separator_cells=cells)
    run = cm.simulate(cell, steps(f"Plate at {current / 10.0} mA/cm2 for {time:.9f} s"), settings=settings)
    salt = run.physics.salt
    return salt_of(run)[0, 0] - salt.migration * current * salt.half_path[0], 1.0 - np.sqrt(share)


def steady_polarisation(share, cells):
    """Voltage [V] and concentrations over the thickness at a share of the limiting current, steady."""
    cell = polymer_cell()
    diffusivity, concentration, transference = transport_of(cell)
    thickness = cell.si["electrolyte.mass"] / cell.si["electrolyte.density"]
    current = share * exact.limiting_current(diffusivity, concentration, thickness, transference)
    settings = Settings(relative_tolerance=1e-8, separator_cells=cells)
    run = run_altered(cell, [f"Plate at {current / 10.0:.12g} mA/cm2 for 3 h"], settings, **BARE)
    x = run.profiles.salt_x.values * 1e-6 / thickness
    return (
        float(run.trace.voltage[-1]),
        -steady_drop(cell, current, share),
        Compared(x, salt_of(run)[0], line(x, share)),
    )


def line(x, share):
    """Steady concentration over the initial one, x over the thickness from the electrode that plates."""
    return 1.0 + share * (2.0 * x - 1.0)


def steady_drop(cell, current, share):
    """Ohm's law through the steady profile plus the concentration cell between its ends [V]."""
    si, thickness = cell.si, cell.si["electrolyte.mass"] / cell.si["electrolyte.density"]
    hotter = si["electrolyte.conductivity_activation"] / GAS_CONSTANT * (1.0 / 298.15 - 1.0 / WARM)
    conductivity, peak = si["electrolyte.conductivity"] * np.exp(hotter), si["electrolyte.conductivity_peak"]
    peak /= si["electrolyte.salt_concentration"]
    resistance = quad(lambda x: 1.0 / (line(x, share) * np.exp((1.0 - line(x, share)) / peak)), 0.0, 1.0)[0]
    left = (1.0 - si["electrolyte.transference_number"]) * si["electrolyte.thermodynamic_factor"]
    cell_of_concentrations = 2.0 * GAS_CONSTANT * WARM / FARADAY * left * np.log(line(1.0, share) / line(0.0, share))
    return current * thickness / conductivity * resistance + cell_of_concentrations


def end_voltages(full, single_ion, sentences, **overrides):
    """Voltage [V] at the end of each sentence; `single_ion` leaves the salt out of the model."""
    cell, settings = polymer_cell(full, **overrides), Settings(relative_tolerance=1e-8)
    with mock.patch.object(pack_salt, "is_binary", lambda si: not single_ion):
        run = cm.simulate(cell, steps(*sentences), settings=settings)
    assert run.physics.layout.separator_cells == (0 if single_ion else settings.separator_cells)
    return run.steps.end_voltage.values


def diffusion_impedance(cells):
    """Impedance of lithium | polymer | lithium at rest over the frequency [Hz], less what is faster, in ohm cm2."""
    cell = polymer_cell()
    run = cm.simulate(cell, steps("Rest for 1 min"), settings=Settings(separator_cells=cells))
    frequencies = np.logspace(-1.0, -5.0, 17)
    found = cm.impedance(run, frequencies=[*frequencies, 10.0, 20.0])
    values = found["real"].values[0] + 1j * found["imaginary"].values[0]
    diffusivity, concentration, transference = transport_of(cell)
    thickness = cell.si["electrolyte.mass"] / cell.si["electrolyte.density"]
    limit = exact.limiting_current(diffusivity, concentration, thickness, transference)
    resistance = 1e4 * 2.0 * run.physics.salt.potential / limit
    expected = exact.finite_diffusion(frequencies, resistance, 0.25 * thickness**2 / diffusivity)
    fast = values[-1] - exact.finite_diffusion(20.0, resistance, 0.25 * thickness**2 / diffusivity)
    return Compared(frequencies, values[:-2] - fast, expected)
