"""How a law is compiled.

A law stays callable from Python through its attribute `py_func`, so that tests can run it under a unit
checker and parameters can be evaluated without waiting for a compiler.
"""

from __future__ import annotations

from numba import njit

law = njit(nogil=True, error_model="numpy", fastmath={"contract"})
"""Compile a scalar function; only fused multiply-add is allowed to change rounding, NaN stays NaN."""
