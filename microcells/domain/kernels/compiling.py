"""How the loops are compiled."""

from __future__ import annotations

from numba import njit

# As in NumPy, a division by zero gives inf or NaN; asking each time would double the time of a swap.
compiled = njit(cache=True, error_model="numpy")
