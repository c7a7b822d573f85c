"""The figure of a single run, for few and many cycles, half and full cells, and with a short."""

import pytest

from cellmodel.cell import Cell
from cellmodel.plots import run_overview, save
from cellmodel.protocol import Protocol
from cellmodel.simulation import simulate

HALF = {"anode": "cu-foil", "stack_pressure": "5 MPa"}
FULL = {"anode": "ag-ni-scaffold", "cathode": "ncm811", "loading": "10 mg/cm2"}
PLATING = [{"repeat": 1, "steps": ["Plate at 0.2 mA/cm2 for 30 min", "Strip at 0.2 mA/cm2 until 1 V"]}]
FORCED = [{"repeat": 1, "steps": ["Plate at 5 mA/cm2 for 10 h"]}]


@pytest.mark.parametrize(
    ("cell", "protocol", "texts"),
    [
        (HALF, Protocol(PLATING), ["cu-foil: completed", "time, h", "lithium, mAh/cm²"]),
        (FULL, Protocol.cycling(rate="1C", cycles=5), ["ag-ni-scaffold", "lithium left at its end", "alloys"]),
        (HALF | {"stack_pressure": "20 MPa"}, Protocol(FORCED), ["cu-foil: shorted", " short"]),
    ],
    ids=["few cycles", "many cycles", "short"],
)
def test_a_run_is_drawn(cell, protocol, texts, tmp_path):
    figure = run_overview(simulate(Cell(**cell), protocol))
    assert len(figure.axes) == 5  # four panels, and the efficiency's own scale
    save(figure, tmp_path / "run")
    drawn = (tmp_path / "run.svg").read_text()
    for text in [*texts, "cell voltage, V", "stack pressure, MPa", "coulombic efficiency, %"]:
        assert text in drawn
