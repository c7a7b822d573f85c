"""Wall time for compiled code that holds no interpreter lock.

The C library's function is found by its name whenever code is loaded. The address of a ctypes function would not do: it
belongs to one process and cannot be kept in the compiler's cache.
"""

from __future__ import annotations

import time

import numpy as np
from numba import njit, types

_MONOTONIC = time.CLOCK_MONOTONIC
_clock_gettime = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.uintp))


@njit(nogil=True)
def seconds():
    """Time since an arbitrary moment, not moved by corrections of the date [s]."""
    parts = np.zeros(2, np.int64)  # struct timespec: whole seconds, nanoseconds
    _clock_gettime(_MONOTONIC, parts.ctypes.data)
    return parts[0] + 1e-9 * parts[1]
