"""Bars of a sensitivity: what each parameter decides, the most important one on top."""

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cellmodel.plots.style import STYLE

BARS = {"sobol_total": "Sobol, total", "sobol_first": "Sobol, first", "pawn": "PAWN", "regional": "regional"}


def draw_indices(found: xr.Dataset) -> Figure:
    """Draw the indices of a sensitivity.

    Parameters
    ----------
    found : xarray.Dataset
        As from `sensitivity`.

    Returns
    -------
    Figure
        Two panels with a group of bars for each parameter: Sobol indices with their 95 % confidence; PAWN and regional
        sensitivity with dotted lines at what random numbers show.
    """
    ordered = found.sortby("sobol_total")
    names = [str(name) for name in ordered["parameter"].values]
    place = np.arange(len(names))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 1.3 + 0.35 * len(names)))
        panels = figure.subplots(1, 2, sharey=True)
        figure.suptitle(f"{found.attrs['analysed']}: what decides it")
        for number, (name, label) in enumerate(BARS.items()):
            panel, second = panels[number // 2], number % 2
            spread = ordered[f"{name}_confidence"] if name.startswith("sobol") else None
            panel.barh(place - 0.38 * second, ordered[name], 0.36, xerr=spread, label=label, color=f"C{number}")
            noise = found.attrs.get(f"{name}_of_noise")
            if noise is not None:
                panel.axvline(noise, color=f"C{number}", linestyle=":")
        panels[0].set_yticks(place - 0.19, names)
        for panel, text in zip(panels, ("share of the variance", "distance of distributions"), strict=True):
            panel.set(xlabel=text, xlim=(0.0, None))
        figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure
