import doctest
from importlib import import_module

import pytest

MODULES = ("errors", "units", "distributions", "parameters", "cell", "protocol", "protocol_sentences")


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name):
    result = doctest.testmod(import_module(f"cellmodel.{name}"))
    assert result.attempted and not result.failed
