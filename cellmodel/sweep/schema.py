"""What a sweep file and the workflow's configuration may hold; one clear message for all else."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cellmodel.distribution_files import DistributionSpec
from cellmodel.errors import InputError, did_you_mean

Model = TypeVar("Model", bound="Strict")
Quantity = float | str
Cycle = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    """A mapping in which only the named keys may stand."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AxisSpec(Strict):
    """One axis: explicit values, or a range with equal or with equal relative spacing."""

    values: list[Quantity] | None = Field(None, description="The values themselves, such as ['0 degC', '25 degC'].")
    linear: list[Quantity | int] | None = Field(
        None, description="[low, high, number of values] with equal steps; [low, high] in a sampled design."
    )
    log: list[Quantity | int] | None = Field(
        None, description="[low, high, number of values] with equal ratios; [low, high] in a sampled design."
    )


class LatinHypercube(Strict):
    """Points spread so that each axis is cut into as many slices as there are points, one point in each."""

    points: Annotated[int, Field(ge=1, le=10**7)]
    seed: Annotated[int, Field(ge=0)] = 0


class Sobol(Strict):
    """A scrambled Sobol sequence: fills the box evenly; the number of points is a power of two."""

    points: Annotated[int, Field(ge=1, le=2**23)]
    seed: Annotated[int, Field(ge=0)] = 0


class Refine(Strict):
    """Points in rounds: an even set first, then those where a boundary is least certain."""

    rounds: Annotated[int, Field(ge=1, le=99)] = Field(description="Rounds after the first, even one.")
    points: Annotated[int, Field(ge=1, le=1000)] = Field(description="Points of each of these rounds.")
    first: Annotated[int, Field(ge=8, le=2**16)] = Field(64, description="Points of the even round; a power of two.")
    of: str = Field("margin_short", description="Quantity of the failure map that has the boundary, or 'outcome'.")
    level: float | None = Field(None, description="Where the boundary is; 0 for a margin, see docs/refinement.md.")
    explore: Annotated[float, Field(ge=0, le=1)] = Field(0.2, description="Share of a round that fills gaps instead.")
    seed: Annotated[int, Field(ge=0)] = 0


class Grid(Strict):
    """Every combination of the axes' values."""


class DesignSpec(Strict):
    """How the points are laid out: exactly one of these."""

    grid: Grid | None = None
    latin_hypercube: LatinHypercube | None = None
    sobol: Sobol | None = None
    refine: Refine | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, given: Any) -> Any:
        """Take `design: grid` and `design: {grid:}` for a layout without options."""
        if isinstance(given, str):
            return {given: {}}
        return {key: value or {} for key, value in given.items()} if isinstance(given, dict) else given


class UncertainSpec(Strict):
    """Uncertain parameters, drawn anew for each point of the map: the same draws at every point."""

    draws: Annotated[int, Field(ge=2, le=10**5)] = Field(description="Draws at each point.")
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Another seed gives other draws.")
    parameters: dict[str, DistributionSpec] = Field(
        description="Path of a cell parameter -> its distribution; {} takes that of its component file."
    )


class Report(Strict):
    """What the failure map tells of each point; a change here simulates nothing anew."""

    retention_cycles: list[Cycle] = Field([], description="Cycles at which retention is reported, beside the last.")
    reference_cycle: Cycle = Field(1, description="Cycle whose discharge capacity counts as 100 %.")
    threshold: Annotated[float, Field(gt=0, lt=1)] = Field(0.8, description="Retention at which a cell has faded.")


class SweepFile(Strict):
    """A sweep file: base cell, protocol, axes, design."""

    base_cell: dict[str, Any] = Field(description="Components by name and cell parameters with their units.")
    protocol: list[Any] | dict[str, Any] = Field(
        description="Blocks of {repeat: n, steps: [sentences]}, or {cycling: {rate: 0.33C, cycles: 100}}."
    )
    settings: dict[str, Any] = Field(
        {},
        description="Tolerance, mesh and limits of every run, as of cellmodel.Settings; defaults if not given.",
    )
    axes: dict[str, AxisSpec] = Field(description="Path of a cell parameter -> its values.")
    uncertain: UncertainSpec | None = Field(None, description="Parameters that are drawn from distributions.")
    design: DesignSpec = Field(DesignSpec(grid=Grid()), description="Layout of the points; a full grid if not given.")
    chunk_points: Annotated[int, Field(ge=1)] = Field(50, description="Points per job and result file.")
    trace_points: list[Annotated[int, Field(ge=0)]] = Field([], description="Points whose time series are kept.")
    library: list[str] = Field([], description="Folders with results of other sweeps or machines, used where equal.")
    report: Report = Report()


class WorkflowConfig(Strict):
    """The workflow's configuration, `config/config.yaml`."""

    sweep: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] = Field(
        "default", description="Name of a file in config/sweeps/, without its ending .yaml."
    )
    library: list[str] = Field([], description="Folders whose results every sweep may use, beside its own `library`.")
    dashboard: Annotated[int, Field(ge=0, le=65535)] = Field(
        0, description="Port on which each job shows dask's dashboard to its own machine. 0 for none."
    )


def check(kind: type[Model], content: Any, where: str) -> Model:
    """Return `content` as the model `kind`.

    Parameters
    ----------
    kind : type
        One of this module's models.
    content : mapping
        What was read.
    where : str
        File name for the message.

    Returns
    -------
    kind
        Checked, with defaults filled in.

    Raises
    ------
    InputError
        Naming the first wrong key, what was given and what is allowed.
    """
    if not isinstance(content, Mapping):
        keys = ", ".join(kind.model_fields)
        raise InputError(where, given=content, problem="is not a mapping", allowed=f"the keys {keys}")
    try:
        return kind.model_validate(dict(content))
    except ValidationError as error:
        raise _translated(error, kind, where) from None


def _translated(error: ValidationError, kind: type[Strict], where: str) -> InputError:
    """Turn the first complaint into a message; a misspelt key goes first, as it also hides a missing one."""
    found = sorted(error.errors(), key=lambda each: each["type"] != "extra_forbidden")[0]
    path = [str(part) for part in found["loc"]]
    if found["type"] == "extra_forbidden":
        names = _keys_at(kind, path[:-1])
        key, given = ".".join(path[:-1]), path[-1]
        fix = did_you_mean(given, names)
        return InputError(where, key, given, ", ".join(names), fix, problem="is not a known key")
    if found["type"] == "missing":
        return InputError(where, ".".join(path), problem="is missing", allowed=_describe(kind, path))
    problem = f"is not accepted: {found['msg'][0].lower()}{found['msg'][1:]}"
    if found["type"] in ("model_type", "dict_type"):
        problem = "is not a mapping"
        names = ", ".join(_keys_at(kind, path)) or _describe(kind, path)
        return InputError(where, ".".join(path), found["input"], names, problem=problem)
    return InputError(where, ".".join(path), found["input"], problem=problem)


def _keys_at(kind: type[Strict], path: list[str]) -> list[str]:
    """Return the names allowed in the mapping that `path` leads to."""
    model: Any = kind
    for part in path:
        model = model.model_fields[part].annotation if part in getattr(model, "model_fields", {}) else model
        inner = [each for each in (model, *getattr(model, "__args__", ())) if hasattr(each, "model_fields")]
        model = inner[0] if inner else model
    return list(getattr(model, "model_fields", ()))


def _describe(kind: type[Strict], path: list[str]) -> str:
    field = kind.model_fields.get(path[0])
    return (field.description or "") if field and len(path) == 1 else ""
