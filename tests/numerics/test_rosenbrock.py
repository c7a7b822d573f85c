"""Order, stability and invariants of the time steps."""

import numpy as np
import pytest
from integrate import (
    ALGEBRAIC,
    CONTROL,
    KINETICS,
    MANIFOLD,
    OSCILLATOR,
    RELAXING,
    Integrator,
    algebraic_solution,
    drive,
    rhs,
    step_with_present_slopes,
)
from scipy.integrate import solve_ivp

from cellmodel.numerics import rosenbrock

STAGES = rosenbrock.STAGES
# The textbook's coefficients: alpha, beta (with its diagonal) and weights b, from those with which the scheme runs.
GAMMAS = np.linalg.inv(np.eye(STAGES) / rosenbrock.GAMMA - np.pad(rosenbrock.C, ((0, 0), (0, 1))))
ALPHA = np.pad(rosenbrock.A, ((0, 0), (0, 1))) @ GAMMAS
BETA = ALPHA + GAMMAS
WEIGHTS = rosenbrock.WEIGHTS @ GAMMAS
EMBEDDED = (rosenbrock.WEIGHTS - np.eye(STAGES)[-1]) @ GAMMAS
ONES = np.ones(STAGES)
A, B, INVERSE = ALPHA @ ONES, BETA @ ONES, np.linalg.inv(BETA)


def third_order(b, share=1.0):
    """What is left of the order conditions up to 3 at a share of the step, for differential and algebraic unknowns."""
    left = [b @ ONES - share, b @ B - share**2 / 2, b @ A**2 - share**3 / 3, b @ BETA @ B - share**3 / 6]
    return [*left, b @ INVERSE @ A**2 - share**2]


def fourth_order(b):
    left = [b @ A**3 - 1 / 4, b @ (A * (ALPHA @ B)) - 1 / 8, b @ BETA @ A**2 - 1 / 12, b @ BETA @ BETA @ B - 1 / 24]
    inner = ALPHA @ INVERSE @ A**2
    return [*left, b @ (A * inner) - 1 / 4, b @ INVERSE @ A**3 - 1, b @ INVERSE @ (A * inner) - 1]


def test_coefficients_meet_the_order_conditions():
    assert third_order(WEIGHTS) + fourth_order(WEIGHTS) == pytest.approx([0.0] * 12, abs=1e-14)
    assert third_order(EMBEDDED) == pytest.approx([0.0] * 5, abs=1e-14)
    assert min(np.abs(fourth_order(EMBEDDED)[:4])) > 1e-3  # of order 3 and no more, else it could not see the error
    assert BETA[-1] == pytest.approx(WEIGHTS, abs=1e-14)  # stiffly accurate


def test_parabolic_problems_keep_the_order():
    """The conditions of the set P: no order is lost where stiffness comes from diffusion."""
    gap = 2.0 * BETA @ BETA @ ONES - A**2
    powers = [WEIGHTS @ np.linalg.matrix_power(BETA, power) @ gap for power in range(5)]
    assert powers == pytest.approx([0.0] * 5, abs=1e-14)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_interpolant_meets_the_conditions_of_third_order(share):
    dense = np.pad(rosenbrock.DENSE, ((0, 0), (0, 1)))
    weights = share * (rosenbrock.WEIGHTS + (1.0 - share) * (dense[0] + share * dense[1])) @ GAMMAS
    assert third_order(weights, share) == pytest.approx([0.0] * 5, abs=1e-14)


def stability(z):
    return 1.0 + z * WEIGHTS @ np.linalg.solve(np.eye(STAGES) - z * BETA, ONES)


def test_scheme_is_stable_in_the_left_half_plane_and_damps_what_is_stiff():
    imaginary = [abs(stability(1j * y)) for y in np.logspace(-3, 5, 400)]
    assert max(imaginary) <= 1.0 + 1e-12
    assert abs(stability(-1e6)) < 1e-5
    assert stability(-0.1) == pytest.approx(np.exp(-0.1), rel=1e-6)


def orders(errors):
    errors = np.asarray(errors)
    return np.log2(errors[:-1] / errors[1:])


def errors_of(solver, state, end, steps, exact):
    return [np.abs(solver.run(state, end, n)[0] - exact) for n in steps]


def oscillation(state, end):
    """The oscillator by an explicit method of order 8."""

    def rate(t, u):
        out = np.empty(u.size)
        rhs(t, u, OSCILLATOR, CONTROL, out)
        return out

    return solve_ivp(rate, (0.0, end), state, method="DOP853", rtol=1e-13, atol=1e-14).y[:, -1]


def test_fourth_order_on_a_nonlinear_equation():
    exact = oscillation([1.0, 0.0], 4.0)
    found = errors_of(Integrator(OSCILLATOR, [1, 1], [1.0, 0.5]), [1.0, 0.0], 4.0, (160, 320, 640), exact)
    assert orders(np.max(found, axis=1)) == pytest.approx([4.0, 4.0], abs=0.15)


