"""Sparse Jacobians of a right-hand side by dual numbers.

The pattern is found by letting a NaN flow through the compiled right-hand side: the rows that it
reaches depend on the unknown that carried it. Unknowns that share no row share a colour, and one
direction of the duals serves all unknowns of a colour.

References
----------
A. R. Curtis, M. J. D. Powell, J. K. Reid, IMA J. Appl. Math. 13 (1974) 117, doi:10.1093/imamat/13.1.117.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.numerics.dual import LANES
from cellmodel.numerics.dual_arrays import collected, seeded
from cellmodel.numerics.sparse_lu import LUPlan


class ColourPlan(NamedTuple):
    """Which unknowns are moved together, and where the differences belong.

    Attributes
    ----------
    count : int
        Number of colours.
    of : int64[n]
        Colour of each unknown.
    member_start, member : int64
        Unknowns of colour c are `member[member_start[c]:member_start[c+1]]`.
    entry_start, row, slot : int64
        Unknown j fills, for e in `entry_start[j]:entry_start[j+1]`, the factor slot `slot[e]` from row `row[e]`.
    """

    count: int
    of: np.ndarray
    member_start: np.ndarray
    member: np.ndarray
    entry_start: np.ndarray
    row: np.ndarray
    slot: np.ndarray


def pattern_of(evaluate: Callable[[np.ndarray, np.ndarray], None], state: np.ndarray) -> np.ndarray:
    """Find which rows depend on which unknowns.

    Parameters
    ----------
    evaluate : callable
        `evaluate(state, out)` fills `out`; it must be free of branches on the unknowns.
    state : float64[n]
        Any state at which the right-hand side is finite.

    Returns
    -------
    bool[n, n]
        Entry (i, j) is True if row i depends on unknown j.

    Raises
    ------
    FloatingPointError
        If the right-hand side is not finite at `state`.
    """
    n = state.size
    out = np.empty(n)
    evaluate(state, out)
    if not np.all(np.isfinite(out)):
        raise FloatingPointError(f"right-hand side is not finite in rows {np.flatnonzero(~np.isfinite(out))}")
    pattern = np.zeros((n, n), dtype=bool)
    for j in range(n):
        marked = state.copy()
        marked[j] = np.nan
        evaluate(marked, out)
        pattern[:, j] = np.isnan(out)
    return pattern


def colour(pattern: np.ndarray, lu: LUPlan) -> ColourPlan:
    """Colour unknowns greedily and map each dependency to its slot in the factors."""
    n = pattern.shape[0]
    used: list[np.ndarray] = []
    groups: list[list[int]] = []
    for j in sorted(range(n), key=lambda j: -int(pattern[:, j].sum())):
        fitting = next((c for c, rows in enumerate(used) if not np.any(rows & pattern[:, j])), None)
        if fitting is None:
            used.append(pattern[:, j].copy())
            groups.append([j])
        else:
            used[fitting] |= pattern[:, j]
            groups[fitting].append(j)
    of = np.empty(n, dtype=np.int64)
    for c, group in enumerate(groups):
        of[group] = c
    position = np.empty(n, dtype=np.int64)
    position[lu.order] = np.arange(n)
    rows_of_entries = np.repeat(np.arange(n), np.diff(lu.start))
    slots = {(int(i), int(j)): e for e, (i, j) in enumerate(zip(rows_of_entries, lu.column, strict=True))}
    rows = [np.flatnonzero(pattern[:, j]) for j in range(n)]
    slot = [slots[int(position[i]), int(position[j])] for j in range(n) for i in rows[j]]
    sizes = np.cumsum([0] + [len(g) for g in groups])
    return ColourPlan(
        count=len(groups),
        of=of,
        member_start=sizes.astype(np.int64),
        member=np.concatenate(groups).astype(np.int64),
        entry_start=np.cumsum([0] + [len(r) for r in rows]).astype(np.int64),
        row=np.concatenate(rows).astype(np.int64),
        slot=np.array(slot, dtype=np.int64),
    )


def build(rhs: Callable) -> Callable:
    """Compile value and Jacobian of `rhs(t, u, p, control, out)`."""

    @njit(nogil=True, error_model="numpy")
    def jacobian(t, u, p, control, colours, value, slopes, out):
        """Fill `value` (float64[n]) with rhs(u) and `out` (float64[m], on the factors' pattern) with its derivative.

        `slopes` (float64[n, LANES]) is scratch.
        """
        out[:] = 0.0
        for first in range(0, colours.count, LANES):
            rhs(t, seeded(u, colours.of, first), p, control, collected(value, slopes))
            for c in range(first, min(first + LANES, colours.count)):
                for m in range(colours.member_start[c], colours.member_start[c + 1]):
                    j = colours.member[m]
                    for e in range(colours.entry_start[j], colours.entry_start[j + 1]):
                        out[colours.slot[e]] = slopes[colours.row[e], c - first]

    return jacobian
