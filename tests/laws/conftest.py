import importlib
import pkgutil

import pytest
from numba.core.registry import CPUDispatcher

import cellmodel.laws


def find_laws() -> dict[str, CPUDispatcher]:
    found = {}
    for module in pkgutil.iter_modules(cellmodel.laws.__path__):
        members = vars(importlib.import_module(f"cellmodel.laws.{module.name}"))
        for name, member in members.items():
            if isinstance(member, CPUDispatcher) and member.py_func.__module__.endswith(f".{module.name}"):
                found[name] = member
    return found


LAWS = find_laws()


@pytest.fixture(scope="session")
def laws() -> dict[str, CPUDispatcher]:
    return LAWS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "law_name" in metafunc.fixturenames:
        metafunc.parametrize("law_name", sorted(LAWS))
