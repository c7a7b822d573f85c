"""Measured beside simulated, for tables and datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.calibration.targets import UNITS, Measured, Observed, Target
from cellmodel.validation.observation import ALONE
from cellmodel.validation.report import shown


def compared(target: Target, runs: Mapping[str, Any]) -> dict[str, Any]:
    """One target with what its runs give.

    Parameters
    ----------
    target : Target
    runs : mapping of str to Run or str
        By the name of its cells.

    Returns
    -------
    dict
        ``id``, ``measured`` and ``simulated`` as text, fit for JSON.
    """
    if isinstance(target, Observed):
        found, asked = target.verdict(runs), target.observation.asked
        unit = "" if asked.unit in ("1", "count") else f" {asked.unit}"
        simulated = shown(found.simulated, asked.quantity.name) if found.simulated is not None else found.reason
        return {"id": target.id, "measured": target.observation.expected.text + unit, "simulated": simulated}
    assert isinstance(target, Measured)
    run = runs[ALONE]
    simulated = run if isinstance(run, str) else ", ".join(_deviations(target, target.simulated(run)))
    return {"id": target.id, "measured": f"{len(target.labels)} values", "simulated": simulated}


def _deviations(target: Measured, found: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Root mean square of what is missed, by what is compared; voltages of each half cycle by themselves."""
    texts = []
    for name, values in target.measured.items():
        rms = float(np.sqrt(np.mean((found[name] - values) ** 2)))
        unit, factor = ("mV", 1e3) if name.startswith("voltage") else (UNITS[name], 1.0)
        amount = f"{factor * rms:.2g} {unit}".removesuffix(" 1")
        texts.append(f"{name} rms {amount}" if np.isfinite(rms) else f"{name} not reached")
    return texts


def curves(target: Measured, runs: Mapping[str, Any]) -> xr.Dataset:
    """Every value that was measured with what was simulated; not a number where it was not reached."""
    run = runs[ALONE]
    simulated = np.full(len(target.labels), np.nan)
    if not isinstance(run, str):
        simulated = np.concatenate(list(target.simulated(run).values()))
    names = [label.partition(": ")[2] for label in target.labels]
    units = [UNITS[name.partition("(")[0]] for name in names]
    data = {"measured": np.concatenate(list(target.measured.values())), "simulated": simulated, "unit": units}
    return xr.Dataset({name: ("comparison", each) for name, each in data.items()}, coords={"comparison": names})
