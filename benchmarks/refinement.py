"""Runs that a boundary in four dimensions takes: full grid, even points, and points refined in rounds.

The truth is the side of random points that no method sees. Grids and truth are kept in the user's cache under the
content of the model and of the sweep: they take a minute.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator
from scipy.spatial import cKDTree

from cellmodel.compiled_cache import cache_folder
from cellmodel.plots.style import STYLE
from cellmodel.sweep import rows
from cellmodel.sweep.definition import Sweep, load
from cellmodel.sweep.design import build
from cellmodel.sweep.failure_map import failure_map
from cellmodel.sweep.points import run_batch
from cellmodel.sweep.refine.batch import even_points
from cellmodel.sweep.refine.boundary import categories
from cellmodel.sweep.refine.level_set import fit
from cellmodel.sweep.refine.points import from_unit, to_unit

FIGURE = Path(__file__).parents[1] / "docs/figures/refinement.png"
SWEEP = """\
base_cell: {anode: cu-foil, electrolyte: lpscl, cathode: ncm811}
protocol:
  - repeat: 1
    steps: [Charge at 0.33C until 4.25 V, Discharge at 0.33C until 2.5 V]
axes:
  stack_pressure: {log: [2 MPa, 40 MPa]}
  cathode.loading: {linear: [2 mg/cm2, 30 mg/cm2]}
  temperature: {linear: [0 degC, 60 degC]}
  area: {log: [0.5 cm2, 50 cm2]}
design: {refine: {first: 64, rounds: 10, points: 32}}
"""
TESTS, GRIDS = 8192, range(4, 10)
NEAR = 0.2
"""Share of the test points, those closest to one of the other side, on which the error near the boundary is counted."""
BATCH = 64
Kinds = NDArray[np.int64]


def simulated(sweep: Sweep, table: NDArray[np.float64]) -> xr.Dataset:
    """Return the failure map of points along `point`."""
    found: list[rows.Row] = []
    for at in range(0, len(table), BATCH):
        found += run_batch(sweep, range(at, min(at + BATCH, len(table))), table[at : at + BATCH])[0]
    axes = {axis.name: ("point", table[:, i], axis.attributes) for i, axis in enumerate(sweep.axes)}
    return failure_map(rows.stack(found, sweep.cycles).assign_coords(axes), sweep)


def mesh(number: int) -> NDArray[np.float64]:
    """Return the points of a full grid of the unit cube."""
    ticks = np.linspace(0.0, 1.0, number)
    return np.stack([each.ravel() for each in np.meshgrid(*[ticks] * 4, indexing="ij")], axis=1)


def reference(sweep: Sweep) -> dict[str, NDArray]:
    """Return margins and outcomes of the test points and of every grid, from the cache if they are there."""
    key = hashlib.sha256(f"{sweep.identity} {TESTS} {GRIDS}".encode()).hexdigest()[:16]
    file = cache_folder().parent / f"refinement-benchmark-{key}.npz"
    if file.is_file():
        with np.load(file) as kept:
            return dict(kept)
    made = {}
    sets = {"test": np.random.default_rng(12345).random((TESTS, 4))} | {str(n): mesh(n) for n in GRIDS}
    for name, unit in sets.items():
        found = simulated(sweep, from_unit(unit, sweep.axes))
        made |= {f"unit {name}": unit, f"margin {name}": found["margin_short"].values}
        made[f"outcome {name}"] = found["outcome"].values.astype(int)
    np.savez_compressed(file, **made)
    return made


def of_refined(sweep: Sweep, tests: NDArray[np.float64], most: int) -> dict[int, Kinds]:
    """Refine with the workflow's own designs; returns what is said of the tests after each number of runs."""
    found, said = None, {}
    for part in sweep.parts:
        design = build(part, found)
        new = simulated(sweep, np.stack([design[axis.name].values for axis in sweep.axes], axis=1))
        found = new if found is None else xr.concat([found, new], "point", data_vars="minimal", coords="minimal")
        unit = to_unit(np.stack([found[axis.name].values for axis in sweep.axes], axis=1), sweep.axes)
        said[len(unit)] = likeliest(unit, categories(found, sweep), tests)
        if len(unit) >= most:
            break
    return said


def of_even(sweep: Sweep, tests: NDArray[np.float64], counts: Sequence[int]) -> dict[int, Kinds]:
    """Say the same from an even set alone."""
    unit = even_points(4, 0, max(counts), 0)
    kinds = categories(simulated(sweep, from_unit(unit, sweep.axes)), sweep)
    return {count: likeliest(unit[:count], kinds[:count], tests) for count in counts}


def likeliest(unit: NDArray[np.float64], kinds: Kinds, tests: NDArray[np.float64]) -> Kinds:
    """Return the most likely category of each test."""
    names = np.unique(kinds)
    if len(names) == 2:
        return names[(fit(unit, kinds == names[1]).probability_below(tests) > 0.5).astype(int)]
    return names[np.argmax([fit(unit, kinds == name).probability_below(tests) for name in names], axis=0)]


