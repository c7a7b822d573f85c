"""From observations to verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellmodel.validation.expectations import LARGEST
from cellmodel.validation.observation import ALONE, Observation, Observations, Unreadable
from cellmodel.validation.planning import Overrides, Plan, plan
from cellmodel.validation.registry import Measured, Unmeasurable

if TYPE_CHECKING:  # compiled code: only when something is run
    from cellmodel.result import Run
    from cellmodel.settings import Settings


@dataclass(frozen=True)
class Verdict:
    """What came of an observation.

    Attributes
    ----------
    observation : Observation or Unreadable
    simulated : number, bool, tuple, dict of these by cell, or None
        None where the quantity cannot be had.
    passed : bool
    misfit : float
        Distance to what was measured in units of what is tolerated [1]: up to 1 where passed.
    reason : str
        Why it failed, or empty.
    """

    observation: Observation | Unreadable
    simulated: Measured | Mapping[str, Measured | None] | None
    passed: bool
    misfit: float
    reason: str = ""


@dataclass(frozen=True)
class Validation:
    """Verdicts on all observations of some files.

    Attributes
    ----------
    files : tuple of Observations
    verdicts : dict of Path to list of Verdict
        By file, in its order.
    simulations : int
        How many were run.
    seconds : float
        It took.
    """

    files: Sequence[Observations]
    verdicts: Mapping[Path, Sequence[Verdict]]
    simulations: int
    seconds: float

    @property
    def passed(self) -> int:
        """Number of observations that are met."""
        return sum(each.passed for verdicts in self.verdicts.values() for each in verdicts)

    @property
    def total(self) -> int:
        """Number of observations."""
        return sum(map(len, self.verdicts.values()))

    @property
    def table(self) -> list[dict[str, Any]]:
        """One row an observation, fit for JSON; see `report.row`."""
        from cellmodel.validation.report import row

        return [row(file, each) for file in self.files for each in self.verdicts[file.path]]


def evaluate(
    observations: Sequence[Observation],
    overrides: Overrides | None = None,
    *,
    settings: Settings | None = None,
    threads: int | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """Simulate observations and judge them.

    Parameters
    ----------
    observations : sequence of Observation
        As from `reading.read`.
    overrides : mapping of str to mapping, optional
        Parameters to change, by component: ``{"lpscl": {"conductivity": "2 mS/cm"}}``; ``cell`` stands for the cell's
        own settings. What an observation states itself stays.
    settings : Settings, optional
        Accuracy and mesh; the defaults, with every cycle computed, unless given.
    threads : int, optional
        One for each processor unless given.
    tell : callable, optional
        Told the numbers of simulations just finished and in all.

    Returns
    -------
    list of Verdict
        In the order of the observations.

    Raises
    ------
    InputError
        If a parameter that is to be changed does not exist, or its value makes no sense.
    """
    return _carried_out(observations, plan(observations, overrides), settings, threads, tell)


def _carried_out(
    observations: Sequence[Observation],
    planned: Plan,
    settings: Settings | None,
    threads: int | None,
    tell: Callable[[int, int], None] | None,
) -> list[Verdict]:
    runs: Mapping[str, Run | str] = {}
    if total := len(planned.simulations):
        from cellmodel.validation.running import run

        told = (lambda count: tell(count, total)) if tell else None
        runs = run(planned.simulations, settings, threads, told)
    pairs = zip(observations, planned.identities, strict=True)
    return [judge(each, {name: runs[key] for name, key in keys.items()}) for each, keys in pairs]


def judge(observation: Observation, runs: Mapping[str, Run | str]) -> Verdict:
    """Compare what the runs of an observation give with what was measured.

    Parameters
    ----------
    observation : Observation
    runs : mapping of str to Run or str
        What each of its cells left, or why it could not be simulated.

    Returns
    -------
    Verdict
        Failed, with the reason, where the quantity cannot be had.
    """
    values: dict[str, Measured | None] = {}
    reasons = []
    for name, run in runs.items():
        try:
            if isinstance(run, str):
                raise Unmeasurable(run)
            values[name] = observation.asked.measure(run)
        except Unmeasurable as reason:
            values[name] = None
            reasons.append(f"{name}: {reason}" if name else str(reason))
    simulated = values if observation.is_comparison else values[ALONE]
    if reasons:
        return Verdict(observation, simulated, False, LARGEST, "; ".join(reasons))
    passed, misfit = observation.expected.met(simulated), observation.expected.misfit(simulated)
    return Verdict(observation, simulated, passed, misfit, "" if passed else "not as measured")


def validate(
    paths: Iterable[str | Path],
    *,
    overrides: Overrides | None = None,
    settings: Settings | None = None,
    threads: int | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Validation:
    """Hold the model against files of measured observations.

    Parameters
    ----------
    paths : iterable of str or Path
        YAML files; see docs/validation.md.
    overrides, settings, threads, tell
        As for `evaluate`.

    Returns
    -------
    Validation
        A verdict on each observation, also on those that cannot be evaluated.

    Raises
    ------
    InputError
        When a file cannot be read, is no YAML or no file of observations; nothing is simulated then.
    """
    from cellmodel.validation.reading import read_all

    began = time.perf_counter()
    files = read_all([paths] if isinstance(paths, str | Path) else paths)
    sound = [each for file in files for each in file.sound]
    planned = plan(sound, overrides)
    found = iter(_carried_out(sound, planned, settings, threads, tell))
    verdicts = {
        file.path: [next(found) if isinstance(each, Observation) else _unreadable(each) for each in file.entries]
        for file in files
    }
    return Validation(files, verdicts, len(planned.simulations), time.perf_counter() - began)


def _unreadable(entry: Unreadable) -> Verdict:
    return Verdict(entry, None, False, LARGEST, str(entry.error))
