"""Polymer electrolytes: salt transport against its closed solutions, its limits and other solvers."""

import numpy as np
import pytest
from closed_forms import limiting_current
from drawn_cells import sobol, value_at
from ida_runs import gaps, integrate
from kernel_cells import physics_and_state, steps
from refinement import orders
from salt_runs import (
    depletion,
    diffusion_impedance,
    end_voltages,
    face_before_depletion,
    polymer_cell,
    salt_of,
    steady_polarisation,
    transport_of,
)

import cellmodel as cm
from cellmodel import components
from cellmodel.model.layout import name_of
from cellmodel.model.pack import pack
from cellmodel.settings import Settings

FULL = ["Charge at 0.3 mA/cm2 for 2 h", "Rest for 20 min", "Discharge at 0.3 mA/cm2 for 30 min", "Rest for 10 min"]
HALF = ["Plate at 0.5 mA/cm2 for 1 h", "Rest for 20 min", "Strip at 1 mA/cm2 for 30 min", "Rest for 10 min"]


@pytest.mark.parametrize("current", [5.0, 10.0, 30.0])
def test_salt_is_used_up_after_sands_time(current):
    found, expected = depletion(current, 50)
    assert found == pytest.approx(expected, rel=5e-3)


def test_salt_at_the_electrode_converges_with_second_order():
    errors = [found - expected for found, expected in map(face_before_depletion, (50, 100, 200))]
    assert abs(errors[-1]) < 1e-3
    assert orders(errors) == pytest.approx([2.0, 2.0], abs=0.2)


def test_steady_profile_is_a_line():
    """Concentration, and the voltage that belongs to it."""
    found = [steady_polarisation(0.6, cells) for cells in (24, 48, 96)]
    for _, _, profile in found:
        assert profile.model == pytest.approx(profile.exact, abs=1e-6)
    voltages, exact = np.array([voltage for voltage, _, _ in found]), found[0][1]
    assert voltages[0] == pytest.approx(exact, rel=2e-4)
    assert voltages[-1] == pytest.approx(exact, abs=5e-6)  # of which electrodes that are merely fast have 2 uV
    assert orders(np.diff(voltages)) == pytest.approx([2.0], abs=0.2)


@pytest.mark.parametrize("voltage", [-1.0, 1.0])
def test_no_voltage_drives_more_than_the_limiting_current(voltage):
    cell = polymer_cell()
    run = cm.simulate(cell, steps(f"Hold at {voltage} V for 1 h"))
    diffusivity, concentration, transference = transport_of(cell)
    thickness = cell.si["electrolyte.mass"] / cell.si["electrolyte.density"]
    limit = limiting_current(diffusivity, concentration, thickness, transference)
    assert 10.0 * float(run.trace.current[-1]) == pytest.approx(-np.sign(voltage) * limit, rel=1e-3)


def test_impedance_of_diffusion_is_warburgs_of_finite_length():
    """From where salt diffuses a few micrometres in a period to frequency 0; electrodes do not matter there."""
    found = diffusion_impedance(60)
    assert found.model == pytest.approx(found.exact, abs=0.01 * abs(found.exact[-1]))
    assert abs(found.exact[0]) < 0.15 * abs(found.exact[-1])


@pytest.mark.parametrize(("full", "sentences"), [(False, HALF), (True, FULL)])
def test_all_cations_moving_is_the_single_ion_case(full, sentences):
    binary = end_voltages(full, False, sentences, transference_number=1)
    assert binary == pytest.approx(end_voltages(full, True, sentences, transference_number=1), abs=1e-6)
    nearly = end_voltages(full, False, sentences, transference_number=1 - 1e-6)
    assert nearly == pytest.approx(binary, abs=2e-6)
    assert np.abs(end_voltages(full, False, sentences) - binary).max() > 1e-3


@pytest.mark.parametrize("key", ["separator_cells", "cathode_cells"])
def test_voltage_of_a_full_cell_converges_with_second_order(key):
    runs = []
    for cells in (6, 12, 24):
        settings = Settings(relative_tolerance=1e-8, shells=6, **{key: cells})
        runs.append(cm.simulate(polymer_cell(True), steps(*FULL), settings=settings, trace=False))
    changes = np.diff([run.steps.end_voltage.values[[0, 2]] for run in runs], axis=0)
    assert np.abs(changes[0]).max() < 5e-3
    assert orders(changes) == pytest.approx(np.full((1, 2), 2.0), abs=0.3)


@pytest.mark.parametrize(("full", "sentences"), [(False, HALF), (True, FULL)])
def test_salt_and_lithium_are_conserved(full, sentences):
    run = cm.simulate(polymer_cell(full), steps(*sentences * 3))
    volume = run.physics.salt.volume
    assert np.ptp(salt_of(run), axis=1).max() > 0.05
    assert salt_of(run) @ volume == pytest.approx(np.full(12, volume.sum()), rel=1e-12)
    assert run.ledger_drift < 1e-12


def test_a_rest_levels_the_salt_out():
    run = cm.simulate(polymer_cell(True), steps("Charge at 0.2 mA/cm2 for 1 h", "Rest for 5 h"))
    assert np.ptp(salt_of(run)[0]) > 0.05
    assert np.ptp(salt_of(run)[1]) < 1e-3


