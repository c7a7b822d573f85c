"""Write calibration files for tests, and the cycler file that they read."""

import runpy
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "config/calibrations/tutorial.yaml"
OBSERVATIONS = ROOT / "tests/literature/data/oh2026-silver-nickel-scaffold.yaml"


@cache
def cycler_file(seed=1):
    """Two cycles of a scaffold half cell with a known answer, made by the model as it is."""
    return runpy.run_path(str(ROOT / "docs/make_tutorial.py"))["cycler_file"](seed)


def tutorial(**changes):
    """Content of the tutorial with some keys changed; None takes a key away."""
    content = {**yaml.safe_load(TUTORIAL.read_text()), "profile": [], **changes}
    return {key: value for key, value in content.items() if value is not None}


def written(folder, content=None, data=None, name="mine.yaml"):
    """A calibration file with its cycler file beside it."""
    path = folder / name
    path.write_text(yaml.safe_dump(content or tutorial(), sort_keys=False))
    (folder / "tutorial.bdf.csv").write_text(data or TUTORIAL.with_name("tutorial.bdf.csv").read_text())
    return path
