"""Draws of uncertain parameters: the same ones at every point of a sweep, so that its maps are smooth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellmodel.cell import Cell
from cellmodel.distribution_files import DistributionSpec, resolved
from cellmodel.distributions import Distribution
from cellmodel.errors import InputError
from cellmodel.parameters import SET_BY_USER
from cellmodel.sweep.axes import Axis, Varied
from cellmodel.sweep.identity import digest
from cellmodel.sweep.schema import UncertainSpec


@dataclass(frozen=True)
class Uncertain(Varied):
    """One uncertain parameter.

    Attributes
    ----------
    path : str
        The cell parameter's full path.
    distribution : Distribution
        In the parameter's unit.
    """

    path: str
    distribution: Distribution

    @property
    def unit(self) -> str:
        """Unit of its values."""
        return self.distribution.unit

    @property
    def log(self) -> bool:
        """Whether equal ratios are equally likely, more or less."""
        return self.distribution.kind.startswith("log")

    def sample(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map numbers from [0, 1) onto the distribution, in `unit`."""
        return self.distribution.quantile(share)


@dataclass(frozen=True)
class Draws:
    """How often and from what the uncertain parameters of a sweep are drawn.

    Attributes
    ----------
    count : int
        Draws at each point.
    seed : int
        Another seed gives other draws.
    parameters : tuple of Uncertain
        In the order of the file.
    """

    count: int
    seed: int
    parameters: tuple[Uncertain, ...]

    def identity(self) -> list[object]:
        """Return what decides the draws, for hashing."""
        kept = [[each.path, each.unit, each.distribution.kind, each.distribution.numbers] for each in self.parameters]
        return [self.count, self.seed, kept]

    def values(self) -> NDArray[np.float64]:
        """Return the values of every draw, shape (draws, parameters), each column in its parameter's unit.

        Each parameter is a Latin hypercube of its own, seeded by its path: its draws change neither with the points of
        the sweep nor with what else is uncertain.
        """
        from scipy.stats import qmc  # a second to import

        columns = []
        for each in self.parameters:
            seed = int(digest([self.seed, each.path]), 16)
            share = qmc.LatinHypercube(1, rng=np.random.default_rng(seed)).random(self.count)[:, 0]
            columns.append(each.sample(share))
        return np.stack(columns, axis=1)


def resolve(spec: UncertainSpec | None, cell: Cell, axes: Sequence[Axis], where: str) -> Draws | None:
    """Check the uncertain parameters of a sweep file against the base cell.

    Parameters
    ----------
    spec : UncertainSpec or None
        What the file says about them.
    cell : Cell
        Base cell; its component files may state distributions.
    axes : sequence of Axis
        A parameter is either an axis or uncertain.
    where : str
        File name for messages.

    Returns
    -------
    Draws or None
        None where the file names none.

    Raises
    ------
    InputError
        An unknown path, a distribution that makes no sense or lies outside of the allowed range, or a parameter that
        is an axis as well.
    """
    if spec is None:
        return None
    at = "uncertain.parameters"
    if not spec.parameters:
        fix = "name one, or leave 'uncertain' out"
        raise InputError(where, at, problem="names no parameter, so there is nothing to draw", fix=fix)
    taken = {axis.path: "an axis as well" for axis in axes}
    found = []
    for name, each in spec.parameters.items():
        path = cell.full_path(name, f"{where}: {at}")
        if path in taken:
            raise InputError(where, f"{at}.{name}", problem=f"is {taken[path]}", fix="keep one of them")
        taken[path] = "uncertain twice, under two names"
        found.append(Uncertain(path, _distribution(each, cell, path, where, f"{at}.{name}")))
    return Draws(spec.draws, spec.seed, tuple(found))


def _distribution(spec: DistributionSpec, cell: Cell, path: str, where: str, key: str) -> Distribution:
    """Return what the sweep file states, else what the component file states, else all that is allowed."""
    parameter = cell.declared(path)
    if stated := resolved(spec, parameter, where, key, bare=False):
        return stated
    if parameter.source == SET_BY_USER:
        problem = f"is set to {parameter.text} in the base cell, so the distribution of its component does not hold"
        fix = "state one, such as {lognormal: {mean: ..., standard_deviation: ...}}"
        raise InputError(where, key, problem=problem, fix=fix)
    return parameter.uncertainty
