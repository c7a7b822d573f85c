"""Check that a step makes sense in a cell: its verb, and whether its voltages can be reached."""

from cellmodel.cell import Cell
from cellmodel.errors import InputError
from cellmodel.protocol_steps import AnyStep

# A half cell's anode stays above lithium by less than the window of any electrolyte, and falls below it by an
# overpotential that no cell survives [V vs Li/Li+].
_HALF_CELL_WINDOW = (-1.0, 5.0)
_FIXES = {
    "plate": "write 'Charge'", "strip": "write 'Discharge'", "charge": "write 'Plate'", "discharge": "write 'Strip'",
    "ramp": "leave the cathode out",
}  # fmt: skip
_HALF_CELL_VERBS = ("plate", "strip", "ramp")


def check_step(step: AnyStep, cell: Cell, where: str, key: str) -> None:
    """Refuse a step that the cell cannot do or that could never end in it.

    Parameters
    ----------
    step : Step, Sweep, Ramp or Impedance
        The step.
    cell : Cell
        The cell that is to do it.
    where, key : str
        For messages.

    Raises
    ------
    InputError
        For a verb of the other kind of cell, or a voltage that can never be reached.
    """
    if step.verb in _FIXES and cell.is_full == (step.verb in _HALF_CELL_VERBS):
        kind = "a full cell charges and discharges" if cell.is_full else "a half cell plates and strips"
        fix = _FIXES[step.verb]
        raise InputError(where, key, step.text, problem=f"does not fit the cell: {kind}", fix=fix)
    for voltage in step.voltages:
        _check_voltage(voltage, step, cell, where, key)


def _check_voltage(voltage: float, step: AnyStep, cell: Cell, where: str, key: str) -> None:
    low, high = _full_window(cell) if cell.is_full else _half_window(step, cell)
    if not low <= voltage <= high:
        side = f"above {high:.4g} V" if voltage > high else f"below {low:.4g} V"
        what = "cathode's window" if cell.is_full else f"anode against the {cell.names['counter']} counter electrode"
        problem = f"can never be reached: {voltage:.4g} V is {side}"
        allowed = f"{low:.4g} to {high:.4g} V ({what})"
        raise InputError(where, key, step.text, allowed, "choose a voltage in this range", problem=problem)


def _full_window(cell: Cell) -> tuple[float, float]:
    low, high = cell.si["cathode.voltage_window_low"], cell.si["cathode.voltage_window_high"]
    return float(low), float(high)  # type: ignore[arg-type]


def _half_window(step: AnyStep, cell: Cell) -> tuple[float, float]:
    """Return the window against the counter electrode; stripping only ever ends above lithium."""
    lithium = -float(cell.si.get("counter.potential", 0.0))  # type: ignore[arg-type]
    low, high = _HALF_CELL_WINDOW
    return lithium + (0.0 if step.verb == "strip" else low), lithium + high
