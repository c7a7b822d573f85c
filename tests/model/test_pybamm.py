"""An independent model: PyBaMM's half-cell Doyle-Fuller-Newman model in the limit that both can express.

Nothing of our kernel stands behind PyBaMM's side, and nothing of PyBaMM is changed but the order in which it
extrapolates to a particle's surface (`pybamm_half_cell.built_model`). Voltages are compared at equal times from the
first hundredths of a second of a half cycle to the cut-off of whichever ends first, weighted by time, the steep end
included; the two ends have to agree as well.
"""

import numpy as np
import pytest
from half_cell import LOWER, MESH, RESOLVED, cycling, equal_mesh, polymer_cell, reference_cell

import cellmodel as cm
from cellmodel import components

pytestmark = pytest.mark.pybamm

RATES = {"C/10": 0.1, "C/3": 1 / 3, "1C": 1.0, "2C": 2.0}
CYCLES = 2
LARGEST = 60.0
"""Our steps are no longer than this, so that a comparison at them misses nothing [s]."""


@pytest.fixture(scope="module")
def other():
    """The module that holds PyBaMM's half cell; importing it takes seconds."""
    import pybamm_half_cell

    return pybamm_half_cell


@pytest.fixture(scope="module")
def reference(other):
    return reference_cell(), other.built_model(reference_cell())


def our_half_cycles(cell, rate, lower=LOWER, **mesh):
    """Times since the beginning of each half cycle [s] and voltages [V]."""
    settings = equal_mesh(1e-6, largest_step=LARGEST, **mesh)
    run = cm.simulate(cell, cycling(rate, CYCLES, lower), settings=settings)
    assert run.outcome.kind.label == "completed"
    for step, began in enumerate(run.steps.start_time.values):
        trace = run.trace.isel(time=(run.trace.step == step).values)
        time = (trace.time.values - began) * 3600.0
        yield time[time > 0.0], trace.voltage.values[time > 0.0]


def their_half_cycles(other, cell, model, rate, lower=LOWER):
    current, solver = rate * cell.one_c, other.pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8)
    return other.half_cycles(model, solver, [-current, current] * CYCLES, lower)


def distances(ours, solutions):
    """RMS of the difference over time [mV], and by how much longer our half cycle is [1]; float64[half cycles, 2]."""
    rows = []
    for (time, voltage), solution in zip(ours, solutions, strict=True):
        begin, duration = solution.t[0], solution.t[-1] - solution.t[0]
        common = time <= duration
        assert common.sum() > 20
        difference = voltage[common] - solution["Voltage [V]"](t=begin + time[common])
        mean_square = np.trapezoid(difference**2, time[common]) / np.ptp(time[common])
        rows.append((1e3 * np.sqrt(mean_square), time[-1] / duration - 1.0))
    return np.array(rows)


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES.keys())
def test_voltage_is_that_of_pybamm(other, reference, rate):
    cell, model = reference
    rms, longer = distances(our_half_cycles(cell, rate), their_half_cycles(other, cell, model, rate)).T
    assert np.all(rms < 1.0), rms
    assert np.all(np.abs(longer) < 1e-3), longer


def test_a_wrong_number_would_be_seen(other, reference):
    """A tenth more charge transfer resistance in our cell alone is beyond what the comparison allows."""
    cell, model = reference
    changed = cell.with_({"cathode.exchange_current": "0.45 A/m2"})
    rms, _ = distances(our_half_cycles(changed, 1.0), their_half_cycles(other, cell, model, 1.0)).T
    assert np.all(rms > 1.5), rms


@pytest.mark.parametrize("rate", [0.1, 0.15])
def test_voltage_with_a_binary_electrolyte_is_that_of_pybamm(other, rate):
    """Salt transport in separator and cathode, with what it does to conduction, potentials and exchange currents.

    Salt moves between 0.12 and 1.9 of its concentration.
    """
    cell = polymer_cell()
    theirs = their_half_cycles(other, cell, other.built_model(cell), rate)
    rms, longer = distances(our_half_cycles(cell, rate, separator_cells=MESH), theirs).T
    assert np.all(rms < 0.3), rms
    assert np.all(np.abs(longer) < 5e-4), longer
    single_ion = cell.with_({"electrolyte.transference_number": 1})
    rms, _ = distances(our_half_cycles(single_ion, rate), theirs).T
    assert np.all(rms > 5.0), rms


def test_deep_discharge_needs_a_finer_mesh(other):
    """Below 3.4 V particles are full at their surface, where the potential is steep.

    In the first seconds of the charge that follows neither program knows the surface within the outermost of 20 shells,
    and they err to different sides. The difference goes away as both refine.
    """
    cell, recharge = reference_cell(), []
    for shells in (20, 40, 80):
        model = other.built_model(cell, shells=shells)
        ours = our_half_cycles(cell, 2.0, 3.0, shells=shells)
        rms, _ = distances(ours, their_half_cycles(other, cell, model, 2.0, 3.0)).T
        recharge.append(rms[2])
        assert np.all(rms[[0, 1, 3]] < 1.0), rms
    assert np.all(np.diff(np.log(recharge)) < -0.5), recharge
    assert recharge[-1] < 1.0


def test_steep_diffusivity_is_met_as_the_mesh_gets_finer(other):
    """NCM811 as shipped loses 2.5 decades of D within a few per cent of lithium: too steep for 20 uniform shells.

    PyBaMM puts the harmonic mean of D between shells, we its mean over the lithiations in between, so they err to
    different sides. PyBaMM's distance to our result on a fine mesh falls with each halving of its shells: voltage on
    charge, time to cut-off on discharge.
    """
    shipped = components.load("cathode", "ncm811").parameters
    steep = {path: shipped[path.removeprefix("cathode.")].text for path in RESOLVED if "diffusivity" in path}
    cell, found = reference_cell().with_(steep), []
    ours = list(our_half_cycles(cell, 1 / 3, 3.0, shells=80, shell_ratio=10.0))
    for shells in (20, 40, 80):
        model = other.built_model(cell, shells=shells, surface="linear")  # the quadratic one breaks down at this front
        rows = distances(ours, their_half_cycles(other, cell, model, 1 / 3, 3.0))
        found.append((rows[0, 0], abs(rows[1, 1])))
    assert np.all(np.diff(np.log(found), axis=0) < -0.7), found
    assert found[-1][0] < 0.2 and found[-1][1] < 5e-3
