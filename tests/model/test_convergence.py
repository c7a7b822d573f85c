"""Tighter tolerances and finer meshes change the answer less and less."""

import numpy as np
import pytest
from kernel_cells import cycling, make_cell

import cellmodel as cm
from cellmodel.settings import Settings


def cycled(anode, **settings):
    cell = make_cell(anode, True, overrides={"laboratory.flaw_depth": "0.1 um"})
    return cm.simulate(cell, cycling(cell, cycles=4), settings=Settings(**settings), trace=False).cycles


def retention(table):
    return float(table.capacity_retention[-1])


@pytest.mark.parametrize("anode", ["ag-ni-scaffold", "cu-foil"])
def test_retention_converges_with_the_tolerance(anode):
    """Eight cells, since the error of one may be small by chance; cut-offs are met within 10 uV, 1e-5 of a charge."""
    sound = make_cell(anode, True, overrides={"laboratory.flaw_depth": "0.1 um"})
    cells = [sound.with_({"stack_pressure": f"{pressure} MPa"}) for pressure in (4, 6, 9, 12, 16, 20, 25, 32)]
    tables = [
        [
            run.cycles
            for run in cm.simulate_many(cells, cycling(sound, cycles=4), settings=Settings(relative_tolerance=t))
        ]
        for t in (1e-2, 1e-3, 1e-4, 1e-6, 1e-7)
    ]
    values = np.array([[retention(table) for table in row] for row in tables])
    errors = np.sqrt(np.mean((values[:-1] - values[-1]) ** 2, axis=1))
    assert np.all(errors < (2e-3, 4e-4, 2e-5, 2e-5)), errors
    efficiency = np.array([[float(table.coulombic_efficiency[0]) for table in row] for row in tables])
    assert np.abs(efficiency[1:] - efficiency[-1]).max() < 1e-4


def test_default_tolerance_is_tight_enough():
    default, reference = cycled("ag-ni-scaffold"), cycled("ag-ni-scaffold", relative_tolerance=1e-7)
    assert retention(default) == pytest.approx(retention(reference), abs=1e-3)
    assert default.discharge_capacity.values == pytest.approx(reference.discharge_capacity.values, rel=2e-3)


@pytest.mark.parametrize(("key", "sizes"), [("host_cells", (8, 16, 32, 64)), ("shells", (8, 16, 32, 64))])
def test_first_efficiency_converges_with_the_mesh(key, sizes):
    ratio = {"host_cells": "host_ratio", "shells": "shell_ratio"}[key]
    values = []
    for size in sizes:
        # One family of meshes: twice the cells, the same shape of the grading.
        table = cycled("ag-ni-scaffold", relative_tolerance=1e-5, **{key: size, ratio: 6.0})
        values.append(float(table.coulombic_efficiency[0]))
    changes = np.abs(np.diff(values))
    assert changes[-1] < 2e-3
    assert changes[-1] < max(changes[0], 1e-5)


def test_default_mesh_is_within_a_per_cent_of_a_fine_one():
    default = cycled("ag-ni-scaffold")
    fine = cycled("ag-ni-scaffold", relative_tolerance=1e-5, host_cells=40, shells=40, cathode_cells=16)
    assert float(default.coulombic_efficiency[0]) == pytest.approx(float(fine.coulombic_efficiency[0]), abs=0.01)
    assert default.discharge_capacity.values == pytest.approx(fine.discharge_capacity.values, rel=0.02)