def test_fourth_order_of_differential_and_algebraic_unknowns():
    solver = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5])
    found = np.array(errors_of(solver, algebraic_solution(0.0), 2.0, (40, 80, 160), algebraic_solution(2.0)))
    for unknown in range(3):
        assert orders(found[:, unknown]) == pytest.approx([4.0, 4.0], abs=0.2)


def test_fourth_order_on_a_stiff_nonlinear_equation():
    solver = Integrator(MANIFOLD, [1, 1], [1.0, 0.5])
    exact = np.array([np.exp(-2.0), np.sqrt(1.0 + np.exp(-2.0))])
    found = np.array(errors_of(solver, [1.0, np.sqrt(2.0)], 2.0, (10, 20, 40), exact))
    assert orders(found[:, 0]) == pytest.approx([4.0, 4.0], abs=0.15)
    assert orders(found[:, 1]) == pytest.approx([4.0, 4.0], abs=0.3)


def test_interpolant_is_of_third_order():
    """In the middle of a step it errs by one order more; algebraic unknowns, which nothing carries on, by one less."""
    solver, begin = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5]), algebraic_solution(0.0)
    middles = [(solver.dense(begin, h, [0.5])[0][0], algebraic_solution(0.5 * h)) for h in (0.1, 0.05, 0.025)]
    found = np.array([np.abs(ours - exact) for ours, exact in middles])
    for unknown, order in enumerate((4.0, 3.0, 3.0)):
        assert orders(found[:, unknown]) == pytest.approx([order] * 2, abs=0.15)


def test_interpolant_begins_and_ends_with_the_step():
    solver = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5])
    (begin, end), reached = solver.dense(algebraic_solution(0.0), 0.3, [0.0, 1.0])
    assert begin == pytest.approx(algebraic_solution(0.0), abs=0)
    assert end == pytest.approx(reached, abs=0)


def test_error_estimate_is_of_fourth_order_in_the_step():
    solver = Integrator(OSCILLATOR, [1, 1], [1.0, 0.5])
    estimates = [solver.run([1.0, 0.0], h, 1)[1] for h in (0.1, 0.05, 0.025)]
    assert orders(estimates) == pytest.approx([4.0, 4.0], abs=0.15)


def test_error_estimate_is_not_smaller_than_the_error():
    """The estimate belongs to the formula of order 3, the step goes on with order 4."""
    solver = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5], relative=1e-9, absolute=1e-9)
    end, estimate = solver.run(algebraic_solution(0.0), 0.1, 1)
    error = np.abs(end - algebraic_solution(0.1)) / (1e-9 * (1.0 + np.abs(end)))
    assert error.max() < estimate < 1e3 * error.max()


def test_stiff_component_is_gone_after_one_step():
    """Stiffly accurate and L-stable: what is 1e12 times faster than the step is at rest after it."""
    end, _ = Integrator(RELAXING, [1], [1.0]).run([5.0], 1.0, 1)
    assert end[0] == pytest.approx(1.0, abs=1e-9)


def test_start_beside_a_stiff_solution_is_forgotten():
    solver = Integrator(MANIFOLD, [1, 1], [1.0, 0.5])
    end, _ = solver.run([1.0, 1.5], 2.0, 20)
    assert end[1] == pytest.approx(np.sqrt(1.0 + np.exp(-2.0)), abs=1e-6)


START = [1.0, 0.5, 0.2]


def test_linear_invariant_is_kept_to_rounding_at_any_step_size():
    """The error allowed plays no part: no nonlinear equation is solved, and the Jacobian is exact."""
    solver = Integrator(KINETICS, [1, 1, 1], START)
    errors = []
    for steps in (2, 20, 2000):
        end, error = solver.run(START, 1.0, steps)
        assert end.sum() == pytest.approx(1.7, abs=1e-12), steps
        errors.append(error)
    assert errors[0] > 100.0  # in units of the tolerance: these steps are far too long


def test_linear_invariant_is_kept_by_the_interpolant():
    found, _ = Integrator(KINETICS, [1, 1, 1], START).dense(START, 0.1, np.linspace(0.0, 1.0, 11))
    assert found.sum(axis=1) == pytest.approx([1.7] * 11, abs=1e-13)


def sum_after_short_step(slopes):
    """One step from START, and a shorter one in its place with the same Jacobian, times `slopes` in one entry."""
    solver = Integrator(KINETICS, [1, 1, 1], START)
    whole, work = np.array(START), solver.work()
    drive(whole, 0.1, 1, KINETICS, CONTROL, solver.plan, work)
    work.jac[0] *= slopes
    assert step_with_present_slopes(np.array(START), 0.037, KINETICS, CONTROL, solver.plan, work)
    assert not np.allclose(work.new, whole)
    return work.new.sum()


def test_linear_invariant_is_kept_by_a_shortened_step():
    """As for an event: the Jacobian stays, only the factors are made anew."""
    assert sum_after_short_step(1.0) == pytest.approx(1.7, abs=1e-13)


def test_wrong_slopes_would_break_the_invariant():
    assert abs(sum_after_short_step(1.001) - 1.7) > 1e-7
