"""Order, stability and invariants of the time steps, in every lane by itself."""

import numpy as np
import pytest
from integrate import (
    ALGEBRAIC,
    KINETICS,
    MANIFOLD,
    OSCILLATOR,
    RELAXING,
    Integrator,
    Lanes,
    algebraic_solution,
    in_lanes,
    rates,
)
from scipy.integrate import solve_ivp

from cellmodel.numerics import rosenbrock
from cellmodel.numerics.lanes import LANES

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


OSCILLATIONS = np.column_stack([np.linspace(1.0, -0.6, LANES), np.linspace(0.0, 0.7, LANES)])
"""Where the oscillator begins in each lane."""
BEGINNINGS = np.linspace(0.0, 0.5, LANES)
"""The time at which each lane's algebraic system begins."""


def orders(errors):
    errors = np.asarray(errors)
    return np.log2(errors[:-1] / errors[1:])


def close(found, expected, **tolerances):
    """Whether all orders, of whatever shape, are the expected one."""
    return found == pytest.approx(np.full(np.shape(found), expected), **tolerances)


def errors_of(solver, states, end, steps, exact):
    return np.array([np.abs(solver.run(states, end, n)[0] - exact) for n in steps])


def oscillation(state, end):
    """The oscillator by an explicit method of order 8."""

    def rate(t, u):
        return rates(u[None], OSCILLATOR)[0]

    return solve_ivp(rate, (0.0, end), state, method="DOP853", rtol=1e-13, atol=1e-14).y[:, -1]


def test_fourth_order_on_a_nonlinear_equation():
    """Every lane begins elsewhere and goes another way."""
    ends = np.linspace(3.0, 4.0, LANES)
    exact = np.array([oscillation(state, end) for state, end in zip(OSCILLATIONS, ends, strict=True)])
    found = errors_of(Integrator(OSCILLATOR, [1, 1], [1.0, 0.5]), OSCILLATIONS, ends, (160, 320, 640), exact)
    assert close(orders(found.max(axis=2)), 4.0, abs=0.2)


def test_fourth_order_of_differential_and_algebraic_unknowns():
    solver, lasting = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5]), np.linspace(2.0, 3.0, LANES)
    exact = algebraic_solution(BEGINNINGS + lasting)
    found = errors_of(solver, algebraic_solution(BEGINNINGS), lasting, (40, 80, 160), exact)
    assert close(orders(found), 4.0, abs=0.2)


def manifold(u):
    return np.column_stack([u, np.sqrt(1.0 + u)])


def test_fourth_order_on_a_stiff_nonlinear_equation():
    solver, begin = Integrator(MANIFOLD, [1, 1], [1.0, 0.5]), np.linspace(1.0, 0.6, LANES)
    found = errors_of(solver, manifold(begin), 2.0, (10, 20, 40), manifold(begin * np.exp(-2.0)))
    assert close(orders(found[..., 0]), 4.0, abs=0.15)
    assert close(orders(found[..., 1]), 4.0, abs=0.3)


def test_interpolant_is_of_third_order():
    """In the middle of a step it errs by one order more; algebraic unknowns, which nothing carries on, by one less."""
    solver, errors = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5]), []
    for h in (0.1, 0.05, 0.025):
        (middle,) = solver.dense(algebraic_solution(BEGINNINGS), h, [0.5])[0].transpose(1, 0, 2)
        errors.append(np.abs(middle - algebraic_solution(BEGINNINGS + 0.5 * h)))
    for unknown, order in enumerate((4.0, 3.0, 3.0)):
        assert close(orders(errors)[..., unknown], order, abs=0.15)


def test_interpolant_begins_and_ends_with_the_step():
    solver, begin = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5]), algebraic_solution(BEGINNINGS)
    found, reached = solver.dense(begin, np.linspace(0.1, 0.4, LANES), [0.0, 1.0])
    assert np.array_equal(found[:, 0], begin)
    assert np.array_equal(found[:, 1], reached)


def test_error_estimate_is_of_fourth_order_in_the_step():
    solver = Integrator(OSCILLATOR, [1, 1], [1.0, 0.5])
    estimates = [solver.run(OSCILLATIONS, h, 1)[1] for h in (0.05, 0.025, 0.0125)]
    assert close(orders(estimates), 4.0, abs=0.2)


