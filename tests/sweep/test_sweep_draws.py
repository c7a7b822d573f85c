"""Uncertain parameters: the same draws everywhere, whatever the chunks, and probabilities that say what they mean."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from test_sweep_file import put
from test_sweep_run import simulated

from cellmodel.errors import InputError
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.plots import FIGURES_OF_DRAWS, draw_maps
from cellmodel.sweep.definition import load
from cellmodel.sweep.design import build, values
from cellmodel.sweep.failure_map import failure_map
from cellmodel.sweep.probability import order_statistics

UNCERTAIN = {
    "draws": 6,
    "seed": 3,
    "parameters": {
        "laboratory.flaw_depth": {"lognormal": {"mean": "9 um", "standard_deviation": "3 um"}},
        "anode.thickness": {"uniform": ["10 um", "30 um"]},
        "electrolyte.toughness": {},
    },
}
AXES = {"anode.porosity": {"values": [0.6, 0.8]}, "stack_pressure": {"log": ["0.5 MPa", "50 MPa", 3]}}


@pytest.fixture
def uncertain(small):
    return small | {"axes": AXES, "uncertain": {**UNCERTAIN, "parameters": dict(UNCERTAIN["parameters"])}}


def drawn(sweep):
    """Draws of every point of the design, shape (design points, draws, parameters)."""
    table = values(sweep)
    return table[:, len(sweep.axes) :].reshape(-1, sweep.draws.count, len(sweep.draws.parameters))


def test_every_point_gets_the_same_draws(uncertain, write):
    sweep = load(write(uncertain))
    assert sweep.points == 6 * 6 and len(np.unique(values(sweep), axis=0)) == 36
    draws = drawn(sweep)
    assert np.all(draws == draws[0])
    thickness = np.sort(draws[0, :, 1])
    assert np.all(np.floor((thickness - 10.0) / 20.0 * 6) == np.arange(6))  # one in each slice


def test_draws_of_a_parameter_depend_on_nothing_but_its_path_and_the_seed(uncertain, write):
    before = drawn(load(write(uncertain)))[0]
    del uncertain["uncertain"]["parameters"]["laboratory.flaw_depth"]
    uncertain["axes"] = {"temperature": {"linear": ["0 degC", "60 degC", 2]}}
    assert np.array_equal(drawn(load(write(uncertain)))[0], before[:, 1:])
    uncertain["uncertain"]["seed"] = 4
    assert not np.array_equal(drawn(load(write(uncertain)))[0], before[:, 1:])


def test_a_distribution_is_that_of_the_sweep_then_of_the_component_then_of_the_range(uncertain, write):
    uncertain["uncertain"]["parameters"] |= {"electrolyte.poisson": {}, "temperature": "uniform"}
    found = {each.path: each.distribution.text for each in load(write(uncertain)).draws.parameters}
    assert found["laboratory.flaw_depth"] == "lognormal, 9 +- 3 um"
    assert found["electrolyte.toughness"] == "normal, 0.23 +- 0.04 MPa*m^0.5"
    assert found["electrolyte.poisson"] == "uniform, 0.1 to 0.45"
    assert found["temperature"] == "uniform, -30 to 100 degC"


def test_draws_are_part_of_the_identity_and_points_are_known_by_their_content(uncertain, write):
    before = load(write(uncertain))
    fewer = uncertain | {"axes": AXES | {"stack_pressure": {"values": ["5 MPa"]}}}
    assert set(build(load(write(fewer)))["point_identity"].values) < set(build(before)["point_identity"].values)
    uncertain["uncertain"]["parameters"]["anode.thickness"] = {"uniform": ["10 um", "31 um"]}
    assert load(write(uncertain)).identity != before.identity


@pytest.mark.usefixtures("no_solver")
@pytest.mark.parametrize(("chunk_points", "threads"), [(1, 1), (5, 3), (100, 2)])
def test_draws_depend_on_neither_chunks_nor_threads(uncertain, write, tmp_path, chunk_points, threads):
    reference = simulated(load(write(uncertain)), tmp_path)
    uncertain["chunk_points"] = chunk_points
    (tmp_path / "other").mkdir()
    other = simulated(load(write(uncertain)), tmp_path / "other", threads)
    xr.testing.assert_identical(other.drop_attrs(deep=False), reference.drop_attrs(deep=False))


@pytest.mark.usefixtures("no_solver")
def test_the_map_reduces_the_draws(uncertain, write, tmp_path):
    sweep = load(write(uncertain))
    found = failure_map(simulated(sweep, tmp_path), sweep)
    assert found["outcome"].dims == ("anode_porosity", "stack_pressure", "draw")
    assert found["laboratory_flaw_depth"].dims == ("draw",)
    assert found["probability_of_short"].dims == ("anode_porosity", "stack_pressure", "cycle")
    assert (found["answered_draws"] == 6).all()
    high, middle = found.sel(stack_pressure=50.0), found.sel(stack_pressure=5.0, method="nearest")
    assert np.allclose(high["probability_of_short"].sel(cycle=6), 1.0)  # kept after the run's end in cycle 3
    assert np.allclose(middle["probability_of_short"].sel(cycle=6), 0.5)
    assert np.allclose(middle["probability_of_short_at_most"].sel(cycle=[5, 6]), [0.4, 1.0])
    assert (high["probability_of_retention"] == 0.0).all() and (high["retention_quantiles"] == 0.0).sel(
        retention_cycle=6
    ).all()
    assert (high["cycle_life_quantiles"] == 3).all() and np.isinf(
        middle["cycle_life_quantiles"].sel(quantile=0.5)
    ).all() == (middle["probability_of_retention"] == 1.0).all()
    for name, variable in found.data_vars.items():
        if "draw" not in variable.dims and variable.dtype.kind == "f":
            assert variable.notnull().all(), name


@pytest.mark.usefixtures("no_solver")
def test_draws_without_an_answer_count_for_nothing_and_are_told(uncertain, write, tmp_path):
    uncertain["axes"] = {"anode.porosity": {"values": [0.6, 0.95]}, "stack_pressure": {"values": ["0.5 MPa", "9 MPa"]}}
    sweep = load(write(uncertain))
    points = simulated(sweep, tmp_path)
    at = {"anode_porosity": 0.6, "stack_pressure": 9.0, "draw": [0, 1]}
    points["outcome"].loc[at] = OutcomeKind.TIME_LIMIT
    found = failure_map(points, sweep)
    assert found["answered_draws"].values.tolist() == [[6, 4], [0, 6]]
    unanswered = found["answered_draws"] == 0
    for name in ("probability_of_short", "probability_of_retention", "retention_quantiles", "cycle_life_quantiles"):
        missing = found[name].isnull()
        assert (missing == unanswered).all(), name


@pytest.mark.usefixtures("no_solver")
@pytest.mark.parametrize("design", ["grid", "one axis", "sobol"])
def test_every_design_gets_its_figures(uncertain, write, tmp_path, design):
    if design == "sobol":
        axes = {"anode.porosity": {"linear": [0.6, 0.8]}, "stack_pressure": {"log": ["0.5 MPa", "50 MPa"]}}
        uncertain |= {"axes": axes, "design": {"sobol": {"points": 8}}}
    elif design == "one axis":
        uncertain["axes"] = {"stack_pressure": AXES["stack_pressure"]}
    sweep = load(write(uncertain))
    found = failure_map(simulated(sweep, tmp_path), sweep)
    if design == "sobol":
        assert found["outcome"].dims == ("point", "draw") and found["stack_pressure"].dims == ("point",)
    files = draw_maps(found, tmp_path / "figures")
    assert sorted(file.name for file in files) == sorted(f"{n}.{k}" for n in FIGURES_OF_DRAWS for k in ("png", "svg"))
    assert "probability of a short in 6 cycles" in (tmp_path / "figures/bands.svg").read_text()
    assert "within 6 cycles" in (tmp_path / "figures/probability_of_short.svg").read_text()


@given(st.lists(st.floats(0.0, 9.0) | st.just(np.inf), min_size=1, max_size=30), st.integers(0, 5))
def test_quantiles_are_values_and_leave_out_what_is_missing(numbers, missing):
    found = order_statistics(np.array(numbers + [np.nan] * missing), (0.05, 0.5, 1.0))
    assert np.isin(found, numbers).all() and found[-1] == max(numbers)
    for share, value in zip((0.05, 0.5), found, strict=False):
        assert np.mean(np.array(numbers) <= value) >= share - 1e-9
        assert np.mean(np.array(numbers) < value) < share + 1e-9


PARAMETERS = ("uncertain", "parameters")
FLAW = (*PARAMETERS, "laboratory.flaw_depth")
BAD = {
    "misspelt path": ((*PARAMETERS, "anode.thicknes"), {}, ["uncertain.parameters", "'anode.thickness'?"]),
    "no parameters": (PARAMETERS, {}, ["nothing to draw"]),
    "axis": ((*PARAMETERS, "stack_pressure"), {}, ["stack_pressure: is an axis as well"]),
    "twice": (
        PARAMETERS,
        {"electrolyte_mass": {}, "electrolyte.mass": {}},
        ["electrolyte.mass: is uncertain twice", "keep one"],
    ),
    "list": ((*PARAMETERS, "anode.silver.plateaus"), {}, ["is a list of 2", "only single numbers"]),
    "one draw": (("uncertain", "draws"), 1, ["uncertain.draws", "greater than or equal to 2"]),
    "no draws": (("uncertain", "draws"), None, ["uncertain.draws: is missing"]),
    "unknown distribution": (FLAW, {"gauss": ["9 um"]}, ["'gauss' is not a known key", "lognormal"]),
    "unknown name": (FLAW, "logunifrom", ["'logunifrom' is not a known key", "did you mean 'loguniform'?"]),
    "no unit": (FLAW, {"uniform": [5, 9]}, ["flaw_depth.uniform: 5", "has no unit"]),
    "wrong unit": (FLAW, {"uniform": ["5 MPa", "9 um"]}, ["is a pressure, not a length"]),
    "out of range": (FLAW, {"uniform": ["5 um", "9 mm"]}, ["'9 mm' is above the allowed range", "0.1 to 200 um"]),
    "backwards": (FLAW, {"uniform": ["9 um", "5 um"]}, ["does not end above its start"]),
    "ratios from zero": (
        (*PARAMETERS, "temperature"),
        {"loguniform": ["0 degC", "9 degC"]},
        ["does not lie above zero", "use uniform"],
    ),
    "no deviation": (FLAW, {"normal": {"mean": "9 um"}}, ["normal.standard_deviation", "is missing"]),
    "deviation of zero": (
        FLAW,
        {"normal": {"mean": "9 um", "standard_deviation": "0 um"}},
        ["standard_deviation: '0 um' is no standard deviation"],
    ),
    "deviation of another kind": (
        FLAW,
        {"normal": {"mean": "9 um", "standard_deviation": "3 %"}},
        ["standard_deviation: '3 %'", "not a length"],
    ),
    "value of the base cell": (
        ("base_cell", "electrolyte.toughness"),
        "0.3 MPa*m^0.5",
        ["electrolyte.toughness: is set to 0.3 MPa*m^0.5 in the base cell", "state one"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_entry_is_named(case, uncertain, write):
    path, value, fragments = BAD[case]
    put(uncertain, path, value)
    with pytest.raises(InputError) as caught:
        load(write(uncertain))
    for fragment in fragments:
        assert fragment in str(caught.value)


def test_a_difference_of_temperatures_is_no_temperature(uncertain, write):
    spread = {"normal": {"mean": "298.15 K", "standard_deviation": "5 K"}}
    uncertain["uncertain"]["parameters"] = {"temperature": spread}
    assert load(write(uncertain)).draws.parameters[0].distribution.numbers == pytest.approx((25.0, 5.0))
