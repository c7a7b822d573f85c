"""Names of a cell's parameters: paths such as ``anode.silver.diffusivity``, short names, and those of materials."""

from collections.abc import Iterable, Mapping, Sequence

from cellmodel import components
from cellmodel.errors import InputError, did_you_mean, nearest
from cellmodel.parameters import Parameter

SLOTS = ("anode", "electrolyte", "cathode", "counter", "laboratory")
_DEFAULTS = {"electrolyte": "lpscl", "counter": "lithium", "laboratory": "choi"}
ALIASES = {
    "loading": "cathode.loading",
    "counter_thickness": "counter.thickness",
    "electrolyte_mass": "electrolyte.mass",
    "pellet_pressure": "electrolyte.pellet_pressure",
}
# Volume shares of one layer, which must leave room for what is not listed, and shares of a whole.
_SHARES = (
    ("anode.porosity", "anode.electrolyte_share"),
    ("cathode.active_share", "cathode.electrolyte_share", "cathode.carbon_share"),
)
_SHARE_OF_WHOLE = ".share_of_solid"


def filled_slots(slots: Mapping[str, object], where: str) -> dict[str, str]:
    """Fill the slots that a cell needs with the default, and refuse two other electrodes.

    Parameters
    ----------
    slots : mapping of str to object
        Component names by slot; None where none is named.
    where : str
        For the message.

    Returns
    -------
    dict of str to str
        Component names of all slots that the cell has.

    Raises
    ------
    InputError
        When there is no anode, or both a cathode and a counter electrode.
    """
    given = {slot: name for slot, name in slots.items() if name is not None}
    if "anode" not in given:
        raise InputError(where, "anode", problem="is missing", fix="name one; 'cellmodel components' lists them")
    if "cathode" in given and "counter" in given:
        allowed = "a cathode (full cell) or a counter electrode (half cell)"
        problem = "is given together with a cathode"
        raise InputError(where, "counter", given["counter"], allowed, "leave one of them out", problem=problem)
    defaults = {slot: name for slot, name in _DEFAULTS.items() if slot != "counter" or "cathode" not in given}
    merged = defaults | given
    return {slot: merged[slot] for slot in SLOTS if slot in merged}


def load_components(names: Mapping[str, str], where: str) -> dict[str, components.Component]:
    """Load the components of a cell, its own settings included.

    Parameters
    ----------
    names : mapping of str to str
        Component name of each slot that is filled.
    where : str
        For messages.

    Returns
    -------
    dict of str to Component
        By slot; the cell's own settings have the slot ``cell``.

    Raises
    ------
    InputError
        When a component is unknown or its file is wrong.
    """
    loaded = {"cell": components.load("cell", "cell", where)}
    return loaded | {slot: components.load(slot, name, where) for slot, name in names.items()}


def parameter_table(loaded: Mapping[str, components.Component]) -> dict[str, Parameter]:
    """Put the parameters of all components into one table.

    Parameters
    ----------
    loaded : mapping of str to Component
        By slot.

    Returns
    -------
    dict of str to Parameter
        By path; the cell's own settings have no dot in theirs.
    """
    table: dict[str, Parameter] = {}
    for slot, component in loaded.items():
        prefix = "" if slot == "cell" else f"{slot}."
        table |= {prefix + name: parameter for name, parameter in component.parameters.items()}
    return table


def material_paths(loaded: Mapping[str, components.Component]) -> dict[str, tuple[str, ...]]:
    """Say where in a cell the numbers of its materials stand.

    Parameters
    ----------
    loaded : mapping of str to Component
        By slot.

    Returns
    -------
    dict of str to tuple of str
        ``{"silver.diffusivity": ("anode.silver.diffusivity",)}``: keys of `parameter_table` for each of a material.
    """
    return {
        name: tuple(f"{slot}.{path}" for path in paths)
        for slot, component in loaded.items()
        for name, paths in component.shared.items()
    }


def full_paths(
    name: str,
    table: Mapping[str, Parameter],
    names: Mapping[str, str],
    materials: Mapping[str, tuple[str, ...]],
    where: str,
) -> tuple[str, ...]:
    """Return the paths that a user's name stands for.

    Parameters
    ----------
    name : str
        A path, one of `ALIASES`, or a material and its parameter.
    table : mapping of str to Parameter
        All parameters of the cell.
    names : mapping of str to str
        Component names by slot, for the message.
    materials : mapping of str to tuple of str
        From `material_paths`.
    where : str
        For the message.

    Returns
    -------
    tuple of str
        Keys of `table`: one, or as many as the cell has places for that number of a material.

    Raises
    ------
    InputError
        When the cell has no such parameter; the nearest is offered.
    """
    path = ALIASES.get(name, name)
    if path in table:
        return (path,)
    if path in materials:
        return materials[path]
    slot, _, _ = path.partition(".")
    if slot in SLOTS and "." in path and slot not in names:
        problem = f"needs a {slot}, and this cell has none"
        raise InputError(where, name, problem=problem, fix=f"name the {slot}, or leave {name} out")
    if slot in names and "." in path:
        leaves = {each.partition(".")[2]: each for each in table if each.startswith(f"{slot}.")}
        close = nearest(path.partition(".")[2], leaves)
        fix = f"did you mean {leaves[close]!r}?" if close else ""
        problem = f"is not a parameter of {slot} {names[slot]!r}"
        raise InputError(where, name, problem=problem, allowed=", ".join(leaves.values()), fix=fix)
    options = [*SLOTS, *(each for each in table if "." not in each), *ALIASES]
    fix = did_you_mean(path, options) or did_you_mean(path, [*materials, *table])
    raise InputError(where, name, problem="is not a parameter of the cell", allowed=", ".join(options), fix=fix)


def check_together(table: Mapping[str, Parameter], where: str) -> None:
    """Refuse layers whose parts take more room than there is, and two meanings of 1C.

    Parameters
    ----------
    table : mapping of str to Parameter
        All parameters of the cell.
    where : str
        For the message.

    Raises
    ------
    InputError
        When volume shares of one layer sum to 1 or more, or ``one_c`` and ``specific_one_c`` are both set.
    """
    given = [path for path in ("one_c", "specific_one_c") if path in table and table[path].value is not None]
    if len(given) > 1:
        raise InputError(where, " and ".join(given), problem="are both set", fix="keep one of them")
    for paths, allowed, most in share_groups(table):
        _check_sum(table, paths, where, allowed, most)


def share_groups(present: Iterable[str]) -> list[tuple[tuple[str, ...], str, float]]:
    """Return the shares of a layer or of a whole that must leave room for each other.

    Parameters
    ----------
    present : iterable of str
        Paths of a cell's parameters.

    Returns
    -------
    list of (tuple of str, str, float)
        Paths of each group, what their sum may be, and its largest value.
    """
    names = list(present)
    known = set(names)
    groups = [(tuple(path for path in paths if path in known), "a sum below 1", 0.9999) for paths in _SHARES]
    of_whole = tuple(path for path in names if path.endswith(_SHARE_OF_WHOLE))
    return [*groups, (of_whole, "a sum of at most 1", 1.0)]


def _check_sum(table: Mapping[str, Parameter], paths: Sequence[str], where: str, allowed: str, most: float) -> None:
    total = sum(table[path].si for path in paths)  # type: ignore[misc]
    if total > most:
        fix = "lower " + " or ".join(f"{path} ({table[path].text})" for path in paths)
        problem = f"sum to {total:.4g}, more than there is room for"
        raise InputError(where, " + ".join(paths), problem=problem, allowed=allowed, fix=fix)
