"""Rows as plain text and back, to the last bit: what a journal's lines hold."""

import base64
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.sweep.rows import Row

Record = dict[str, Any]


def from_row(row: Row) -> Record:
    """Return a row as a JSON-able mapping; numbers by their bytes, so that none is rounded."""
    return {
        "point": row.point,
        "outcome": int(row.outcome),
        "message": row.message,
        "repeatable": row.repeatable,
        "names": list(row.scalars),
        "scalars": _packed(np.array(list(row.scalars.values()), dtype=float)),
        "onsets": {name: _packed(values) for name, values in row.onsets.items()},
        "series": {name: _packed(values) for name, values in row.series.items()},
        "trace": row.trace is not None and _packed_trace(row.trace),
    }


def to_row(record: Record) -> Row:
    """Return the row that `from_row` was given."""
    return Row(
        point=record["point"],
        outcome=OutcomeKind(record["outcome"]),
        message=record["message"],
        scalars=dict(zip(record["names"], _unpacked(record["scalars"]).tolist(), strict=True)),
        onsets={name: _unpacked(packed) for name, packed in record["onsets"].items()},
        series={name: _unpacked(packed) for name, packed in record["series"].items()},
        trace=_unpacked_trace(record["trace"]) if record["trace"] else None,
        repeatable=record["repeatable"],
    )


def _packed(values: Any) -> Record:
    array = np.ascontiguousarray(values)
    if array.dtype.kind in "OU":
        return {"text": array.astype(str).tolist()}
    data = base64.b64encode(array.tobytes()).decode()
    return {"type": array.dtype.str, "shape": np.shape(values), "data": data}


def _unpacked(record: Record) -> Any:
    if "text" in record:
        return np.array(record["text"], dtype=object)
    flat = np.frombuffer(base64.b64decode(record["data"]), dtype=record["type"])
    return flat.reshape(record["shape"]).copy()


def _packed_trace(trace: xr.Dataset) -> Record:
    """Attributes of time series are texts, or arrays of flags."""
    return {
        str(name): {
            "dims": list(variable.dims),
            "values": _packed(variable.values),
            "attributes": {key: _packed_attribute(value) for key, value in variable.attrs.items()},
            "coordinate": name in trace.coords,
        }
        for name, variable in trace.variables.items()
    }


def _unpacked_trace(record: Record) -> xr.Dataset:
    variables = {
        name: xr.Variable(
            each["dims"],
            _unpacked(each["values"]),
            {key: _unpacked(value) if isinstance(value, dict) else value for key, value in each["attributes"].items()},
        )
        for name, each in record.items()
    }
    dataset = xr.Dataset(variables)
    return dataset.set_coords([name for name, each in record.items() if each["coordinate"]])


def _packed_attribute(value: Any) -> Any:
    return _packed(value) if isinstance(value, (np.ndarray, np.generic)) else value
