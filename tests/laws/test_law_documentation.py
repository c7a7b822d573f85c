"""A law says what it computes, in which unit, and who found it."""

import re
import sys

import pytest

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


OWING = {
    "arrhenius", "coating_growth", "crack_closure", "crushing_strain", "current_focusing", "densified_porosity",
    "faradaic_velocity", "flaw_pressure", "lithium_metal_conductivity", "overpotential_of_current", "patch_radius",
    "plateau_potential", "releasing_branch", "slot_extrusion_pressure", "storing_branch",
}  # fmt: skip
"""Laws whose docstring does not say yet where they come from; take a name out as soon as it does."""


def test_law_names_its_source(law_name, laws, request):
    if law_name in OWING:
        request.applymarker(pytest.mark.xfail(strict=True, reason="the law does not name its source"))
    law = laws[law_name].py_func
    if law.__module__ == MATHEMATICS:
        return
    text = law.__doc__ + sys.modules[law.__module__].__doc__
    assert SOURCE.search(text), (
        f"{law_name}: no DOI, year, 'definition', 'assumption', 'geometry' or 'phenomenological'"
    )
