"""Draw the figures of docs/verification.md and write the numbers that it quotes.

Run `python docs/make_verification.py` after a change of the model or its numerics; it takes less than a minute.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from verification_panels import RED, draw_limits

from cellmodel.plots.style import STYLE

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # what is drawn is what the tests assert

import closed_forms  # noqa: E402
import limit_runs  # noqa: E402
import refinement  # noqa: E402
from manufactured import Problem  # noqa: E402

PAGE, TARGET, DPI = ROOT / "docs/verification.md", ROOT / "docs/figures", 150
CELLS, SHELLS, DEPTH_CELLS = (8, 16, 32), (10, 20, 40, 80), (5, 10, 20, 40)
ORDERS, LIMITS = "orders of convergence", "deviations from closed solutions"
FIXTURES = {"0.01 MPa/\N{MICRO SIGN}m": 1e10, "0.1 MPa/\N{MICRO SIGN}m": 1e11, "constant gap": limit_runs.RIGID}
DRAWN = ("host potential", "cathode potential", "electron potential", "alloy lithiation", "pore lithium")
FIELDS = {
    "host": ("host potential", "alloy lithiation", "pore lithium", "anode surface potential", "foot potential"),
    "cathode": ("cathode potential", "electron potential", "reaction current", "surface lithiation", "voltage"),
    "particle": ("particle lithiation",),
}


def collect() -> dict:
    """Return everything that is drawn and written, by name."""
    return {
        "manufactured": {ratio: [Problem(cells, ratio).errors() for cells in CELLS] for ratio in (1.0, 6.0)},
        "meshes": {name: refinement.end_voltages(name)[:, 1] for name in refinement.MESHES},
        "time": refinement.time_errors(),
        "tolerance": refinement.tolerance_errors(),
        "electrode": [limit_runs.porous_electrode(cells) for cells in DEPTH_CELLS],
        "sphere": {ratio: [limit_runs.constant_flux(n, ratio) for n in SHELLS] for ratio in (1.0, 6.0)},
        "step": limit_runs.potential_step(),
        "ohmic": limit_runs.ohmic_stack(),
        "healing": limit_runs.healing(),
        "stripping": {pressure: limit_runs.stripping_contact(pressure) for pressure in range(9, 21)},
        "coverage": limit_runs.coverage(),
        "filling": {exchange: limit_runs.filling(exchange) for exchange in (1.0, 100.0, 1e4)},
        "pressure": {name: limit_runs.rising_pressure(value) for name, value in FIXTURES.items()},
        "threshold": {pressure: threshold(pressure) for pressure in (10, 20, 40)},
    }


def threshold(pressure: float) -> tuple[np.ndarray, np.ndarray]:
    """Return depths over the critical depth and the growth in 1000 h, in um."""
    ratios = np.array([0.6, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.3, 1.4])
    runs = [limit_runs.resting_flaws(part, pressure) for part in (ratios[:5], ratios[5:])]
    return ratios, 1e6 * np.concatenate([after - before for before, after, _ in runs])


def slope_line(axes: Axes, x: np.ndarray, y: float, order: int) -> None:
    """Draw what a method of an order would do, from the first point."""
    axes.loglog(x, y * (x / x[0]) ** order, color="0.6", linewidth=0.8, linestyle="--", zorder=0)
    middle = np.sqrt(x[0] * x[-1])
    axes.annotate(f"slope \N{MINUS SIGN}{-order}", (middle, y * (middle / x[0]) ** order), (4, 4),
                  textcoords="offset points", color="0.4", fontsize=7)  # fmt: skip


def draw_orders(data: dict) -> Figure:
    """Draw error against cells through the thickness, against shells, and against time steps."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.4))
        for axes, draw in zip(figure.subplots(1, 3), (through, radial, in_time), strict=True):
            draw(axes, data)
            axes.xaxis.set_minor_locator(NullLocator())
            axes.legend(frameon=False, fontsize=6.5, loc="lower left", borderaxespad=0.2)
    return figure


def sizes(axes: Axes, ticks: tuple[int, ...]) -> None:
    """Write sizes of meshes as plain numbers."""
    axes.set_xticks(ticks, [str(tick) for tick in ticks])


