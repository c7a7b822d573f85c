"""Sparse Jacobians of a right-hand side by dual numbers.

The pattern is found by letting a NaN flow through the compiled right-hand side: the rows that it
reaches depend on the unknown that carried it. Unknowns that share no row share a colour, and one
direction of the duals serves all unknowns of a colour.

References
----------
A. R. Curtis, M. J. D. Powell, J. K. Reid, IMA J. Appl. Math. 13 (1974) 117, doi:10.1093/imamat/13.1.117.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.numerics.dual import DIRECTIONS
from cellmodel.numerics.lane_arrays import collecting, lanes_of, seeded
from cellmodel.numerics.lanes import LANES
from cellmodel.numerics.record_view import Integers, Matrix
from cellmodel.numerics.sparse_lu import LUPlan


class ColourPlan(NamedTuple):
    """Which unknowns are moved together, and where the slopes belong.

    Attributes
    ----------
    of : int64[parts * n]
        Colour of each unknown in each part of the right-hand side, negative where the part does not depend on it.
    part, start : int64[e]
        Evaluation k is of one part and moves the colours from `start[k]` on, as many as the part has directions.
    first : int64[e+1]
        It gives the entries `first[k]:first[k+1]`.
    source, slot : int64
        Each entry's place among the slopes of an evaluation, row by row, and among the factors.
    fill : int64
        Places among the factors that no slope fills.
    read, filled : int64
        Unknowns that all parts but the last depend on, and rows that they fill; of a whole, its own.
    seeds : float64[DIRECTIONS + 1, DIRECTIONS * LANES]
        Slopes of an unknown that moves in each direction, and of one that rests.
    """

    of: Integers
    part: Integers
    start: Integers
    first: Integers
    source: Integers
    slot: Integers
    fill: Integers
    read: Integers
    filled: Integers
    seeds: Matrix


def pattern_of(evaluate: Callable[[np.ndarray], np.ndarray], state: np.ndarray) -> np.ndarray:
    """Find which rows depend on which unknowns.

    Parameters
    ----------
    evaluate : callable
        `evaluate(states)` gives f of up to `LANES` states, float64[k, n]; free of branches on the unknowns.
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
    out = evaluate(state[None])[0]
    if not np.all(np.isfinite(out)):
        raise FloatingPointError(f"right-hand side is not finite in rows {np.flatnonzero(~np.isfinite(out))}")
    pattern = np.zeros((n, n), dtype=bool)
    for first in range(0, n, LANES):
        moved = np.arange(first, min(first + LANES, n))
        marked = np.repeat(state[None], moved.size, axis=0)
        marked[np.arange(moved.size), moved] = np.nan
        pattern[:, moved] = np.isnan(evaluate(marked)).T
    return pattern


def _greedy(pattern: np.ndarray) -> np.ndarray:
    """Colour the unknowns on which any row depends, int64[n]; -1 for the others."""
    used: list[np.ndarray] = []
    of = np.full(pattern.shape[1], -1, dtype=np.int64)
    for j in sorted(np.flatnonzero(pattern.any(axis=0)), key=lambda j: -int(pattern[:, j].sum())):
        fitting = next((c for c, rows in enumerate(used) if not np.any(rows & pattern[:, j])), None)
        if fitting is None:
            fitting = len(used)
            used.append(np.zeros(len(pattern), dtype=bool))
        used[fitting] |= pattern[:, j]
        of[j] = fitting
    return of


