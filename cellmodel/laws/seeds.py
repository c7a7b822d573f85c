"""How evenly the particles of a seed layer spread the current."""

from __future__ import annotations

from math import exp, log

from cellmodel.laws.compiled import law


@law
def size_classes(shares, sizes):
    """Effective number of particle sizes: M = 1 / sum_ij p_i p_j Z_ij [1], Z_ij = min(d_i, d_j) / max(d_i, d_j).

    1 for particles of one size, the number of kinds where equal shares differ much in size.
    T. Leinster, C. A. Cobbold, Ecology 93 (2012) 477, doi:10.1890/10-2402.1: diversity of order 2 with similarities Z;
    the ratio of sizes as similarity is an assumption.

    Parameters
    ----------
    shares : float64[K], volume share of each kind, with a positive sum [1]
    sizes : float64[K], diameters d [m]
    """
    total, alike = 0.0 * shares[0], 0.0 * shares[0]
    for i in range(sizes.size):
        total += shares[i]
        for j in range(sizes.size):
            alike += shares[i] * shares[j] * min(sizes[i], sizes[j]) / max(sizes[i], sizes[j])
    return total * total / alike


@law
def uneven_current(single, voids, classes):
    """Current at the worst site over the mean: f = 1 + (f_1 - 1) voids^(M - 1) [1].

    Each further size fills the voids that the coarser ones leave: C. C. Furnas, Ind. Eng. Chem. 23 (1931) 1052,
    doi:10.1021/ie50261a017. That current is uneven in proportion to the unfilled share is an assumption.

    Parameters
    ----------
    single : f_1, of particles of one size [1]
    voids : voids between particles of one size [1]
    classes : M, effective number of sizes [1]
    """
    return 1.0 + (single - 1.0) * exp((classes - 1.0) * log(voids))
