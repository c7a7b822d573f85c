"""The cell: a stack of components with a value for each of their parameters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from cellmodel.cell_paths import (
    ALIASES,
    SLOTS,
    check_together,
    filled_slots,
    full_paths,
    load_components,
    material_paths,
    parameter_table,
)
from cellmodel.errors import InputError
from cellmodel.parameters import Parameter
from cellmodel.units import Value


class _Parts(NamedTuple):
    names: dict[str, str]
    geometry: str
    phases: tuple[str, ...]
    materials: dict[str, tuple[str, ...]]
    table: dict[str, Parameter]
    given: dict[str, Any]


class Cell:
    """An anode-less cell, ready to be simulated; it never changes, `with_` makes another one.

    Parameters
    ----------
    anode : str
        Name of a component; ``cellmodel components`` lists them.
    electrolyte : str, optional
        Name of the separator's material.
    cathode : str, optional
        Name of the cathode: makes a full cell.
    counter : str, optional
        Name of the counter electrode: makes a half cell, as does naming neither.
    laboratory : str, optional
        Whose pellets: their flaws and interfacial resistance.
    overrides : mapping of str to quantity, optional
        Values by path, such as ``{"anode.porosity": 0.8, "anode.silver.diffusivity": "1e-12 m2/s"}``, or by material:
        ``{"silver.diffusivity": "1e-12 m2/s"}``.
    **settings
        Parameters of the cell itself (``stack_pressure="3 MPa"``) and short names (``loading="20 mg/cm2"``).

    Raises
    ------
    InputError
        Naming the parameter, what was given and what is allowed.

    Notes
    -----
    A quantity is a string with its unit, a pint Quantity, or a bare number where there is no unit.

    Examples
    --------
    >>> cell = Cell(anode="ag-ni-scaffold", stack_pressure="3 MPa")
    >>> cell.si["stack_pressure"]
    3000000.0
    """

    __slots__ = ("_parts", "_si")

    def __init__(
        self,
        anode: str,
        electrolyte: str | None = None,
        cathode: str | None = None,
        counter: str | None = None,
        laboratory: str | None = None,
        *,
        overrides: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        slots = dict(zip(SLOTS, (anode, electrolyte, cathode, counter, laboratory), strict=True))
        self._keep(_assembled(slots, [settings, overrides or {}], "Cell"))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], where: str = "Cell.from_mapping") -> "Cell":
        """Make a cell from the keys and values of a file.

        Parameters
        ----------
        mapping : mapping of str to object
            Component names, settings, short names and paths side by side; ``overrides`` may hold paths, too.
        where : str, optional
            File and key, for messages.

        Returns
        -------
        Cell
            As if by the same arguments.

        Raises
        ------
        InputError
            Naming file, key, what was given and what is allowed.
        """
        if not isinstance(mapping, Mapping):
            raise InputError(where, given=mapping, problem="is not a mapping", fix="write 'anode: <name>' and so on")
        rest = {str(key): value for key, value in mapping.items()}
        slots = {slot: rest.pop(slot, None) for slot in SLOTS}
        overrides = rest.pop("overrides", None) or {}
        return cls._from_parts(_assembled(slots, [rest, overrides], where))

    @classmethod
    def _from_parts(cls, parts: _Parts) -> "Cell":
        cell = object.__new__(cls)
        cell._keep(parts)
        return cell

    def _keep(self, parts: _Parts) -> None:
        object.__setattr__(self, "_parts", parts)
        object.__setattr__(self, "_si", {path: each.si for path, each in parts.table.items() if each.si is not None})

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse to change the cell in place."""
        raise AttributeError(f"a cell never changes; write cell.with_({{{name!r}: ...}}) for another one")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the parts."""
        return Cell._from_parts, (self._parts,)

    def __repr__(self) -> str:
        """Show the components and what the user set."""
        shown = [f"{slot}={name!r}" for slot, name in self._parts.names.items()]
        shown += [f"{path}={self._parts.table[path].text!r}" for path in self._parts.given]
        return f"Cell({', '.join(shown)})"

    @property
    def names(self) -> Mapping[str, str]:
        """Component name of each slot that is filled."""
        return MappingProxyType(self._parts.names)

    @property
    def geometry(self) -> str:
        """``planar``, ``film`` or ``porous`` anode."""
        return self._parts.geometry

    @property
    def phases(self) -> tuple[str, ...]:
        """Lithium-storing phases of the anode."""
        return self._parts.phases

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every parameter that has a value, by path."""
        return MappingProxyType({path: each for path, each in self._parts.table.items() if path in self._si})

    def declared(self, path: str) -> Parameter:
        """Return a parameter by its full path, also one that has no value.

        Parameters
        ----------
        path : str
            As from `full_path`.

        Returns
        -------
        Parameter
            Its value is None where it is not set.
        """
        return self._parts.table[path]

    @property
    def si(self) -> Mapping[str, Value]:
        """Every value in SI base units, by path."""
        return MappingProxyType(self._si)

    @property
    def is_full(self) -> bool:
        """Whether the other electrode is a cathode."""
        return "cathode" in self._parts.names

    @property
    def one_c(self) -> float:
        """Current density of 1C [A/m2].

        It is ``one_c`` where set, else ``specific_one_c`` or the cathode's nominal capacity times loading.

        Raises
        ------
        InputError
            When the cell has none of them.
        """
        if "one_c" in self._si:
            return self._si["one_c"]
        loading = self._si.get("cathode.loading")
        if loading is not None and "specific_one_c" in self._si:
            return self._si["specific_one_c"] * loading
        if loading is not None and "cathode.nominal_capacity" in self._si:
            return self._si["cathode.nominal_capacity"] * loading / 3600.0
        fix = "set one_c (such as '4 mA/cm2'), name a cathode, or give currents in mA/cm2"
        raise InputError("Cell", "one_c", problem="is not known, so a C-rate has no meaning", fix=fix)

    def full_path(self, name: str, where: str = "Cell.full_path") -> str:
        """Return the path that a name stands for: ``loading`` is ``cathode.loading``.

        Of several places where a material stands, the first.

        Parameters
        ----------
        name : str
            Short name or path.
        where : str, optional
            For the message.

        Returns
        -------
        str
            Path of a parameter of this cell.

        Raises
        ------
        InputError
            When there is no such parameter; the nearest is offered.
        """
        return _paths(name, self._parts, where)[0]

    def has(self, name: str) -> bool:
        """Whether a name stands for a parameter of this cell, as `full_path` takes it."""
        path = ALIASES.get(name, name)
        return path in self._parts.table or path in self._parts.materials

    def with_(self, mapping: Mapping[str, Any], where: str = "Cell.with_") -> "Cell":
        """Return a cell that differs in some values or components.

        Parameters
        ----------
        mapping : mapping of str to object
            Quantities by path or short name; component names by slot.
        where : str, optional
            For messages.

        Returns
        -------
        Cell
            All other values, also those set before, stay.

        Raises
        ------
        InputError
            As for a new cell.

        Examples
        --------
        >>> Cell(anode="ag-ni-scaffold").with_({"stack_pressure": "20 bar"}).parameters["stack_pressure"].text
        '2 MPa'
        """
        slots = {key: mapping[key] for key in mapping if key in SLOTS}
        values = {key: mapping[key] for key in mapping if key not in SLOTS}
        parts = self._parts
        if slots:
            parts = _assembled(parts.names | slots, [parts.given], where)
        return Cell._from_parts(_with_values(parts, [values], where))

    def identity(self) -> dict[str, Any]:
        """Return what makes this cell this cell, for hashing.

        Returns
        -------
        dict
            Component names, geometry, and every value in SI base units, sorted; JSON keeps all digits.
        """
        values = {path: list(si) if isinstance(si, tuple) else si for path, si in sorted(self._si.items())}
        names = dict(sorted(self._parts.names.items()))
        return {"components": names, "geometry": self.geometry, "parameters": values}


def _assembled(slots: Mapping[str, Any], values: list[Mapping[str, Any]], where: str) -> _Parts:
    names = filled_slots(slots, where)
    loaded = load_components(names, where)
    anode = loaded["anode"]
    materials = material_paths(loaded)
    parts = _Parts(names, anode.geometry or "planar", anode.phases, materials, parameter_table(loaded), {})
    return _with_values(parts, values, where)


def _paths(name: str, parts: _Parts, where: str) -> tuple[str, ...]:
    return full_paths(name, parts.table, parts.names, parts.materials, where)


def _with_values(parts: _Parts, values: list[Mapping[str, Any]], where: str) -> _Parts:
    table, new = dict(parts.table), {}
    for mapping in values:
        for name, given in mapping.items():
            for path in _paths(name, parts, where):
                if path in new:
                    raise InputError(where, name, given, problem=f"sets {path} a second time", fix="keep one of them")
                table[path] = table[path].replaced_by(given, where, name)
                new[path] = given
    check_together(table, where)
    return parts._replace(table=table, given=parts.given | new)