def colour(
    pattern: np.ndarray, lu: LUPlan, part_of: np.ndarray | None = None, directions: Sequence[int] = (DIRECTIONS,)
) -> ColourPlan:
    """Colour unknowns greedily and map each dependency to its slot in the factors.

    Parameters
    ----------
    pattern : bool[n, n]
    lu : LUPlan
    part_of : int64[n], optional
        Which part of the right-hand side fills each row; all of them the same without.
    directions : int of each part
        As given to `build`.
    """
    n = len(pattern)
    part_of = np.zeros(n, np.int64) if part_of is None else part_of
    parts = [pattern & (part_of == part)[:, None] for part in range(len(directions))]
    of = [_greedy(each) for each in parts]
    evaluations = [
        (part, start)
        for part, (colours, width) in enumerate(zip(of, directions, strict=True))
        for start in range(0, colours.max() + 1, width)
    ]
    slots = {(int(i), int(j)): e for e, (i, j) in enumerate(zip(*lu.entries, strict=True))}
    first, source, slot = [0], [], []
    for part, start in evaluations:
        moved = (of[part] >= start) & (of[part] < start + directions[part])
        for i, j in np.argwhere(parts[part] & moved):
            source.append(i * directions[part] + of[part][j] - start)
            slot.append(slots[int(i), int(j)])
        first.append(len(slot))
    return ColourPlan(
        of=np.concatenate(of),
        part=np.array([part for part, _ in evaluations], np.int64),
        start=np.array([start for _, start in evaluations], np.int64),
        first=np.array(first, np.int64),
        source=np.array(source, np.int64),
        slot=np.array(slot, np.int64),
        fill=np.setdiff1d(np.arange(len(slots)), slot),
        read=np.flatnonzero(np.any([each >= 0 for each in of[:-1] or of], axis=0)),
        filled=np.flatnonzero(part_of < max(len(parts) - 1, 1)),
        seeds=np.repeat(np.eye(DIRECTIONS + 1, DIRECTIONS), LANES, axis=1),
    )


def _evaluation(parts: Sequence[Callable], directions: Sequence[int]) -> Callable:
    """Compile the choice of the part that is evaluated.

    It becomes a piece of whoever calls it, as other thin layers do here: each compiled function of its own would be
    optimised again with all that it calls.
    """
    here, room = parts[0], collecting(directions[0])

    @njit(nogil=True, error_model="numpy", inline="always")
    def single(part, t, u, p, control, value, slopes):
        here(t, u, p, control, room(value, slopes))

    if len(parts) == 1:
        return single
    others = _evaluation(parts[1:], directions[1:])

    @njit(nogil=True, error_model="numpy", inline="always")
    def one_of(part, t, u, p, control, value, slopes):
        if part == 0:
            here(t, u, p, control, room(value, slopes))
        else:
            others(part - 1, t, u, p, control, value, slopes)

    return one_of


def build(*parts: Callable, directions: Sequence[int] = (DIRECTIONS,)) -> Callable:
    """Compile values and Jacobians of `rhs(t, u, p, control, out)`, given whole or as parts that share the rows.

    Rows with few dependencies, as those of diffusion, need few directions. As a part of their own they are not
    evaluated again for the many directions of the others, and carry no more than `directions` tells, at most
    `DIRECTIONS`.
    """
    evaluate = _evaluation(parts, directions)

    @njit(nogil=True, error_model="numpy", inline="always")
    def jacobian(t, u, p, control, colours, value, slopes, out):
        """Fill `value` with rhs(u) and `out`, on the factors' pattern, with minus its derivative.

        Parameters
        ----------
        u, value : float64[n, LANES]
        slopes : float64[n, DIRECTIONS * LANES], scratch
        out : float64[m, LANES]
        """
        found, kept = lanes_of(slopes.reshape(slopes.shape[0] * DIRECTIONS, LANES)), lanes_of(out)
        n, first, source, slot = u.shape[0], colours.first, colours.source, colours.slot
        for e in colours.fill:
            kept[e] = 0.0
        for k in range(colours.part.size):
            part = colours.part[k]
            moved = seeded(u, colours.of[part * n : (part + 1) * n], colours.start[k], colours.seeds)
            evaluate(part, t, moved, p, control, value, slopes)
            for e in range(first[k], first[k + 1]):
                kept[slot[e]] = -found[source[e]]

    return jacobian
