"""Factorisation L D U of many matrices that share one sparsity pattern.

The pattern of a Jacobian is a property of the model's structure, so ordering and fill-in are found
once (`plan`); afterwards a solution is a bare loop over precomputed places, without a search and without a
permutation: numbers stay in the model's own order, only the operations follow the elimination. There is no
pivoting: the model orders its unknowns so that every pivot is a sum of conductances or capacities.

References
----------
A. George, J. W. Liu, Computer Solution of Large Sparse Positive Definite Systems (1981): minimum degree.
T. A. Davis, Direct Methods for Sparse Linear Systems (2006), doi:10.1137/1.9780898718881: right-looking LU.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from cellmodel.numerics.record_view import Integers


class LUPlan(NamedTuple):
    """Where the entries of L, D and U stand and in which order they are computed and used.

    The pivot of unknown i is entry i; those of L follow, pivot by pivot; those of U come last, the last pivot first.

    Attributes
    ----------
    order : int64[n]
        `order[k]` is the unknown that is eliminated k-th.
    lower_row, lower_column : int64[l]
        Unknowns of each entry of L.
    upper_row, upper_column : int64[u]
        Unknowns of each entry of U.
    below : int64[n+1]
        L's entries in the column of the k-th pivot are `below[k]:below[k+1]`.
    right : int64[n+1]
        U's entries in its row are `right[k+1]:right[k]`.
    target : int64
        Entries from which products of an entry of L and one of U are subtracted, in the order of elimination.
    """

    order: Integers
    lower_row: Integers
    lower_column: Integers
    upper_row: Integers
    upper_column: Integers
    below: Integers
    right: Integers
    target: Integers

    @property
    def entries(self) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of every entry, int64[m] each."""
        pivots = np.arange(self.order.size)
        rows, columns = (self.lower_row, self.upper_row), (self.lower_column, self.upper_column)
        return np.concatenate([pivots, *rows]), np.concatenate([pivots, *columns])


def minimum_degree(pattern: np.ndarray, last: list[int]) -> np.ndarray:
    """Order unknowns by fewest neighbours in the elimination graph.

    Among equals goes first what fewest others must go before: long chains are eliminated side by side and from both of
    their ends, so that a processor need not wait for one row before it begins the next.

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
    order, depth = [], np.zeros(n, np.int64)
    while waiting:
        pick = min(waiting, key=lambda i: (len(neighbours[i]), depth[i], i))
        waiting.remove(pick)
        order.append(pick)
        for i in neighbours[pick]:
            depth[i] = max(depth[i], depth[pick] + 1)
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
    beneath, beside = _filled(pattern[np.ix_(order, order)])
    n, forward = order.size, range(order.size)
    lower = [(i, k) for k in forward for i in beneath[k]]
    upper = [(k, j) for k in reversed(forward) for j in beside[k]]
    entry = {(k, k): order[k] for k in forward} | {place: n + e for e, place in enumerate(lower + upper)}
    lower, upper = (order[np.array(places, np.int64).reshape(-1, 2).T.copy()] for places in (lower, upper))
    return LUPlan(
        order=order, lower_row=lower[0], lower_column=lower[1], upper_row=upper[0], upper_column=upper[1],
        below=n + np.cumsum([0] + [each.size for each in beneath]),
        right=len(entry) - np.cumsum([0] + [each.size for each in beside]),
        target=np.array([entry[i, j] for k in forward for i in beneath[k] for j in beside[k]], np.int64),
    )  # fmt: skip


def _filled(pattern: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Rows beneath each pivot and columns beside it after fill-in."""
    filled = pattern.copy()
    beneath, beside = [], []
    for k in range(len(filled)):
        beneath.append(np.flatnonzero(filled[k + 1 :, k]) + k + 1)
        beside.append(np.flatnonzero(filled[k, k + 1 :]) + k + 1)
        filled[np.ix_(beneath[k], beside[k])] = True
    return beneath, beside


@njit(nogil=True, error_model="numpy")
def factorise(values, lu):
    """Factorise in place: `values` holds A on entry, L and U (both with unit diagonals) and 1/D on exit.

    A vanishing pivot leaves infinities, which the solutions show.

    Parameters
    ----------
    values : float64[m]
        Entries of A where `lu.entries` tells, zeros where only fill-in will stand.
    lu : LUPlan
    """
    order, below, right, target = lu.order, lu.below, lu.right, lu.target
    t = 0
    for k in range(order.size):
        inverse = 1.0 / values[order[k]]
        values[order[k]] = inverse
        for e in range(below[k], below[k + 1]):
            factor = values[e] * inverse
            values[e] = factor
            for f in range(right[k + 1], right[k]):
                values[target[t]] -= factor * values[f]
                t += 1
        for f in range(right[k + 1], right[k]):
            values[f] *= inverse


@njit(nogil=True, error_model="numpy")
def solve(values, lu, x):
    """Solve A x = b with the factors of `factorise`.

    Parameters
    ----------
    values : float64[m]
    lu : LUPlan
    x : float64[n]
        b on entry, the solution on exit.
    """
    row, column, n = lu.lower_row, lu.lower_column, lu.order.size
    for e in range(row.size):
        x[row[e]] -= values[n + e] * x[column[e]]
    for i in range(n):
        x[i] *= values[i]
    first = n + row.size
    row, column = lu.upper_row, lu.upper_column
    for e in range(row.size):
        x[row[e]] -= values[first + e] * x[column[e]]
