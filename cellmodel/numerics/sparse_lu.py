"""LU factorisation of many matrices that share one sparsity pattern.

The pattern of a Jacobian is a property of the model's structure, so ordering and fill-in are found
once (`plan`); afterwards a factorisation is a bare loop over precomputed indices. There is no
pivoting: the model orders its unknowns so that every pivot is a sum of conductances or capacities.

References
----------
A. George, J. W. Liu, Computer Solution of Large Sparse Positive Definite Systems (1981): minimum degree.
T. A. Davis, Direct Methods for Sparse Linear Systems (2006), doi:10.1137/1.9780898718881: row-wise LU.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.numerics.record_view import Integers


class LUPlan(NamedTuple):
    """Row pattern of L+U in elimination order.

    Attributes
    ----------
    order : int64[n]
        `order[i]` is the unknown that is eliminated i-th.
    start : int64[n+1]
        Row i of L+U owns the entries `start[i]:start[i+1]`.
    column : int64[m]
        Column (in elimination order) of each entry, ascending within a row.
    diagonal : int64[n]
        Position of the pivot of each row.
    target : int64
        Positions at which products of an entry of L and one of U are subtracted, in the order of elimination.
    """

    order: Integers
    start: Integers
    column: Integers
    diagonal: Integers
    target: Integers


def minimum_degree(pattern: np.ndarray, last: list[int]) -> np.ndarray:
    """Order unknowns by fewest neighbours in the elimination graph.

    Parameters
    ----------
    pattern : bool[n, n]
        True where the matrix may be non-zero.
    last : list of int
        Unknowns that must be eliminated at the end, in this order.

    Returns
    -------
    int64[n]
        The elimination order.
    """
    n = pattern.shape[0]
    neighbours = [set(np.flatnonzero(pattern[i] | pattern[:, i])) - {i} for i in range(n)]
    waiting = set(range(n)) - set(last)
    order = []
    while waiting:
        pick = min(waiting, key=lambda i: (len(neighbours[i]), i))
        waiting.remove(pick)
        order.append(pick)
        for i in neighbours[pick]:
            neighbours[i] |= neighbours[pick]
            neighbours[i] -= {i, pick}
    return np.array(order + list(last), dtype=np.int64)


def plan(pattern: np.ndarray, last: list[int]) -> LUPlan:
    """Find order and fill-in for a sparsity pattern.

    Parameters
    ----------
    pattern : bool[n, n]
    last : list of int
        Unknowns to be eliminated at the end, in this order.
    """
    order = minimum_degree(pattern, last)
    filled = (pattern | np.eye(len(order), dtype=bool))[np.ix_(order, order)]
    for k in range(len(order)):
        below = np.flatnonzero(filled[k + 1 :, k]) + k + 1
        filled[below, k + 1 :] |= filled[k, k + 1 :]
    start = np.concatenate([[0], np.cumsum(filled.sum(axis=1))]).astype(np.int64)
    rows, column = np.nonzero(filled)
    diagonal = np.flatnonzero(rows == column).astype(np.int64)
    return LUPlan(
        order=order, start=start, column=column.astype(np.int64), diagonal=diagonal,
        target=_targets(filled, start, column, diagonal),
    )  # fmt: skip


def _targets(filled: np.ndarray, start: np.ndarray, column: np.ndarray, diagonal: np.ndarray) -> np.ndarray:
    position = np.cumsum(filled).reshape(filled.shape) - 1
    targets = [np.zeros(0, np.int64)]
    for i in range(len(diagonal)):
        for k in column[start[i] : diagonal[i]]:
            targets.append(position[i, column[diagonal[k] + 1 : start[k + 1]]])
    return np.concatenate(targets).astype(np.int64)


@njit(nogil=True, error_model="numpy")
def factorise(values, lu):
    """Factorise in place: `values` holds A on entry, L (unit diagonal) and U with inverted pivots on exit.

    A vanishing pivot leaves infinities, which the solutions show.

    Parameters
    ----------
    values : float64[m]
        Entries of A on the pattern of `lu`, zeros where only fill-in will stand.
    lu : LUPlan
    """
    start, column, diagonal, target = lu.start, lu.column, lu.diagonal, lu.target
    t = 0
    for i in range(diagonal.size):
        for e in range(start[i], diagonal[i]):
            k = column[e]
            factor = values[e] * values[diagonal[k]]
            values[e] = factor
            for f in range(diagonal[k] + 1, start[k + 1]):
                values[target[t]] -= factor * values[f]
                t += 1
        values[diagonal[i]] = 1.0 / values[diagonal[i]]


@njit(nogil=True, error_model="numpy")
def solve(values, lu, right, row):
    """Solve A x = right with the factors of `factorise`; `right` is overwritten by x.

    Parameters
    ----------
    values : float64[m]
    lu : LUPlan
    right : float64[n]
        In the model's own order of unknowns.
    row : float64[n]
        Scratch.
    """
    start, column, diagonal, order = lu.start, lu.column, lu.diagonal, lu.order
    for i in range(order.size):
        total = right[order[i]]
        for e in range(start[i], diagonal[i]):
            total -= values[e] * row[column[e]]
        row[i] = total
    for i in range(order.size - 1, -1, -1):
        total = row[i]
        for e in range(diagonal[i] + 1, start[i + 1]):
            total -= values[e] * row[column[e]]
        total *= values[diagonal[i]]
        row[i] = total
        right[order[i]] = total