def through(axes: Axes, data: dict) -> None:
    """Fields of host and cathode."""
    for marker, name in zip("osv^D", DRAWN, strict=True):
        errors = [errors[name] for errors in data["manufactured"][6.0]]
        axes.loglog(CELLS, errors, marker, linestyle="-", markersize=4, label=name)
    electrode = [abs(run.model / run.exact - 1.0) for run in data["electrode"]]
    axes.loglog(DEPTH_CELLS, electrode, "kx-", markersize=4, label="electrode resistance, relative")
    slope_line(axes, np.array([5.0, 40.0]), 3e-2, -2)
    axes.set(xlabel="cells of host and of cathode", ylabel="largest error (V or 1)", title="x", ylim=(3e-8, 5e-2))
    sizes(axes, (5, 10, 20, 40))


def radial(axes: Axes, data: dict) -> None:
    """Lithiation of particles."""
    errors = [errors["particle lithiation"] for errors in data["manufactured"][6.0]]
    axes.loglog(CELLS, errors, "o-", markersize=4, label="manufactured, graded")
    for marker, (ratio, runs) in zip("sv", data["sphere"].items(), strict=True):
        name = f"constant flux, {'uniform' if ratio == 1.0 else 'graded'}"
        errors = [np.abs(surface.model - surface.exact).max() for surface, _ in runs]
        axes.loglog(SHELLS, errors, marker, linestyle="-", markersize=4, label=name)
    slope_line(axes, np.array([6.0, 80.0]), 3e-2, -2)
    axes.set(xlabel="shells of the particle", ylabel="largest error of lithiation (1)", title="r", ylim=(4e-6, 5e-2))
    sizes(axes, (5, 10, 20, 40, 80))


def in_time(axes: Axes, data: dict) -> None:
    """All profiles of a full cell."""
    steps = 600.0 / np.array(refinement.STEPS)
    axes.loglog(steps, data["time"], "o-", markersize=4, label="steps of one length, 10 min")
    axes.loglog(*data["tolerance"], "s-", markersize=4, label="by tolerance, first hour")
    slope_line(axes, np.array([20.0, 200.0]), 1e-8, -4)
    axes.set(xlabel="time steps", ylabel="rms error of all profiles (V or 1)", title="t", ylim=(1e-15, 1e-3))
    sizes(axes, (20, 50, 100, 200, 500, 1000))


