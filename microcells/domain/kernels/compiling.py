"""How the loops are compiled: as few and as small pieces as can be, because their first caller has to wait.

A bare 0 or True handed to another loop would have that loop compiled twice, once for this very value, and so
would numbers of 32 and of 64 bits: hence whole() and np.bool_(). Arrays are made by whoever calls, in Python.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

OPTIONS: dict[str, Any] = {
    "no_cfunc_wrapper": True,  # nobody calls the loops from C
    # As in NumPy, a division by zero gives inf or NaN; asking each time would double the time of a swap.
    "error_model": "numpy",
}

compiled = njit(**(OPTIONS | {"cache": True}))

# For what only other loops call: it becomes part of them, so it is neither kept nor callable from Python.
part_of_loops = njit(**(OPTIONS | {"no_cpython_wrapper": True}))

whole: Any = np.int64  # a number of 64 bits, whatever it was
