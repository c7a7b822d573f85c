"""Fixed-step integration with the compiled steps of ESDIRK3, for small systems written down in tests."""

from functools import cache

import numpy as np
from numba import njit

from cellmodel.numerics import esdirk, jacobian, sparse_lu

CONTROL = np.zeros(1)


class Integrator:
    """Newton's method, factors and steps of one small system `rhs(t, u, p, control, out)`."""

    def __init__(self, rhs, mass, state, relative=1e-11, absolute=1e-11, reach=1e3):
        self.rhs = rhs
        self.mass = np.array(mass, dtype=float)
        n = self.mass.size
        pattern = jacobian.pattern_of(lambda u, out: rhs(0.3, u, 0.0, CONTROL, out), np.array(state, dtype=float))
        lu = sparse_lu.plan(pattern, last=[])
        tolerance = esdirk.Tolerance(relative, np.full(n, absolute), np.full(n, reach))
        colours = jacobian.colour(pattern, lu)
        self.plan = esdirk.Plan(lu, colours, np.ones(n), tolerance, self.mass, 10**6, np.inf)
        self.prepare, self.newton, self.drive = _compiled(rhs)

    def work(self):
        work = esdirk.make_work(self.mass, self.plan.lu.column.size)
        work.scalar[0] = -1.0
        return work

    def run(self, state, end, steps):
        """Integrate from 0 to `end`; returns the state and the largest error estimate of a step."""
        u = np.array(state, dtype=float)
        status, error = self.drive(u, end, steps, CONTROL, self.plan, self.work())
        assert status == esdirk.CONVERGED
        return u, error


@cache
def _compiled(rhs):
    prepare = esdirk.build_prepare(rhs)
    newton = esdirk.build_newton(rhs, prepare)
    step = esdirk.build_step(newton)

    @njit
    def drive(u, end, steps, control, plan, work):
        h = end / steps
        rhs(0.0, u, 0.0, control, work.slope[0])
        for i in range(u.size):
            if work.mass[i] == 0.0:
                work.slope[0, i] = 0.0
        worst = 0.0
        for k in range(steps):
            if not prepare(k * h, u, h * esdirk.GAMMA, True, 0.0, control, plan, work):
                return esdirk.SINGULAR, worst
            status, error = step(k * h, u, h, 0.0, control, plan, work)
            if status != esdirk.CONVERGED:
                return status, worst
            worst = max(worst, error)
            u[:] = work.stage[3]
            work.slope[0][:] = work.slope[3]
        return esdirk.CONVERGED, worst

    return prepare, newton, drive
