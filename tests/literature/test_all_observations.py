"""Every published observation gets a verdict, in the time that a person waits."""

from pathlib import Path

import pytest

import cellmodel as cm

FILES = sorted((Path(__file__).parent / "data").glob("*.yaml"))
LONGEST = 600.0  # s


@pytest.mark.slow
@pytest.mark.timeout(2 * LONGEST)
def test_every_observation_has_a_verdict_within_ten_minutes():
    found = cm.validate(FILES)
    assert found.total == 51 and found.seconds < LONGEST
    for row in found.table:
        assert (row["verdict"] == "passed") == (abs(row["misfit"]) <= 1.0 + 1e-6), row["id"]
        assert row["simulated"] is not None or row["reason"], row["id"]
