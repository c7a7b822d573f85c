"""One row for each point: what is kept of a run, as plain numbers, and rows stacked into a dataset."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellmodel.numerics.outcome import OutcomeKind

MARGINS = ("short", "overflow", "fade", "exhaustion", "contact")
SHORT = {"areal_capacity": "mAh cm-2", "cycle": "1", "time": "h"}


class Row(NamedTuple):
    """The result of one point.

    Attributes
    ----------
    point : int
        Number in the design.
    outcome : OutcomeKind
        How the run ended; also set when it never began.
    message : str
        What happened, or why the point could not be simulated.
    scalars : dict of str to float
        One number each; what the run could not say is left out.
    onsets : dict of str to ndarray, shape (flaw_quantile,)
        Onset of a short for each flaw quantile; infinite where none came.
    series : dict of str to ndarray, shape (cycles so far,) or (cycles so far, flaw_quantile)
        The run's per-cycle variables.
    trace : xarray.Dataset or None
        Time series along `sample`, for the points whose traces are kept.
    repeatable : bool
        Whether the point would end so anywhere. What ended by a limit on its cost, or by a failure of the machine,
        would not: no other chunk takes such a row over.
    """

    point: int
    outcome: OutcomeKind
    message: str
    scalars: Mapping[str, float] = MappingProxyType({})
    onsets: Mapping[str, NDArray[np.float64]] = MappingProxyType({})
    series: Mapping[str, NDArray[np.float64]] = MappingProxyType({})
    trace: xr.Dataset | None = None
    repeatable: bool = True


SCALARS = {
    "outcome_cycle": ("1", "cycle in which the run ended"),
    "outcome_time": ("h", "time at which the run ended"),
    "short_areal_capacity": ("mAh cm-2", "areal capacity plated in the half cycle that shorted, median flaw"),
    "short_cycle": ("1", "cycle in which the median flaw shorted"),
    "short_time": ("h", "time at which the median flaw shorted"),
    "short_probability": ("1", "probability that a cell has shorted by the end of the run"),
    **{f"margin_{name}": ("1", f"signed distance to {name}; negative where it happened") for name in MARGINS},
    "ledger_drift": ("1", "largest relative drift of the lithium ledger"),
    "jump_error": ("1", "estimated error of retention by jumps over cycles; 0 where every cycle was computed"),
    "solver_steps": ("1", "accepted time steps"),
    "kernel_seconds": (
        "s",
        "time spent in the solver; differs from run to run, as only runs cut off by a time limit do",
    ),
}
"""Name -> (unit, long name) of every scalar of a row."""


ONSETS = {
    "onset_areal_capacity": (
        "mAh cm-2",
        "areal capacity plated in the half cycle in which a flaw quantile shorts",
    ),
    "onset_cycle": ("1", "cycle in which a flaw quantile shorts"),
    "onset_time": ("h", "time at which a flaw quantile shorts"),
}
"""Name -> (unit, long name) of what is known for each flaw quantile; infinite where no short came."""

SERIES = {
    "charge_capacity": ("mAh cm-2", "charge capacity"),
    "discharge_capacity": ("mAh cm-2", "discharge capacity"),
    "coulombic_efficiency": ("1", "coulombic efficiency"),
    "stack_pressure_max": ("MPa", "largest stack pressure in the cycle"),
    "stack_pressure_min": ("MPa", "smallest stack pressure in the cycle"),
    "contact_fraction_min": ("1", "smallest contact fraction in the cycle"),
    "coverage_end_of_charge": ("1", "share of the collector covered with lithium at the end of charge"),
    "top_layer_max": ("mAh cm-2", "largest amount of lithium between host and separator in the cycle"),
    "dead_lithium": ("mAh cm-2", "dead lithium at the end of the cycle"),
    "interphase_lithium": ("mAh cm-2", "lithium in interphases at the end of the cycle"),
    "trapped_lithium": ("mAh cm-2", "lithium trapped in the host at the end of the cycle"),
    "duration": ("h", "duration of the cycle"),
    "mean_charge_voltage": ("V", "capacity-averaged voltage on charge"),
    "mean_discharge_voltage": ("V", "capacity-averaged voltage on discharge"),
    "short_probability_by_cycle": ("1", "probability that a cell has shorted by the end of the cycle"),
}
"""Name -> (unit, long name) of what is known for each cycle; missing after the cycle in which a run ended."""

REPEATABLE = {
    "long_name": "whether the point would end so on any machine",
    "flag_values": np.array([0, 1], np.int8),
    "flag_meanings": "limited_by_time_or_machine repeatable",
}

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def from_run(point: int, run: Any, trace: bool = False) -> Row:
    """Reduce a run to a row.

    Parameters
    ----------
    point : int
        Number in the design.
    run : cellmodel.simulation.Run
        A finished run.
    trace : bool
        Whether to keep the time series.

    Returns
    -------
    Row
        A copy: the run can be forgotten.
    """
    outcome = run.outcome
    short = run.short or dict.fromkeys(SHORT, np.inf)
    scalars = {
        "outcome_cycle": outcome.cycle,
        "outcome_time": outcome.time / 3600.0,
        **{f"short_{name}": short[name] for name in SHORT},
        **{f"margin_{name}": run.margins[name] for name in MARGINS if name in run.margins},
        "ledger_drift": run.ledger_drift,
        "jump_error": run.jump_error,
        "solver_steps": run.cost["steps"],
        "kernel_seconds": run.cost["seconds"],
    }
    columns = run.cycle_columns
    series = {name: columns[name][0] for name in SERIES if name in columns}
    if columns["short_probability"][0].size:
        series["short_probability_by_cycle"] = columns["short_probability"][0]
        scalars["short_probability"] = series["short_probability_by_cycle"][-1]
    return Row(
        point=point,
        outcome=OutcomeKind(int(outcome.kind)),
        message=outcome.message,
        scalars={name: float(value) for name, value in scalars.items()},
        onsets={name: run.onset_columns[name][0] for name in ONSETS},
        series=series,
        trace=_samples(run.trace) if trace else None,
        repeatable=outcome.kind != OutcomeKind.TIME_LIMIT,
    )


def _samples(trace: xr.Dataset) -> xr.Dataset:
    """Rename a run's time series as chunks hold them: many runs one after another."""
    part = trace.reset_index("time").reset_coords("time").rename_dims(time="sample")
    return part.rename({name: f"trace_{name}" for name in part.data_vars})


