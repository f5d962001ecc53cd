"""Boundary swaps: houses change to a neighbouring cell, or change places, where that lowers the cost."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import HouseGraph
from microcells.domain.ordering import Walk

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def swap_houses(
    walk: Walk, cell: Ints, graph: HouseGraph, rules: BundlingRules, fixed: Bools | None = None
) -> Ints:
    """Improve cells by moving single houses over the border, or exchanging one for one.

    cell:    0 … n - 1 per house, numbered along the walk, each cell connected and large enough
    fixed:   one flag per cell: it neither gives nor takes
    returns: cells of the same numbers; all stay connected and inside the limits, none costs more in all

    All ordered pairs of cells with neighbouring houses are scanned in the order of their numbers, at most
    `rules.swap_passes` times. In a pair (A, B) the houses of A come in the order of the walk: first the
    move to B, then, if A < B, the exchange with each house of B. The first change that lowers the total
    cost by more than 1e-9 is made, and the pair is scanned again. Pairs without a common cell are changed
    in the same breath: a pair waits only for earlier ones with a gain that share a cell with it.
    """
    if len(cell) == 0 or rules.swap_passes == 0:
        return cell
    from microcells.domain.kernels.prices import prices_of
    from microcells.domain.kernels.swap_state import CELL, Town
    from microcells.domain.kernels.swapping import PAIR, swap_in_areas

    cells: Any = np.zeros(int(cell.max()) + 1, dtype=CELL)
    cells["is_fixed"] = False if fixed is None else fixed
    houses = _records(walk, cell, graph)
    edges = np.append(cell[walk.area_start], len(cells))
    room = np.empty(int(np.diff(graph.start[walk.area_edges]).max()), dtype=PAIR)
    swap_in_areas(Town(houses, cells, graph.other), prices_of(rules), edges, rules.swap_passes, room)
    return np.asarray(houses["cell"].astype(np.int64))


def _records(walk: Walk, cell: Ints, graph: HouseGraph) -> Any:
    """One record per house, as the compiled swap wants them."""
    from microcells.domain.kernels.swap_state import HOUSE

    houses: Any = np.zeros(len(walk), dtype=HOUSE)
    for name in ("households", "x", "y", "street"):
        houses[name] = getattr(walk, name)
    houses["cell"], houses["links_begin"], houses["links_end"] = cell, graph.start[:-1], graph.start[1:]
    return houses
