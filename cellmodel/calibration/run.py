"""From a calibration file to its result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.calibration.comparing import compared, curves
from cellmodel.calibration.definition import Calibration, read
from cellmodel.calibration.free import overrides, start_point
from cellmodel.calibration.identifiability import identifiability
from cellmodel.calibration.journal import Journal
from cellmodel.calibration.problem import Problem, look
from cellmodel.calibration.profiles import profile
from cellmodel.calibration.result import Calibrated
from cellmodel.calibration.search import search, sharp_slopes
from cellmodel.calibration.targets import Measured
from cellmodel.sweep.identity import code_hash, digest
from cellmodel.sweep.store import provenance
from cellmodel.validation.expectations import LARGEST
from cellmodel.validation.planning import plan
from cellmodel.whole_files import write_whole

RESULTS = Path("results/calibrations")
"""Folder, in the working directory, of one folder for each calibration."""

EVALUATIONS = "evaluations.jsonl"


def calibrate(
    file: str | Path | Calibration, *, folder: str | Path | None = None, tell: Callable[[int], None] | None = None
) -> Calibrated:
    """Find the parameters that a calibration file asks for.

    Parameters
    ----------
    file : str, Path or Calibration
        YAML file; see docs/calibration.md.
    folder : str or Path, optional
        Where evaluations are kept; ``results/calibrations/<name>`` unless given. Those that stand there are used.
    tell : callable, optional
        Told the number of evaluations so far, after each batch.

    Returns
    -------
    Calibrated
        Values, uncertainties, correlations, and what the measurements leave open.

    Raises
    ------
    InputError
        When the file cannot be used, or the evaluations are of another model or other measurements.
    """
    calibration = file if isinstance(file, Calibration) else read(file)
    where = Path(folder) if folder else RESULTS / calibration.name
    header = identity(calibration)
    journal = Journal(where / EVALUATIONS, header, start_point(calibration.free))
    start = _start(calibration, journal)
    problem = Problem(calibration, journal, calibration.budget, tell or (lambda used: None))
    point = search(problem, start, calibration.method, calibration.seed)
    problem.budget = np.iinfo(np.int64).max  # what follows the search takes what it needs
    return _described(problem, start, point, header)


def save(found: Calibrated, folder: str | Path) -> list[Path]:
    """Write the result: ``result.json``, and ``fits.nc`` with a group for each measurement of one's own.

    Parameters
    ----------
    found : Calibrated
    folder : str or Path
        Made when missing.

    Returns
    -------
    list of Path
        Files written, each of them whole or not at all.

    Raises
    ------
    InputError
        When the system refuses.
    """
    from cellmodel.calibration.report import as_json

    folder = Path(folder)
    tree = xr.DataTree.from_dict({"/": found.fits, **{f"/{_safe(name)}": each for name, each in found.curves.items()}})

    def write_result(path: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(as_json(found), encoding="utf-8")

    writers = {folder / "result.json": write_result, folder / "fits.nc": tree.to_netcdf}
    for path, write in writers.items():
        write_whole(path, write, "make room or choose another folder")
    return list(writers)


def _safe(name: str) -> str:
    return name.replace("/", "_")


def identity(calibration: Calibration) -> dict[str, str]:
    """Hashes of all that misfits depend on beside the values of the free parameters."""
    ranges = [(each.name, each.low, each.high, each.log) for each in calibration.free]
    # At the middle of all ranges, so that values written into component files change nothing.
    middle = plan(calibration.targets, overrides(calibration.free, np.full(len(calibration.free), 0.5)))
    return {
        "the model": code_hash(),
        "the list of parameters or their ranges": digest(ranges),
        "what was measured": digest([each.identity for each in calibration.targets]),
        "other parameters of the cells or their protocols": digest(middle.identities),
    }


def _start(calibration: Calibration, journal: Journal) -> NDArray[np.float64]:
    """Where the file says, else where the search began: component files may hold its result by now."""
    given = start_point(calibration.free)
    stated = [each.start_stated for each in calibration.free]
    return np.where(stated, given, journal.start)


def _described(
    problem: Problem, start: NDArray[np.float64], point: NDArray[np.float64], header: dict[str, str]
) -> Calibrated:
    calibration = problem.calibration
    misfits = problem.misfits(np.array([start, point]))
    reached = np.abs(misfits[1]) < LARGEST * problem.weights
    known = identifiability(sharp_slopes(problem, point), misfits[1], reached)
    names = [each.name for each in calibration.free]
    profiles = [profile(problem, names.index(name), point, known, name) for name in calibration.profile]
    runs = look(calibration, point)
    pairs = list(zip(calibration.targets, runs, strict=True))
    ends = np.cumsum([len(each.labels) for each in calibration.targets])[:-1]
    before, after = (
        dict(zip((each.id for each in calibration.targets), np.split(each, ends), strict=True)) for each in misfits
    )
    return Calibrated(
        calibration, start, point, before, after, known, profiles,
        [compared(target, found) for target, found in pairs],
        {target.id: curves(target, found) for target, found in pairs if isinstance(target, Measured)},
        problem.used, {**{name.replace(" ", "_"): value for name, value in header.items()}, **provenance()},
    )  # fmt: skip
