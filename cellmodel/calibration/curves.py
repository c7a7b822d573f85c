"""Half cycles: voltage over charge between two reversals of the current, measured or simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from cellmodel.result import Run

NO_CURRENT = 1e-3
"""Currents below this share of the largest are rest [1]."""


@dataclass(frozen=True)
class HalfCycle:
    """What passed in one direction.

    Attributes
    ----------
    direction : int
        1 plating or charging, -1 stripping or discharging.
    capacity : float64[n]
        Charge passed so far, ascending from 0 [mAh/cm2].
    voltage : float64[n]
        Of the cell [V].
    """

    direction: int
    capacity: NDArray[np.float64]
    voltage: NDArray[np.float64]

    def at(self, capacity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Voltage [V] after some charge [mAh/cm2]; beyond the end the last one."""
        return np.interp(capacity, self.capacity, self.voltage)

    def blur(self, capacity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard uncertainty of `at` [V]: the voltage is anywhere between the samples on both sides."""
        after = np.clip(np.searchsorted(self.capacity, capacity), 1, max(1, len(self.capacity) - 1))
        before = np.minimum(after, len(self.capacity)) - 1
        after = np.minimum(after, len(self.capacity) - 1)
        return np.abs(self.voltage[after] - self.voltage[before]) / np.sqrt(12.0)


def of_run(run: Run) -> list[HalfCycle]:
    """Half cycles of a run that kept its time series; steps of one direction with at most rest between are one."""
    trace, direction = run.trace, run.compiled.direction
    step = trace["step"].values
    halves: list[HalfCycle] = []
    for number in np.unique(step):
        if direction[number] == 0:
            continue
        chosen = step == number
        passed, voltage = np.abs(trace["step_capacity"].values[chosen]), trace["voltage"].values[chosen]
        if halves and halves[-1].direction == direction[number]:
            before = halves.pop()
            passed = np.concatenate([before.capacity, before.capacity[-1] + passed])
            voltage = np.concatenate([before.voltage, voltage])
        halves.append(HalfCycle(int(direction[number]), passed, voltage))
    return halves


def of_series(
    time: NDArray[np.float64], current: NDArray[np.float64], voltage: NDArray[np.float64], first: int
) -> list[HalfCycle]:
    """Half cycles of a time series.

    Parameters
    ----------
    time : float64[n]
        Ascending [h].
    current : float64[n]
        Of any sign convention [mA/cm2].
    voltage : float64[n]
        Of the cell [V].
    first : int
        Direction of the first half cycle, 1 or -1: that of the protocol tells what the sign of the current means.

    Returns
    -------
    list of HalfCycle
        Rest is left out.
    """
    flowing = np.abs(current) > NO_CURRENT * np.abs(current).max(initial=0.0)
    sign = np.sign(current[flowing])
    if not sign.size:
        return []
    # Charge between two samples counts where current flows at its end, so that rest adds nothing.
    charge = np.abs(current) * np.diff(time, prepend=time[0])
    cuts = np.flatnonzero(np.diff(sign)) + 1
    parts = np.split(np.flatnonzero(flowing), cuts)
    return [
        HalfCycle(int(first * np.sign(current[each[0]]) * sign[0]), np.cumsum(charge[each]), voltage[each])
        for each in parts
    ]
