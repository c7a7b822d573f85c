"""From parameter values to misfits, for many sets of values at once, each of them kept as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cellmodel.calibration.definition import Calibration
from cellmodel.calibration.free import overrides
from cellmodel.calibration.journal import Journal
from cellmodel.calibration.targets import Target
from cellmodel.errors import InputError
from cellmodel.result import Run
from cellmodel.validation.expectations import LARGEST
from cellmodel.validation.planning import Plan, Simulation, plan, together
from cellmodel.validation.running import run

SIDE_BY_SIDE = 16
"""Sets of values that are simulated together: two batches of eight lanes of each structure, and what a kill loses."""

SMALL = 2.0
"""Misfit from which a miss counts less than by its square: one that cannot be met must not decide all others [1]."""

Runs = dict[str, Run | str]

Known = dict[tuple[str, ...], NDArray[np.float64]]
"""Misfits by target and the identities of its cells."""


class BudgetSpent(Exception):
    """The search has used its evaluations."""


@dataclass
class Problem:
    """Misfits as a function of places in the unit cube.

    Attributes
    ----------
    calibration : Calibration
    journal : Journal
        What was evaluated before is taken from there.
    budget : int
        Evaluations, also those taken from the journal, after which `BudgetSpent` is raised.
    tell : callable
        Told after every batch: evaluations so far.
    used : int
        Distinct evaluations asked for so far.
    """

    calibration: Calibration
    journal: Journal
    budget: int
    tell: Callable[[int], None] = lambda used: None
    used: int = 0
    _asked: set[tuple[float, ...]] = field(default_factory=set)
    _known: Known = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """Name of each misfit."""
        return [label for each in self.calibration.targets for label in each.labels]

    @property
    def weights(self) -> NDArray[np.float64]:
        """Factor of each misfit, float64[n]: the root of how many times it counts."""
        return np.sqrt([each.weight for each in self.calibration.targets for _ in each.labels])

    def misfits(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted misfits of several points.

        Parameters
        ----------
        points : float64[m, p]
            Places in the ranges of the free parameters [1].

        Returns
        -------
        float64[m, n]
            Distances to what was measured, in units of what is tolerated, times the root of their weights [1].

        Raises
        ------
        BudgetSpent
            When more would have to be evaluated than the budget allows; those that it allows have been.
        """
        keys = [tuple(map(float, np.round(point, 12))) for point in np.atleast_2d(points)]
        new = [key for key in dict.fromkeys(keys) if key not in self._asked]
        allowed = new[: max(0, self.budget - self.used)]
        self._evaluate(allowed)
        if len(allowed) < len(new):
            raise BudgetSpent
        return np.array([self.journal.found[key] for key in keys]) * self.weights

    def _evaluate(self, keys: Sequence[tuple[float, ...]]) -> None:
        for first in range(0, len(keys), SIDE_BY_SIDE):
            batch = keys[first : first + SIDE_BY_SIDE]
            missing = [key for key in batch if key not in self.journal.found]
            if missing:
                self.journal.add(missing, simulate(self.calibration, missing, self._known))
            self._asked.update(batch)
            self.used += len(batch)
            self.tell(self.used)

    def best(self) -> NDArray[np.float64]:
        """The point of the least cost among those asked for, float64[p]."""
        keys = list(self._asked)
        costs = cost(np.array([self.journal.found[key] for key in keys]) * self.weights)
        return np.array(keys[int(np.argmin(costs))])


def cost(misfits: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the search makes small: half the sum of squares, of large misfits less (soft l1, as in scipy).

    Parameters
    ----------
    misfits : float64[..., n]

    Returns
    -------
    float64[...]

    Examples
    --------
    >>> float(cost(np.array([1.0])).round(3))
    0.472
    """
    return SMALL**2 * (np.sqrt(1.0 + (misfits / SMALL) ** 2) - 1.0).sum(axis=-1)


def simulate(
    calibration: Calibration, points: Sequence[Sequence[float]], before: Known | None = None
) -> list[NDArray[np.float64]]:
    """Misfits of some points, simulated side by side; the largest where values do not go together.

    Parameters
    ----------
    calibration : Calibration
    points : sequence of float[p]
        Places in the ranges [1].
    before : dict, optional
        Misfits by target and cells from earlier calls, which are not simulated again; what is new is added.

    Returns
    -------
    list of float64[n]
        Without weights [1].

    Raises
    ------
    InputError
        When none of the cells can be simulated: something else than the values is wrong.
    """
    before = {} if before is None else before
    plans = [_planned(calibration, point) for point in points]
    runs = run(_new(calibration.targets, [each for each in plans if each], before))
    if runs and all(isinstance(each, str) for each in runs.values()):
        reason = next(iter(runs.values()))
        problem, fix = f"asks for cells of which none can be simulated: {reason}", "cure this first"
        raise InputError(str(calibration.path), problem=problem, fix=fix)
    for target, keys in _pairs(calibration.targets, plans):
        if (target.id, *keys.values()) not in before:
            found = target.misfits({name: runs[key] for name, key in keys.items()})
            before[target.id, *keys.values()] = found
    length = sum(len(each.labels) for each in calibration.targets)
    return [
        np.concatenate([before[target.id, *keys.values()] for target, keys in _pairs(calibration.targets, [each])])
        if each
        else np.full(length, LARGEST)
        for each in plans
    ]


def _pairs(targets: Sequence[Target], plans: Sequence[Plan | None]) -> Iterator[tuple[Target, dict[str, str]]]:
    """Every target with the identities of its cells, by their names, in every plan."""
    return ((target, keys) for each in plans if each for target, keys in zip(targets, each.identities, strict=True))


def _new(targets: Sequence[Target], plans: Sequence[Plan], before: Known) -> dict[str, Simulation]:
    """Simulations that a target needs whose misfits are not known yet."""
    needed = {
        key
        for target, keys in _pairs(targets, plans)
        if (target.id, *keys.values()) not in before
        for key in keys.values()
    }
    return {key: each for key, each in together(plans).items() if key in needed}


def look(calibration: Calibration, point: Sequence[float]) -> list[Runs]:
    """The runs of each target at one point, by the name of its cells."""
    planned = plan(calibration.targets, overrides(calibration.free, np.asarray(point)))
    runs = run(planned.simulations)
    return [{name: runs[key] for name, key in keys.items()} for keys in planned.identities]


def _planned(calibration: Calibration, point: Sequence[float]) -> Plan | None:
    try:
        return plan(calibration.targets, overrides(calibration.free, np.asarray(point)))
    except InputError:  # volume shares that sum to more than one, and the like
        return None
