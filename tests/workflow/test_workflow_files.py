"""Files that belong to the workflow and must not drift away from the code."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cellmodel.sweep.definition import load

ROOT = Path(__file__).parents[2]


def test_the_schemas_are_up_to_date():
    sys.path.insert(0, str(ROOT / "workflow/scripts"))
    try:
        from write_schemas import schemas
    finally:
        sys.path.pop(0)
    for path, text in schemas().items():
        assert path.read_text() == text, f"run: python workflow/scripts/write_schemas.py ({path.name})"


def test_the_default_sweep_is_large_enough_and_sound():
    sweep = load(ROOT / "config/sweeps/default.yaml")
    assert sweep.points >= 600 and sweep.cycles >= 50
    assert {axis.path for axis in sweep.axes} == {
        "anode.porosity",
        "stack_pressure",
        "cathode.loading",
        "temperature",
    }
    ends = {axis.path: (axis.text(axis.grid()[0]), axis.text(axis.grid()[-1])) for axis in sweep.axes}
    assert ends["stack_pressure"] == ("0.5 MPa", "50.0 MPa")
    assert ends["cathode.loading"] == ("5.0 mg/cm2", "30.0 mg/cm2")
    assert ends["temperature"] == ("0.0 degC", "60.0 degC")


def test_the_sweep_with_uncertain_parameters_is_small_and_sound():
    sweep = load(ROOT / "config/sweeps/pellet-to-pouch.yaml")
    assert sweep.points <= 1000 and sweep.draws.count >= 20
    assert [axis.path for axis in sweep.axes] == ["stack_pressure", "area"]


def documented(path: Path) -> list[str]:
    """Return the YAML blocks of a page."""
    return [block.split("```")[0] for block in path.read_text().split("```yaml\n")[1:]]


def test_the_documented_sweep_works(tmp_path):
    (block,) = documented(ROOT / "config/README.md")
    path = tmp_path / "mine.yaml"
    path.write_text(block)
    assert load(path).points == 60 * 20


def test_the_documented_component_works(tmp_path, monkeypatch):
    from cellmodel.cell import Cell

    (block,) = documented(ROOT / "config/cells/README.md")
    (tmp_path / "config/cells").mkdir(parents=True)
    (tmp_path / "config/cells/thick-scaffold.yaml").write_text(block)
    monkeypatch.chdir(tmp_path)
    cell = Cell(anode="thick-scaffold")
    assert cell.parameters["anode.thickness"].text == "40 um"
    assert cell.parameters["anode.porosity"] == Cell(anode="ag-ni-scaffold").parameters["anode.porosity"]


@pytest.mark.parametrize("profile", ["local", "slurm"])
def test_profiles_are_plain_mappings_of_known_options(profile):
    options = yaml.safe_load((ROOT / f"workflow/profiles/{profile}/config.yaml").read_text())
    told = subprocess.run([sys.executable, "-m", "snakemake", "--help"], capture_output=True, text=True, timeout=60)
    for option in options:
        if not option.startswith("slurm-"):
            assert f"--{option}" in told.stdout, option
