"""Sensitivity: known indices are found, and runs without an answer or without a short are handled honestly."""

import json

import numpy as np
import pytest
import xarray as xr

from cellmodel import cli
from cellmodel.errors import InputError
from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.plots import draw_indices
from cellmodel.sweep import indices
from cellmodel.sweep.definition import load
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.results import RESULTS, rule_of
from cellmodel.sweep.sensitivity import sensitivity


def ishigami(shares, a=7.0, b=0.1):
    """T. Ishigami, T. Homma (1990): the usual function with known Sobol indices."""
    x = np.pi * (2.0 * shares - 1.0)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def known(a=7.0, b=0.1):
    first = np.array([0.5 * (1.0 + b * np.pi**4 / 5.0) ** 2, a**2 / 8.0, 0.0])
    third = 8.0 * b**2 * np.pi**8 / 225.0
    variance = first.sum() + third
    return first / variance, (first + np.array([third, 0.0, third])) / variance


@pytest.fixture(scope="module")
def answer():
    shares = indices.design(4, 1024, 0, "test")
    return indices.analyse(shares, ishigami(shares), None, 0, "test")


def test_known_indices_are_found(answer):
    first, total = known()
    assert answer.sobol_first[:3] == pytest.approx(first, abs=0.03)
    assert answer.sobol_total[:3] == pytest.approx(total, abs=0.03)
    assert np.all(np.abs(answer.sobol_first[:3] - first) < 2.0 * answer.sobol_first_confidence[:3] + 1e-3)


def test_a_number_without_influence_looks_like_noise(answer):
    assert abs(answer.sobol_first[3]) < 1e-9 and abs(answer.sobol_total[3]) < 1e-9
    assert answer.pawn[3] < 1.5 * answer.pawn_of_noise < 0.5 * answer.pawn[:2].min()


def test_regional_sensitivity_finds_who_crosses_the_boundary():
    shares = indices.design(3, 128, 1, "test")
    found = indices.analyse(shares, shares[:, 1] - 0.3 + 1e-3 * shares[:, 0], 0.0, 1, "test")
    assert found.regional[1] == pytest.approx(1.0, abs=0.02) and found.regional[[0, 2]].max() < 0.3
    assert found.share_below == pytest.approx(0.3, abs=0.05)


def test_a_sample_without_all_of_its_answers_is_left_out_and_told():
    shares = indices.design(3, 1024, 2, "test")
    result = ishigami(shares)
    result[[0, 1, 777]] = np.nan  # two of one sample
    found = indices.analyse(shares, result, None, 2, "test")
    assert (found.samples, found.samples_left_out, found.runs_without_answer) == (1022, 2, 3)
    assert found.sobol_total == pytest.approx(known()[1], abs=0.03)
    with pytest.raises(InputError, match="'0 of 1024 samples' have an answer"):
        indices.analyse(shares, np.full(len(shares), np.nan), None, 2, "test")


def test_a_constant_result_has_no_sensitivity_and_no_missing_number():
    shares = indices.design(2, 16, 0, "test")
    found = indices.analyse(shares, np.ones(len(shares)), 0.0, 0, "test")
    assert all(np.all(value == 0.0) for value in found[:6]) and found.share_below == 0.0


@pytest.mark.parametrize("samples", [0, 4, 100])
def test_samples_that_lose_the_balance_are_refused(samples):
    with pytest.raises(InputError, match="power of two"):
        indices.design(3, samples, 0, "test")


@pytest.fixture
def study(small, write):
    small["axes"] = {"anode.porosity": {"linear": [0.6, 0.89, 3]}, "stack_pressure": {"log": ["1 MPa", "50 MPa", 3]}}
    small["uncertain"] = {"draws": 2, "parameters": {"electrolyte.toughness": {}}}
    return load(write(small))


def silent():
    return Progress("x", 0, 0, ())


@pytest.mark.usefixtures("no_solver")
@pytest.mark.parametrize("result", RESULTS)
def test_every_result_gives_finite_indices(study, result):
    found = sensitivity(study, result, samples=16, threads=2, progress=silent())
    assert found["parameter"].values.tolist() == ["anode.porosity", "stack_pressure", "electrolyte.toughness"]
    for name, variable in found.data_vars.items():
        if variable.dtype.kind == "f":
            assert np.isfinite(variable).all(), name
    assert found.attrs["runs"] == 16 * 5 and found.attrs["runs_without_answer"] == 0


