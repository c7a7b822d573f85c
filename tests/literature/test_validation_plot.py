"""The figure of a validation: every observation in its place, whatever its verdict."""

import numpy as np

from cellmodel.plots import validation_overview
from cellmodel.plots.verdicts import FURTHEST


def row(name, verdict, misfit, simulated, interval=(0.4, 0.6), unit="1", file="a.yaml"):
    return {
        "id": name, "file": file, "verdict": verdict, "misfit": misfit, "simulated": simulated, "unit": unit,
        "interval": None if interval is None else list(interval),
    }  # fmt: skip


ROWS = [
    row("met", "passed", 0.5, 0.55),
    row("missed", "failed", -7.0, 0.1),
    row("unknown", "failed", 10.0, None, interval=None),
    row("half", "failed", 10.0, {"x": 1.0, "y": None}, interval=None),
    row("millivolts", "passed", 0.0, 12.0, (10.0, 14.0), "mV", "b.yaml"),
    row("never", "passed", 0.0, "infinite", None, "h", "b.yaml"),
]


def test_every_observation_stands_in_its_place():
    strip, *panels = validation_overview(ROWS).axes
    names = [label.get_text() for label in strip.get_yticklabels()]
    assert names == [each["id"] for each in ROWS]
    drawn = {each.get_label(): each.get_offsets() for each in strip.collections}
    assert sorted(drawn["passed"][:, 0]) == [0.0, 0.0, 0.5]
    np.testing.assert_array_equal(drawn["failed"][:, 0], [-FURTHEST])
    assert len(drawn["not evaluated"]) == 2
    assert [panel.get_xlabel() for panel in panels] == ["measured (1)", "measured (mV)"]


def test_observations_without_a_value_need_no_panels():
    assert len(validation_overview(ROWS[2:4]).axes) == 1
