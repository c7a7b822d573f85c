"""Steady conduction around a crack that is filled with lithium, by finite elements.

The crack is half an ellipse of depth a and mouth w in the plane surface of an electrolyte. Its faces and the surface
are lithium at potential 0, with linearised charge transfer; far away the current is uniform:

    laplacian phi = 0,   -d phi/dn = h phi on lithium,   d phi/dy = 1 far away,   h = i0/(V_T kappa)

Lengths are in units of a, phi in units of the mean current times a/kappa, so that the shape a/w and the Biot number
h a say it all. Conformal coordinates (the ellipses confocal with the crack, and their hyperbolas) turn the quadrant
outside of the crack into a strip: geometry is exact, a sharp tip costs no more elements than a blunt one, and the far
field is a logarithm away. Laplace's equation stays what it is; on lithium, h takes the scale of the coordinates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from skfem import Basis, BilinearForm, ElementQuad2, FacetBasis, LinearForm, MeshQuad, condense, solve
from skfem.models.poisson import laplace

GROWTH = 1.5
"""Size of an element over that of the next one nearer to the tip, along both coordinates [1]."""
FIRST = 0.3
"""Size of the element at the tip, over the smaller of what bends the field there [1]."""
FAR = 1e3
"""Where the field is taken as undisturbed, over the larger of a and 1/h [1]: the disturbance falls with its square."""


class Crack(NamedTuple):
    """Half an ellipse of depth 1."""

    half_mouth: float  # half of the mouth's width [1]
    focus: float  # depth of the ellipse's focus [1]
    inner: float  # coordinate of the crack itself [1]


def tip_focusing(aspect: float, biot: float, refinements: int = 0) -> float:
    """Solve the field around a crack: current density at its tip over that far away [1].

    Parameters
    ----------
    aspect : float
        Depth over width of the mouth, more than 1/2 [1].
    biot : float
        h a: charge transfer against conduction over the crack's depth, positive [1].
    refinements : int
        How often each element is cut into four.

    Returns
    -------
    float
        1 where charge transfer decides (h a small), 1 + 2 a/w where conduction does (h a large). The error falls
        with the fourth power of the elements' size; without refinement it is below 5e-5.

    Raises
    ------
    ValueError
        The crack is wider than a half circle, or there is no charge transfer.
    """
    if not (aspect > 0.5 and biot > 0.0):
        raise ValueError(f"a crack is more than half as deep as wide, its Biot number positive; given {aspect}, {biot}")
    crack = _crack(aspect)
    mesh = crack_mesh(crack, biot, refinements)
    element = ElementQuad2()
    inside, faces, surface = Basis(mesh, element), *(_facets(mesh, element, name) for name in ("faces", "surface"))
    matrix = laplace.assemble(inside) + biot * (
        _weighted.assemble(faces, scale=_face_scale(crack, faces))
        + _weighted.assemble(surface, scale=crack.focus * np.cosh(crack.inner + surface.default_parameters()["x"][0]))
    )
    nu = faces.default_parameters()["x"][1]
    undisturbed = np.cos(nu) + 1.0 / biot  # y + 1/h on the crack's faces
    scale = _face_scale(crack, faces)
    load = _source.assemble(faces, source=crack.half_mouth * np.cos(nu) - biot * scale * undisturbed)
    disturbance = solve(*condense(matrix, load, D=inside.get_dofs("far")))
    at_tip = np.argmin(np.abs(inside.doflocs).sum(axis=0))
    return float(1.0 + biot * (1.0 + disturbance[at_tip]))  # h phi at y = a


def crack_mesh(crack: Crack, biot: float, refinements: int = 0) -> MeshQuad:
    """Elements of the strip, from the crack's faces (first coordinate 0) and its axis (second coordinate 0).

    Parameters
    ----------
    crack : Crack
        The shape.
    biot : float
        h a [1].
    refinements : int
        How often each element is cut into four.

    Returns
    -------
    MeshQuad
        With boundaries 'faces', 'surface' and 'far'.
    """
    smallest = FIRST * min(crack.half_mouth, 1.0 / np.sqrt(1.0 + biot))
    outer = np.arccosh(FAR * max(1.0, 1.0 / biot) / crack.focus) - crack.inner
    mesh = MeshQuad.init_tensor(_nodes(outer, smallest), _nodes(0.5 * np.pi, smallest)).refined(refinements)
    return mesh.with_boundaries(
        {
            "faces": lambda x: np.isclose(x[0], 0.0),
            "surface": lambda x: np.isclose(x[1], 0.5 * np.pi),
            "far": lambda x: np.isclose(x[0], outer),
        }
    )


def _crack(aspect: float) -> Crack:
    half_mouth = 0.5 / aspect
    return Crack(half_mouth, np.sqrt(1.0 - half_mouth**2), np.arctanh(half_mouth))


def _nodes(length: float, smallest: float) -> np.ndarray:
    """Ends of elements that grow from 0 by a constant factor, up to a size that resolves the field elsewhere."""
    sizes, largest = [smallest], np.log(GROWTH)
    while sum(sizes) < length:
        sizes.append(min(sizes[-1] * GROWTH, largest))
    nodes = np.concatenate([[0.0], np.cumsum(sizes)])
    return nodes * (length / nodes[-1])


def _facets(mesh: MeshQuad, element: ElementQuad2, name: str) -> FacetBasis:
    return FacetBasis(mesh, element, facets=name, intorder=8)


def _face_scale(crack: Crack, faces: FacetBasis) -> np.ndarray:
    """Length along the crack's face per unit of the second coordinate."""
    return np.hypot(crack.half_mouth, crack.focus * np.sin(faces.default_parameters()["x"][1]))


@BilinearForm
def _weighted(u, v, w):
    return w["scale"] * u * v


@LinearForm
def _source(v, w):
    return w["source"] * v
