"""Conduction and diffusion of the running model against their closed solutions."""

import numpy as np
import pytest
from limit_runs import constant_flux, ohmic_stack, porous_electrode, potential_step
from refinement import orders


def test_voltage_of_a_stack_of_resistances():
    """V = -I [L/kappa + R_ct (1/theta + 1/theta')], plating and stripping; 5 uV are the activity of thin deposits."""
    run = ohmic_stack()
    assert np.abs(run.exact).min() > 15e-3
    assert run.model == pytest.approx(run.exact, abs=1e-5)


def test_resistance_of_a_porous_electrode():
    """Ohm's law of ions and electrons with linear kinetics between them, after Newman and Tobias."""
    runs = [porous_electrode(cells) for cells in (5, 10, 20)]
    errors = [run.model / run.exact - 1.0 for run in runs]
    assert abs(errors[-1]) < 1.5e-3
    assert orders(errors) == pytest.approx([2.0, 2.0], abs=0.05)


@pytest.mark.parametrize("ratio", [1.0, 6.0])
def test_sphere_under_constant_flux(ratio):
    """Crank's series from D t/R^2 = 0.01, where only the surface knows of the flux, to 0.3, where the centre does."""
    runs = [constant_flux(shells, ratio) for shells in (10, 20, 40)]
    surface = np.array([run.model - run.exact for run, _ in runs])
    assert np.abs(surface[-1]).max() < 1e-3
    assert orders(surface) == pytest.approx(np.full((2, 4), 2.0), abs=0.2)
    inside = [np.abs(run.model - run.exact).max() for _, run in runs]
    assert inside[-1] < 1e-3
    assert orders(inside) == pytest.approx([2.0, 2.0], abs=0.25)


def test_current_after_a_potential_step():
    """Cottrell's law with the sphere's curvature: i = F c dx (D/R) [1/sqrt(pi tau) - 1]."""
    run = potential_step()
    assert run.x[0] < 3e-4 and run.x[-1] > 0.09
    assert run.model == pytest.approx(run.exact, rel=6e-3)
    late = run.x > 1e-3
    assert run.model[late] == pytest.approx(run.exact[late], rel=1e-3)
