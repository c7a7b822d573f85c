"""Write the JSON schemas of the configuration files; editors use them, a test keeps them up to date.

Run it after a change of `cellmodel/sweep/schema.py`: ``python workflow/scripts/write_schemas.py``
"""

import json
from pathlib import Path

from cellmodel.sweep.schema import SweepFile, WorkflowConfig

FOLDER = Path(__file__).parents[1] / "schemas"
MODELS = {"config.schema.json": WorkflowConfig, "sweep.schema.json": SweepFile}


def schemas() -> dict[Path, str]:
    """Return the text of each schema file."""
    return {FOLDER / name: json.dumps(model.model_json_schema(), indent=2) + "\n" for name, model in MODELS.items()}


if __name__ == "__main__":
    for path, text in schemas().items():
        path.write_text(text, encoding="utf-8")
