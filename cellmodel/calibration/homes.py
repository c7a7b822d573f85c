"""Where a parameter is written down, and which components take it over from there."""

from __future__ import annotations

from cellmodel import components
from cellmodel.component_files import read_component
from cellmodel.components import Component


def known() -> dict[str, str]:
    """Kind of everything that has parameters, by name: components, materials, and families of components."""
    kinds = {name: kind for kind in components.KINDS for name in components.names(kind)}
    return {**{name: "family" for name in components.families()}, **kinds}


def home(name: str) -> Component | None:
    """Load a component, material or family by its name; None if there is none."""
    kind = known().get(name)
    return components.family(name) if kind == "family" else components.load(kind, name) if kind else None


def is_written_in(component: Component, path: str) -> bool:
    """Whether the file of a component has a parameter itself, and does not take it over from another one."""
    return path in read_component(component.path).table(str(component.path))


def carriers(name: str, path: str) -> tuple[str, ...]:
    """Components whose parameter changes with that of a component, material or family.

    Parameters
    ----------
    name : str
        Component, material or family.
    path : str
        Parameter.

    Returns
    -------
    tuple of str
        All that take the parameter over from its file, that one among them if it is no family; the component alone if
        it takes the parameter over itself.
    """
    found = home(name)
    if found is None or not is_written_in(found, path):
        return (name,)
    own = found.own.get(path)
    # What is taken over is the same object.
    return tuple(
        each
        for each in components.names(found.kind)
        if components.load(found.kind, each).own.get(path) is own
    )  # fmt: skip
