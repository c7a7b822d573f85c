from pathlib import Path

import pytest

from cellmodel import components

INVENTED = Path(__file__).parent / "data"


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Invented components in place of the shipped ones, and an empty working directory for the user's."""
    monkeypatch.setattr(components, "_DATA", INVENTED)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config/cells").mkdir(parents=True)
    return tmp_path / "config/cells"