def table(rows: Sequence[Row], cycles: int) -> xr.Dataset:
    """Return `stack` of rows with their `traces`."""
    return xr.merge([stack(rows, cycles), traces(rows)], join="exact")


def stack(rows: Sequence[Row], cycles: int) -> xr.Dataset:
    """Stack rows into a dataset.

    Parameters
    ----------
    rows : sequence of Row
        Any order; they come out sorted by point.
    cycles : int
        Cycles of the protocol; shorter series are filled up with NaN.

    Returns
    -------
    xarray.Dataset
        Dimensions `point`, `cycle`, `flaw_quantile`; series in float32, all else in float64. The variables
        are the same whatever the runs returned, so that a chunk in which every point failed fits the
        others.
    """
    rows = sorted(rows, key=lambda row: row.point)
    variables: dict[str, Any] = {
        "outcome": ("point", np.array([row.outcome for row in rows], dtype=np.int8), outcome_attributes()),
        "message": (
            "point",
            np.array([row.message for row in rows], dtype=object),
            {"long_name": "what happened"},
        ),
        "repeatable": ("point", np.array([row.repeatable for row in rows], dtype=np.int8), dict(REPEATABLE)),
    }
    for name, text in SCALARS.items():
        column = np.array([row.scalars.get(name, np.nan) for row in rows])
        variables[name] = ("point", column, _attributes(*text))
    for name, text in ONSETS.items():
        columns = np.stack([_filled(row.onsets.get(name), len(QUANTILES)) for row in rows])
        variables[name] = (("point", "flaw_quantile"), columns, _attributes(*text))
    for name, text in SERIES.items():
        columns = np.stack([_filled(row.series.get(name), cycles) for row in rows])
        variables[name] = (("point", "cycle"), columns.astype(np.float32), _attributes(*text))
    coords = {
        "point": ("point", [row.point for row in rows], {"long_name": "number of the point in the design"}),
        "cycle": ("cycle", np.arange(1, cycles + 1), _attributes("1", "cycle")),
        "flaw_quantile": (
            "flaw_quantile",
            np.array(QUANTILES),
            _attributes("1", "probability that the largest flaw of a cell is smaller"),
        ),
    }
    return xr.Dataset(variables, coords)


def traces(rows: Sequence[Row]) -> xr.Dataset:
    """Put the kept time series one after another, as CF's indexed ragged array.

    Parameters
    ----------
    rows : sequence of Row
        Those without a trace are passed over.

    Returns
    -------
    xarray.Dataset
        Dimension `sample`; `trace_point` names the point of each sample. Empty when there are no traces.
    """
    parts = []
    for row in rows:
        if row.trace is not None:
            label = {"long_name": "point that the sample belongs to", "instance_dimension": "point"}
            owner = ("sample", np.full(row.trace.sizes["sample"], row.point), label)
            parts.append(row.trace.assign(trace_point=owner))
    return xr.concat(parts, "sample") if parts else xr.Dataset()


def unstack(stacked: xr.Dataset) -> list[Row]:
    """Return the rows of a dataset that `stack` and `traces` made, to the last bit.

    Parameters
    ----------
    stacked : xarray.Dataset
        As from `table`, in memory.

    Returns
    -------
    list of Row
        In the dataset's order.
    """
    columns = {name: stacked[name].values for name in (*SCALARS, *ONSETS, *SERIES, "outcome", "message", "repeatable")}
    return [
        Row(
            point=int(point),
            outcome=OutcomeKind(int(columns["outcome"][at])),
            message=str(columns["message"][at]),
            scalars={name: float(columns[name][at]) for name in SCALARS},
            onsets={name: columns[name][at] for name in ONSETS},
            series={name: columns[name][at] for name in SERIES},
            trace=_trace_of(stacked, int(point)),
            repeatable=bool(columns["repeatable"][at]),
        )
        for at, point in enumerate(stacked["point"].values)
    ]


def _trace_of(stacked: xr.Dataset, point: int) -> xr.Dataset | None:
    if "trace_point" not in stacked:
        return None
    mine = np.flatnonzero(stacked["trace_point"].values == point)
    traced = stacked[[name for name in stacked.data_vars if "sample" in stacked[name].dims]]
    return traced.drop_vars("trace_point").isel(sample=mine) if mine.size else None


def _attributes(unit: str, label: str) -> dict[str, str]:
    return {"units": unit, "long_name": label}


def outcome_attributes() -> dict[str, Any]:
    """Return the CF attributes of the outcome flag."""
    return {
        "long_name": "how the point ended",
        "flag_values": np.array([kind.value for kind in OutcomeKind], dtype=np.int8),
        "flag_meanings": " ".join(kind.name.lower() for kind in OutcomeKind),
    }


def _filled(values: NDArray[np.float64] | None, length: int) -> NDArray[np.float64]:
    """Fill a short or missing series up with NaN."""
    full = np.full(length, np.nan)
    if values is not None:
        full[: len(values)] = values[:length]
    return full
