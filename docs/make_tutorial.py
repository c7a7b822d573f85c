"""Make the cycler file of the calibration tutorial: two cycles of a scaffold half cell with a known answer, and noise.

Run `python docs/make_tutorial.py` after the physics has changed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import cellmodel as cm
from cellmodel.yaml_files import read_yaml

CALIBRATION = Path(__file__).resolve().parents[1] / "config/calibrations/tutorial.yaml"
TRUTH = {"laboratory.interfacial_resistance": "8 ohm*cm2", "electrolyte.interphase_formation": "0.2 mAh/cm2"}
NOISE = 1e-3
"""Standard deviation of the voltage [V]."""
EVERY = 60.0
"""Seconds between two samples; the end of every step is recorded, too."""


def cycler_file(seed: int = 1) -> str:
    """Return what a cycler would write, in Battery Data Format: plating is a negative current, as on most of them."""
    (measurement,) = read_yaml(CALIBRATION)["measurements"]
    cell = cm.Cell.from_mapping(measurement["cell"]).with_(TRUTH)
    run = cm.simulate(cell, cm.Protocol(measurement["protocol"]))
    trace, ends = run.trace, run.steps["end_time"].values * 3600.0
    moments = trace["time"].values * 3600.0
    time = np.union1d(np.arange(0.0, moments[-1], EVERY), ends)
    sample = np.minimum(np.searchsorted(moments, time), len(moments) - 1)
    area = float(measurement["area"].split()[0])
    current = -1e-3 * area * trace["current"].values[sample]
    noise = np.random.default_rng(seed).normal(0.0, NOISE, time.size)
    voltage = np.interp(time, moments, trace["voltage"].values) + noise
    rows = (f"{t:.2f},{u:.5f},{i:.5e}\n" for t, u, i in zip(time, voltage, current, strict=True))
    return "Test Time / s,Voltage / V,Current / A\n" + "".join(rows)


def main() -> None:
    """Write the file beside the calibration."""
    CALIBRATION.with_name("tutorial.bdf.csv").write_text(cycler_file(), encoding="utf-8")


if __name__ == "__main__":
    main()
