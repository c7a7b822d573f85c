"""What was measured on the silver-nickel scaffold (doi:10.1039/d6eb00063k) against the model, one set of parameters.

The expected values are read from a copy of the published observations; the model's values stand in docs/parameters.md.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml

import cellmodel as cm
from cellmodel.constants import VOLUME_PER_CHARGE
from cellmodel.model import layout as at

FILE = Path(__file__).parent / "data" / "oh2026-silver-nickel-scaffold.yaml"
SOURCE = yaml.safe_load(FILE.read_text())
OBSERVED = {entry["id"]: entry for entry in SOURCE["observations"]}


def run_of(cell, protocol):
    settings = {**SOURCE["defaults"], **cell}
    if "cathode" in settings:
        del settings["counter"]
    return cm.simulate(cm.Cell(**settings), cm.Protocol(protocol), trace=False)


@cache
def run(name, member=None):
    entry = OBSERVED[name]
    return run_of(entry["cell"] if member is None else entry["cells"][member], entry["protocol"])


def assert_expected(name, value):
    expect = OBSERVED[name]["expect"]
    if "value" in expect:
        assert value == pytest.approx(expect["value"], abs=expect["tol"])
    else:
        assert value >= expect["at_least"]


def share_below_half(run):
    """Of the lithium in the host and under it, the share below mid-height."""
    p, state = run.physics, run.ended.states[-1]
    cells = state[: p.layout.cathode].reshape(p.layout.host_cells, p.layout.host_block)
    held = p.host.width * (cells[:, 1:-1] @ p.host.capacity + cells[:, -1] / VOLUME_PER_CHARGE)
    upper = np.cumsum(p.host.width)
    below = np.clip((0.5 * upper[-1] - (upper - p.host.width)) / p.host.width, 0.0, 1.0)
    base = state[p.layout.scalars + at.BASE]
    return (below @ held + base) / (held.sum() + base + state[p.layout.scalars + at.TOP])


def test_scaffold_takes_35_mah_without_a_short():
    assert run("oh2026-plating-limit").short is None
    assert run("oh2026-plating-limit").steps.capacity.values[0] == pytest.approx(35.0, rel=1e-5)


@pytest.mark.xfail(reason="flaw sizes are not yet calibrated with computed focusing; 16.5 um instead of 9 short here")
def test_bare_copper_shorts_well_before_two():
    short = run_of({"anode": "cu-foil"}, [{"steps": ["Plate at 1 mA/cm2 until 2 mAh/cm2"]}]).short
    assert short is not None
    assert short["areal_capacity"] < 1.0


def test_lithium_stands_below_mid_height():
    assert_expected("oh2026-bottom-up", share_below_half(run("oh2026-bottom-up")))


@pytest.mark.parametrize("name", ["oh2026-half-1.0", "oh2026-half-3.5"])
def test_scaffold_cycles_without_a_short(name):
    result = run(name)
    assert result.short is None
    assert_expected(name, result.cycles.sizes["cycle"])


def test_first_efficiency_of_the_half_cell():
    efficiency = run("oh2026-half-3.5-first-ce").cycles.coulombic_efficiency.values[0]
    assert_expected("oh2026-half-3.5-first-ce", efficiency)


def test_formation_of_the_full_cell():
    cycles = run("oh2026-full-formation").cycles
    assert_expected("oh2026-full-formation", cycles.discharge_capacity.values[0] / 20e-3)
    assert_expected("oh2026-full-first-ce", cycles.coulombic_efficiency.values[0])


@pytest.mark.parametrize("name", ["oh2026-full-retention", "oh2026-pouch-retention"])
def test_retention_of_the_full_cell(name):
    discharge = run(name).cycles.discharge_capacity.values
    assert_expected(name, discharge[-1] / discharge[1])


def test_low_pressure_fades_faster():
    low, high = (run("oh2026-low-pressure-fades-faster", m).cycles.discharge_capacity.values for m in ("low", "high"))
    assert low[-1] / low[1] < high[-1] / high[1]