def of_grid(number: int, fields: Sequence[NDArray], names: Kinds, tests: NDArray[np.float64], how: str) -> Kinds:
    """Return the category of the largest of some fields on a full grid, interpolated at the tests."""
    ticks = [np.linspace(0.0, 1.0, number)] * 4
    values = [RegularGridInterpolator(ticks, each.reshape([number] * 4), method=how)(tests) for each in fields]
    return names[np.argmax(values, axis=0)]


def of_grids(kept: dict[str, NDArray], truth: Kinds, outcomes: bool) -> dict[str, dict[int, Kinds]]:
    """Say it from every full grid in each way: the margin, or the categories themselves, linear, and the nearest."""
    names, tests = np.unique(truth), kept["unit test"]
    said: dict[str, dict[int, Kinds]] = {"grid, nearest": {}, "grid, category interpolated": {}}
    said |= {} if outcomes else {"grid, margin interpolated": {}}
    for n in GRIDS:
        margin = kept[f"margin {n}"]
        kinds = kept[f"outcome {n}"] if outcomes else (margin < 0).astype(int)
        shares = [(kinds == name).astype(float) for name in names]
        said["grid, nearest"][n**4] = of_grid(n, shares, names, tests, "nearest")
        said["grid, category interpolated"][n**4] = of_grid(n, shares, names, tests, "linear")
        if not outcomes:
            said["grid, margin interpolated"][n**4] = of_grid(n, [margin, -margin], names, tests, "linear")
    return said


def runs_for(error: float, curve: dict[int, float]) -> float:
    """Return the first number of runs with at most this error."""
    return min((runs for runs, reached in curve.items() if reached <= error), default=np.inf)


def measure(report: Callable[..., None]) -> None:
    """Report how many times fewer runs refinement needs for the accuracy of the largest grid; draw the errors."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "refined.yaml"
        file.write_text(SWEEP)
        sides = load(file)
    kept = reference(sides)
    spec = sides.design.refine.model_copy(update={"of": "outcome"})
    both = {"margin_short": sides, "outcome": replace(sides, design=sides.design.model_copy(update={"refine": spec}))}
    drawn = {}
    for name, sweep in both.items():
        truth = kept["outcome test"] if name == "outcome" else (kept["margin test"] < 0).astype(int)
        curves = {
            "refined": of_refined(sweep, kept["unit test"], sweep.points),
            "even points": of_even(sweep, kept["unit test"], (64, 128, 256, 384)),
            **of_grids(kept, truth, name == "outcome"),
        }
        near = _near(kept["unit test"], truth)
        errors = {key: {n: float(np.mean(said != truth)) for n, said in c.items()} for key, c in curves.items()}
        close = {key: {n: float(np.mean((said != truth)[near])) for n, said in c.items()} for key, c in curves.items()}
        report("refinement", boundary=name, **_ratios(errors, ""), **_ratios(close, "_near_boundary"))
        drawn[name] = errors
    draw(drawn)


def _near(tests: NDArray[np.float64], truth: Kinds) -> NDArray[np.int64]:
    """Return the tests that have one of another category closest by."""
    reach = np.empty(len(tests))
    for kind in np.unique(truth):
        mine = truth == kind
        reach[mine] = cKDTree(tests[~mine]).query(tests[mine])[0]
    return np.argsort(reach)[: int(NEAR * len(tests))]


def _ratios(errors: dict[str, dict[int, float]], suffix: str) -> dict[str, float]:
    """Compare with the largest grid at its best, and with its usual use, the interpolated margin or the nearest."""
    largest = max(GRIDS) ** 4
    grids = {key: curve[largest] for key, curve in errors.items() if key.startswith("grid")}
    usual = grids.get("grid, margin interpolated", grids["grid, nearest"])
    told = {}
    for name, error in (("best_grid", min(grids.values())), ("usual_grid", usual)):
        runs = runs_for(error, errors["refined"])
        told |= {f"{name}_error": error, f"{name}_runs": runs, f"{name}_ratio": largest / runs}
    return {f"{key}{suffix}": value for key, value in told.items()}


def draw(drawn: dict[str, dict[str, dict[int, float]]]) -> None:
    """Draw the share of wrong test points over the number of runs, both logarithmic."""
    import matplotlib.pyplot as plt

    titles = {"margin_short": "short or not", "outcome": "which outcome"}
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(drawn), figsize=(6.3, 3.0), sharey=True)
        for panel, (name, curves) in zip(axes, drawn.items(), strict=True):
            for number, (key, curve) in enumerate(sorted(curves.items(), key=lambda each: each[0] != "refined")):
                panel.loglog(list(curve), [100 * each for each in curve.values()], "osD^v"[number] + "-",
                             color=f"C{number}", markersize=3, label=key)  # fmt: skip
            panel.set(title=titles[name], xlabel="runs")
            panel.yaxis.set_major_formatter("{x:g}")
            panel.yaxis.set_minor_formatter("")
            panel.set_yticks([1, 2, 5, 10, 20])
            panel.grid(alpha=0.3)
        axes[0].set_ylabel("wrong, % of test points")
        axes[0].legend(frameon=False, fontsize=6.5)
        figure.savefig(FIGURE, dpi=150)
        plt.close(figure)


if __name__ == "__main__":
    from measure import report

    measure(report)
