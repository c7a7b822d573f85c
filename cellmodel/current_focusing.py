"""Current focusing at a lithium-filled crack, from the tabulated field around it (`crack_field` says of what)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cellmodel.errors import InputError

TABLE = Path(__file__).resolve().parent / "data/tables/current_focusing.csv"


class FocusingTable(NamedTuple):
    """Focusing over shape and Biot number."""

    biot: np.ndarray  # float64[m], equal ratios [1]
    aspect: np.ndarray  # float64[n], depth over mouth width [1]
    values: np.ndarray  # float64[m, n], current at the tip over the mean [1]


@lru_cache(maxsize=1)
def focusing_table() -> FocusingTable:
    """Read the table that ships with the package."""
    with TABLE.open(encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    aspect = np.array([float(name) for name in lines[0].split(",")[1:]])
    numbers = np.array([[float(cell) for cell in line.split(",")] for line in lines[1:]])
    return FocusingTable(numbers[:, 0], aspect, numbers[:, 1:])


@lru_cache(maxsize=256)
def focusing_of_shape(aspect: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Interpolate the table to cracks of one shape.

    Parameters
    ----------
    aspect : float
        Depth over mouth width, within the table [1].

    Returns
    -------
    log_biot, values, slopes : float64[m]
        ln(h a), focusing, and its derivative over ln(h a). The slopes at both ends are zero: there the limits of
        charge transfer and of conduction have been reached.

    Raises
    ------
    InputError
        The table has no cracks of this shape.
    """
    table = focusing_table()
    low, high = table.aspect[0], table.aspect[-1]
    if not low <= aspect <= high:
        allowed, fix = f"{low:g} to {high:g}", "give a crack that is deeper than wide, as the table holds"
        raise InputError("current focusing", "depth over width", f"{aspect:g}", allowed, fix)
    log_biot = np.log(table.biot)
    known = np.flatnonzero(table.aspect == aspect)
    values = table.values[:, known[0]] if known.size else _between_shapes(table, aspect)
    return log_biot, values, _clamped_slopes(log_biot[1] - log_biot[0], values)


def _between_shapes(table: FocusingTable, aspect: float) -> np.ndarray:
    from scipy.interpolate import CubicSpline  # a quarter of a second that shapes of the table need not wait

    return np.exp(CubicSpline(np.log(table.aspect), np.log(table.values), axis=1)(np.log(aspect)))


def _clamped_slopes(step: float, values: np.ndarray) -> np.ndarray:
    """Slopes at equidistant nodes of the cubic spline that is flat at both ends.

    s_i-1 + 4 s_i + s_i+1 = 3 (v_i+1 - v_i-1)/h with h the distance of nodes;

    C. de Boor, A Practical Guide to Splines (1978), chapter IV.
    """
    inner = values.size - 2
    matrix = 4.0 * np.eye(inner) + np.eye(inner, k=1) + np.eye(inner, k=-1)
    return np.concatenate([[0.0], np.linalg.solve(matrix, 3.0 * (values[2:] - values[:-2]) / step), [0.0]])


def current_focusing(depth: float, width: float, transfer: float, conductivity: float) -> float:
    """Current density at the tip of a lithium-filled crack over the mean current density.

    Parameters
    ----------
    depth, width : float
        a, and w of the mouth [m].
    transfer : float
        Linearised charge transfer i0/V_T, positive [S/m2].
    conductivity : float
        kappa of the electrolyte [S/m].

    Returns
    -------
    float
        Focusing [1]: 1 where charge transfer decides, 1 + 2 a/w (an ellipse) where conduction does. Near a
        Biot number i0 a/(V_T kappa) of 0.05 it is up to 4 % below 1.

    Raises
    ------
    InputError
        The crack's depth over width lies outside of the table, 1 to 200.

    Notes
    -----
    Two dimensions, one crack in a plane, linearised kinetics.

    Examples
    --------
    >>> round(current_focusing(10e-6, 1e-6, 4000.0, 0.2), 2)
    0.99
    """
    from scipy.interpolate import CubicHermiteSpline

    log_biot, values, slopes = focusing_of_shape(depth / width)
    at = np.clip(np.log(transfer * depth / conductivity), log_biot[0], log_biot[-1])
    return float(CubicHermiteSpline(log_biot, values, slopes)(at))