def draw_sphere(data: dict) -> Figure:
    """Draw lithium in a particle under constant flux, and the current after a potential step."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 2.8))
        inside, step = figure.subplots(1, 2)
        surface, shells = data["sphere"][6.0][1]
        rho = np.linspace(0.0, 1.0, 80)
        for row, tau in enumerate(surface.x):
            line = [closed_forms.constant_flux_sphere(each, tau) for each in rho]
            (drawn,) = inside.plot(rho, line, linewidth=1.0)
            inside.plot(np.append(shells.x, 1.0), np.append(shells.model[row], surface.model[row]), "o", markersize=3,
                        color=drawn.get_color(), label=f"$D t / R^2$ = {tau:g}")  # fmt: skip
        inside.set(xlabel="radius $r/R$", ylabel="lithiation gained, $x D / (N R)$", title="constant flux, 20 shells")
        inside.legend(frameon=False, loc="upper left")
        run = data["step"]
        step.loglog(run.x, run.exact / 10.0, "-", color="0.2", label="Cottrell, with the sphere's curvature")
        step.loglog(run.x[::4], run.model[::4] / 10.0, "o", markersize=3.5, color=RED, label="model")
        step.set(xlabel="time $D t / R^2$", ylabel="current (mA cm$^{-2}$)", title="potential step of 17 mV")
        step.legend(frameon=False)
    return figure


def orders_table(data: dict) -> str:
    """Return the observed orders in Markdown."""
    rows = []
    for ratio, errors in data["manufactured"].items():
        mesh = "uniform" if ratio == 1.0 else "graded 6 : 1"
        for place, names in FIELDS.items():
            found = [refinement.orders([each[name] for each in errors])[-1] for name in names]
            span = f"{min(found):.2f}" if len(found) == 1 else f"{min(found):.2f} to {max(found):.2f}"
            rows.append((f"manufactured, fields of the {place}, {mesh}", f"{CELLS[1]}, {CELLS[2]}", span))
    for name, voltages in data["meshes"].items():
        order = refinement.orders(np.diff(voltages))[0]
        sizes = ", ".join(str(size) for size in refinement.MESHES[name])
        rows.append((f"full cell, voltage after charge and discharge, `{name}`", sizes, f"{order:.2f}"))
    errors = [run.model / run.exact - 1.0 for run in data["electrode"]]
    rows.append(("resistance of a porous electrode", "20, 40 cells", f"{refinement.orders(errors)[-1]:.2f}"))
    for ratio, runs in data["sphere"].items():
        order = refinement.orders([np.abs(run.model - run.exact).max() for run, _ in runs])[-1]
        rows.append((f"sphere under constant flux, {'uniform' if ratio == 1.0 else 'graded 6 : 1'}", "40, 80 shells",
                     f"{order:.2f}"))  # fmt: skip
    for lengths, order in zip(pairwise(refinement.STEPS), refinement.orders(data["time"]), strict=True):
        each = " and ".join(f"{length:g} s" for length in lengths)
        rows.append(("full cell, all profiles, time steps of one length", each, f"{order:.2f}"))
    steps, errors = data["tolerance"]
    order = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    rows.append(("full cell, all profiles, steps by tolerance", f"{steps[0]} to {steps[-1]}", f"{order:.2f}"))
    return markdown(("what", "meshes or steps", "observed order"), rows)


def limits_table(data: dict) -> str:
    """Return the largest deviation from each closed solution in Markdown."""
    surface = data["sphere"][6.0][2][0]
    step, late = data["step"], data["step"].x > 1e-3
    filling = [np.abs(run.model[1:] / run.exact[1:] - 1.0).max() for run in data["filling"].values()]
    pressed = [np.abs(run.model - run.exact).max() / run.exact[-1] for run in data["pressure"].values()]
    contact = [abs(model - exact) for model, exact in data["stripping"].values()]
    rows = [
        ("ohmic stack", f"{1e6 * np.abs(data['ohmic'].model - data['ohmic'].exact).max():.1f} uV of 16 to 54 mV"),
        ("porous electrode, 20 cells", f"{abs(data['electrode'][2].model / data['electrode'][2].exact - 1.0):.2%}"),
        ("constant-flux sphere, 40 graded shells", f"{np.abs(surface.model - surface.exact).max():.1e} of N R/D"),
        ("potential step", f"{np.abs(step.model[late] / step.exact[late] - 1.0).max():.2%} of the current"),
        ("contact at rest", f"{np.abs(data['healing'].model - data['healing'].exact).max():.1e}"),
        ("contact under stripping", f"{max(contact):.1e}"),
        ("island coverage", f"{np.abs(data['coverage'].model / data['coverage'].exact - 1.0).max():.1e} of it"),
        ("filling of flaws", f"{max(filling):.2%} of the time"),
        ("constant gap", f"{max(pressed):.1e} of the rise"),
    ]
    return markdown(("limit", "largest deviation"), rows)


def markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write(name: str, table: str, script: str = "make_verification", page: Path = PAGE) -> None:
    """Replace a table of a page that a script writes, between its two marks."""
    begin, end = f"<!-- {name}: docs/{script}.py -->\n", f"<!-- end of {name} -->\n"
    before, _, rest_of_page = page.read_text(encoding="utf-8").partition(begin)
    page.write_text(before + begin + table + end + rest_of_page.partition(end)[2], encoding="utf-8")


def main() -> None:
    """Compute, draw and write."""
    data = collect()
    for name, draw in (("orders", draw_orders), ("sphere", draw_sphere), ("limits", draw_limits)):
        with mpl.rc_context(STYLE):
            draw(data).savefig(TARGET / f"verification-{name}.png", dpi=DPI)
    write(ORDERS, orders_table(data))
    write(LIMITS, limits_table(data))


if __name__ == "__main__":
    main()
