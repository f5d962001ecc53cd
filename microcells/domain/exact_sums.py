"""Sums that do not depend on the order of adding, to the bit, so that several workers may share them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from microcells.domain.rows import Floats

# A number is split into whole multiples of these, largest first. Each multiple stays below 2^36, so that 2^27
# of them fit into 64 bits; what is left below the last one is dropped, wherever the number stands.
UNITS = tuple(2.0**power for power in (84, 48, 12, -24, -60))
TOO_LARGE = 2.0**120


class ExactSums:
    """Sums of arrays of one shape, kept as integers; dropped is at most 2^-60 of each number."""

    def __init__(self, shape: tuple[int, ...] = ()) -> None:
        self.parts: NDArray[np.int64] = np.zeros((len(UNITS), *shape), dtype=np.int64)

    def add(self, values: ArrayLike) -> None:
        """Add an array of the shape. Raises ValueError if a number is not below 2^120."""
        rest = np.array(values, dtype=np.float64)
        if not (np.abs(rest) < TOO_LARGE).all():
            raise ValueError("a number to be added is not below 2^120")
        for place, unit in enumerate(UNITS):
            whole = np.trunc(rest / unit)
            self.parts[place] += whole.astype(np.int64)
            rest -= whole * unit

    def merge(self, other: ExactSums) -> None:
        """Add what another one has added."""
        self.parts += other.parts

    @property
    def total(self) -> Floats:
        """The sums as float64."""
        total = np.zeros(self.parts.shape[1:])
        for part, unit in zip(self.parts[::-1], UNITS[::-1], strict=True):
            total = total + part * unit
        return total