@pytest.mark.usefixtures("no_solver")
def test_pressure_decides_the_short_of_the_stand_in_and_threads_decide_nothing(study):
    one = sensitivity(study, "margin_short", samples=64, threads=1, progress=silent())
    assert one["sobol_total"].sel(parameter="stack_pressure") == pytest.approx(1.0, abs=0.1)
    assert float(one["sobol_total"].sel(parameter="anode.porosity")) == 0.0
    assert float(one["regional"].sel(parameter="stack_pressure")) > 0.95
    xr.testing.assert_identical(one, sensitivity(study, "margin_short", samples=64, threads=3, progress=silent()))


@pytest.mark.usefixtures("no_solver")
def test_parameters_can_be_chosen_and_have_their_own_distributions(study):
    names = ("stack_pressure", "electrolyte.conductivity", "electrolyte.poisson")
    found = sensitivity(study, parameters=names, samples=8, threads=1, progress=silent())
    table = found["values"].values
    assert table[:, 0].max() <= 50.0 and 0.1 < table[:, 2].min() < table[:, 2].max() < 0.45
    assert abs(np.median(table[:, 1]) - 1.86) < 0.4  # of its component file
    for wrong, text in (("stack_presure", "stack_pressure"), ("anode.silver.plateaus", "is a list")):
        with pytest.raises(InputError, match=text):
            sensitivity(study, parameters=(wrong,), samples=8, progress=silent())


def test_never_is_zero_and_the_end_of_a_run_is_no_missing_number(study):
    found = xr.Dataset(
        {
            "outcome": ("point", np.array([1, 2, 7], np.int8)),
            "outcome_cycle": ("point", [6.0, 2.0, 1.0]),
            "cycle_at_80_percent": ("point", [np.inf, np.nan, np.nan]),
            "short_areal_capacity": ("point", [np.inf, 4.0, np.inf]),
            "capacity_retention": (("point", "retention_cycle"), [[0.9], [np.nan], [np.nan]]),
            "margin_fade": ("point", [0.1, np.nan, np.nan]),
        }
    )
    assert OutcomeKind(7) == OutcomeKind.SOLVER_FAILED
    expected = {
        "short_areal_capacity": [0.0, 0.25, np.nan],
        "cycle_life": [0.0, 0.5, np.nan],
        "capacity_retention": [0.9, 0.0, np.nan],
        "margin_fade": [0.1, -0.8, np.nan],
    }
    for name, values in expected.items():
        assert np.array_equal(rule_of(name, study, "test").finite(found), values, equal_nan=True), name


def test_an_unknown_result_is_named(study):
    with pytest.raises(InputError, match="did you mean 'margin_short'"):
        rule_of("margin_shrt", study, "test")


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        cli.main([str(each) for each in ("sensitivity", *arguments)])
    captured = capsys.readouterr()
    return left.value.code, captured.out, captured.err


@pytest.mark.usefixtures("no_solver")
def test_the_command_prints_a_table_and_writes_what_it_is_told(study, capsys, tmp_path):
    written = [tmp_path / name for name in ("i.json", "i.svg", "i.nc")]
    code, out, _ = run(capsys, study.path, "--samples", 16, "--out", written[0], "--plot", written[1])
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "Analysed: margin_short" and lines[1].split()[:3] == ["parameter", "Sobol", "total"]
    assert lines[2].startswith("stack_pressure") and lines[5].startswith("(random numbers)")
    assert lines[6].startswith("80 runs")
    content = json.loads(written[0].read_text())
    assert content["parameters"]["stack_pressure"]["sobol_total"] > 0.8 and content["runs"] == 80
    assert "what decides it" in written[1].read_text()
    assert run(capsys, study.path, "--samples", 8, "--out", written[2])[0] == 0
    assert xr.open_dataset(written[2])["values"].shape == (40, 3)
    assert sorted(tmp_path.iterdir()) == sorted([study.path, *written])


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--result", "margin_shrt"], ["result: 'margin_shrt'", "did you mean 'margin_short'?"]),
        (["--samples", 100], ["samples: 100", "use 64 or 128"]),
        (["--parameter", "stack_presure", "--samples", 8], ["did you mean 'stack_pressure'?"]),
        (["--out", "i.csv"], ["--out: 'i.csv' is no known kind of file", ".nc, .json"]),
        (["--plot", "nowhere/i.png"], ["mkdir -p nowhere"]),
    ],
)
def test_bad_calls_end_in_one_message_and_exit_code_2(study, capsys, options, parts):
    code, out, err = run(capsys, study.path, *options)
    assert code == 2 and out == "" and all(part in err for part in parts), err


@pytest.mark.usefixtures("no_solver")
def test_bars_show_every_parameter(study):
    figure = draw_indices(sensitivity(study, samples=8, threads=1, progress=silent()))
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert set(labels) == {"anode.porosity", "stack_pressure", "electrolyte.toughness"}
    assert len(figure.axes) == 2
