"""Distributions of parameters: what they draw, and what a wrong one in a component file gets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_component_files import complaint, load_mine, with_number

from cellmodel import cli, components
from cellmodel.distributions import Distribution, over_range
from cellmodel.parameters import Parameter

SHARES = (np.arange(20000) + 0.5) / 20000


@pytest.mark.parametrize("kind", ["normal", "lognormal"])
def test_mean_and_deviation_are_those_of_the_number_itself(kind):
    drawn = Distribution(kind, (9.0, 3.0), "um", -1e3, 1e3).quantile(SHARES)
    assert drawn.mean() == pytest.approx(9.0, rel=2e-3)
    assert drawn.std() == pytest.approx(3.0, rel=5e-3)


def test_equal_ratios_are_equally_likely():
    drawn = Distribution("loguniform", (0.1, 10.0), "um", 0.01, 100.0).quantile(np.array([0.0, 0.25, 0.5, 1.0]))
    assert drawn == pytest.approx([0.1, 10**-0.5, 1.0, 10.0])


@given(
    kind=st.sampled_from(["normal", "lognormal"]),
    mean=st.floats(2.0, 8.0),
    deviation=st.floats(0.1, 20.0),
    share=st.floats(0.0, 1.0),
)
def test_what_is_not_allowed_is_never_drawn(kind, mean, deviation, share):
    some = Distribution(kind, (mean, deviation), "MPa", 1.0, 10.0)
    drawn = some.quantile(np.array([0.0, share, 1.0]))
    assert np.all((drawn >= 1.0) & (drawn <= 10.0)) and np.all(np.diff(drawn) >= 0.0)


def test_without_a_statement_a_wide_range_is_drawn_in_ratios():
    assert over_range(0.1, 200.0, "um").kind == "loguniform"
    assert over_range(0.0, 200.0, "um").kind == over_range(1.0, 9.0, "um").kind == "uniform"
    plain = Parameter("a", 2.0, "um", 1.0, 9.0, "a paper", "a section")
    assert plain.uncertainty == Distribution("uniform", (1.0, 9.0), "um", 1.0, 9.0)


def test_a_component_file_states_a_distribution(library):
    stated = {"lognormal": {"mean": 10, "standard_deviation": "2000 nm"}, "source": "a paper"}
    parameter = load_mine(library, with_number(distribution=stated)).parameters["thickness"]
    assert parameter.uncertainty == Distribution("lognormal", (10.0, 2.0), "um", 1.0, 500.0)
    assert parameter.uncertainty.text == "lognormal, 10 +- 2 um"
    assert parameter.replaced_by("20 um", "test").distribution is None
    whole = load_mine(library, with_number(distribution={"uniform": [], "source": "none"})).parameters["thickness"]
    assert whole.uncertainty.numbers == (1.0, 500.0)


@pytest.mark.parametrize(
    ("distribution", "parts"),
    [
        ({"normal": {"mean": 10, "standard_deviation": 2}}, ["distribution", "'source' is missing"]),
        ({"source": "a paper"}, ["thickness: distribution: names no distribution", "lognormal"]),
        ({"gauss": [1, 2], "source": "a paper"}, ["'gauss' is not a known key", "uniform"]),
        ({"uniform": [5, 2], "source": "a paper"}, ["distribution.uniform", "does not end above its start"]),
        ({"uniform": [5], "source": "a paper"}, ["has 1 entries", "[low, high]"]),
        ({"uniform": [0.5, 2], "source": "a paper"}, ["0.5 is below the allowed range", "1 to 500 um"]),
        ({"uniform": ["1 MPa", 2], "source": "a paper"}, ["is a pressure, not a length"]),
        ({"uniform": [2, 3], "loguniform": [2, 3], "source": "a paper"}, ["uniform and loguniform, where one"]),
        ({"normal": {"mean": 10}, "source": "a paper"}, ["standard_deviation", "is missing"]),
        ({"normal": {"mean": 10, "standard_deviation": 0}, "source": "a"}, ["0 is no standard deviation", "above 0"]),
        ({"normal": {"mean": 600, "standard_deviation": 5}, "source": "a"}, ["normal.mean: 600.0 is above"]),
        ({"normal": {"mean": 2, "standard_deviation": 5000}, "source": "a"}, ["of its values within", "1 to 500 um"]),
    ],
)
def test_a_wrong_distribution_is_named(library, distribution, parts):
    message = complaint(library, with_number(distribution=distribution))
    assert all(part in message for part in parts), message


def test_a_list_has_no_distribution(library):
    content = with_number(value=[10, 20], distribution={"uniform": [2, 3], "source": "a paper"})
    assert "only single numbers have a distribution" in complaint(library, content)


@pytest.mark.parametrize("kind", components.KINDS)
def test_what_is_shipped_lies_within_its_distribution(kind):
    for name in components.names(kind):
        for path, parameter in components.load(kind, name).parameters.items():
            if parameter.distribution:
                low, high = parameter.distribution.quantile(np.array([0.01, 0.99]))
                assert low <= parameter.value <= high, (name, path)


def test_the_listing_tells_distributions(capsys):
    with pytest.raises(SystemExit):
        cli.main(["components", "lpscl"])
    assert "distribution: normal, 0.23 +- 0.04 MPa*m^0.5" in capsys.readouterr().out
