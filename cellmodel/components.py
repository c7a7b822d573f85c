"""Find and load components: those that come with the package, then the user's own in ``config/cells/``."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cellmodel import units
from cellmodel.errors import InputError, did_you_mean
from cellmodel.parameters import Parameter
from cellmodel.yaml_files import read_yaml

KINDS = ("anode", "electrolyte", "cathode", "counter", "laboratory", "material", "cell")
_DATA = Path(__file__).resolve().parent / "data"
_FOLDERS = {
    "anode": "anodes",
    "electrolyte": "electrolytes",
    "cathode": "cathodes",
    "counter": "counters",
    "laboratory": "laboratories",
    "material": "materials",
    "cell": "",
}
_FAMILIES = "families"  # what several anodes have in common; no components themselves
_USER_FOLDER = Path("config/cells")
_SURFACE = "surface."
# What a material is to a component: how its parameters are called there, and whether they are those of its surface.
_ROLES = {"top": ("top_", True), "base": ("base_", True), "network": ("", False), "binder": ("binder_", False)}


@dataclass(frozen=True)
class Component:
    """A layer of the cell (or a laboratory, or the cell's own settings) with its parameters.

    Attributes
    ----------
    name, kind : str
        What it is called, and which of `KINDS` it is.
    geometry : str or None
        ``planar``, ``film`` or ``porous`` for anodes.
    description : str
        One or two sentences.
    parameters : dict of str to Parameter
        By path inside the component: ``porosity``, ``silver.diffusivity``.
    phases : tuple of str
        Lithium-storing phases, in the order of the file.
    path : Path
        Where it was read.
    own : dict of str to Parameter
        Those of `parameters` that no material gives.
    roles : dict of str to str
        Materials by what they are to the component: ``{"silver": "silver", "network": "slurry-cast"}``.
    shared : dict of str to tuple of str
        Paths inside the component of what a material gives: ``{"silver.diffusivity": ("silver.diffusivity",)}``.
    """

    name: str
    kind: str
    geometry: str | None
    description: str
    parameters: dict[str, Parameter]
    phases: tuple[str, ...]
    path: Path
    own: dict[str, Parameter]
    roles: dict[str, str]
    shared: dict[str, tuple[str, ...]]


def names(kind: str) -> tuple[str, ...]:
    """Return the names of all components of a kind.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    tuple of str
        Shipped ones first, then the user's, each sorted.

    Raises
    ------
    InputError
        For an unknown kind, or a file in ``config/cells/`` that is no YAML.
    """
    return (*_shipped(kind), *(path.stem for path in _user_files() if _kind_of(path) == kind))


def load(kind: str, name: str, where: str = "cellmodel.components.load") -> Component:
    """Load a component by name.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    name : str
        File name without ``.yaml``.
    where : str, optional
        Call or file that asks, for messages.

    Returns
    -------
    Component
        Kept in memory until its file changes.

    Raises
    ------
    InputError
        When there is no such component (the nearest name is offered), or its file is wrong.
    """
    shipped = _DATA / _folder(kind) / f"{name}.yaml"
    user = _USER_FOLDER / f"{name}.yaml"
    # A file that does not say what it is gets read, too, which tells the user what is wrong with it.
    of_user = user.is_file() and _kind_of(user) in (kind, None)
    if shipped.is_file():
        if of_user:
            problem = f"has the name of a {kind} that comes with the package"
            raise InputError(str(user), "name", str(name), problem=problem, fix="rename the file and the component")
        return _load(shipped.resolve(), shipped.stat().st_mtime_ns)
    if of_user:
        return _load(user.resolve(), user.stat().st_mtime_ns)
    hint = did_you_mean(str(name), names(kind)) or f"describe your own in {user}"
    allowed = ", ".join(names(kind))
    raise InputError(where, kind, name, allowed, hint, problem=f"is not a known {kind}")


def _folder(kind: str) -> str:
    if kind not in _FOLDERS:
        raise InputError("components", "kind", kind, ", ".join(KINDS), did_you_mean(kind, KINDS))
    return _FOLDERS[kind]


def _shipped(kind: str) -> list[str]:
    return sorted(path.stem for path in (_DATA / _folder(kind)).glob("*.yaml"))


def _user_files() -> list[Path]:
    return sorted(_USER_FOLDER.glob("*.yaml"))


def _kind_of(path: Path) -> str | None:
    content = _content(path.resolve(), path.stat().st_mtime_ns)
    kind = content.get("kind") if isinstance(content, dict) else None
    return kind if kind in KINDS else None


@lru_cache(maxsize=256)
def _content(path: Path, changed: int) -> object:
    return read_yaml(path)


@lru_cache(maxsize=256)
def _load(path: Path, changed: int) -> Component:
    # Pydantic is imported with the first file that is read.
    from cellmodel.component_files import read_component

    file = read_component(path)
    own, roles, geometry, phases = file.table(str(path)), file.roles, file.geometry, tuple(file.phases)
    if file.based_on:
        _check_ends(file.name, file.based_on, path)
        base = family(file.based_on) or load(file.kind, file.based_on, f"{path}: based_on")
        geometry, own, roles = geometry or base.geometry, base.own | own, base.roles | roles
        phases = tuple(dict.fromkeys((*base.phases, *phases)))
    if file.kind == "anode" and not geometry and path.parent.name != _FAMILIES:
        raise InputError(str(path), "geometry", problem="is missing", allowed="planar, film, porous")
    given, shared = _from_materials(roles, own, path)
    table = own | given
    if not path.is_relative_to(_DATA):
        _check_family(table, file.kind, geometry, path)
    return Component(file.name, file.kind, geometry, file.description, table, phases, path, own, roles, shared)


def families() -> tuple[str, ...]:
    """Return the names of what several components are based on that is no component itself, sorted."""
    return tuple(sorted(path.stem for path in (_DATA / _FAMILIES).glob("*.yaml")))


def family(name: str) -> Component | None:
    """Load what several components have in common, by its name; None if there is none of that name."""
    path = _DATA / _FAMILIES / f"{name}.yaml"
    return _load(path.resolve(), path.stat().st_mtime_ns) if path.is_file() else None


def _from_materials(
    roles: dict[str, str], own: dict[str, Parameter], path: Path
) -> tuple[dict[str, Parameter], dict[str, tuple[str, ...]]]:
    """Return what materials give to a component, by path inside it, and where each number of a material went."""
    given: dict[str, Parameter] = {}
    shared: dict[str, tuple[str, ...]] = {}
    for role, name in roles.items():
        prefix, of_surface = _ROLES.get(role, (f"{role}.", False))
        for key, parameter in load("material", name, f"{path}: material of {role}").parameters.items():
            place = prefix + key.removeprefix(_SURFACE)
            if key.startswith(_SURFACE) == of_surface and place not in own:
                given[place] = parameter
                shared[f"{name}.{key}"] = (*shared.get(f"{name}.{key}", ()), place)
    return given, shared


def _check_ends(name: str, base: str | None, path: Path) -> None:
    """Refuse components that inherit from each other in a circle."""
    seen = [name]
    while base:
        if base in seen:
            problem = f"inherits from itself: {' <- '.join([*seen, base])}"
            raise InputError(str(path), "based_on", problem=problem, fix="write the parameters out in one of them")
        seen.append(base)
        user = _USER_FOLDER / f"{base}.yaml"
        content = _content(user.resolve(), user.stat().st_mtime_ns) if user.is_file() else None
        base = content.get("based_on") if isinstance(content, dict) else None


def _check_family(table: dict[str, Parameter], kind: str, geometry: str | None, path: Path) -> None:
    """Hold a user's component against the shipped ones of its kind, which show what the model reads."""
    family = [load(kind, name) for name in _shipped(kind)]
    tables = [_by_level(each.parameters) for each in family if each.geometry == geometry]
    for holder, own in _by_level(table).items():
        # A user's phase may have any name; its parameters are those of the shipped phases.
        relatives = [part for levels in tables for name, part in levels.items() if bool(name) == bool(holder)]
        if relatives:
            _check_table(own, relatives, f"{holder}." if holder else "", str(path))


def _by_level(table: dict[str, Parameter]) -> dict[str, dict[str, Parameter]]:
    """Sort parameters by their holder: the component itself (an empty name) and each of its phases."""
    levels: dict[str, dict[str, Parameter]] = {"": {}}
    for path, parameter in table.items():
        holder, _, name = path.rpartition(".")
        levels.setdefault(holder, {})[name] = parameter
    return levels


def _check_table(own: dict[str, Parameter], relatives: list[dict[str, Parameter]], prefix: str, where: str) -> None:
    known = {name: parameter for relative in relatives for name, parameter in relative.items()}
    for name, parameter in own.items():
        if name not in known:
            fix = did_you_mean(name, known) or "remove it"
            problem = "is not a known parameter"
            raise InputError(where, prefix + name, allowed=", ".join(known), fix=fix, problem=problem)
        wanted = known[name].unit
        if units.unit(parameter.unit).dimension != units.unit(wanted).dimension:
            problem = f"does not measure {units.kind_of(wanted)}"
            raise InputError(where, f"{prefix}{name}: unit", parameter.unit, f"units like {wanted}", problem=problem)
    for name in known:
        # What a shipped component leaves unset is optional in a user's, too.
        if name not in own and all(name in relative and relative[name].value is not None for relative in relatives):
            fix = "add it, or inherit it from another component with 'based_on: <name>'"
            raise InputError(where, prefix + name, problem="is missing", fix=fix)
