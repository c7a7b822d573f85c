"""The field around a lithium-filled crack: limits, convergence, another discretisation, and the table made of it."""

import numpy as np
import pytest
from skfem import Basis, BilinearForm, ElementQuad2, FacetBasis, LinearForm, MeshQuad2, condense, solve
from skfem.models.poisson import laplace

from cellmodel import crack_field
from cellmodel.crack_field import tip_focusing
from cellmodel.current_focusing import current_focusing, focusing_of_shape, focusing_table
from cellmodel.errors import InputError
from cellmodel.laws.limits import elliptic_focusing


def tabulated(aspect, biot):
    """A crack of depth 1 m in an electrolyte of 1 S/m has the Biot number of its charge transfer."""
    return current_focusing(1.0, 1.0 / aspect, biot, 1.0)


@BilinearForm
def product(u, v, w):
    return u * v


@LinearForm
def rise(v, w):
    return -w.n[1] * v  # of phi = y, into the electrolyte


def in_space(aspect, biot):
    """The same problem for phi itself in plain coordinates, on curved elements."""
    crack = crack_field._crack(aspect)
    strip = crack_field.crack_mesh(crack, biot, 1)
    flat = MeshQuad2.from_mesh(strip)
    mu, nu = crack.inner + flat.doflocs[0], flat.doflocs[1]
    places = crack.focus * np.stack([np.sinh(mu) * np.sin(nu), np.cosh(mu) * np.cos(nu)])
    mesh = MeshQuad2(places, flat.t, _boundaries=strip.boundaries)
    element, inside = ElementQuad2(), Basis(mesh, ElementQuad2())
    sides = [FacetBasis(mesh, element, facets=name, intorder=8) for name in ("faces", "surface")]
    matrix = laplace.assemble(inside) + biot * sum(product.assemble(side) for side in sides)
    phi = inside.doflocs[1] + 1.0 / biot  # undisturbed; kept far away
    phi = solve(*condense(matrix, x=phi, D=inside.get_dofs("far")))
    return biot * phi[np.argmin(np.hypot(inside.doflocs[0], inside.doflocs[1] - 1.0))]


@pytest.mark.parametrize(("aspect", "biot"), [(1.0, 0.3), (5.0, 0.05), (5.0, 10.0), (8.0, 1.0)])
def test_plain_coordinates_give_the_same_field(aspect, biot):
    assert in_space(aspect, biot) == pytest.approx(tip_focusing(aspect, biot, 1), rel=2e-4)


@pytest.mark.parametrize(("aspect", "biot"), [(2.0, 1.0), (10.0, 1.0), (10.0, 100.0), (200.0, 1e4)])
def test_tip_converges_with_the_fourth_power_of_the_elements(aspect, biot):
    coarse, middle, fine = (tip_focusing(aspect, biot, refinements) for refinements in (0, 1, 2))
    assert np.log2(abs(coarse - middle) / abs(middle - fine)) == pytest.approx(4.0, abs=0.5)
    assert coarse == pytest.approx(fine, rel=5e-5)


@pytest.mark.parametrize("aspect", [1.0, 10.0, 100.0])
def test_conduction_alone_gives_the_ellipse(aspect):
    assert tip_focusing(aspect, 1e7 * aspect) == pytest.approx(elliptic_focusing(aspect, 1.0), rel=1e-3)


@pytest.mark.parametrize("aspect", [0.6, 10.0, 200.0])
def test_charge_transfer_alone_evens_the_current_out(aspect):
    assert tip_focusing(aspect, 1e-5) == pytest.approx(1.0, abs=1e-4)


def test_cracks_are_narrower_than_half_a_circle():
    with pytest.raises(ValueError, match="more than half"):
        tip_focusing(0.5, 1.0)


@pytest.mark.parametrize(("aspect", "biot"), [(1.0, 1e-2), (3.0, 1.0), (10.0, 0.1), (50.0, 31.0), (200.0, 1e8)])
def test_table_is_what_finite_elements_give(aspect, biot):
    table = focusing_table()
    row, column = np.argmin(np.abs(np.log(table.biot / biot))), np.flatnonzero(table.aspect == aspect)[0]
    assert table.values[row, column] == pytest.approx(tip_focusing(aspect, table.biot[row], 1), rel=1e-6)


@pytest.mark.parametrize("aspect", [1.2, 2.4, 8.3, 40.0, 170.0])
@pytest.mark.parametrize("biot", [3e-3, 0.17, 2.2, 70.0])
def test_between_its_entries_the_table_is_as_good(aspect, biot):
    assert tabulated(aspect, biot) == pytest.approx(tip_focusing(aspect, biot, 1), rel=1e-4)


def test_table_ends_in_both_limits():
    _, values, slopes = focusing_of_shape(10.0)
    assert values[0] == pytest.approx(1.0, abs=1e-4) and values[-1] == pytest.approx(21.0, rel=1e-3)
    assert slopes[[0, -1]] == pytest.approx(0.0, abs=1e-12)
    assert [tabulated(10.0, biot) for biot in (1e-30, 1e30)] == pytest.approx(values[[0, -1]], rel=1e-12)


@pytest.mark.parametrize("aspect", [0.7, 300.0])
def test_shapes_beyond_the_table_are_refused(aspect):
    with pytest.raises(InputError, match="1 to 200"):
        tabulated(aspect, 1.0)


WIDE, NARROW = 2.0, 20.0


@pytest.mark.parametrize("biot", [0.03, 0.1, 0.3, 1.0])
def test_wider_cracks_focus_more_where_charge_transfer_matters(biot):
    """At equal depth: less of a wide crack's face stands beside its tip and shares the current."""
    assert tabulated(WIDE, biot) > tabulated(NARROW, biot) + 0.01


@pytest.mark.parametrize("biot", [3.0, 10.0, 1e3])
def test_narrower_cracks_focus_more_where_conduction_decides(biot):
    """At equal depth: the tip is sharper."""
    assert tabulated(WIDE, biot) < tabulated(NARROW, biot)


@pytest.mark.parametrize("transfer", [1e5, 1e6, 1e8])
def test_wider_cracks_of_one_tip_radius_focus_more(transfer):
    """At equal radius of the tip (w^2/4a = 0.1 um) a wider crack is a deeper one."""
    widths = np.array([1.0, 2.0, 4.0]) * 1e-6
    depths = widths**2 / 4e-7
    focused = [current_focusing(*shape, transfer, 0.2) for shape in zip(depths, widths, strict=True)]
    assert np.all(np.diff(focused) > 0.0)
