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
        ``id``, ``measured`` and ``simulated`` as text, and for measurements of one's own ``rms``, the root mean square
        of what is missed by what is compared [V, mAh/cm2 or 1].
    """
    if isinstance(target, Observed):
        found, asked = target.verdict(runs), target.observation.asked
        unit = "" if asked.unit in ("1", "count") else f" {asked.unit}"
        simulated = shown(found.simulated, asked.quantity.name) if found.simulated is not None else found.reason
        return {"id": target.id, "measured": target.observation.expected.text + unit, "simulated": simulated}
    assert isinstance(target, Measured)
    run = runs[ALONE]
    found = {"id": target.id, "measured": f"{len(target.labels)} values"}
    if isinstance(run, str):
        return {**found, "simulated": run, "rms": {}}
    rms = _deviations(target, target.simulated(run))
    return {**found, "simulated": ", ".join(_spoken(rms)), "rms": rms}


def _deviations(target: Measured, found: Mapping[str, NDArray[np.float64]]) -> dict[str, float | None]:
    """Root mean square of what is missed; None for what a run did not reach."""
    rms = {name: float(np.sqrt(np.mean((found[name] - each) ** 2))) for name, each in target.measured.items()}
    return {name: value if np.isfinite(value) else None for name, value in rms.items()}


def _spoken(rms: Mapping[str, float | None]) -> list[str]:
    """One text for each kind of value; voltages of all half cycles together."""
    texts = []
    for kind, unit in UNITS.items():
        values = [value for name, value in rms.items() if name.partition("(")[0] == kind]
        known = [value for value in values if value is not None]
        if known:
            factor, unit = (1e3, "mV") if kind == "voltage" else (1.0, unit)
            amount = factor * float(np.sqrt(np.mean(np.square(known))))
            texts.append(f"{kind} rms {amount:.2g} {unit}".removesuffix(" 1"))
        if len(known) < len(values):
            texts.append(f"{kind} not reached in {len(values) - len(known)} of {len(values)}")
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
