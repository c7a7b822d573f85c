"""``cellmodel components``: what there is, with every number and its source."""

import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cellmodel.components import Component

_KINDS = ("anode", "electrolyte", "cathode", "counter", "laboratory", "material", "cell")
_EPILOG = """\b
Examples:
  cellmodel components
  cellmodel components --kind cathode
  cellmodel components ag-ni-scaffold

\b
Your own component is a file of the same format in config/cells/; start from a shipped one with
'based_on: <name>'. Any number below can be set in a cell by its path, such as anode.porosity.
"""


@click.command(epilog=_EPILOG)
@click.argument("name", required=False)
@click.option("--kind", type=click.Choice(_KINDS), help="Only components of this kind.")
def components(name: str | None, kind: str | None) -> None:
    """List the components, or every parameter of the one called NAME."""
    from cellmodel import components as library

    kinds = [kind] if kind else _KINDS
    if name is None:
        for each in kinds:
            click.echo(f"{each}:")
            for known in library.names(each):
                click.echo(_wrapped(f"  {known}: {library.load(each, known).description}", "      "))
        return
    found = [library.load(each, name) for each in kinds if name in library.names(each)]
    if not found:
        raise _unknown(name, [known for each in kinds for known in library.names(each)])
    click.echo("\n\n".join(map(_description, found)))


def _unknown(name: str, names: list[str]) -> Exception:
    from cellmodel.errors import InputError, did_you_mean

    fix = did_you_mean(name, names) or "'cellmodel components' lists them with their descriptions"
    problem = "is not a known component"
    return InputError("cellmodel components", "NAME", name, ", ".join(names), fix, problem=problem)


def _description(component: "Component") -> str:
    kind = ", ".join(filter(None, (component.kind, component.geometry)))
    prefix = {"cell": "", "material": f"{component.name}."}.get(component.kind, f"{component.kind}.")
    lines = [f"{component.name} ({kind}): {component.description}", f"file: {component.path}"]
    lines += [f"material of {role}: {material}" for role, material in component.roles.items()]
    for path, parameter in component.parameters.items():
        lines += [
            "",
            f"  {prefix}{path} = {parameter.text}   (allowed: {parameter.allowed})",
            f"      source: {parameter.source}",
            f"      measured on: {parameter.measured_on}",
        ]
        if parameter.distribution:
            lines.append(f"      distribution: {parameter.distribution.text}")
    return "\n".join(_wrapped(line, "        ") for line in lines)


def _wrapped(line: str, indent: str) -> str:
    return textwrap.fill(line, 110, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
