"""A law says what it computes, in which unit, and who found it."""

import re
import sys

FORMULA = re.compile(r"=|\(.+\)|<.+>|inverse of")
UNIT = re.compile(r"\[[^\]]*\]|\bunit")
SOURCE = re.compile(
    r"doi:10\.\d{4}|arXiv:\d|\((?:19|20)\d\d\)|phenomenological|definition|assumption|geometry", re.IGNORECASE
)
MATHEMATICS = "cellmodel.laws.smooth"  # roundings of max, min and |x| have no author


def test_law_states_its_formula_and_unit(law_name, laws):
    text = laws[law_name].__doc__ or ""
    assert FORMULA.search(text), f"{law_name}: no formula in its docstring"
    assert UNIT.search(text), f"{law_name}: no unit in its docstring"


def test_every_parameter_is_described(laws):
    missing = []
    for name, law in laws.items():
        _, found, section = law.__doc__.partition("Parameters")
        code = law.py_func.__code__
        names = code.co_varnames[: code.co_argcount] if found else ()  # one line names its symbols in the formula
        missing += [f"{name}: {argument}" for argument in names if not re.search(rf"\b{argument}\b", section)]
    assert missing == []


def test_law_names_its_source(law_name, laws):
    law = laws[law_name].py_func
    if law.__module__ == MATHEMATICS:
        return
    text = law.__doc__ + sys.modules[law.__module__].__doc__
    assert SOURCE.search(text), (
        f"{law_name}: no DOI, year, 'definition', 'assumption', 'geometry' or 'phenomenological'"
    )
