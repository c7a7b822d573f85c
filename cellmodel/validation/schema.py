"""What a file of observations may hold, key by key."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Assumptions = dict[str, Any] | str


class Strict(BaseModel):
    """A mapping in which only the named keys may stand."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Source(Strict):
    """Where the observations were published, and whose cells they are."""

    key: Text
    title: Text | None = None
    doi: Text | None = None
    laboratory: Text | None = None
    authors: Text | None = None
    year: int | None = None
    note: Text | None = None


class ObservationFile(Strict):
    """A file of observations; each observation is checked by itself, so that a bad one stops no other."""

    source: Source
    defaults: dict[str, Any] = Field(default_factory=dict)
    assumed: Assumptions | None = None
    note: Text | None = None
    observations: Annotated[list[Any], Field(min_length=1)]


class Entry(Strict):
    """One observation as it stands in a file."""

    id: Text
    where: Text
    note: Text | None = None
    cell: dict[str, Any] | None = None
    cells: Annotated[dict[str, dict[str, Any]], Field(min_length=1)] | None = None
    protocol: list[Any] | dict[str, Any]
    quantity: Text | dict[str, Any]
    expect: dict[str, Any]
    assumed: Assumptions | None = None
