"""``cellmodel simulate``: one cell through one protocol."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cellmodel.cli_targets import check_targets, replace

if TYPE_CHECKING:
    from cellmodel.protocol import Protocol

_COMMAND = "cellmodel simulate"
_MOST_ROWS = 12
_GROUPS = ("cycles", "steps", "trace", "profiles")
_COLUMNS = (
    "charge_capacity",
    "discharge_capacity",
    "coulombic_efficiency",
    "capacity_retention",
    "stack_pressure_max",
    "short_probability",
)
_EPILOG = """\b
Examples:
  cellmodel simulate --anode ag-ni-scaffold --cathode ncm811 \\
    --set loading="20 mg/cm2" --set stack_pressure="3 MPa" --set anode.porosity=0.8 \\
    --step "Charge at 0.33C until 4.25 V" --step "Discharge at 0.33C until 2.5 V" --repeat 100 \\
    --out run.nc --plot run.png
  cellmodel simulate --anode cu-foil --step "Plate at 1 mA/cm2 for 1 h" --step "Strip at 1 mA/cm2 until 1.0 V"

\b
Sentences: Plate, Strip (half cells), Charge, Discharge (full cells), Hold, Rest; 'at' a current ("1 mA/cm2",
"0.33C", "C/10") or a voltage to hold; 'for' a time; 'until' a voltage, an areal capacity or, in a hold, a
current; several limits joined by 'or'. Measurements: "Sweep at 0.1 mV/s from 1.0 V to 0 V", "Impedance from 1 MHz to
0.1 Hz", "Ramp from 0.1 mA/cm2 by 0.1 mA/cm2 every 1 h plate and strip until short" (half cells).
A protocol file holds blocks in YAML:
  - {repeat: 1, steps: ["Charge at 0.1C until 4.25 V", "Discharge at 0.1C until 2.5 V"]}
  - {repeat: 100, steps: ["Charge at 0.33C until 4.25 V", "Discharge at 0.33C until 2.5 V"]}
