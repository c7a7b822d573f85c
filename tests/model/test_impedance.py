"""Impedance: closed circuits, the slope of the polarisation, Kramers and Kronig, and what it must not change."""

import numpy as np
import pytest
from kernel_cells import COMBINATIONS, SOUND, cycling, make_cell, steps
from scipy.optimize import root

import cellmodel as cm
from cellmodel import impedance_spectra
from cellmodel.model import impedance as kernel
from cellmodel.model import initial
from cellmodel.model import layout as at
from cellmodel.model.capacitances import Capacitances, with_interfaces
from cellmodel.model.linearised import slopes_of
from cellmodel.model.probe import Evaluator
from cellmodel.model.residual import mass_diagonal

SPECTRUM = "Impedance from 1 MHz to 0.1 Hz"
OHM_CM2 = 1e-4


def prepared(anode, full):
    """A cell that holds some lithium on its anode, and its spectrum."""
    cell = make_cell(anode, full, stack_pressure="10 MPa", overrides=SOUND)
    plate = "Charge" if full else "Plate"
    return cm.simulate(cell, steps(f"{plate} at 0.5 mA/cm2 for 3 h", "Rest for 1 h", SPECTRUM))


@pytest.fixture(scope="module", params=COMBINATIONS, ids=lambda pair: f"{pair[0]}-{'full' if pair[1] else 'half'}")
def run(request):
    return prepared(*request.param)


def complex_of(spectra, number=0):
    one = spectra.isel(impedance=number)
    return one["frequency"].values, one["real"].values + 1j * one["imaginary"].values


def rested(run):
    (state,) = impedance_spectra._rested(run.physics, run.ended.states[-1:])
    return state


def element(frequency, resistance, capacitance):
    """A resistance [ohm cm2] in parallel with a capacitance [F/m2]."""
    return resistance / (1.0 + 2j * np.pi * frequency * resistance * OHM_CM2 * capacitance)


def test_lithium_on_both_sides_is_a_chain_of_resistances_and_capacitances():
    cell = make_cell("lithium-foil", False, stack_pressure="5 MPa")
    run = cm.simulate(cell, steps(SPECTRUM))
    frequency, found = complex_of(run.impedance)
    p, u = run.physics, rested(run)
    s, si = p.layout.scalars, cell.si
    contact, counter = u[s + at.CONTACT], u[s + at.COUNTER_CONTACT]
    grown = p.interphase.resistivity * u[s + at.INTERPHASE]
    interfaces = [p.contact.resistance / contact + grown, p.counter.resistance / counter]
    transfers = [p.thermal_voltage / (theta * p.counter.exchange_current) for theta in (contact, counter)]
    bulk = p.separator.thickness / p.separator.conductivity / OHM_CM2
    exact = bulk + sum(element(frequency, r / OHM_CM2, si["interface_capacitance"]) for r in interfaces)
    exact += sum(element(frequency, r / OHM_CM2, si["double_layer"]) for r in transfers)
    np.testing.assert_allclose(found, exact, rtol=1e-3)
    assert float(run.impedance.bulk_resistance[0]) == pytest.approx(bulk, rel=1e-9)
    expected = (sum(interfaces) + sum(transfers)) / OHM_CM2
    assert float(run.impedance.charge_transfer_resistance[0]) == pytest.approx(expected, rel=2e-3)


def voltage_at(run, state, fast, current):
    """Voltage at a current [A/m2] of a cell whose slow unknowns keep their values [V]."""
    p, rates = run.physics, Evaluator(run.physics)
    scale, trial = initial.scales(p, 1.0)[0][fast], state.copy()
    trial[p.layout.scalars + at.SETPOINT] = current

    def gaps(z):
        trial[fast] = state[fast] + scale * z
        return rates(trial, np.array([0.0, 0.0]))[fast] / size

    size = np.ones(fast.sum())
    size = np.abs(slopes_of(trial, p, np.array([0.0, 0.0]))[np.ix_(fast, fast)] * scale).max(axis=1)
    found = root(gaps, np.zeros(size.size), tol=1e-13)
    assert np.abs(gaps(found.x)).max() < 1e-9, found.message
    return trial[p.layout.scalars + at.VOLTAGE]


