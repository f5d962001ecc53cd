"""Cheapest cuts: the exact dynamic programme that joins neighbouring houses into cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import HouseGraph
from microcells.domain.ordering import Walk

Ints = NDArray[np.int64]


def cut_walk(walk: Walk, graph: HouseGraph, rules: BundlingRules) -> Ints:
    """Cut every area into consecutive cells at the lowest total cost.

    returns: the cell of each house, numbered along the walk. Among equal costs the last cell is the
             smaller one. Where the upper limits leave no cut at all (a single flat between two
             towers), as few cells as possible exceed them, and where no cut is connected, as few
             cells as possible are not; `minimum` always holds.

    Every area must hold `minimum` households: ValueError otherwise.
    Source: Bellman 1961, on the approximation of curves by line segments using dynamic programming.
    """
    from microcells.domain.kernels.cutting import cut_areas, programme_of
    from microcells.domain.kernels.prices import prices_of

    longest = max(rules.max_houses, rules.longest_needed)
    programme = programme_of(walk, graph.near_in_walk, longest)
    cut_areas(programme, walk.area_edges, prices_of(rules), rules.longest_useful, longest)
    if not programme.is_first[walk.area_start].all():
        raise ValueError(f"an area holds fewer than {rules.minimum} households")
    return np.cumsum(programme.is_first) - 1
