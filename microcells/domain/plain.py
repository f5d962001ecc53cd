"""Bundling without swaps, for lists of a whole country: neighbours are searched only where they matter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import HouseGraph, connect_houses
from microcells.domain.ordering import Walk
from microcells.domain.partition import MOST_HOUSES, cut_along, cut_walk, look_along
from microcells.domain.repair import connect_cells, number_along_walk

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def bundle_without_swaps(walk: Walk, rules: BundlingRules) -> Ints:
    """Cut the walk at the lowest cost and join what is apart; one number per house.

    Where a group of houses needs a bridge, no cut connects it. So an area whose cells are all connected
    along the walk has no bridges, and needs no search for neighbours in space; the others are done again.
    """
    band = look_along(walk, rules)
    cell = cut_along(walk, band, rules)
    torn = np.isin(walk.area, walk.area[_is_apart(cell, band)])
    if torn.any():
        part = walk.take(torn)
        graph = connect_houses(part, rules.near_m, rules.minimum)
        cell[torn] = len(walk) + connect_cells(part, cut_walk(part, graph, rules), graph, rules)
    return number_along_walk(cell)


def _is_apart(cell: Ints, band: Ints) -> Bools:
    """Mark the houses of cells that are not connected; cells are runs of the walk."""
    follows = (band >> (MOST_HOUSES - 1)) & 1 == 1
    gap = np.flatnonzero(~follows[1:] & (cell[1:] == cell[:-1])) + 1
    houses = np.flatnonzero(np.isin(cell, cell[gap]))
    first, second = _pairs(houses, band)
    graph = HouseGraph(first, second, np.zeros(len(first), dtype=np.bool_), len(houses))
    own = cell[houses]
    part = graph.parts(own)
    _, start = np.unique(part, return_index=True)
    several = np.bincount(own[start], minlength=int(cell[-1]) + 1) > 1
    return np.asarray(several[cell])


def _pairs(houses: Ints, band: Ints) -> tuple[Ints, Ints]:
    """Pairs of neighbours among some houses, ascending, by their place in the list."""
    steps = np.arange(1, MOST_HOUSES + 1)
    place, step = np.nonzero((band[houses][:, None] >> (MOST_HOUSES + steps)) & 1)
    other = houses[place] + steps[step]
    found = np.minimum(np.searchsorted(houses, other), max(len(houses) - 1, 0))
    known = houses[found] == other if len(houses) else np.zeros(0, dtype=np.bool_)
    return place[known], found[known]
