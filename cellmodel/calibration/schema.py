"""What a calibration file may hold, key by key."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Weight = Annotated[float, Field(gt=0.0, le=1e6)]


class Strict(BaseModel):
    """A mapping in which only the named keys may stand."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class FreeEntry(Strict):
    """How a parameter may move; its own range, searched evenly, unless said otherwise."""

    low: float | Text | None = None
    high: float | Text | None = None
    start: float | Text | None = None
    scale: Literal["lin", "log"] = "lin"


class ObservationsEntry(Strict):
    """Observations of one file: all of them, or those that are named."""

    file: Text
    ids: Annotated[list[Text], Field(min_length=1)] | None = None
    weights: dict[str, Weight] = Field(default_factory=dict)


class MeasurementEntry(Strict):
    """A cell of one's own, what it went through, and the file that tells what it did."""

    id: Text
    cell: dict[str, Any]
    protocol: list[Any] | dict[str, Any]
    file: Text
    area: float | Text | None = None
    compare: Annotated[dict[str, Any], Field(min_length=1)]
    weight: Weight = 1.0


class CalibrationFile(Strict):
    """A calibration file."""

    description: Text
    parameters: Annotated[dict[str, dict[str, FreeEntry | None]], Field(min_length=1)]
    observations: list[ObservationsEntry] = Field(default_factory=list)
    measurements: list[MeasurementEntry] = Field(default_factory=list)
    method: Literal["global", "local"] = "global"
    budget: Annotated[int, Field(ge=1, le=1_000_000)] = 400
    seed: Annotated[int, Field(ge=0)] = 1
    profile: list[Text] = Field(default_factory=list)
