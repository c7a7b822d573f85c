"""What was measured on the silver-nickel scaffold (doi:10.1039/d6eb00063k) against the model, one set of parameters."""

from pathlib import Path

import pytest

import cellmodel as cm
from cellmodel.validation import evaluate
from cellmodel.validation.reading import read

FILE = Path(__file__).parent / "data" / "oh2026-silver-nickel-scaffold.yaml"
MET = (
    "oh2026-plating-limit",
    "oh2026-half-1.0",
    "oh2026-half-3.5",
    "oh2026-half-3.5-first-ce",
    "oh2026-bottom-up",
    "oh2026-full-formation",
    "oh2026-full-first-ce",
    "oh2026-full-retention",
    "oh2026-pouch-retention",
    "oh2026-low-pressure-fades-faster",
)


@pytest.fixture(scope="module")
def verdicts():
    chosen = [each for each in read(FILE).sound if each.id in MET]
    return {each.observation.id: each for each in evaluate(chosen)}


@pytest.mark.parametrize("name", MET)
def test_observation_is_met(verdicts, name):
    assert verdicts[name].passed, f"simulated {verdicts[name].simulated}: {verdicts[name].reason}"


def test_bare_copper_shorts_well_before_two():
    cell = cm.Cell(anode="cu-foil", stack_pressure="20 MPa")
    short = cm.simulate(cell, cm.Protocol([{"steps": ["Plate at 1 mA/cm2 until 2 mAh/cm2"]}])).short
    assert short is not None
    assert short["areal_capacity"] < 1.0
