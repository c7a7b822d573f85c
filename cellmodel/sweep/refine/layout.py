"""How many points each round of a refined sweep has, and what decides them: arithmetic, known before anything ran."""

from cellmodel.sweep.schema import Refine, Report

READ_THE_REPORT = ("margin_fade", "capacity_retention", "cycle_life")
"""Quantities whose boundary moves with the report of a sweep."""

LAYS_OUT = ("sweep/refine/layout", "sweep/refine/points", "sweep/refine/batch")
CHOOSES = ("sweep/refine/level_set", "sweep/refine/boundary", "sweep/results", "sweep/failure_map")
"""Sources that decide the points of every round, and of those after the first."""


def sizes(spec: Refine) -> list[int]:
    """Return the number of points of every round, the even one first."""
    return [spec.first, *[spec.points] * spec.rounds]


def even(spec: Refine, number: int) -> int:
    """Return how many points of a round are of the even sequence; they are its first ones."""
    return spec.first if number == 0 else round(spec.explore * spec.points)


def sources(number: int) -> tuple[str, ...]:
    """Return the parts of the package that decide the points of a round."""
    return LAYS_OUT if number == 0 else LAYS_OUT + CHOOSES


def content(spec: Refine, number: int, report: Report) -> dict[str, object]:
    """Return what decides the points of a round, for hashing: of the first one only its size and seed."""
    if number == 0:
        return spec.model_dump(include={"first", "seed"})
    decides = spec.model_dump(exclude={"rounds"}) | {"round": number}
    return decides | ({"report": report.model_dump()} if spec.of in READ_THE_REPORT else {})
