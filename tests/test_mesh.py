"""Finite volumes of layers and of particles."""

import numpy as np
import pytest

from cellmodel import mesh

SHAPES = [(3, 1.0), (8, 6.0), (40, 20.0)]


@pytest.mark.parametrize("ratio", [1.0, 6.0, 1000.0])
def test_graded_cells_fill_the_layer_and_shrink_by_the_ratio(ratio):
    widths = mesh.graded(2e-5, 8, ratio)
    assert widths.sum() == pytest.approx(2e-5, rel=1e-14)
    assert widths[0] / widths[-1] == pytest.approx(ratio)
    assert widths[1:] / widths[:-1] == pytest.approx(np.full(7, ratio ** (-1 / 7)))


@pytest.mark.parametrize("cells", [3, 12, 13])
def test_cells_graded_to_both_faces_fill_the_layer_symmetrically(cells):
    widths = mesh.graded_to_both(2e-5, cells, 10.0)
    assert widths.sum() == pytest.approx(2e-5, rel=1e-14)
    assert widths == pytest.approx(widths[::-1])
    assert 5.0 < widths.max() / widths[0] <= 10.0 * (1.0 + 1e-12)


def test_a_single_cell_is_the_layer():
    assert mesh.graded(2e-5, 1, 6.0) == pytest.approx([2e-5])


@pytest.mark.parametrize(("shells", "ratio"), SHAPES)
def test_shells_and_skin_fill_the_sphere(shells, ratio):
    particle = mesh.sphere(2.5e-6, shells, ratio)
    assert particle.volume.shape == (shells + 1,)
    assert np.all(particle.volume > 0.0)
    assert particle.volume.sum() == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize(("shells", "ratio"), SHAPES)
def test_skin_thins_with_the_square_of_the_shells(shells, ratio):
    radius = 2.5e-6
    particle = mesh.sphere(radius, shells, ratio)
    thickness = mesh.SKIN * mesh.graded(radius, shells, ratio)[-1] ** 2 / radius
    assert particle.volume[-1] == pytest.approx(1.0 - (1.0 - thickness / radius) ** 3, rel=1e-9)
    assert particle.outer_face == pytest.approx(3.0 * (radius - thickness) ** 2 / radius**3, rel=1e-12)
    assert particle.surface_ratio == pytest.approx(3.0 / radius)


def test_skin_is_inside_the_coarsest_shell_and_thin_on_the_default_mesh():
    coarsest, default = 1.0 / 3.0, mesh.graded(1.0, 8, 6.0)[-1]
    assert mesh.SKIN * coarsest**2 < 0.2 * coarsest
    assert mesh.SKIN * default**2 == pytest.approx(0.02 * default, rel=0.1)


@pytest.mark.parametrize(("shells", "ratio"), SHAPES)
def test_faces_carry_a_linear_profile(shells, ratio):
    """Area over distance times the difference of x = r between centres is the area over the sphere's volume."""
    radius = 2.5e-6
    particle = mesh.sphere(radius, shells, ratio)
    edges = radius * np.cbrt(np.cumsum(np.concatenate([[0.0], particle.volume])))
    centres = 0.5 * (edges[1:-1] + edges[:-2])
    assert particle.face * np.diff(centres) == pytest.approx(3.0 * edges[1:-2] ** 2 / radius**3, rel=1e-9)
    assert particle.outer_distance == pytest.approx(radius - centres[-1], rel=1e-9)