def test_zero_frequency_is_the_slope_of_the_polarisation(run):
    """Curve and slope share the laws, but not the derivatives: the curve is solved for, point by point."""
    state = rested(run)
    fast = mass_diagonal(run.physics.layout) == 0.0
    fast[run.physics.layout.scalars + at.SURFACE] = True
    step = 0.002  # A/m2, far below the width over which losses of plating set in
    slope = (voltage_at(run, state, fast, step) - voltage_at(run, state, fast, -step)) / (2.0 * step) / OHM_CM2
    direct = float(run.impedance.bulk_resistance[0] + run.impedance.charge_transfer_resistance[0])
    assert direct == pytest.approx(slope, rel=2e-4)


def misfit(frequency, values):
    """Largest relative gap between a spectrum and the chain of resistances and capacitances that fits it best."""
    times = 1.0 / (2.0 * np.pi * np.geomspace(1e7, 1e-3, 60))
    omega = 2j * np.pi * frequency[:, None]
    columns = np.hstack([np.ones((frequency.size, 1)), 1.0 / (1.0 + omega * times), 1.0 / omega])
    size = np.tile(np.abs(values), 2)
    table = np.vstack([columns.real, columns.imag]) / size[:, None]
    wanted = np.concatenate([values.real, values.imag]) / size
    weights = np.linalg.lstsq(table, wanted, rcond=1e-12)[0]
    return np.abs(table @ weights - wanted).max()


def test_kramers_kronig(run):
    """A chain of elements that are causal by themselves fits the spectrum, and no spectrum that is spoiled.

    The linear test of M. Schoenleber, D. Klotz, E. Ivers-Tiffee, Electrochim. Acta 131 (2014) 20,
    doi:10.1016/j.electacta.2014.01.034.
    """
    frequency, found = complex_of(run.impedance)
    assert misfit(frequency, found) < 1e-5
    assert misfit(frequency, 1.02 * found.real + 1j * found.imag) > 1e-4
    assert misfit(frequency, found.conj()) > 1e-2


def test_slopes_with_interfaces_are_those_of_differences(run):
    p, state = with_interfaces(run.physics), rested(run)
    state = np.concatenate([state, np.full(p.layout.interfaces, 1e-4)])
    rates, control = Evaluator(p), np.array([0.0, 0.0])
    slopes, scale = slopes_of(state, p, control), initial.scales(p, 1.0)[0]
    for drop in range(p.layout.drops, p.layout.size):
        move = np.zeros(state.size)
        move[drop] = 1e-7
        found = (rates(state + move, control) - rates(state - move, control)) / 2e-7
        np.testing.assert_allclose(slopes[:, drop], found, rtol=1e-5, atol=1e-5 * np.abs(found).max())
        assert scale[drop] > 0.0


def test_spectrum_without_capacitances_is_the_resistance_of_a_foil():
    """What keeps frequencies apart is the capacitances alone: without them all are the direct resistance."""
    run = prepared("lithium-foil", False)
    none = Capacitances(interface=0.0, double_layer=0.0, particle=0.0)
    system = kernel.linearised(rested(run), run.physics, none)
    values = kernel.impedance(system, np.array([1e2, 1e1]))
    np.testing.assert_allclose(values.real, kernel.direct_resistance(system), rtol=2e-3)


