"""How the top deposit looks: patches fixed when they nucleate, grains and pores set by the current that built them."""

from __future__ import annotations

from math import log

from numba import njit

from cellmodel.laws.nucleation import deposit_porosity, grain_size, patch_density
from cellmodel.laws.smooth import positive_part, rectified
from cellmodel.model import layout as at

PLATE_WIDTH = 0.01
"""Over which plating sets in [A/m2]: 1 uA/cm2."""


@njit(nogil=True, error_model="numpy")
def morphology_rates(u, p, surface, out):
    """Fill the rates of ln N, grain size and porosity of the top deposit: each new amount brings its own value."""
    s, top = p.layout.scalars, p.top
    plated = rectified(surface.top, PLATE_WIDTH)
    local = plated / surface.contact
    held = positive_part(u[s + at.TOP], 1e-2)
    fresh = rectified(surface.nucleating, PLATE_WIDTH) / (held + top.nucleation_charge)
    target = log(patch_density(top.patch_density, local, top.patch_exponent))
    out[s + at.PATCHES] = fresh * (target - u[s + at.PATCHES])
    added = plated / (held + top.nucleation_charge)
    out[s + at.GRAIN] = added * (log(grain_size(top.grain, local, top.grain_exponent)) - u[s + at.GRAIN])
    porosity = deposit_porosity(top.porosity, local, positive_part(u[s + at.PRESSURE], 1e3), top.porosity_pressure)
    out[s + at.DEPOSIT_POROSITY] = added * (porosity - u[s + at.DEPOSIT_POROSITY])
