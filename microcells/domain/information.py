"""What bundling costs in information: how much of the differences between houses is lost inside cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def information_loss(values: Floats, households: Ints, cell: Ints) -> Floats:
    """Give the share of the variance of each value that lies inside cells, 0 … 1.

    values:     shape (houses, k), no missing ones; households: weight of each house
    cell:       0 … n - 1 per house
    returns:    shape (k,): household-weighted squares around the cells' means / around the mean of all;
                0 for a value that is the same everywhere
    Source: Domingo-Ferrer & Mateo-Sanz 2002, on the loss SSE / SST of microaggregation.
    """
    weight = households.astype(np.float64)
    total = np.bincount(cell, weight)
    off = values - np.average(values, axis=0, weights=weight)
    means = np.column_stack([np.bincount(cell, weight * own) / total for own in off.T])
    inside = weight @ (off - means[cell]) ** 2
    around = weight @ off**2
    return np.divide(inside, around, out=np.zeros_like(around), where=around > 0)
