"""What cells of any houses cost, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.ordering import Walk

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass
class CellSums:
    """What the cost of each cell is made of, one value per cell.

    x, y:      household-weighted centre, metres
    scatter:   households × squared distance to the centre, added up, square metres
    low, high: smallest and largest street number; n_low, n_high: houses on them
    """

    households: Floats
    houses: Ints
    x: Floats
    y: Floats
    scatter: Floats
    low: Ints
    high: Ints
    n_low: Ints
    n_high: Ints

    def price(self, rules: BundlingRules) -> Floats:
        """Cost of each cell in units of the largest weight; the limits carry no cost here."""
        return price_cells(self.households, self.houses, self.scatter, self.low != self.high, rules)


def price_cells(
    households: Floats, houses: Ints, scatter: Floats, over_streets: Bools, rules: BundlingRules
) -> Floats:
    """Cost of cells from their sums, methods §1, in units of the largest weight."""
    size = np.where(houses > 1, (households - rules.target) ** 2, 0.0)
    price = rules.weight_size * size + rules.weight_place * scatter / rules.scale_m2
    return np.asarray((price + rules.weight_street * over_streets) / rules.unit)


def sum_cells(walk: Walk, cell: Ints, n_cells: int) -> CellSums:
    """Add up the houses of each cell; cell: 0 … n_cells - 1 per house, every cell has one."""
    weight = walk.households.astype(np.float64)
    households = np.asarray(np.bincount(cell, weight, n_cells), dtype=np.float64)
    houses = np.bincount(cell, minlength=n_cells).astype(np.int64)
    x, y = (np.bincount(cell, weight * place, n_cells) / households for place in (walk.x, walk.y))
    squares = weight * ((walk.x - x[cell]) ** 2 + (walk.y - y[cell]) ** 2)
    scatter = np.asarray(np.bincount(cell, squares, n_cells), dtype=np.float64)
    low, high = np.full(n_cells, np.iinfo(np.int64).max), np.full(n_cells, -1, dtype=np.int64)
    np.minimum.at(low, cell, walk.street)
    np.maximum.at(high, cell, walk.street)
    n_low, n_high = (
        np.bincount(cell, walk.street == edge[cell], n_cells).astype(np.int64) for edge in (low, high)
    )
    return CellSums(households, houses, x, y, scatter, low, high, n_low, n_high)
