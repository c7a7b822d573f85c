"""A ramp is plating and stripping at rising currents, and its critical current is that of the step that shorts."""

import numpy as np
import pytest
from kernel_cells import make_cell, steps

import cellmodel as cm
from cellmodel.cli_simulate import measured
from cellmodel.numerics.outcome import OutcomeKind

RAMP = "Ramp from 0.25 mA/cm2 by 0.25 mA/cm2 every {} plate and strip until short"


@pytest.mark.parametrize(
    ("held", "words"),
    [("20 min", "for 20 min"), ("1 cycle of 0.3 mAh/cm2", "until 0.3 mAh/cm2")],
    ids=["time", "charge"],
)
def test_ramp_is_what_its_steps_are_written_out(held, words):
    cell = make_cell("lithium-foil", False, laboratory="giessen", stack_pressure="5 MPa")
    ramp = cm.simulate(cell, steps(RAMP.format(held)))
    assert ramp.outcome.kind is OutcomeKind.SHORTED
    critical = ramp.critical_current_density
    currents = np.arange(1, round(critical / 0.25) + 1) * 0.25
    written = [f"{verb} at {current} mA/cm2 {words}{limit}" for current in currents
               for verb, limit in (("Plate", ""), ("Strip", " or until 5 V"))]  # fmt: skip
    plain = cm.simulate(cell, steps(*written))
    assert plain.critical_current_density == critical
    np.testing.assert_array_equal(plain.ended.state, ramp.ended.state)
    assert ramp.outcome.cycle == round(critical / 0.25)


def test_ramp_that_shorts_nothing_is_completed():
    cell = make_cell("lithium-foil", False, stack_pressure="5 MPa", overrides={"laboratory.flaw_depth": "0.1 um"})
    run = cm.simulate(cell, steps("Ramp from 19.9 mA/cm2 by 0.05 mA/cm2 every 1 s plate and strip until short"))
    assert run.outcome.kind is OutcomeKind.COMPLETED and run.steps.sizes["step"] == 6
    assert run.critical_current_density == np.inf


def test_cell_that_gives_little_back_does_not_end_a_ramp():
    """On bare copper the first platings are lost to the interphase: in cycling that would be a spent cell."""
    cell = make_cell("cu-foil", False, stack_pressure="5 MPa", capacity_threshold="1")
    run = cm.simulate(cell, steps("Ramp from 0.05 mA/cm2 by 0.05 mA/cm2 every 10 min plate and strip until short"))
    assert run.outcome.kind is OutcomeKind.SHORTED


def test_short_at_rest_counts_with_the_last_current():
    cell = make_cell("cu-foil", False, laboratory="tsinghua", stack_pressure="100 MPa")
    run = cm.simulate(cell, steps("Plate at 0.1 mA/cm2 for 5 min", "Rest for 200 h"))
    assert run.outcome.kind is OutcomeKind.SHORTED
    assert run.critical_current_density == pytest.approx(0.1)


def test_ramp_whose_contact_breaks_says_at_which_step():
    cell = make_cell("lithium-foil", False, stack_pressure="1 MPa", overrides={"laboratory.flaw_depth": "0.1 um"})
    ramp = "Ramp from 0.2 mA/cm2 by 0.4 mA/cm2 every 1 cycle of 0.5 mAh/cm2 plate and strip until short"
    run = cm.simulate(cell, steps(ramp))
    step = run.broken_contact_step
    assert run.critical_current_density == np.inf and step is not None
    assert run.trace["voltage"].values.min() < -5.0  # far beyond any limit that was asked for
    current = run.compiled.setpoint[step] / 10
    assert measured(run, {"ramp"}) == [
        f"Critical current density: not known, contact broke at {current:.4g} mA/cm2 (step {step + 1})"
    ]


def test_ramp_that_shorts_has_no_broken_contact():
    cell = make_cell("lithium-foil", False, laboratory="giessen", stack_pressure="5 MPa")
    run = cm.simulate(cell, steps(RAMP.format("20 min")))
    assert run.outcome.kind is OutcomeKind.SHORTED and run.broken_contact_step is None
