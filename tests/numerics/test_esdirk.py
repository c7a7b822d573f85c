"""Order, stability and invariants of the time steps."""

import numpy as np
import pytest
from integrate import CONTROL, Integrator
from numba import njit

from cellmodel.numerics import esdirk

A = np.zeros((4, 4))
A[:, :3] = esdirk.COEFFICIENTS
A[1, 1] = A[2, 2] = A[3, 3] = esdirk.GAMMA


def test_coefficients_meet_the_order_conditions():
    b, c = esdirk.WEIGHTS, esdirk.NODES
    assert A.sum(axis=1) == pytest.approx(c, abs=1e-15)
    assert A[3] == pytest.approx(b, abs=0)  # stiffly accurate
    third = [b.sum() - 1, b @ c - 1 / 2, b @ c**2 - 1 / 3, b @ A @ c - 1 / 6]
    assert third == pytest.approx([0] * 4, abs=2e-15)
    hat = esdirk.EMBEDDED
    assert [hat.sum(), hat @ c] == pytest.approx([1, 1 / 2], abs=1e-15)
    assert abs(hat @ c**2 - 1 / 3) > 1e-3  # of order 2 and no more, else it could not see the error
    assert pytest.approx(b - hat, abs=1e-16) == esdirk.DEFECT


def stability(z):
    return 1.0 + z * esdirk.WEIGHTS @ np.linalg.solve(np.eye(4) - z * A, np.ones(4))


def test_scheme_is_stable_in_the_left_half_plane_and_damps_what_is_stiff():
    imaginary = [abs(stability(1j * y)) for y in np.logspace(-2, 4, 200)]
    assert max(imaginary) <= 1.0 + 1e-12
    assert abs(stability(-1e6)) < 1e-5
    assert stability(-0.1) == pytest.approx(np.exp(-0.1), rel=1e-4)


@njit
def oscillator(t, u, p, control, out):
    """A nonlinear pendulum that is driven: no symmetry that would hide an error."""
    out[0] = u[1]
    out[1] = -np.sin(u[0]) - 0.1 * u[1] + 0.3 * np.cos(1.3 * t)


@njit
def algebraic(t, u, p, control, out):
    """Index 1 and nonlinear in the algebraic unknowns: exact solution u = 1/(1 + t), exp(z) = u, w = z u."""
    out[0] = -np.exp(2.0 * u[1])
    out[1] = np.exp(u[1]) - u[0]
    out[2] = u[2] - u[1] * u[0]


@njit
def kinetics(t, u, p, control, out):
    """A chain of nonlinear reactions; the sum of all species is constant."""
    first, second = 50.0 * u[0] * u[0], 3.0 * u[1] * u[2] + u[1]
    out[0] = -first + 0.2 * u[2]
    out[1] = first - second
    out[2] = second - 0.2 * u[2]


@njit
def stiff(t, u, p, control, out):
    """Prothero and Robinson: u = cos t with a rate of 1e8."""
    out[0] = -1e8 * (u[0] - np.cos(t)) - np.sin(t)


def observed_orders(values, reference):
    errors = np.array([np.abs(np.asarray(value) - reference).max() for value in values])
    return np.log2(errors[:-1] / errors[1:])


def test_third_order_on_a_nonlinear_equation():
    from scipy.integrate import solve_ivp

    def rate(t, u):
        out = np.empty(2)
        oscillator(t, u, 0.0, CONTROL, out)
        return out

    exact = solve_ivp(rate, (0, 4), [1.0, 0.0], method="DOP853", rtol=1e-13, atol=1e-13).y[:, -1]
    solver = Integrator(oscillator, [1, 1], [1.0, 0.0])
    orders = observed_orders([solver.run([1.0, 0.0], 4.0, n)[0] for n in (40, 80, 160)], exact)
    assert orders == pytest.approx([3.0, 3.0], abs=0.15)


def test_third_order_of_differential_and_algebraic_unknowns():
    solver = Integrator(algebraic, [1, 0, 0], [1.0, 0.0, 0.0])
    ends = [solver.run([1.0, 0.0, 0.0], 2.0, n)[0] for n in (20, 40, 80)]
    exact = np.array([1 / 3, np.log(1 / 3), np.log(1 / 3) / 3])
    for unknown in range(3):
        orders = observed_orders([u[unknown] for u in ends], exact[unknown])
        assert orders == pytest.approx([3.0, 3.0], abs=0.2)


def test_error_estimate_is_of_third_order_in_the_step():
    solver = Integrator(oscillator, [1, 1], [1.0, 0.0], relative=1e-9, absolute=1e-9)
    estimates = np.array([solver.run([1.0, 0.0], h, 1)[1] for h in (0.2, 0.1, 0.05)])
    assert np.log2(estimates[:-1] / estimates[1:]) == pytest.approx([3.0, 3.0], abs=0.3)


def test_error_estimate_is_not_smaller_than_the_error():
    """The estimate belongs to the formula of order 2, the step goes on with order 3."""
    solver = Integrator(algebraic, [1, 0, 0], [1.0, 0.0, 0.0], relative=1e-9, absolute=1e-9)
    end, estimate = solver.run([1.0, 0.0, 0.0], 0.1, 1)
    error = np.abs(end - [1 / 1.1, -np.log(1.1), -np.log(1.1) / 1.1]) / (1e-9 * (1.0 + np.abs(end)))
    assert error.max() < estimate < 1e3 * error.max()


def test_algebraic_rows_hold_after_every_step():
    solver = Integrator(algebraic, [1, 0, 0], [1.0, 0.0, 0.0], relative=1e-10, absolute=1e-10)
    end, _ = solver.run([1.0, 0.0, 0.0], 2.0, 20)
    out = np.empty(3)
    algebraic(2.0, end, 0.0, CONTROL, out)
    assert np.abs(out[1:]).max() < 1e-10


@pytest.mark.parametrize("relative", [1e-1, 1e-3, 1e-8])
def test_linear_invariant_is_kept_to_rounding_at_any_tolerance(relative):
    solver = Integrator(kinetics, [1, 1, 1], [1.0, 0.5, 0.2], relative=relative, absolute=relative)
    end, _ = solver.run([1.0, 0.5, 0.2], 20.0, 4000)
    assert end.sum() == pytest.approx(1.7, abs=1e-12)


def test_stiff_equation_is_followed_with_large_steps():
    solver = Integrator(stiff, [1], [1.0], reach=1e12)
    end, _ = solver.run([1.0], 3.0, 10)
    assert end[0] == pytest.approx(np.cos(3.0), abs=1e-7)
    far, _ = solver.run([5.0], 3.0, 10)  # a start beside the solution is damped at once
    assert far[0] == pytest.approx(np.cos(3.0), abs=1e-6)
