"""What is read from voltage curves: dips, overpotentials, plateaus, peaks."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellmodel.validation.ending import ended_early, finished, finished_steps, first_plating, half_cell
from cellmodel.validation.registry import SHARE, Unmeasurable, cycle, quantity

LEAST_DIP = 0.1
"""Shallower minima are not told from the error of a time step [mV]."""

LEAK_SHARE = 0.01
"""Share of the current through a filament from which a voltage is no longer that of plating [1]."""

POTENTIAL_STEP = 2e-3
"""Spacing on which dQ/dE and voltammograms are evaluated [V]."""

SMOOTHING = 4e-3
"""Width of the Gaussian that dQ/dE is smoothed with [V]; two plateaus closer than about twice this are one."""

VISIBLE = 0.03
"""Height over its surroundings, relative to the highest, from which a peak is one a reader sees [1]."""

METAL = 5e-3
"""Above this an anode stores lithium in an alloy, not as metal [V vs Li/Li+]."""


def _curve(run: Any, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Charge passed [mAh/cm2] and cell voltage [V] of one step, up to where a filament leaks."""
    trace = run.trace
    chosen = trace["step"].values == step
    voltage, current = trace["voltage"].values[chosen], trace["current"].values[chosen]
    leak = np.abs(trace["leak_conductance"].values[chosen] * voltage) * 1e3  # mA/cm2
    sound = np.logical_and.accumulate(leak <= LEAK_SHARE * np.abs(current) + 1e-12)
    if not sound.any():
        raise Unmeasurable(f"nothing was recorded in step {step + 1} before a filament leaked")
    return np.abs(trace["step_capacity"].values[chosen][sound]), voltage[sound]


def _against_lithium(run: Any) -> float:
    """Potential of the counter electrode [V vs Li/Li+]."""
    return float(run.cell.si.get("counter.potential", 0.0))


def _plating_curve(run: Any, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Charge [mAh/cm2] and potential [V vs Li/Li+] of the first plating step."""
    half_cell(run, what)
    capacity, voltage = _curve(run, first_plating(run))
    return capacity, voltage + _against_lithium(run)


def dip(potential: np.ndarray) -> float | None:
    """Depth of the deepest minimum below the plateau that follows [V]; None if there is none.

    The plateau is the highest potential after the minimum and before the curve falls below it again.
    """
    from scipy.signal import find_peaks

    # What comes before the minimum is the way down, however short.
    upside_down = -np.concatenate([[potential.max() + 1.0], potential])
    places, found = find_peaks(upside_down, prominence=LEAST_DIP * 1e-3)
    metal = potential[places - 1] < METAL
    return float(found["prominences"][metal].max()) if metal.any() else None


@quantity("mV", traced=True)
def nucleation_overpotential(run: Any) -> float:
    """Depth of the voltage minimum of the first plating below the plateau that follows; zero if there is none."""
    _, potential = _plating_curve(run, "a nucleation overpotential")
    depth = dip(potential)
    if depth is None and first_plating(run) >= finished_steps(run):
        raise ended_early(run)
    return 1e3 * (depth or 0.0)


@quantity("mV", traced=True, at=SHARE)
def plating_overpotential(run: Any, at: float) -> float:
    """How far below that of lithium the anode's potential is at a fraction of the first plating step."""
    capacity, potential = _plating_curve(run, "a plating overpotential")
    step = first_plating(run)
    place = at * _planned(run, step)
    if not np.isfinite(place):
        if step >= finished_steps(run):
            raise ended_early(run)
        place = at * capacity[-1]
    if place > capacity[-1] * (1.0 + 1e-6):
        raise ended_early(run)
    return -1e3 * float(np.interp(place, capacity, potential))


def _planned(run: Any, step: int) -> float:
    """Charge that a step at constant current was to pass [mAh/cm2]; infinite if a voltage was to end it."""
    asked = run.compiled
    by_time = abs(asked.setpoint[step]) * asked.duration[step] if asked.mode[step] == 0 else np.inf
    return float(min(asked.capacity[step], by_time)) / 36000.0


@quantity("mV", traced=True, cycle=cycle())
def polarization(run: Any, cycle: int) -> float:
    """Half the gap between the voltages of both directions, each at half of its charge."""
    middle = []
    for direction in (1, -1):
        steps = finished(run, cycle, direction)
        main = steps[np.argmax(np.abs(run.steps["capacity"].values[steps]))]
        capacity, voltage = _curve(run, int(main))
        middle.append(float(np.interp(0.5 * capacity[-1], capacity, voltage)))
    return 0.5e3 * abs(middle[0] - middle[1])


def plateaus(capacity: np.ndarray, potential: np.ndarray) -> tuple[float, ...]:
    """Potentials at which most charge goes in, descending: the peaks of dQ/dE above that of the metal [V]."""
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks

    falling = np.minimum.accumulate(potential)
    grid = np.arange(METAL, falling[0] + 10 * SMOOTHING, POTENTIAL_STEP)
    taken = np.interp(-grid[::-1], -falling, capacity)[::-1]
    slope = np.abs(np.gradient(taken, POTENTIAL_STEP))
    smooth = gaussian_filter1d(slope, SMOOTHING / POTENTIAL_STEP, mode="reflect")
    if not smooth.max() > 0.0:
        return ()
    places, _ = find_peaks(smooth, prominence=VISIBLE * smooth.max())
    return tuple(float(each) for each in grid[places][::-1])


@quantity("V vs Li/Li+", kind="list", traced=True)
def alloy_plateaus(run: Any) -> tuple[float, ...]:
    """Plateaus of the first plating above the potential of lithium metal, descending."""
    found = _plating_curve(run, "a plateau of an alloy")
    if first_plating(run) >= finished_steps(run) and found[1].min() > METAL:
        raise ended_early(run)
    return plateaus(*found)


def visible_peaks(voltage: np.ndarray, current: np.ndarray) -> int:
    """Number of maxima of the current inside the range of a voltammogram."""
    from scipy.signal import find_peaks

    order = np.argsort(voltage)
    grid = np.arange(voltage.min(), voltage.max(), POTENTIAL_STEP)
    even = np.interp(grid, voltage[order], current[order])
    return len(find_peaks(even, prominence=VISIBLE * even.max())[0])


@quantity("count", traced=True)
def cv_cathodic_peaks(run: Any) -> float:
    """Peaks of the plating current in the first voltage sweep downwards, above the potential of lithium."""
    half_cell(run, "a cathodic peak")
    sweeps = np.flatnonzero(run.compiled.rate < 0.0)
    if not sweeps.size:
        raise Unmeasurable("no step of the protocol sweeps the voltage downwards")
    if sweeps[0] >= finished_steps(run):
        raise ended_early(run)
    trace = run.trace
    chosen = trace["step"].values == sweeps[0]
    voltage = trace["voltage"].values[chosen] + _against_lithium(run)
    alloying = voltage > 0.0
    return float(visible_peaks(voltage[alloying], trace["current"].values[chosen][alloying]))
