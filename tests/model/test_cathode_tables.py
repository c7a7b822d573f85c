"""The tabulated cathode material against the laws it is made from, over the range of the parameters."""

import numpy as np
import pytest
from compiled_table import in_all_lanes, slopes_at
from kernel_cells import make_cell
from scipy.integrate import quad

from cellmodel.model import cathode_tables, pack_cathode
from cellmodel.model.cathode_tables import OxideDiffusivity
from cellmodel.numerics.cubic_table import look_up

LITHIATION = np.linspace(-0.04, 1.04, 5001)


def potential_error(**overrides):
    """Table less law over the lithiation [mV]."""
    cell = make_cell("cu-foil", True, overrides={f"cathode.{name}": value for name, value in overrides.items()})
    oxide = pack_cathode.oxide_potential(cell.si)
    table = cathode_tables.potential_table(oxide)
    tabulated = np.array([look_up(table, x) for x in LITHIATION])
    return 1e3 * (tabulated - cathode_tables.potentials(LITHIATION, oxide))


def test_potential_is_that_of_the_shipped_law():
    assert np.abs(potential_error()).max() < 2e-3


@pytest.mark.parametrize(("steepness", "largest", "mean"), [(100, 0.02, 1e-3), (200, 0.2, 1e-2), (500, 3.0, 0.1)])
def test_steeper_end_of_the_potential(steepness, largest, mean):
    """The closing term of 0.8 V, up to the steepest allowed: the error stays within a hundredth of lithiation."""
    error = potential_error(ocp_steepness=f"[18.5138, 15.789, 15.9308, {steepness}]")
    assert np.abs(error).max() < largest
    assert np.sqrt(np.mean(error**2)) < mean


def diffusion(decades, centre, width):
    oxide = OxideDiffusivity(1e-15, decades, centre, width)
    return oxide, cathode_tables.diffusion_table(oxide)


# Largest relative error of D itself and of the integral of D from anywhere to full lithiation.
WORST = {0.2: (1e-6, 1e-8), 0.03: (1e-4, 1e-5), 0.01: (3e-3, 5e-4), 0.005: (3e-2, 6e-3)}


@pytest.mark.parametrize("decades", [0.0, 2.5, 5.0])
@pytest.mark.parametrize("centre", [0.5, 0.89])
@pytest.mark.parametrize("width", WORST)
def test_slope_of_the_diffusion_table_is_the_diffusivity(width, centre, decades):
    """Down to the narrowest fall allowed; it never turns negative, or lithium would flow uphill."""
    oxide, table = diffusion(decades, centre, width)
    slopes = slopes_at(in_all_lanes(table), LITHIATION)[1][0]
    assert slopes == pytest.approx(cathode_tables.diffusivities(LITHIATION, oxide), rel=WORST[width][0])


@pytest.mark.parametrize("centre", [0.5, 0.89])
@pytest.mark.parametrize("width", WORST)
def test_differences_of_the_diffusion_table_are_the_integral(width, centre):
    """The smallest of them, too: towards full lithiation, where D has fallen by five decades."""
    oxide, table = diffusion(5.0, centre, width)
    for first in (0.0, 0.5, 0.8, 0.9, 0.95, 0.99):

        def law(x):
            return 1e15 * cathode_tables.diffusivities(np.array([x]), oxide)[0]

        exact = quad(law, first, 1.0, points=[centre], epsabs=0.0, epsrel=1e-10, limit=200)[0]
        found = 1e15 * (look_up(table, 1.0) - look_up(table, first))
        assert found == pytest.approx(exact, rel=WORST[width][1])
