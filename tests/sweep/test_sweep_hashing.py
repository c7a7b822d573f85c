"""Content hashes of many points at once are those of their cells one by one."""

import numpy as np
import pytest

from cellmodel.errors import InputError
from cellmodel.sweep.definition import Sweep, load
from cellmodel.sweep.design import values
from cellmodel.sweep.hashing import identities
from cellmodel.sweep.identity import digest

REST = ["model", {"a": 1.0}, {"x": None}]
AXES = {
    "numbers in other units": {
        "stack_pressure": {"log": ["5 bar", "500 bar", 7]},
        "temperature": {"values": ["25 degC", "310 K"]},
    },
    "shares that fill a layer": {
        "anode.porosity": {"linear": [0.3, 0.95, 9]},
        "anode.electrolyte_share": {"linear": [0.0, 0.5, 9]},
    },
    "one that is not set": {
        "one_c": {"linear": ["0.5 mA/cm2", "5 mA/cm2", 3]},
        "loading": {"values": ["10 mg/cm2", "0.03 g/cm2"]},
    },
}


def one_by_one(sweep: Sweep, table: np.ndarray) -> list[str]:
    found = []
    for row in table:
        try:
            content = sweep.cell_at(row).identity()
        except InputError:
            content = [sweep.cell.identity(), [each.path for each in sweep.varied], row.tolist()]
        found.append(digest([*REST, content]))
    return found


@pytest.mark.parametrize("axes", AXES.values(), ids=AXES)
def test_they_are_those_of_the_cells(small, write, axes):
    small["axes"] = axes
    small["design"] = "grid"
    sweep = load(write(small))
    table = values(sweep)
    assert list(identities(sweep, table, REST)) == one_by_one(sweep, table)


def test_values_that_no_cell_may_have_are_hashed_by_what_was_asked_for(sweep):
    table = np.array([[0.6, 3.0, 25.0], [0.6, 1e6, 25.0], [1.5, 3.0, 25.0], [0.6, 3.0, 25.0 + 1e-12]])
    found = list(identities(sweep, table, REST))
    assert found == one_by_one(sweep, table)
    assert list(identities(sweep, table[1:3], REST)) == one_by_one(sweep, table[1:3])


def test_random_points_and_draws(small, write):
    small["design"] = {"latin_hypercube": {"points": 50}}
    small["axes"] = {
        "anode.porosity": {"linear": [0.3, 0.98]},
        "cathode.active_share": {"linear": [0.3, 0.75]},
        "silver.diffusivity": {"log": ["1e-14 m2/s", "1e-12 m2/s"]},
    }
    small["uncertain"] = {"draws": 3, "parameters": {"electrolyte.toughness": {}}}
    sweep = load(write(small))
    table = values(sweep)
    found = list(identities(sweep, table, REST))
    assert found == one_by_one(sweep, table)
    assert len(set(found)) == 150


def test_two_ways_to_write_a_point_are_one_point(small, write):
    small["axes"] = {"stack_pressure": {"values": ["3 MPa", "10 MPa"]}, "loading": {"values": ["20 mg/cm2"]}}
    one = load(write(small))
    small["axes"] = {"cathode.loading": {"values": ["0.02 g/cm2"]}, "stack_pressure": {"values": ["30 bar", "100 bar"]}}
    other = load(write(small, "other"))
    assert list(identities(one, values(one), REST)) == list(identities(other, values(other), REST))
