"""Designs: every point once, in the right place, with an identity of its own."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from cellmodel.sweep import identity, store
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build, chunk_of, read_chunk, values

SAMPLED = {"anode.porosity": {"linear": [0.5, 0.9]}, "stack_pressure": {"log": ["0.5 MPa", "50 MPa"]}}


def test_a_grid_holds_every_combination_once_with_exact_ends(sweep):
    table = values(sweep)
    assert table.shape == (30, 3)
    assert len({tuple(row) for row in table}) == 30
    assert set(table[:, 0]) == {0.6, 0.8, 0.95}
    assert (table[:, 1].min(), table[:, 1].max()) == (0.5, 50.0)
    pressures = np.unique(table[:, 1])
    assert np.allclose(pressures[1:] / pressures[:-1], 10**0.5)


def test_a_latin_hypercube_has_one_point_in_each_slice(small, write):
    small |= {"axes": SAMPLED, "design": {"latin_hypercube": {"points": 20, "seed": 3}}}
    table = values(load(write(small)))
    slices = np.floor((table[:, 0] - 0.5) / 0.4 * 20).astype(int)
    decades = np.floor(np.log(table[:, 1] / 0.5) / np.log(100) * 20).astype(int)
    assert sorted(slices) == sorted(decades) == list(range(20))


def test_a_sobol_sequence_is_balanced_and_repeatable(small, write):
    small |= {"axes": SAMPLED, "design": {"sobol": {"points": 16, "seed": 3}}}
    table = values(load(write(small)))
    assert np.array_equal(table, values(load(write(small))))
    for column, middle in ((table[:, 0], 0.7), (table[:, 1], 5.0)):
        assert (column < middle).sum() == 8
    small["design"]["sobol"]["seed"] = 4
    assert not np.array_equal(table, values(load(write(small))))


def test_explicit_values_get_equal_shares_of_the_samples(small, write):
    small |= {"axes": {"temperature": {"values": ["0 degC", "25 degC"]}}, "design": {"sobol": {"points": 8}}}
    assert sorted(values(load(write(small)))[:, 0]) == [0.0] * 4 + [25.0] * 4


def test_the_design_states_units_and_paths(sweep):
    design = build(sweep)
    assert design["stack_pressure"].attrs["units"] == "MPa"
    assert design["anode_porosity"].attrs == {
        "long_name": "anode porosity",
        "units": "1",
        "parameter_path": "anode.porosity",
        "scale": "linear",
    }
    assert design["stack_pressure"].attrs["scale"] == "log"


def test_a_point_is_known_by_its_content_not_by_its_sweep(small, write):
    one = build(load(write(small)))
    small["axes"]["stack_pressure"] = {"values": ["50 MPa", "0.3 MPa"]}
    small["axes"] = dict(reversed(small["axes"].items()))
    other = build(load(write(small)))
    assert len(set(one["point_identity"].values)) == 30
    shared = set(one["point_identity"].values) & set(other["point_identity"].values)
    assert len(shared) == 6  # those at 50 MPa


def test_the_unit_of_an_axis_does_not_change_its_points(small, write):
    one = build(load(write(small)))
    small["axes"]["stack_pressure"] = {"values": ["5 bar", "500 bar"]}
    other = build(load(write(small)))
    assert set(other["point_identity"].values) < set(one["point_identity"].values)


@given(points=st.integers(1, 60), size=st.integers(1, 70))
def test_chunks_share_the_points_evenly(points, size):
    class Some:
        chunks = -(-points // size)

    Some.points = points
    counts = np.bincount(chunk_of(Some), minlength=Some.chunks)
    assert len(counts) == Some.chunks
    assert counts.sum() == points and counts.max() <= size and counts.max() - counts.min() <= 1


def test_the_report_is_not_part_of_the_identity_and_physics_is(small, write):
    before = load(write(small))
    small["report"] = {"threshold": 0.5, "reference_cycle": 2}
    assert load(write(small)).identity == before.identity
    small["base_cell"]["cathode.particle_radius"] = "3 um"
    assert load(write(small)).identity != before.identity


def test_settings_are_part_of_the_identity(small, write):
    before = load(write(small))
    small["settings"] = {"relative_tolerance": 1e-5}
    after = load(write(small))
    assert after.identity != before.identity
    assert not set(build(after)["point_identity"].values) & set(build(before)["point_identity"].values)


@pytest.fixture
def package(tmp_path):
    for name in ("laws/creep.py", "data/cell.yaml", "sweep/run.py", "plots/maps.py", "cli_sweep.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("laws/creep.py", True),
        ("data/cell.yaml", True),
        ("laws/new.py", True),
        ("sweep/run.py", False),
        ("plots/maps.py", False),
        ("cli_sweep.py", False),
        ("laws/__pycache__/creep.cpython-311.pyc", False),
    ],
)
def test_only_what_can_change_a_result_changes_the_model_hash(package, name, changes):
    files = identity.model_hash.__wrapped__
    before = files(package)
    (package / name).parent.mkdir(exist_ok=True)
    (package / name).write_text("x = 2\n")
    assert (files(package) != before) == changes


def test_a_stage_hash_covers_its_own_files(package):
    files = identity.stage_hash.__wrapped__
    before = files("plots", package=package), files("sweep/run", package=package)
    (package / "plots/maps.py").write_text("x = 2\n")
    assert files("plots", package=package) != before[0]
    assert files("sweep/run", package=package) == before[1]


def test_a_chunk_is_read_without_the_others(sweep, tmp_path):
    design = build(sweep)
    store.write(design, tmp_path / "design.nc", "me")
    for chunk in range(sweep.chunks):
        own = design.isel(point=design["chunk"].values == chunk)
        xr.testing.assert_identical(
            read_chunk(tmp_path / "design.nc", "me", chunk).drop_attrs(deep=False), own.drop_attrs(deep=False)
        )
    with pytest.raises(store.ForeignFile):
        read_chunk(tmp_path / "design.nc", "you", 0)
