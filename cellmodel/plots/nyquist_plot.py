"""Impedance in the complex plane."""

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from cellmodel.plots.style import STYLE

if TYPE_CHECKING:
    import xarray as xr


def nyquist(spectra: "xr.Dataset") -> Figure:
    """Draw spectra of the impedance, decades of frequency as full marks, and R_b and R_b + R_ct on the real axis.

    Parameters
    ----------
    spectra : xarray.Dataset
        As `Run.impedance`.

    Returns
    -------
    Figure
        -Im Z over Re Z in ohm cm2, at one scale.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.8, 3.2))
        panel = figure.subplots()
        power = np.log10(spectra["frequency"].values)
        decades = np.abs(power - np.round(power)) < 1e-6
        for number in range(spectra.sizes["impedance"]):
            one = spectra.isel(impedance=number)
            real, imaginary = one["real"].values, -one["imaginary"].values
            text = f"{int(one['impedance'])}: cycle {int(one['cycle'])}, {float(one['time']):.4g} h"
            (line,) = panel.plot(real, imaginary, marker=".", markersize=2, linewidth=0.8, label=text)
            panel.plot(real[decades], imaginary[decades], "o", markersize=4, color=line.get_color())
            bulk = float(one["bulk_resistance"])
            ends = [bulk, bulk + float(one["charge_transfer_resistance"])]
            panel.plot(ends, [0.0, 0.0], "|", markersize=10, color=line.get_color())
        panel.set(xlabel="Re Z, Ω cm²", ylabel="-Im Z, Ω cm²")
        panel.set_aspect("equal", adjustable="datalim")
        panel.legend(frameon=False, title="impedance")
    return figure
