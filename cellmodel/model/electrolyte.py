"""Separator and the electrolyte in the cathode: Ohm's law of a single-ion conductor, or transport of a binary salt.

With t+ and the thermodynamic factor constant, J = kappa(c) d(drive)/dx with drive = psi - diffusion potential of c.
Where t+ is 1 the drive is psi and the concentration stays what it was.
"""

from __future__ import annotations

from numba import njit

from cellmodel.laws.transport import diffusion_potential, salt_conductivity
from cellmodel.model import layout as at


@njit(nogil=True, error_model="numpy")
def half_resistance(u, p, k):
    """Ohm's resistance of half of the k-th cell with salt [ohm m2]."""
    return p.salt.half_resistance[k] / salt_conductivity(1.0, u[p.layout.salt + k], p.salt.peak)


@njit(nogil=True, error_model="numpy")
def drive(u, p, k, psi):
    """What drives ions in the k-th cell with salt: psi [V] less the diffusion potential."""
    return psi - diffusion_potential(u[p.layout.salt + k], p.salt.potential)


@njit(nogil=True, error_model="numpy")
def salt_rate(u, p, k, kept):
    """d(c/c0)/dt of the k-th cell with salt [1/s].

    Salt diffuses to and from the neighbours. Anions take no part in any reaction, so a current that is `kept` in the
    cell [A/m2], by particles or by an electrode at its face, takes (1 - t+)/F of salt with it.
    """
    salt, here = p.salt, p.layout.salt + k
    gain = -salt.migration * kept
    if k > 0:
        gain += (u[here - 1] - u[here]) / (salt.half_path[k - 1] + salt.half_path[k])
    if here + 1 < p.layout.separator:
        gain += (u[here + 1] - u[here]) / (salt.half_path[k] + salt.half_path[k + 1])
    return gain / salt.volume[k]


@njit(nogil=True, error_model="numpy")
def salt_at_face(u, p, k, ionic):
    """Concentration at the face of the k-th cell where a current enters an electrode, over the initial one [1]."""
    return u[p.layout.salt + k] - p.salt.migration * ionic * p.salt.half_path[k]


@njit(nogil=True, error_model="numpy")
def path_to_face(u, p, k, face):
    """Ohm's resistance between the centre of the k-th cell and its face, at the concentration half-way [ohm m2]."""
    halfway = 0.5 * (u[p.layout.salt + k] + max(face, 0.0))
    return p.salt.half_resistance[k] / salt_conductivity(1.0, halfway, p.salt.peak)


@njit(nogil=True, error_model="numpy")
def separator_potential(u, p, psi, ionic, out):
    """Potential at the separator's face of the other electrode [V]; fills the rows of the binary separator.

    Parameters
    ----------
    psi : at the face of the anode [V]
    ionic : current towards the anode [A/m2]

    Returns
    -------
    psi; at the face of a cathode: the drive, which is psi where c is the initial one
    """
    layout, salt = p.layout, p.salt
    face = salt_at_face(u, p, 0, ionic)
    behind = psi - diffusion_potential(face, salt.potential) + ionic * path_to_face(u, p, 0, face)
    last = layout.separator_cells - 1
    for k in range(layout.separator_cells):
        here = drive(u, p, k, u[layout.separator + k])
        out[layout.separator + k] = here - behind
        kept = (1.0 if k == 0 else 0.0) - (1.0 if k == last and layout.cathode_cells == 0 else 0.0)
        out[layout.salt + k] = salt_rate(u, p, k, kept * ionic)
        if k < last:
            behind = here + ionic * (half_resistance(u, p, k) + half_resistance(u, p, k + 1))
    end = drive(u, p, last, u[layout.separator + last])
    if layout.cathode_cells > 0:
        return end + ionic * half_resistance(u, p, last)
    face = salt_at_face(u, p, last, -ionic)
    return end + ionic * path_to_face(u, p, last, face) + diffusion_potential(face, salt.potential)


@njit(nogil=True, error_model="numpy")
def ion_current(u, p, c, before):
    """Current of ions from the c-th cell of the cathode towards the separator [A/m2].

    Parameters
    ----------
    before : what `separator_potential` gave for the first cell, psi of the cell before for the others [V]
    """
    layout, cathode = p.layout, p.cathode
    psi = u[layout.cathode + c * layout.cathode_block + layout.shells + at.CATHODE_PSI]
    if layout.separator_cells == 0:
        distance = 0.5 * cathode.width[c] + (0.5 * cathode.width[c - 1] if c > 0 else 0.0)
        return cathode.ionic_conductivity * (psi - before) / distance
    k = layout.separator_cells + c
    resistance = half_resistance(u, p, k)
    if c > 0:
        resistance += half_resistance(u, p, k - 1)
        before = drive(u, p, k - 1, before)
    return (drive(u, p, k, psi) - before) / resistance
