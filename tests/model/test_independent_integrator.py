"""The same right-hand side through SUNDIALS IDA (variable-order BDF) gives the same five cycles.

IDA carries out the whole protocol by itself: it finds its own consistent states after each change of current, meets
the limits by its own root finding, and begins each protocol step where its own last one ended. Nothing of a run is
handed to it but the times at which voltages are compared, and where within its limit the run stopped.

Voltages are compared at equal times since the beginning of a protocol step, at every time step of the run, from the
first millisecond on. Where an electrode runs empty they fall by volts within a second; there an error of the time scale
shows as an error of the voltage. So a voltage has to be met within a time `SHIFT` and a gap `GAP`.
"""

from functools import cache

import numpy as np
import pytest
from ida_runs import integrate, times
from kernel_cells import COMBINATIONS, make_cell

import cellmodel as cm
from cellmodel.model import initial, record
from cellmodel.model import layout as at
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.settings import Settings

CYCLES = 5
FULL = ["Charge at 0.33C until 4.25 V", "Rest for 10 min", "Discharge at 0.33C until 2.5 V", "Rest for 10 min"]
HALF = ["Plate at 0.5 mA/cm2 until 1 mAh/cm2", "Rest for 10 min", "Strip at 0.5 mA/cm2 until 1 V", "Rest for 10 min"]
LIGHT = {("carbon-paper-composite", True): {"loading": "8 mg/cm2"}}
"""What a cell needs to live for five cycles: this paper overflows from a loading of 20 mg/cm2."""

ACCURATE, DEFAULT = 1e-7, Settings().relative_tolerance
GAP = 0.02e-3  # V
SHIFT = 1e-3  # s
START, KNEE = 1.0, 0.95
"""The default tolerance is compared from when the double layer is charged [s] to before the knee, as a share."""


@cache
def both(anode, full):
    """Runs of one cell at both tolerances, and IDA's account of it."""
    cell = make_cell(anode, full, **LIGHT.get((anode, full), {}))
    protocol = cm.Protocol([{"repeat": CYCLES, "steps": FULL if full else HALF}])
    accurate, default = (
        cm.simulate(cell, protocol, settings=Settings(relative_tolerance=t)) for t in (ACCURATE, DEFAULT)
    )
    return accurate, default, integrate(accurate, default)


def gaps(run, reference, step):
    """Time, gap to IDA's voltage and slope of the voltage at every time step of a protocol step [s, V, V/s]."""
    time, rows = times(run, step)
    kept = np.isin(time, reference.time)
    time, voltage = time[kept], rows[kept, record.TRACE_SCALARS + at.VOLTAGE]
    theirs = reference.state[np.searchsorted(reference.time, time), run.physics.layout.scalars + at.VOLTAGE]
    rise = np.abs(np.diff(voltage) / np.diff(time))
    return time, np.abs(voltage - theirs), np.maximum(np.append(rise, rise[-1]), np.append(rise[0], rise))


def check_ends(run, references, shift):
    """Assert what ends each protocol step, and when, within `shift` [s]."""
    assert run.outcome.kind is OutcomeKind.COMPLETED
    assert len(references) == 4 * CYCLES
    for row, reference in zip(run.ended.rows, references, strict=True):
        assert int(row[record.ROW_REASON]) == reference.reason
        assert row[record.ROW_END] - row[record.ROW_START] == pytest.approx(reference.length, abs=shift)


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_five_cycles_agree_with_ida(anode, full):
    run, _, references = both(anode, full)
    check_ends(run, references, SHIFT)
    for step, reference in enumerate(references):
        _, gap, slope = gaps(run, reference, step)
        assert len(gap) > 5
        assert (gap - SHIFT * slope).max() <= GAP, f"protocol step {step + 1}"


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_all_unknowns_agree_with_ida(anode, full):
    """After each of twenty protocol steps, ten times as closely as a single time step is computed by default."""
    run, _, references = both(anode, full)
    tolerance = initial.scales(run.physics, 0.1 * DEFAULT)[1]
    for ours, reference in zip(run.ended.states, references, strict=True):
        allowed = tolerance.absolute + tolerance.relative * np.abs(reference.end)
        assert (np.abs(ours - reference.end) / allowed).max() < 1.0


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_half_cycles_at_default_tolerance_are_within_millivolts_of_ida(anode, full):
    """Rests are left out: after a cut-off on a cliff they tell where on the cliff the run stopped."""
    _, run, references = both(anode, full)
    check_ends(run, references, 1.0)
    for step in range(0, len(references), 2):
        time, gap, _ = gaps(run, references[step], step)
        assert gap[(time > START) & (time < KNEE * time[-1])].max() < 5e-3, f"protocol step {step + 1}"
        assert np.trapezoid(gap, time) < 0.3e-3 * time[-1], f"protocol step {step + 1}"
