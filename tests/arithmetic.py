"""Operations that lanes and duals share; compiled for whatever they are given."""

from numba import njit


@njit
def of_two(x, y, out):
    out[0] = x + y
    out[1] = x - y
    out[2] = x * y
    out[3] = x / y
    out[4] = min(x, y)
    out[5] = max(x, y)


@njit
def beside_numbers(x, out):
    """Constants on either side, floats and integers."""
    out[0] = x + 3
    out[1] = 3.0 + x
    out[2] = x - 3.0
    out[3] = 3 - x
    out[4] = x * 3
    out[5] = 3.0 * x
    out[6] = x / 4
    out[7] = 4.0 / x
