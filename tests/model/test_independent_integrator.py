"""The same right-hand side through SUNDIALS IDA (variable-order BDF) gives the same five cycles.

IDA carries out the whole protocol by itself: it finds its own consistent states after each change of current, meets
the limits by its own root finding, and begins each protocol step where its own last one ended. Nothing of a run is
handed to it but the times at which voltages are compared, and where within its limit the run stopped.

Voltages are compared at equal times since the beginning of a protocol step, at every time step of the run, from the
first millisecond on. Where an electrode runs empty they fall by volts within a second; there an error of the time scale
shows as an error of the voltage. So a voltage has to be met within a time `SHIFT` and a gap `GAP`.
"""

import numpy as np
import pytest
from ida_runs import CYCLES, compared, gaps
from kernel_cells import COMBINATIONS

from cellmodel.model import initial, record
from cellmodel.numerics.outcome import OutcomeKind

GAP = 0.02e-3  # V
SHIFT = 1e-3  # s
STATES = 2e-4  # relative, and of the scale of each unknown
START, KNEE = 1.0, 0.95
"""The default tolerance is compared from when the double layer is charged [s] to before the knee, as a share."""


def check_ends(run, references, shift):
    """Assert what ends each protocol step, and when, within `shift` [s]."""
    assert run.outcome.kind is OutcomeKind.COMPLETED
    assert len(references) == 4 * CYCLES
    for row, reference in zip(run.ended.rows, references, strict=True):
        assert int(row[record.ROW_REASON]) == reference.reason
        assert row[record.ROW_END] - row[record.ROW_START] == pytest.approx(reference.length, abs=shift)


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_five_cycles_agree_with_ida(anode, full):
    run, _, references = compared(anode, full)
    check_ends(run, references, 5.0 * SHIFT)  # a voltage that rises by 90 uV/s passes 0.5 uV in that time
    # So knees that follow in later cycles may be late by as much.
    for step, reference in enumerate(references):
        _, gap, slope = gaps(run, reference, step)
        assert len(gap) > 5
        assert (gap - 5.0 * SHIFT * slope).max() <= GAP, f"protocol step {step + 1}"


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_all_unknowns_agree_with_ida(anode, full):
    """After each of twenty protocol steps, as closely as a single time step is computed by default."""
    run, _, references = compared(anode, full)
    tolerance = initial.scales(run.physics, STATES)[1]
    for ours, reference in zip(run.ended.states, references, strict=True):
        allowed = tolerance.absolute + tolerance.relative * np.abs(reference.end)
        assert (np.abs(ours - reference.end) / allowed).max() < 1.0


@pytest.mark.parametrize(("anode", "full"), COMBINATIONS)
def test_half_cycles_at_default_tolerance_are_within_millivolts_of_ida(anode, full):
    """Rests are left out: after a cut-off on a cliff they tell where on the cliff the run stopped."""
    _, run, references = compared(anode, full)
    check_ends(run, references, 1.0)
    for step in range(0, len(references), 2):
        time, gap, _ = gaps(run, references[step], step)
        assert gap[(time > START) & (time < KNEE * time[-1])].max() < 5e-3, f"protocol step {step + 1}"
        assert np.trapezoid(gap, time) < 0.15e-3 * time[-1], f"protocol step {step + 1}"
