"""Check one component file against its schema and turn it into parameters."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from cellmodel import units
from cellmodel.distribution_files import KINDS, DistributionSpec, resolved
from cellmodel.errors import InputError
from cellmodel.parameters import Parameter
from cellmodel.yaml_files import checked, read_yaml

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
# YAML reads the unit 1 of a pure number as a number.
UnitText = Annotated[Text, BeforeValidator(lambda given: "1" if given == 1 else given)]


class StatedDistribution(DistributionSpec):
    """How uncertain a parameter is, and who says so."""

    source: Text


class ParameterEntry(BaseModel):
    """One parameter as it stands in a component file."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    value: float | Annotated[list[float], Field(min_length=1)] | None = Field(union_mode="left_to_right")
    unit: UnitText
    low: float
    high: float
    source: Text
    measured_on: Text
    distribution: StatedDistribution | None = None


class PhaseEntry(BaseModel):
    """One lithium-storing phase of an anode; what is not written out comes from its material."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    material: Text | None = None
    parameters: dict[str, ParameterEntry] = Field(default_factory=dict)


class ComponentFile(BaseModel):
    """A component file."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    name: Text
    kind: Literal["anode", "electrolyte", "cathode", "counter", "laboratory", "material", "cell"]
    geometry: Literal["planar", "film", "porous"] | None = None
    description: Text
    based_on: Text | None = None
    materials: dict[Literal["top", "base", "network", "binder"], Text] = Field(default_factory=dict)
    parameters: dict[str, ParameterEntry] = Field(default_factory=dict)
    surface: dict[str, ParameterEntry] = Field(default_factory=dict)
    phases: dict[str, PhaseEntry] = Field(default_factory=dict)

    @property
    def roles(self) -> dict[str, str]:
        """Material by what it is to the component: one of `materials`, or the name of a phase."""
        phases = {phase: entry.material for phase, entry in self.phases.items() if entry.material}
        return {str(role): material for role, material in self.materials.items()} | phases

    def table(self, where: str) -> dict[str, Parameter]:
        """Return the parameters by path inside the component (``porosity``, ``silver.diffusivity``).

        Parameters
        ----------
        where : str
            File, for messages.

        Returns
        -------
        dict of str to Parameter
            Parameters of the component, then of its surface (of a material), then of its phases.

        Raises
        ------
        InputError
            When a unit cannot be read or a value lies outside of its range.
        """
        entries = {name: (name, entry) for name, entry in self.parameters.items()}
        entries |= {f"surface.{name}": (name, entry) for name, entry in self.surface.items()}
        for phase, content in self.phases.items():
            if phase in self.parameters:
                raise InputError(where, f"phases.{phase}", problem="has the name of a parameter", fix="rename it")
            entries |= {f"{phase}.{name}": (name, entry) for name, entry in content.parameters.items()}
        return {path: _parameter(name, entry, where, path) for path, (name, entry) in entries.items()}


def _parameter(name: str, entry: ParameterEntry, where: str, path: str) -> Parameter:
    try:
        units.unit(entry.unit)
    except units.UnitError:
        fix = "write it like 'MPa', 'mA/cm2' or '1' for a pure number"
        raise InputError(where, f"{path}: unit", entry.unit, fix=fix, problem="is not a unit") from None
    if entry.low >= entry.high:
        problem = f"is no range: low ({entry.low:g}) is not below high ({entry.high:g})"
        raise InputError(where, path, problem=problem, fix="give low < high")
    fields = entry.model_dump(exclude={"distribution"})
    if isinstance(entry.value, list):
        fields["value"] = tuple(entry.value)
    parameter = Parameter(name, **fields)
    parameter.check_range(entry.value, where, f"{path}: value")
    return _with_distribution(parameter, entry.distribution, where, f"{path}: distribution")


def _with_distribution(parameter: Parameter, spec: StatedDistribution | None, where: str, key: str) -> Parameter:
    if spec is None:
        return parameter
    found = resolved(spec, parameter, where, key, bare=True)
    if found is None:
        fix = "write it like {normal: {mean: 1, standard_deviation: 0.2}, source: ...}, or leave it out"
        raise InputError(where, key, problem="names no distribution", allowed=", ".join(KINDS), fix=fix)
    return replace(parameter, distribution=found)


def read_component(path: Path) -> ComponentFile:
    """Read and check a component file.

    Parameters
    ----------
    path : Path
        YAML file.

    Returns
    -------
    ComponentFile
        Its content; `name` is the file's name.

    Raises
    ------
    InputError
        Naming file, key, what was given and what is allowed, for the first thing that is wrong.
    """
    component = checked(ComponentFile, read_yaml(path), str(path))
    if component.name != path.stem:
        raise InputError(str(path), "name", component.name, path.stem, "give file and component the same name")
    if component.surface and component.kind != "material":
        fix = "give 'parameters', or name a material with a surface under 'materials'"
        raise InputError(str(path), "surface", problem=f"belongs to materials, and this is a {component.kind}", fix=fix)
    return component