@pytest.mark.parametrize("anode", ["ag-ni-scaffold", "cu-foil"])
@pytest.mark.parametrize("full", [False, True])
def test_run_is_the_same_with_and_without_spectra(anode, full):
    cell = make_cell(anode, full, overrides=SOUND)
    plain = cycling(cell, cycles=2).sentences[0]["steps"]
    mixed = [SPECTRUM, plain[0], SPECTRUM, "Impedance from 1 kHz to 1 Hz", plain[1], SPECTRUM]
    without = cm.simulate(cell, cm.Protocol([{"repeat": 2, "steps": plain}]))
    measured = cm.simulate(cell, cm.Protocol([{"repeat": 2, "steps": mixed}]))
    assert measured.outcome.kind is without.outcome.kind and measured.outcome.time == without.outcome.time
    kept = np.isnan(measured.compiled.highest)
    np.testing.assert_array_equal(measured.ended.rows[kept], without.ended.rows)
    np.testing.assert_array_equal(measured.ended.states[kept], without.ended.states)
    np.testing.assert_array_equal(np.delete(measured.ended.trace, 1, axis=1), np.delete(without.ended.trace, 1, axis=1))
    assert measured.cycles.drop_attrs().equals(without.cycles.drop_attrs())
    spectra = measured.impedance
    np.testing.assert_array_equal(spectra.cycle, [1, 1, 1, 1, 2, 2, 2, 2])
    np.testing.assert_array_equal(spectra.step, [0, 2, 3, 5, 6, 8, 9, 11])
    assert np.all(np.isfinite(spectra["real"])) and np.all(np.diff(spectra.time) >= 0.0)


def test_spectra_alone_are_those_of_the_fresh_cell():
    cell = make_cell("lithium-foil", False, stack_pressure="5 MPa")
    run = cm.simulate(cell, cm.Protocol([{"steps": [SPECTRUM]}]))
    assert run.outcome.kind.label == "completed" and run.outcome.time == 0.0
    for name in ("real", "imaginary", "bulk_resistance", "charge_transfer_resistance"):
        np.testing.assert_array_equal(run.impedance[name], cm.impedance(cell)[name])


def test_spectra_at_any_step_and_frequency(run):
    last = cm.impedance(run)
    np.testing.assert_array_equal(last["real"], run.impedance["real"])
    some = cm.impedance(run, step=0, frequencies=[1e3, 10.0])
    assert some.sizes == {"impedance": 1, "frequency": 2} and int(some.step[0]) == 0
    assert float(some.time[0]) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"step": 3}, "-3 to 2"), ({"frequencies": [1.0, 0.0]}, "above zero"), ({"frequencies": [[1.0]]}, "above zero")],
)
def test_what_cannot_be_asked_is_refused(arguments, words):
    with pytest.raises(cm.InputError, match=words):
        cm.impedance(prepared("lithium-foil", False), **arguments)


def test_run_without_spectra_has_none():
    run = cm.simulate(make_cell("cu-foil", False), steps("Rest for 1 s"))
    assert run.impedance.sizes == {"impedance": 0, "frequency": 0}


def test_more_contact_less_resistance():
    pressures = (2, 5, 20)
    cells = [make_cell("lithium-foil", False, stack_pressure=f"{pressure} MPa") for pressure in pressures]
    transfer = [float(cm.impedance(cell).charge_transfer_resistance[0]) for cell in cells]
    assert transfer[0] > transfer[1] > transfer[2] > 0.0


def test_warmer_less_resistance():
    cells = [make_cell("ag-ni-scaffold", False, temperature=f"{temperature} degC") for temperature in (0, 25, 60)]
    runs = cm.simulate_many(cells, steps("Plate at 0.5 mA/cm2 for 30 min", SPECTRUM))
    for name in ("bulk_resistance", "charge_transfer_resistance"):
        cold, room, warm = (float(run.impedance[name][0]) for run in runs)
        assert cold > room > warm > 0.0


def test_nyquist_plot_shows_each_spectrum():
    from cellmodel.plots import nyquist

    run = cm.simulate(make_cell("cu-foil", False), steps("Plate at 0.2 mA/cm2 for 5 min", SPECTRUM, SPECTRUM))
    (panel,) = nyquist(run.impedance).axes
    drawn = [line.get_xdata() for line in panel.lines]
    assert len(drawn) == 6 and len(drawn[1]) == 8  # from 1 MHz to 0.1 Hz: eight decades are marked
    np.testing.assert_array_equal(drawn[0], run.impedance["real"][0])
