"""The command line: a thin layer over the Python interface, which is imported when a command needs it."""

import sys

import click

from cellmodel.cli_calibrate import calibrate
from cellmodel.cli_components import components
from cellmodel.cli_plan import plan
from cellmodel.cli_sensitivity import sensitivity
from cellmodel.cli_simulate import simulate
from cellmodel.cli_status import status
from cellmodel.cli_sweep import sweep
from cellmodel.cli_validate import validate
from cellmodel.errors import InputError

_EPILOG = """\b
Examples:
  What there is to build a cell from, and where its numbers come from:
    cellmodel components
    cellmodel components ag-ni-scaffold
  One full cell, cycled ten times:
    cellmodel simulate --anode ag-ni-scaffold --cathode ncm811 --repeat 10 \\
      --step "Charge at 0.33C until 4.25 V" --step "Discharge at 0.33C until 2.5 V"
  One half cell, plated until it shorts or the capacity is reached:
    cellmodel simulate --anode cu-foil --set stack_pressure="3 MPa" \\
      --step "Plate at 1 mA/cm2 until 5 mAh/cm2"
  A failure map: what it will take, the map itself, and how far it is:
    cellmodel plan default
    cellmodel sweep config/sweeps/default.yaml
    cellmodel status default
  Published measurements against the model:
    cellmodel validate tests/literature/data/*.yaml
  Parameters from measurements, with their uncertainties:
    cellmodel calibrate config/calibrations/tutorial.yaml
  Which uncertain parameter decides whether a cell shorts:
    cellmodel sensitivity config/sweeps/pellet-to-pouch.yaml --result margin_short

\b
Exit codes: 0 done, 2 something in the input is wrong (the message says what), 130 interrupted.
"""


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="cellmodel")
def cellmodel() -> None:
    """Where anode-less all-solid-state lithium cells short-circuit and fade.

    A cell is a stack of components; a protocol is a list of sentences; a quantity carries its unit, as in
    "3 MPa", "20 mg/cm2" or "25 degC".
    """


for _command in (simulate, components, plan, sweep, status, sensitivity, validate, calibrate):
    cellmodel.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : list of str, optional
        In place of those the program was called with.
    """
    try:
        code = cellmodel.main(arguments, prog_name="cellmodel", standalone_mode=False)
    except InputError as error:
        click.echo(str(error), err=True)
        code = 2
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = 130
    sys.exit(code if isinstance(code, int) else 0)
