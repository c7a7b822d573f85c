"""Axes of a sweep: which parameter varies, over which values, and how unit-cube samples map onto them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel import units
from cellmodel.cell import Cell
from cellmodel.errors import InputError
from cellmodel.sweep.schema import AxisSpec

LAYOUTS = ("values", "linear", "log")


class Varied:
    """What axes and uncertain parameters share: a parameter's `path` and `unit`, and whether its scale is `log`."""

    path: str
    unit: str
    log: bool

    @property
    def name(self) -> str:
        """Name of the dimension or variable in datasets: the path with underscores, as CF wants names."""
        return self.path.replace(".", "_")

    @property
    def attributes(self) -> dict[str, str]:
        """CF attributes of its values."""
        label = self.path.replace(".", " ").replace("_", " ")
        scale = "log" if self.log else "linear"
        return {"long_name": label, "units": self.unit, "parameter_path": self.path, "scale": scale}

    def text(self, value: float) -> str:
        """Return a value as a user would write it, without loss of digits."""
        return f"{float(value)!r} {self.unit}".removesuffix(" 1")


@dataclass(frozen=True)
class Axis(Varied):
    """One varied parameter.

    Attributes
    ----------
    path : str
        The cell parameter's full path, such as ``cathode.loading``.
    unit : str
        Unit of everything below, as the file writes it; ``1`` for a pure number.
    layout : str
        ``values``, ``linear`` or ``log``.
    ends : tuple of float
        The values themselves, or low and high of a range.
    count : int
        Number of values on a grid; 0 for a range that is only sampled.
    """

    path: str
    unit: str
    layout: str
    ends: tuple[float, ...]
    count: int

    @property
    def log(self) -> bool:
        """Whether equal ratios are equally far apart."""
        return self.layout == "log"

    def grid(self) -> NDArray[np.float64]:
        """Return the values of a grid, shape (count,), in `unit`; ends exactly as written."""
        if self.layout == "values":
            return np.array(self.ends)
        spaced = np.geomspace if self.layout == "log" else np.linspace
        return spaced(*self.ends, self.count)

    def sample(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map numbers from [0, 1) onto the axis.

        Parameters
        ----------
        share : ndarray, shape (points,)
            Position along the axis; explicit values get equal shares.

        Returns
        -------
        ndarray, shape (points,)
            In `unit`.
        """
        if self.layout == "values":
            return np.array(self.ends)[(share * len(self.ends)).astype(int)]
        low, high = self.ends
        if self.layout == "log":
            return low * (high / low) ** share
        return low + (high - low) * share

    def position(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where values of the axis lie along it, shape (points,): the inverse of `sample`.

        Explicit values lie in the middle of their shares.
        """
        if self.layout == "values":
            return (np.abs(values[:, None] - np.array(self.ends)).argmin(axis=1) + 0.5) / len(self.ends)
        low, high = self.ends
        if self.layout == "log":
            return np.log(values / low) / np.log(high / low)
        return (values - low) / (high - low)


def resolve(path: str, spec: AxisSpec, cell: Cell, where: str, gridded: bool) -> Axis:
    """Check one axis of a sweep file against the base cell.

    Parameters
    ----------
    path : str
        Parameter path or alias, as the file writes it.
    spec : AxisSpec
        What the file says about it.
    cell : Cell
        Base cell; every value of the axis must be allowed in it.
    where : str
        File name for messages.
    gridded : bool
        Whether ranges need a number of values.

    Returns
    -------
    Axis
        With full path and one unit.

    Raises
    ------
    InputError
        The path names no number of the cell, a value has another unit or is out of range, or a range is not
        [low, high, number].
    """
    key = f"axes.{path}"
    layouts = [name for name in LAYOUTS if getattr(spec, name) is not None]
    if len(layouts) != 1:
        given = " and ".join(layouts) or "nothing"
        problem = f"has {given}, where exactly one layout is needed"
        raise InputError(where, key, problem=problem, allowed=", ".join(LAYOUTS))
    layout = layouts[0]
    full = cell.full_path(path, f"{where}: axes")
    given, count = _split(list(getattr(spec, layout)), layout, gridded, where, key)
    unit = _first_unit(given[0], where, key)
    allowed = cell.parameters[full].allowed if full in cell.parameters else ""
    ends = tuple(float(units.read(each, unit, where, key, allowed)) for each in given)  # type: ignore[arg-type]
    axis = Axis(full, unit, layout, ends, count)
    _check_range(axis, cell, where)
    _check_order(axis, where, key)
    return axis


def _split(given: list[Any], layout: str, gridded: bool, where: str, key: str) -> tuple[list[Any], int]:
    """Separate the ends of a range from its number of values."""
    if layout == "values":
        if not given:
            raise InputError(where, key, problem="has no values", fix="give at least one value")
        return given, len(given)
    form = "[low, high, number of values]" if gridded else "[low, high]"
    key = f"{key}.{layout}"
    if len(given) != 2 + gridded:
        why = "a grid needs the number of values" if gridded else "leave the number out: samples fill the range"
        raise InputError(where, key, given, form, why, problem=f"has {len(given)} entries")
    count = given[2] if gridded else 0
    if gridded and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
        raise InputError(where, key, count, "whole numbers from 1", problem="is not a number of values")
    return given[:2], count


def _first_unit(given: Any, where: str, key: str) -> str:
    try:
        return units.quantity(given)[1].text or "1"
    except units.UnitError as error:
        raise InputError(where, key, problem=str(error), fix="write values like '3 MPa' or 0.85") from None


def _check_order(axis: Axis, where: str, key: str) -> None:
    """Values must differ, and a range must have an extent; ratios need positive ends."""
    if axis.layout == "values":
        if len(set(axis.ends)) < len(axis.ends):
            raise InputError(where, key, list(axis.ends), problem="holds a value twice", fix="keep one of them")
        return
    low, high = axis.ends
    if axis.layout == "log" and low <= 0:
        problem = "does not start above zero, as equal ratios must"
        raise InputError(where, f"{key}.log", axis.text(low), problem=problem, fix="use linear")
    if not low < high:
        problem = f"does not end above its start, {axis.text(low)}"
        raise InputError(where, f"{key}.{axis.layout}", axis.text(high), problem=problem)


def _check_range(axis: Axis, cell: Cell, where: str) -> None:
    """Refuse ends with a wrong unit or out of range.

    Whether values of several axes go together is a matter of each point, not of the sweep.
    """
    for end in axis.ends:
        parameter = cell.parameters.get(axis.path)
        if parameter is None:  # one that the base cell leaves unset
            cell.with_({axis.path: axis.text(end)}, f"{where}: axes")
        else:
            parameter.replaced_by(axis.text(end), where, f"axes.{axis.path}")
