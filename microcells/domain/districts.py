"""Which cells of an area lie in which of its statistical districts. Pure."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

LEAST_DISTRICTS = 2


def can_be_parted(districts: Collection[int | None]) -> bool:
    """Whether the districts that a delivery names in an area part it: every cell has one, and they differ.

    districts: each district that occurs, once; None = cells without one
    """
    return None not in districts and len(districts) >= LEAST_DISTRICTS


def part_by_district(numbers: NDArray[np.float64]) -> dict[int, NDArray[np.intp]]:
    """Places of the cells of each district, in the order of the districts; {} if they do not part the area.

    numbers: (n,) district number of each cell, NaN = not delivered
    """
    found = [None if np.isnan(number) else int(number) for number in np.unique(numbers)]
    if not can_be_parted(found):
        return {}
    return {number: np.flatnonzero(numbers == number) for number in found if number is not None}
