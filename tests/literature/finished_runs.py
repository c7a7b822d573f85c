"""Runs written by hand, whose quantities are known: only what the quantities read."""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from cellmodel.numerics.outcome import Outcome, OutcomeKind
from cellmodel.validation.quantities import QUANTITIES

COUNTER = {"lithium": 0.0, "lithium-indium": 0.62}
TRACE = ("step", "voltage", "current", "leak_conductance", "step_capacity")


def compiled(cycles=1, directions=(1, -1), **columns):
    """A protocol of equal cycles, a step for each direction; 1 mA/cm2 until 1 mAh/cm2 plating, to 1 V stripping."""
    direction = np.tile(directions, cycles)
    size = direction.size
    table = {
        "mode": np.zeros(size),
        "setpoint": 10.0 * direction,
        "duration": np.full(size, np.inf),
        "capacity": np.where(direction > 0, 36000.0, np.inf),
        "voltage_limit": np.where(direction > 0, np.nan, 1.0),
        "rate": np.zeros(size),
        "highest": np.full(size, np.nan),
    }
    cycle = np.repeat(np.arange(1, cycles + 1), len(directions))
    return SimpleNamespace(cycle=cycle, direction=direction, **{**table, **columns})


def finished_run(
    protocol=None,
    kind=OutcomeKind.COMPLETED,
    step=None,
    short=None,
    full=False,
    counter="lithium",
    cycles=None,
    steps=None,
    trace=None,
    **more,
):
    protocol = protocol or compiled()
    last = protocol.cycle.size - 1 if step is None else step
    values = {"counter.potential": COUNTER[counter]} | ({"cathode.loading": 0.2} if full else {})
    rows = {"end_reason": np.where(protocol.direction > 0, 1, 0)[: last + 1], "capacity": protocol.direction * 1.0}
    return SimpleNamespace(
        compiled=protocol,
        outcome=Outcome(kind, "as told", int(protocol.cycle[last]), last, 3600.0),
        short=short,
        cell=SimpleNamespace(is_full=full, si=values),
        cycles=xr.Dataset({name: ("cycle", np.asarray(each)) for name, each in (cycles or {}).items()}),
        steps=xr.Dataset(
            {name: ("step", np.asarray(each)[: last + 1]) for name, each in {**rows, **(steps or {})}.items()}
        ),
        trace=traced(*(trace or ())),
        **more,
    )


def traced(*curves):
    """Curves of (charge in mAh/cm2, voltage in V) or with current in mA/cm2 and leak in S/cm2, one each step."""
    columns = {name: [] for name in TRACE}
    for number, (capacity, voltage, *others) in enumerate(curves):
        current = others[0] if others else np.ones_like(voltage)
        leak = others[1] if len(others) > 1 else np.zeros_like(voltage)
        for name, values in zip(TRACE, (np.full(len(voltage), number), voltage, current, leak, capacity), strict=True):
            columns[name].append(values)
    return xr.Dataset({name: ("time", np.concatenate(values) if values else []) for name, values in columns.items()})


def measure(name, run, **arguments):
    found = QUANTITIES[name]
    defaults = {each: argument.default for each, argument in found.arguments.items()}
    return found.measure(run, **{**defaults, **arguments})
