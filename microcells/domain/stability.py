"""Stability: a new bundling keeps every earlier cell that is still good, and solves only the rest anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import HouseGraph
from microcells.domain.ordering import Walk
from microcells.domain.partition import cut_walk
from microcells.domain.repair import connect_cells, number_along_walk
from microcells.domain.swaps import swap_houses

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def bundle_around(walk: Walk, earlier: Ints, graph: HouseGraph, rules: BundlingRules) -> Ints:
    """Bundle a walk, keeping what can stay of an earlier bundling.

    earlier: number of the earlier cell of each house, -1 = none; an earlier cell is named only where all
             its houses are still there
    returns: cell of each house, numbered along the walk

    An earlier cell stays if it still keeps the rules: large enough, inside the limits, in one area,
    connected. The runs of houses between such cells are cut anew. What is too small for a cell there
    joins a neighbour, and swaps touch new cells only.
    """
    kept = _still_good(walk, earlier, graph, rules)
    cell = _cut_rest(walk, kept, graph, rules)
    cell = connect_cells(walk, cell, graph, rules)
    return number_along_walk(swap_houses(walk, cell, graph, rules, fixed=_is_same(cell, kept)))


def _still_good(walk: Walk, earlier: Ints, graph: HouseGraph, rules: BundlingRules) -> Ints:
    """Earlier cells that keep the rules, numbered 0, 1, …; -1 = to be bundled anew."""
    kept = np.full(len(walk), -1, dtype=np.int64)
    named = np.flatnonzero(earlier >= 0)
    if len(named) == 0:
        return kept
    _, cell = np.unique(earlier[named], return_inverse=True)
    households, houses = np.bincount(cell, walk.households[named]), np.bincount(cell)
    inside = (households <= rules.max_households) & (houses <= rules.max_houses)
    good = (households >= rules.minimum) & (inside | (houses == 1))
    everyone = kept.copy()
    everyone[named] = cell
    # A part is a connected stretch of a cell inside one area; houses of no cell may not hold it together.
    parts = graph.parts(np.where(everyone < 0, -1 - np.arange(len(walk)), everyone))[named]
    first = np.zeros(len(good), dtype=np.int64)
    first[cell] = parts
    good &= np.bincount(cell, parts != first[cell]) == 0
    number = np.where(good, np.cumsum(good) - 1, -1)
    kept[named] = number[cell]
    return kept


def _cut_rest(walk: Walk, kept: Ints, graph: HouseGraph, rules: BundlingRules) -> Ints:
    """Cut the houses that belong to no kept cell; kept cells have the lower numbers."""
    n_kept = int(kept.max(initial=-1)) + 1
    cell = np.where(kept >= 0, kept, n_kept + np.arange(len(walk)))
    is_rest = kept < 0
    _, area = np.unique(walk.area, return_inverse=True)
    # Where too little is left for one cell, each house waits alone for a neighbour to join.
    left = np.bincount(area, np.where(is_rest, walk.households, 0))
    rest = is_rest & (left >= rules.minimum)[area]
    if rest.any():
        anew = cut_walk(walk.take(rest), graph.between(rest), rules)
        # Numbers from a house onwards cannot meet those of the houses that wait alone.
        cell[rest] = n_kept + np.flatnonzero(rest)[anew]
    return cell


def _is_same(cell: Ints, kept: Ints) -> Bools:
    """For each cell, whether it is exactly one kept cell."""
    n_cells = int(cell.max()) + 1
    first = np.full(n_cells, -1, dtype=np.int64)
    first[cell] = kept
    pure = (np.bincount(cell, kept != first[cell], n_cells) == 0) & (first >= 0)
    size = np.bincount(kept[kept >= 0], minlength=int(kept.max(initial=-1)) + 1)
    pure[pure] = np.bincount(cell, minlength=n_cells)[pure] == size[first[pure]]
    return np.asarray(pure)