def test_a_depleted_run_ends_by_its_voltage_and_recovers_at_rest():
    """No cycler follows beyond 10 V; nothing is NaN on the way."""
    run = cm.simulate(polymer_cell(), steps("Plate at 5 mA/cm2 for 1 h", "Rest for 1 h", "Plate at 0.1 mA/cm2 for 1 h"))
    assert run.outcome.kind.label == "completed"
    assert run.steps.end_reason.values.tolist() == [0, 6, 6]  # voltage limit, duration, duration
    assert float(run.steps.end_voltage[0]) == pytest.approx(-10.0, abs=1e-4)
    assert np.isfinite(run.ended.states).all() and np.isfinite(run.trace.voltage.values).all()
    assert float(run.profiles.salt_concentration[0, 0]) < 0.2
    assert abs(float(run.steps.end_voltage[2])) < 0.05


def test_same_equations_through_ida():
    """Two cycles of a full cell, unknown for unknown."""
    cycle = ["Charge at 0.1C until 4.2 V", "Rest for 10 min", "Discharge at 0.2C until 3 V", "Rest for 10 min"]
    protocol = cm.Protocol([{"repeat": 2, "steps": cycle}])
    run = cm.simulate(polymer_cell(True), protocol, settings=Settings(relative_tolerance=1e-7))
    references = integrate(run)
    assert run.outcome.kind.label == "completed" and len(references) == 8
    for step, reference in enumerate(references):
        _, gap, slope = gaps(run, reference, step)
        assert (gap - 1e-3 * slope).max() < 0.02e-3
        layout = run.physics.layout
        both = [state[layout.salt : layout.separator] for state in (run.ended.states[step], reference.end)]
        assert both[0] == pytest.approx(both[1], abs=1e-5)


DRAWN = {
    "mass": (1.0, 200.0, "mg/cm2"), "salt_diffusivity": (1e-15, 1e-10, "m2/s"), "conductivity": (1e-3, 10.0, "mS/cm"),
    "salt_concentration": (50.0, 4000.0, "mol/m3"), "conductivity_peak": (50.0, 10_000.0, "mol/m3"),
    "thermodynamic_factor": (0.3, 8.0, ""), "transference_number": (-1.0, 1.0, ""),
}  # fmt: skip


def drawn_run(full, point):
    """A cell with any salt, and three cycles at 0.02-5 mA/cm2: most of these currents use the salt up."""
    ranges = zip(DRAWN.items(), point, strict=False)
    drawn = {name: f"{value_at(place, low, high):.9g} {unit}" for (name, (low, high, unit)), place in ranges}
    anode = ("lithium-foil", "cu-foil", "ag-ni-scaffold")[int(3 * point[-2])]
    current = f"{0.02 * 250 ** point[-1]:.4g} mA/cm2"
    if full:
        cycle = [f"Charge at {current} until 4.25 V", f"Discharge at {current} until 2.5 V", "Rest for 10 min"]
    else:
        cycle = [f"Plate at {current} until 2 mAh/cm2", "Rest for 10 min", f"Strip at {current} until 1 V"]
    return polymer_cell(full, anode, **drawn), cm.Protocol([{"repeat": 3, "steps": cycle}])


@pytest.mark.parametrize("full", [False, True])
def test_any_salt_at_any_current_ends_by_name(full):
    cells, protocols = zip(*(drawn_run(full, point) for point in sobol(128, 9)), strict=True)
    for run in cm.simulate_many(cells, protocols, settings=Settings(max_steps=20_000)):
        assert run.outcome.kind.label in ("completed", "capacity_below_threshold"), str(run.outcome)
        assert np.isfinite(run.ended.states).all()
        assert abs(run.ledger_drift) < 1e-12
        assert salt_of(run) @ run.physics.salt.volume == pytest.approx(run.physics.salt.volume.sum(), rel=1e-10)


def test_a_single_ion_cell_has_no_unknown_more():
    for cathode in (None, "ncm811"):
        layout = physics_and_state(cm.Cell(anode="cu-foil", cathode=cathode))[0].layout
        assert layout.separator_cells == 0 and layout.salt == layout.separator == layout.cathode


def test_unknowns_have_names():
    layout = physics_and_state(polymer_cell(True))[0].layout
    assert name_of(layout, layout.salt) == "salt concentration in separator cell 1 of 12"
    assert name_of(layout, layout.separator - 1) == "salt concentration in cathode cell 5 of 5"
    assert name_of(layout, layout.separator) == "psi in separator cell 1 of 12"
    assert "cathode cell 1" in name_of(layout, layout.cathode)


def test_shipped_values_are_those_of_the_temperature_of_their_source():
    cell = polymer_cell()
    physics = physics_and_state(cell)[0]
    assert physics.separator.conductivity == pytest.approx(0.074, rel=0.03)  # S/m at 85 degC
    assert transport_of(cell)[0] == pytest.approx(5.3e-12, rel=0.03)
    assert physics.separator.thickness == pytest.approx(50e-6)
    assert components.load("electrolyte", "peo-litfsi").parameters["crack_exponent"].value == 3  # inherited


def message(**settings):
    with pytest.raises(cm.InputError) as caught:
        cm.simulate(cm.Cell(electrolyte="peo-litfsi", **settings), steps("Plate at 0.1 mA/cm2 for 1 h"))
    return str(caught.value)


def test_what_the_model_has_no_answer_for_is_refused():
    text = message(anode="cu-foil")
    assert "temperature: '25 degC' is below electrolyte.lowest_temperature. Allowed: 60 degC or more" in text
    text = message(anode="carbon-paper-composite", temperature="80 degC")
    assert "anode.electrolyte_share: '0.45' is electrolyte inside the host" in text and "planar anode" in text


def test_half_a_description_of_a_salt_is_refused():
    si = {path: value for path, value in polymer_cell().si.items() if path != "electrolyte.thermodynamic_factor"}
    with pytest.raises(cm.InputError, match=r"electrolyte.thermodynamic_factor: is missing.* binary electrolyte"):
        pack(si, (), False, "planar", Settings())
