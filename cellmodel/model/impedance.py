"""Impedance of a cell at rest, from linearising its balances: Z = dV/dI of (i omega M - J) du = df/dI dI."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cellmodel.model import layout as at
from cellmodel.model.capacitances import Capacitances, mass_matrix, with_interfaces
from cellmodel.model.linearised import slopes_of
from cellmodel.model.physics import Physics
from cellmodel.model.probe import Evaluator
from cellmodel.model.residual import CURRENT_MODE, mass_diagonal

BEYOND = 1e10
"""Frequency at which all interfaces are shorted [Hz]; what is left of them falls with its square."""


class Linearised(NamedTuple):
    """A cell near a state: M dx/dt = J x + b I.

    Attributes
    ----------
    mass, slopes : float64[n, n]
        M and J, without the set point.
    drive : float64[n]
        b, what a current enters.
    fast : bool[n]
        Potentials and currents, as against amounts, contact and morphology.
    voltage : int
        Where the voltage stands.
    """

    mass: np.ndarray
    slopes: np.ndarray
    drive: np.ndarray
    fast: np.ndarray
    voltage: int


def linearised(u: np.ndarray, p: Physics, capacitances: Capacitances) -> Linearised:
    """Linearise a cell under a current at a state of a run.

    Parameters
    ----------
    u : float64[n]
        Algebraic unknowns solve their equations.
    p : Physics
        Of the run.
    capacitances : Capacitances
    """
    p = with_interfaces(p)
    layout, s, control = p.layout, p.layout.scalars, np.array([CURRENT_MODE, 0.0])
    state = np.concatenate([u, np.zeros(layout.interfaces)])
    drops = slice(layout.drops, layout.size)
    conductance = -slopes_of(state, p, control)[drops, drops].diagonal()
    state[drops] = Evaluator(p)(state, control)[drops] / conductance
    slopes, mass = slopes_of(state, p, control), mass_matrix(state, p, capacitances)
    fast = mass_diagonal(layout) == 0.0
    fast[s + at.SURFACE] = True
    kept = np.arange(layout.size) != s + at.SETPOINT
    within = np.ix_(kept, kept)
    # The set point is the only way in: its column says which rows a current enters, and by how much.
    return Linearised(mass[within], slopes[within], slopes[kept, s + at.SETPOINT], fast[kept], s + at.VOLTAGE)


def impedance(system: Linearised, frequencies: np.ndarray) -> np.ndarray:
    """Impedance at frequencies in Hz, complex128[m] [ohm m2]."""
    from scipy.sparse import csc_array  # a quarter of a second that other runs need not wait
    from scipy.sparse.linalg import splu

    size = np.abs(system.slopes).max(axis=1) + np.abs(system.mass).max(axis=1)
    mass, slopes, drive = system.mass / size[:, None], system.slopes / size[:, None], system.drive / size
    matrix = csc_array(((mass != 0.0) | (slopes != 0.0)).astype(complex))
    place = matrix.indices, np.repeat(np.arange(drive.size), np.diff(matrix.indptr))
    found = np.empty(len(frequencies), complex)
    for k, frequency in enumerate(frequencies):
        matrix.data = 2j * np.pi * frequency * mass[place] - slopes[place]
        found[k] = splu(matrix).solve(drive.astype(complex))[system.voltage]
    return found


def bulk_resistance(system: Linearised) -> float:
    """Where the spectrum meets the real axis at high frequency [ohm m2]."""
    return float(impedance(system, np.array([BEYOND]))[0].real)


def direct_resistance(system: Linearised) -> float:
    """Slope of the voltage in the current while amounts, contact and morphology keep their values [ohm m2]."""
    within = np.ix_(system.fast, system.fast)
    answer = np.zeros(system.drive.size)
    answer[system.fast] = np.linalg.solve(-system.slopes[within], system.drive[system.fast])
    return float(answer[system.voltage])
