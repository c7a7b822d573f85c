"""Measured observations against the model: reading them, running their cells, measuring what came out, the verdict.

The pieces stand alone: `reading.read` gives observations, `planning.plan` the distinct simulations that they need,
`running.run` carries these out, `evaluation.judge` compares. `evaluate` does the last three with some parameters
overridden, which is what a calibration needs; `validate` does all four.
"""

from cellmodel.validation.evaluation import evaluate, validate

__all__ = ["evaluate", "validate"]