def test_error_estimate_is_not_smaller_than_the_error():
    """The estimate belongs to the formula of order 3, the step goes on with order 4."""
    solver = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5], relative=1e-9, absolute=1e-9)
    end, estimate = solver.run(algebraic_solution(BEGINNINGS), 0.1, 1)
    error = np.abs(end - algebraic_solution(BEGINNINGS + 0.1)) / (1e-9 * (1.0 + np.abs(end)))
    assert np.all(error.max(axis=1) < estimate)
    assert np.all(estimate < 1e3 * error.max(axis=1))


def test_stiff_component_is_gone_after_one_step():
    """Stiffly accurate and L-stable: what is 1e12 times faster than the step is at rest after it."""
    end, _ = Integrator(RELAXING, [1], [1.0]).run(np.linspace(-5.0, 5.0, LANES)[:, None], 1.0, 1)
    assert end == pytest.approx(np.ones((LANES, 1)), abs=1e-9)


def test_start_beside_a_stiff_solution_is_forgotten():
    begin = np.column_stack([np.ones(LANES), np.linspace(1.3, 1.6, LANES)])
    end, _ = Integrator(MANIFOLD, [1, 1], [1.0, 0.5]).run(begin, 2.0, 20)
    assert end[:, 1] == pytest.approx(np.full(LANES, np.sqrt(1.0 + np.exp(-2.0))), abs=1e-6)


START = np.array([1.0, 0.5, 0.2])
STARTS = START * np.linspace(0.5, 1.0, LANES)[:, None]


def test_linear_invariant_is_kept_to_rounding_at_any_step_size():
    """The error allowed plays no part: no nonlinear equation is solved, and the Jacobian is exact."""
    solver, errors = Integrator(KINETICS, [1, 1, 1], START), []
    for steps in (2, 20, 2000):
        end, error = solver.run(STARTS, 1.0, steps)
        assert end.sum(axis=1) == pytest.approx(STARTS.sum(axis=1), rel=1e-12), steps
        errors.append(error)
    assert errors[0].min() > 100.0  # in units of the tolerance: these steps are far too long


def test_linear_invariant_is_kept_by_the_interpolant():
    found, _ = Integrator(KINETICS, [1, 1, 1], START).dense(STARTS, 0.1, np.linspace(0.0, 1.0, 11))
    assert found.sum(axis=2) == pytest.approx(np.repeat(STARTS.sum(axis=1)[:, None], 11, axis=1), rel=1e-13)


def sums_after_short_step(spoiled):
    """One step, and a shorter one in its place, one entry of its Jacobian times `spoiled`; sum over sum."""
    lanes = Lanes(Integrator(KINETICS, [1, 1, 1], START), STARTS)
    whole, _ = lanes.step(0.1)
    shortened, _ = lanes.step(0.037, spoiled)
    assert not np.any(np.all(np.isclose(shortened, whole), axis=1))
    return shortened.sum(axis=1) / STARTS.sum(axis=1)


def test_linear_invariant_is_kept_by_a_shortened_step():
    """As for an event: it begins where the longer one did."""
    assert sums_after_short_step(1.0) == pytest.approx(np.ones(LANES), abs=1e-13)


def test_wrong_slopes_would_break_the_invariant():
    assert np.abs(sums_after_short_step(1.001) - 1.0).min() > 1e-8


def test_lanes_do_not_mix():
    """A cell comes out to the last bit the same beside any others: in another state, with another step, or broken."""
    solver, h = Integrator(KINETICS, [1, 1, 1], START), np.geomspace(1e-4, 1e-1, LANES)
    together, errors = solver.run(STARTS, h, 3)
    for lane in range(LANES):
        beside, steps = in_lanes(STARTS[lane] * 3.0), np.full(LANES, 0.3)
        beside[(lane + 1) % LANES], steps[(lane + 2) % LANES] = np.nan, np.inf
        beside[lane], steps[lane] = STARTS[lane], h[lane]
        alone, error = solver.run(beside, steps, 3)
        assert np.array_equal(alone[lane], together[lane])
        assert error[lane] == errors[lane]
        assert np.isnan(error[(lane + 1) % LANES])
    _, alone = solver.run(STARTS[:, ::-1], h, 3)
    assert not np.any(alone == errors)


@pytest.mark.parametrize("place", range(LANES))
def test_a_state_comes_out_alike_in_every_lane(place):
    solver, h = Integrator(ALGEBRAIC, [1, 0, 0], [1.0, 0.5, 0.5]), np.linspace(0.1, 0.4, LANES)
    begin = algebraic_solution(BEGINNINGS)
    ours, _ = solver.run(begin, h, 2)
    turned, _ = solver.run(np.roll(begin, place, axis=0), np.roll(h, place), 2)
    assert np.array_equal(np.roll(ours, place, axis=0), turned)
