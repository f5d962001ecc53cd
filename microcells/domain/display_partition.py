"""Display cells that stay the same: made once from places, later found again by the nearest place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.display_cells import group_cells

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SMALLEST_DISPLAY_CELL = 11  # households; privacy rules, after INSEE's floor, which no definition may lower
EQUALLY_NEAR = 8  # places looked at where several are equally near; on a grid of whole metres hardly ever two


@dataclass(frozen=True)
class Seeds:
    """The places of one area in whole metres (EPSG:25832), and the display cell of each; shape (n,)."""

    x: Ints
    y: Ints
    number: Ints


@dataclass(frozen=True)
class Parts:
    """To which display cell of its area each microcell belongs.

    place: 0 … n_parts - 1 for each cell, in the order of the display cells' numbers
    """

    place: Ints
    n_parts: int

    def sum(self, values: Floats) -> Floats:
        """Add up over each display cell what is there; NaN = missing. Shape (cells,) -> (n_parts,)."""
        known = np.where(np.isfinite(values), values, 0.0)
        return np.asarray(np.bincount(self.place, known, self.n_parts), dtype=np.float64)

    def coverage(self, values: Floats, households: Floats) -> Floats:
        """Share of the households of each display cell whose microcells have a value, 0 … 1."""
        covered, everyone = self.sum(np.where(np.isfinite(values), households, 0.0)), self.sum(households)
        return np.divide(covered, everyone, out=np.zeros(self.n_parts), where=everyone > 0)


def display_cell_rules(rules: BundlingRules) -> BundlingRules:
    """The given rules. Raises ValueError if they allow smaller display cells than privacy does."""
    if rules.minimum < SMALLEST_DISPLAY_CELL:
        raise ValueError(f"a display cell needs {SMALLEST_DISPLAY_CELL} households, not {rules.minimum}")
    return rules


def make_seeds(x: Floats, y: Floats, households: Floats, rules: BundlingRules) -> Seeds | None:
    """Join the microcells of one area to display cells, and keep the places they are made of.

    x, y, households: one value per microcell of the area, metres and whole numbers; any order
    returns: display cells numbered from 0; one for the whole area if it holds fewer households than
             `rules.minimum`, None if it holds fewer than `SMALLEST_DISPLAY_CELL`

    Microcells at the same place, to the metre, belong together: nothing could tell them apart later.
    """
    cells = pd.DataFrame({"x": np.rint(x), "y": np.rint(y), "households": households}).astype(np.int64)
    places = cells.groupby(["x", "y"], sort=True)["households"].sum().reset_index()
    total = int(places["households"].sum())
    if total < SMALLEST_DISPLAY_CELL:
        return None
    number = np.zeros(len(places), dtype=np.int64)
    if total >= rules.minimum:
        number = group_cells(places.assign(area_number=1, cell_key=np.arange(len(places))), rules)
    return Seeds(places["x"].to_numpy(), places["y"].to_numpy(), number)


def assign_cells(x: Floats, y: Floats, seeds: Seeds) -> Ints:
    """Number of the display cell of each microcell: that of the nearest place, the lowest if several are.

    x, y: metres, shape (n,), no NaN. The microcells that made the seeds get back their own display cell.
    """
    at = np.column_stack([np.rint(x), np.rint(y)]).astype(np.int64)
    known = np.column_stack([seeds.x, seeds.y])
    n_near = min(EQUALLY_NEAR, len(known))
    near = np.asarray(cKDTree(known).query(at, k=n_near)[1], dtype=np.int64).reshape(len(at), n_near)
    squared = ((known[near] - at[:, None, :]) ** 2).sum(axis=2)
    is_nearest = squared == squared.min(axis=1, keepdims=True)
    return np.asarray(np.where(is_nearest, seeds.number[near], np.iinfo(np.int64).max).min(axis=1))


def find_parts(x: Floats, y: Floats, seeds: Seeds) -> Parts:
    """To which display cell each microcell of an area belongs, by its place among the area's numbers."""
    numbers = np.unique(seeds.number)
    return Parts(np.searchsorted(numbers, assign_cells(x, y, seeds)), len(numbers))
