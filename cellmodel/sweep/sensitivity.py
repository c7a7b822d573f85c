"""Which uncertain parameter decides a result: Sobol indices, PAWN and regional sensitivity of a sweep's cell."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.errors import InputError
from cellmodel.sweep import indices, rows
from cellmodel.sweep.axes import Varied
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.draws import Uncertain
from cellmodel.sweep.failure_map import failure_map
from cellmodel.sweep.progress import Progress
from cellmodel.sweep.results import Rule, rule_of
from cellmodel.sweep.run import run_points

WHERE = "sensitivity"

INDICES = {
    "sobol_first": "share of the variance that the parameter decides alone",
    "sobol_first_confidence": "half width of its 95 % confidence interval",
    "sobol_total": "share of the variance that the parameter takes part in",
    "sobol_total_confidence": "half width of its 95 % confidence interval",
    "pawn": "median distance of the distributions of the result with the parameter known and unknown",
    "regional": "distance of the parameter's distributions on both sides of the boundary",
}
"""Name -> meaning of every index along `parameter`."""


def sensitivity(
    sweep: Sweep,
    result: str = "margin_short",
    *,
    parameters: Sequence[str] = (),
    samples: int = 64,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Tell how much each parameter of a sweep's cell decides a result.

    Parameters
    ----------
    sweep : Sweep
        Cell, protocol, settings; its axes and uncertain parameters give the ranges.
    result : str
        One of `results.RULES`.
    parameters : sequence of str
        Paths of those to vary, by default all axes and uncertain parameters of the sweep. One that the sweep does not
        vary has the distribution of its component file, or all that is allowed. All others stay as in the base cell.
    samples : int
        Base samples of Saltelli's design, a power of two; `samples` x (parameters + 2) cells are simulated.
    seed : int
        Of the design and of what is resampled for confidence.
    threads : int, optional
        Cells simulated at the same time, by default one on each core.
    progress : Progress, optional
        Told of every finished batch; by default lines on standard error.

    Returns
    -------
    xarray.Dataset
        Along `parameter`: `sobol_first`, `sobol_total`, the half widths of their 95 % confidence, `pawn`, `regional`.
        Along `run`: the outcome, the values of the parameters, and the result as it was analysed. Attributes tell how
        the result was made a finite number, how many samples had no answer, and what a parameter without any influence
        would show.

    Raises
    ------
    InputError
        An unknown result or parameter, samples that are no power of two, or too few samples with an answer.
    """
    rule = rule_of(result, sweep, WHERE)
    varied = _chosen(sweep, parameters)
    shares = indices.design(len(varied), samples, seed, WHERE)
    study = replace(sweep, axes=varied, draws=None, trace_points=())
    table = np.stack([each.sample(shares[:, i]) for i, each in enumerate(varied)], axis=1)
    threads = threads or len(os.sched_getaffinity(0))
    progress = progress or Progress(f"sensitivity of {result}", len(table), 0, (sys.stderr,))
    batches = run_points(study, table, range(len(table)), threads, progress)
    found = rows.stack([row for batch in batches for row in batch], sweep.cycles)
    found = failure_map(found, study)
    analysed = rule.finite(found)
    answer = indices.analyse(shares, analysed, rule.boundary, seed, WHERE)
    return _described(answer, varied, table, found, analysed, rule)


def _chosen(sweep: Sweep, names: Sequence[str]) -> tuple[Varied, ...]:
    if not names:
        return sweep.varied
    known, chosen = {each.path: each for each in sweep.varied}, {}
    for name in names:
        path = sweep.cell.full_path(name, f"{WHERE}: parameters")
        if path in chosen:
            raise InputError(WHERE, "parameters", name, problem="is named twice", fix="keep one of them")
        parameter = sweep.cell.declared(path)
        if isinstance(parameter.value, tuple):
            problem = "is a list, and only single numbers can be varied"
            raise InputError(WHERE, "parameters", name, problem=problem, fix="leave it out")
        chosen[path] = known.get(path) or Uncertain(path, parameter.uncertainty)
    return tuple(chosen.values())


def _described(
    answer: indices.Indices,
    varied: Sequence[Varied],
    table: NDArray[np.float64],
    found: xr.Dataset,
    analysed: NDArray[np.float64],
    rule: Rule,
) -> xr.Dataset:
    data = {
        name: ("parameter", getattr(answer, name), {"units": "1", "long_name": text}) for name, text in INDICES.items()
    }
    data |= {
        "outcome": ("run", found["outcome"].values, found["outcome"].attrs),
        "analysed": ("run", analysed, {"units": "1", "long_name": rule.text}),
        "values": (("run", "parameter"), table, {"long_name": "values of the parameters, each in its unit"}),
    }
    units = np.array([each.unit for each in varied], dtype=object)
    coords = {
        "parameter": ("parameter", np.array([each.path for each in varied], dtype=object)),
        "unit": ("parameter", units, {"long_name": "unit of the parameter's values"}),
    }
    attributes = {
        "title": f"sensitivity of {rule.name}",
        "result": rule.name,
        "analysed": rule.text,
        "boundary": "median" if rule.boundary is None else rule.boundary,
        "runs": len(table),
        "runs_without_answer": answer.runs_without_answer,
        "samples": answer.samples,
        "samples_left_out": answer.samples_left_out,
        "share_below_boundary": answer.share_below,
        "pawn_of_noise": answer.pawn_of_noise,
        "regional_of_noise": answer.regional_of_noise,
    }
    return xr.Dataset(data, coords, attributes)
