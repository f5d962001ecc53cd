"""Numbers as text that gives back the very same bits: what one worker hands to another.

JSON in a database keeps no sign of zero and no NaN, and turns 1e22 into a whole number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kodala.statistics.aggregation import Kind, Sums

SEPARATOR = ":"
NUMBERS = ("numerator", "denominator", "squares", "weight_squares", "covered", "households")


def write_numbers(numbers: ArrayLike) -> str:
    """Numbers of any shape as hex digits, 16 for each, row by row."""
    return np.ascontiguousarray(numbers, dtype="<f8").tobytes().hex()


def read_numbers(text: str) -> NDArray[np.float64]:
    """The numbers of `write_numbers`, shape (n,). Raises ValueError for any other text."""
    return np.frombuffer(bytes.fromhex(text), dtype="<f8").astype(np.float64)


def write_sums(sums: Sums) -> str:
    """Sums as their kind and their numbers."""
    numbers = write_numbers([getattr(sums, name) for name in NUMBERS] + [float(sums.n_cells)])
    return f"{sums.kind.value}{SEPARATOR}{numbers}"


def read_sums(text: str) -> Sums:
    """The sums of `write_sums`. Raises ValueError for any other text."""
    kind, _, numbers = text.partition(SEPARATOR)
    *parts, n_cells = read_numbers(numbers).tolist()
    return Sums(kind=Kind(kind), n_cells=int(n_cells), **dict(zip(NUMBERS, parts, strict=True)))