'cellmodel components' lists the components; 'cellmodel components NAME' every path that --set knows.
"""


@click.command(epilog=_EPILOG)
@click.option("--anode", required=True, help="Anode component.")
@click.option("--cathode", help="Cathode component: makes a full cell.")
@click.option("--counter", help="Counter electrode: makes a half cell, as does naming neither.")
@click.option("--electrolyte", help="Separator material.")
@click.option("--laboratory", help="Whose pellets: their flaws and interfacial resistance.")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Set a parameter; repeatable.")
@click.option("--protocol", type=click.Path(path_type=Path), metavar="FILE", help="YAML file with a protocol.")
@click.option("--step", "steps", multiple=True, metavar="SENTENCE", help="One step; repeatable, in order.")
@click.option("--repeat", type=click.IntRange(min=1), help="How often the --step sentences are repeated.")
@click.option("--out", type=click.Path(path_type=Path), metavar="RUN.nc", help="Write all results (netCDF).")
@click.option("--plot", type=click.Path(path_type=Path), metavar="RUN.png", help="Draw the run (png, svg, pdf).")
def simulate(
    settings: tuple[str, ...],
    protocol: Path | None,
    steps: tuple[str, ...],
    repeat: int | None,
    out: Path | None,
    plot: Path | None,
    **components: str | None,
) -> None:
    """Take one cell through a protocol and print how it ended, cycle by cycle."""
    from cellmodel.cell import Cell

    check_targets(_COMMAND, {"--out": out, "--plot": plot})
    cell = Cell.from_mapping(components | _assignments(settings), where=_COMMAND)
    sequence = _protocol(protocol, steps, repeat)
    sequence.compile(cell, where=str(protocol or _COMMAND))

    from cellmodel.simulation import simulate as run_cell  # compiled code: only when the input is sound

    run = run_cell(cell, sequence)
    click.echo(f"Outcome: {run.outcome}")
    click.echo(cycle_table(run.cycles))
    verbs = {step.verb for block in sequence.blocks for step in block.steps}
    for line in measured(run, verbs):
        click.echo(line)
    if out:
        groups = _GROUPS + ("impedance",) * ("impedance" in verbs)
        replace(_COMMAND, out, lambda temporary: _write_run(run, groups, temporary))
    if plot:
        from cellmodel.plots import run_overview

        figure = run_overview(run)
        replace(_COMMAND, plot, lambda temporary: figure.savefig(temporary, format=plot.suffix[1:]))


def _assignments(settings: tuple[str, ...]) -> dict[str, str]:
    from cellmodel.errors import InputError

    found: dict[str, str] = {}
    for setting in settings:
        path, sign, value = (part.strip() for part in setting.partition("="))
        if not (path and sign and value):
            fix = "write it like --set stack_pressure='3 MPa'"
            raise InputError(_COMMAND, "--set", setting, "PATH=VALUE", fix, problem="is not an assignment")
        if path in found:
            raise InputError(_COMMAND, "--set", path, problem="is set twice", fix="keep one of them")
        found[path] = value
    return found


def _protocol(file: Path | None, steps: tuple[str, ...], repeat: int | None) -> "Protocol":
    from cellmodel.errors import InputError
    from cellmodel.protocol import Protocol
    from cellmodel.yaml_files import read_yaml

    if bool(file) == bool(steps):
        problem = "and --step are given both" if file else "or --step is needed"
        fix = "write --step 'Charge at 0.33C until 4.25 V' --step 'Discharge at 0.33C until 2.5 V' --repeat 10"
        raise InputError(_COMMAND, "--protocol", problem=problem, fix=fix)
    if file and repeat:
        fix = "write 'repeat:' into the file's blocks"
        raise InputError(_COMMAND, "--repeat", repeat, problem="goes with --step only", fix=fix)
    if file:
        return Protocol.from_mapping(read_yaml(file), where=str(file))
    return Protocol([{"repeat": repeat or 1, "steps": list(steps)}], where=_COMMAND)


def cycle_table(cycles: Any) -> str:
    """Return the most important columns of the cycles as text.

    Parameters
    ----------
    cycles : xarray.Dataset
        ``run.cycles``.

    Returns
    -------
    str
        Table with at most a dozen rows, the first and the last among them.
    """
    names = [name for name in _COLUMNS if name in cycles]
    total = cycles.sizes["cycle"]
    count = min(total, _MOST_ROWS)
    chosen = sorted({round(i * (total - 1) / max(count - 1, 1)) for i in range(count)})
    rows = [["cycle", *(name.replace("_", " ") for name in names)]]
    rows.append(
        [
            "",
            *(f"[{units}]" if (units := cycles[name].attrs.get("units", "1")) != "1" else "" for name in names),
        ]
    )
    for row in chosen:
        values = (float(cycles[name].values[row]) for name in names)
        rows.append([str(int(cycles["cycle"].values[row])), *(f"{value:.4g}" for value in values)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(f"{text:>{width}}" for text, width in zip(row, widths, strict=True)) for row in rows)


def measured(run: Any, verbs: set[str]) -> list[str]:
    """Return what the measurements of a protocol gave, a line each.

    Parameters
    ----------
    run : Run
        As from `simulate`.
    verbs : set of str
        Of the protocol's steps.

    Returns
    -------
    list of str
        Critical current density if there is a ramp, R_b and R_ct of each impedance step.
    """
    lines = []
    if "ramp" in verbs:
        lines.append(f"Critical current density: {_critical_current(run)}")
    if "impedance" in verbs:
        for number in range(run.impedance.sizes["impedance"]):
            one = run.impedance.isel(impedance=number)
            bulk, transfer = float(one["bulk_resistance"]), float(one["charge_transfer_resistance"])
            place = f"cycle {int(one['cycle'])}, {float(one['time']):.4g} h"
            lines.append(f"Impedance {number + 1} ({place}): R_b {bulk:.4g} ohm cm2, R_ct {transfer:.4g} ohm cm2")
    return lines


def _critical_current(run: Any) -> str:
    from cellmodel.dataset import MA_PER_CM2  # with it xarray

    found, step = run.critical_current_density, run.broken_contact_step
    if found < float("inf"):
        return f"{found:.4g} mA/cm2"
    if step is None:
        return "not reached"
    current = abs(float(run.compiled.setpoint[step])) / MA_PER_CM2
    return f"not known, contact broke at {current:.4g} mA/cm2 (step {step + 1})"


def _write_run(run: Any, names: tuple[str, ...], path: Path) -> None:
    import xarray as xr

    groups = {name: getattr(run, name) for name in names}
    tree = xr.DataTree.from_dict({name: group for name, group in groups.items() if group is not None})
    tree.attrs["outcome"] = str(run.outcome)
    tree.to_netcdf(path, engine="netcdf4")
