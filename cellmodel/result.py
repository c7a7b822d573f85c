"""What a run left: how it ended, what it cost, and its datasets, built when they are first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from cellmodel import dataset, dataset_cycles, impedance_spectra
from cellmodel.cell import Cell
from cellmodel.cycle_jumping import Jumps
from cellmodel.model import record
from cellmodel.model.physics import Physics
from cellmodel.model.side_by_side import Ended
from cellmodel.numerics.outcome import Outcome
from cellmodel.protocol import CompiledProtocol, Protocol


@dataclass(frozen=True)
class Run:
    """Everything that a run left; datasets are built when they are first asked for.

    Attributes
    ----------
    cell : Cell
    protocol : Protocol
    outcome : Outcome
        How the run ended, in which cycle, step and at what time.
    cost : dict
        Accepted time steps, tries in vain, right-hand sides, Jacobians, factorisations, linear solves, cycles computed
        (also those of jumps that were taken back), and seconds of computing.
    jumps : Jumps or None
        Which steps were computed and what the others are estimated to cost in accuracy; None without jumps.
    """

    cell: Cell
    protocol: Protocol
    outcome: Outcome
    cost: dict[str, float]
    physics: Physics
    compiled: CompiledProtocol
    ended: Ended
    jumps: Jumps | None = None

    @cached_property
    def cycles(self) -> xr.Dataset:
        """One row a cycle: capacities, efficiency, pressure, contact, losses, flaw depths; whether it was computed."""
        return dataset_cycles.cycles(self.cycle_columns, self.compiled, self.ended, self.physics, self._simulated)

    @cached_property
    def cycle_columns(self) -> dataset.Columns:
        """Most of `cycles` as plain arrays: values, unit and meaning by name."""
        return dataset_cycles.cycle_columns(self.compiled, self.ended, self.physics)

    @cached_property
    def steps(self) -> xr.Dataset:
        """One row a protocol step: times, charge, why it ended, the ledger at its end; whether it was computed."""
        table = dataset.steps(self.compiled, self.ended, self.physics)
        return table.assign(simulated=dataset.simulated("step", self._simulated))

    @cached_property
    def trace(self) -> xr.Dataset:
        """Time series at every accepted time step; only the beginning if the run was told to keep none."""
        return dataset.trace(self.compiled, self.ended, self.physics)

    @cached_property
    def profiles(self) -> xr.Dataset:
        """Through-thickness profiles at the end of every protocol step."""
        return dataset.profiles(self.ended, self.physics, self.cell.phases)

    @cached_property
    def onsets(self) -> xr.Dataset:
        """Where each flaw quantile crossed the separator; infinite where it never did."""
        return dataset.onsets(self.compiled, self.ended, self.physics)

    @cached_property
    def onset_columns(self) -> dataset.Columns:
        """The same as plain arrays: values, unit and meaning by name."""
        return dataset.onset_columns(self.compiled, self.ended)

    @cached_property
    def impedance(self) -> xr.Dataset:
        """Spectra at the impedance steps: real and imaginary part, R_b, R_ct [ohm cm2]; none if there are none."""
        return impedance_spectra.of_run(self)

    @cached_property
    def critical_current_density(self) -> float:
        """Current density [mA/cm2] of the step in which the median cell shorts; infinite if it never does.

        In a step under another control (a rest, a hold) the last current before it counts. Where contact broke first
        (`broken_contact_step`), whether the cell would have shorted is not known.
        """
        last = int(self.ended.onsets.step[self.physics.flaws.median])
        currents = np.where(self.compiled.mode == 0, np.abs(self.compiled.setpoint), 0.0)[: last + 1]
        flowing = currents[currents > 0.0]
        return float(flowing[-1]) / dataset.MA_PER_CM2 if flowing.size else np.inf

    @cached_property
    def broken_contact_step(self) -> int | None:
        """Index of the first step under current that a voltage ended although the protocol names none.

        Contact was lost there: such a step runs to the cycler's limit. None if there is no such step.
        """
        return dataset.broken_contact_step(self.compiled, self.steps, self.cell)

    @property
    def _simulated(self) -> np.ndarray:
        return np.ones(len(self.ended.rows), bool) if self.jumps is None else self.jumps.simulated

    @property
    def jump_error(self) -> float:
        """Estimated error of capacity retention that jumps over cycles have made [1]; 0 without jumps."""
        return 0.0 if self.jumps is None else self.jumps.retention_error

    @property
    def short(self) -> dict[str, float] | None:
        """Onset of the median cell's short: areal_capacity [mAh/cm2], cycle, time [h]; None if it never shorts."""
        columns, median = self.onset_columns, self.physics.flaws.median
        if not np.isfinite(columns["onset_time"][0][median]):
            return None
        return {name: float(columns[f"onset_{name}"][0][median]) for name in ("areal_capacity", "cycle", "time")}

    @cached_property
    def margins(self) -> dict[str, float]:
        """Signed distance to each failure [1]: positive is safe, negative has failed."""
        return dataset_cycles.margins(self.cycle_columns, self.ended, self.compiled, self.physics)

    @property
    def ledger_drift(self) -> float:
        """Largest change of the total lithium over the run, relative to it."""
        return float(np.abs(self.ended.rows[:, record.ROW_DRIFT]).max())


def cost_of(ended: Ended, cycles: int) -> dict[str, Any]:
    """What the run cost."""
    tries, right, slopes, factors, solves = (int(c) for c in ended.count)
    return {
        "steps": int(ended.accepted), "rejected": tries - int(ended.accepted), "right_hand_sides": right,
        "jacobians": slopes, "factorisations": factors, "linear_solves": solves, "cycles": cycles,
        "seconds": ended.seconds,
    }  # fmt: skip
