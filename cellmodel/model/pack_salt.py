"""Numbers of a binary electrolyte: a polymer or gel in which a dissolved salt conducts."""

from __future__ import annotations

import numpy as np

from cellmodel import mesh
from cellmodel.constants import FARADAY, GAS_CONSTANT
from cellmodel.errors import InputError
from cellmodel.laws import transport
from cellmodel.model import physics
from cellmodel.model.pack_values import Values, activated, pellet_porosity, placeholder
from cellmodel.settings import Settings

NO_SALT = placeholder(physics.Salt)
"""Salt of a single-ion conductor."""

PARAMETERS = (
    "salt_concentration", "salt_diffusivity", "salt_diffusivity_activation", "transference_number",
    "thermodynamic_factor", "conductivity_peak",
)  # fmt: skip
"""What makes an electrolyte a binary one; all of them or none."""

ZERO_CELSIUS = 273.15  # K

GRADING = 10.0
"""Width of the separator's cells in the middle over that at a face [1]: salt runs out at a face."""


def is_binary(si: Values) -> bool:
    """Whether the electrolyte holds a dissolved salt.

    Raises
    ------
    InputError
        If only some of `PARAMETERS` are known, or if the model has no answer for such an electrolyte in this cell.
    """
    known = [name for name in PARAMETERS if f"electrolyte.{name}" in si]
    if not known:
        return False
    for name in PARAMETERS:
        if name not in known:
            problem = f"is missing, and a binary electrolyte needs it beside {known[0]}"
            fix = "add it to the electrolyte's file; a single-ion conductor has none of " + ", ".join(PARAMETERS)
            raise InputError("Cell", f"electrolyte.{name}", problem=problem, fix=fix)
    _check_temperature(si)
    _check_host(si)
    return True


def _check_temperature(si: Values) -> None:
    lowest = si.get("electrolyte.lowest_temperature", 0.0)
    if si["temperature"] < lowest:
        given, least = f"{si['temperature'] - ZERO_CELSIUS:.4g} degC", f"{lowest - ZERO_CELSIUS:.4g} degC"
        problem, fix = "is below electrolyte.lowest_temperature", f"write temperature='{least}'"
        raise InputError("Cell", "temperature", given, f"{least} or more", fix, problem=problem)


def _check_host(si: Values) -> None:
    share = si.get("anode.electrolyte_share", 0.0)
    if share > 0.0:
        problem = "is electrolyte inside the host, where salt transport is not computed"
        fix = "take a host without electrolyte, a planar anode, or a single-ion electrolyte"
        raise InputError("Cell", "anode.electrolyte_share", f"{share:.3g}", "0", fix, problem=problem)


def pack_salt(si: Values, separator: physics.Separator, cathode: physics.Cathode, settings: Settings) -> physics.Salt:
    """Numbers of the salt in the cells of the separator, then of the cathode (none in a half cell)."""
    cells = settings.separator_cells
    dense, share = 1.0 - pellet_porosity(si), si.get("cathode.electrolyte_share", 1.0)
    open_separator = transport.bruggeman.py_func(dense, si["electrolyte.tortuosity_exponent"])
    open_cathode = transport.bruggeman.py_func(share, si.get("cathode.tortuosity_exponent", 1.0))

    through = mesh.graded_to_both(separator.thickness, cells, GRADING)

    def everywhere(in_separator: float, in_cathode: float) -> np.ndarray:
        return np.concatenate([np.full(cells, in_separator), np.full(cathode.width.size, in_cathode)])

    width = np.concatenate([through, cathode.width])
    diffusivity = activated(si, "electrolyte.salt_diffusivity", "electrolyte.salt_diffusivity_activation")
    left = 1.0 - si["electrolyte.transference_number"]
    thermal_voltage = GAS_CONSTANT * si["temperature"] / FARADAY
    return physics.Salt(
        volume=width * everywhere(dense, share),
        half_path=0.5 * width / (diffusivity * everywhere(open_separator, open_cathode)),
        half_resistance=0.5 * width / everywhere(separator.conductivity, cathode.ionic_conductivity),
        migration=left / (FARADAY * si["electrolyte.salt_concentration"]),
        potential=2.0 * thermal_voltage * left * si["electrolyte.thermodynamic_factor"],
        peak=si["electrolyte.conductivity_peak"] / si["electrolyte.salt_concentration"],
    )
