"""``cellmodel sensitivity``: which parameter decides a result."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import xarray as xr

_COMMAND = "cellmodel sensitivity"
_TABLES = (".nc", ".json")
_FIGURES = (".png", ".svg", ".pdf")
_COLUMNS = ("sobol_total", "sobol_total_confidence", "sobol_first", "sobol_first_confidence", "pawn", "regional")
_EPILOG = """\b
Examples:
  cellmodel sensitivity config/sweeps/pellet-to-pouch.yaml --samples 16
  cellmodel sensitivity config/sweeps/pellet-to-pouch.yaml --result capacity_retention \\
    --parameter stack_pressure --parameter electrolyte.conductivity --out indices.json --plot indices.png

\b
Axes and uncertain parameters of the sweep are varied, or those named by --parameter; one that the sweep does not
vary has the distribution of its component file, or all that is allowed. All others stay as in the base cell.
Samples x (parameters + 2) cells are simulated. Of onsets (short_*, cycle_life) the reciprocal is analysed: 0 is never.
"""


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--result", default="margin_short", show_default=True, help="Result to explain.")
@click.option("--parameter", "parameters", multiple=True, metavar="PATH", help="Parameter to vary; repeatable.")
@click.option("--samples", type=int, default=64, show_default=True, help="Base samples, a power of two.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another seed, other samples.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write indices and runs (nc) or indices (json)."
)
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw bars (png, svg, pdf).")
def sensitivity(
    file: Path, result: str, parameters: tuple[str, ...], samples: int, seed: int, out: Path | None, plot: Path | None
) -> None:
    """Tell which parameter of the sweep FILE decides a result: Sobol indices, PAWN, regional sensitivity."""
    _check_target("--out", out, _TABLES)
    _check_target("--plot", plot, _FIGURES)
    from cellmodel.sweep.definition import load
    from cellmodel.sweep.results import rule_of

    sweep = load(file)
    rule_of(result, sweep, _COMMAND)

    from cellmodel.sweep.sensitivity import sensitivity as study  # compiled code: only when the input is sound

    found = study(sweep, result, parameters=parameters, samples=samples, seed=seed)
    click.echo(table(found))
    if out:
        _write(found, out)
    if plot:
        _draw(found, plot)


def table(found: "xr.Dataset") -> str:
    """Return the indices as text, the most important parameter first.

    Parameters
    ----------
    found : xarray.Dataset
        As from `sensitivity`.

    Returns
    -------
    str
        What was analysed, one line for each parameter, and what it rests on.
    """
    ordered = found.sortby("sobol_total", ascending=False)
    lines = [["parameter", "Sobol total", "+-", "Sobol first", "+-", "PAWN", "regional"]]
    for number, name in enumerate(ordered["parameter"].values):
        lines.append([str(name), *(f"{float(ordered[column][number]):.3f}" for column in _COLUMNS)])
    about = found.attrs
    noise = [f"{about[f'{name}_of_noise']:.3f}" for name in ("pawn", "regional")]
    lines.append(["(random numbers)", "", "", "", "", *noise])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() for line in lines]
    boundary = about["boundary"] if isinstance(about["boundary"], str) else f"{about['boundary']:g}"
    rested = f"{about['runs']} runs; {about['share_below_boundary']:.0%} of the samples are at or below {boundary}"
    if about["runs_without_answer"]:
        rested += (
            f"; {about['samples_left_out']} samples left out, as {about['runs_without_answer']} runs have no answer"
        )
    return "\n".join([f"Analysed: {about['analysed']}", *rows, rested])


def _write(found: "xr.Dataset", out: Path) -> None:
    from cellmodel.sweep import store

    if out.suffix == ".nc":
        store.write(found, out, found.attrs["title"])
    else:
        store.write_bytes(out, (json.dumps(_plain(found), indent=2) + "\n").encode())
    click.echo(f"Written: {out}")


def _plain(found: "xr.Dataset") -> dict[str, Any]:
    indices = {name: found[name].values.tolist() for name in (*_COLUMNS, "unit")}
    parameters = {
        str(path): {name: values[number] for name, values in indices.items()}
        for number, path in enumerate(found["parameter"].values)
    }
    return {**found.attrs, "parameters": parameters}


def _draw(found: "xr.Dataset", plot: Path) -> None:
    from cellmodel.plots import draw_indices
    from cellmodel.sweep import store

    buffer = io.BytesIO()
    draw_indices(found).savefig(buffer, format=plot.suffix[1:], dpi=200)
    store.write_bytes(plot, buffer.getvalue())
    click.echo(f"Written: {plot}")


def _check_target(option: str, target: Path | None, endings: tuple[str, ...]) -> None:
    """Find out before the simulation, not after it, that its results have no place to go."""
    from cellmodel.errors import InputError

    if target is None:
        return
    if target.suffix not in endings:
        raise InputError(_COMMAND, option, str(target), ", ".join(endings), problem="is no known kind of file")
    if not target.parent.is_dir():
        fix = f"make its folder first: mkdir -p {target.parent}"
        raise InputError(_COMMAND, option, str(target), problem="is not a file in a folder", fix=fix)
