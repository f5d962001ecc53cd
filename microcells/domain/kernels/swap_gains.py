"""Which house should change its cell: the first change of a pair of cells that lowers the cost."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from microcells.domain.kernels.compiling import part_of_loops
from microcells.domain.kernels.prices import Prices, price_cell
from microcells.domain.kernels.swap_state import NO_STREET, NOBODY, SEVERAL, UNSEEN

Halves = NDArray[np.int32]

# Not bare True and False, see compiling.py
IS_SEVERAL, IN_ONE_STREET = np.bool_(True), np.bool_(False)
GAIN = 1e-9  # the cost has to fall by more, so that rounding never decides


@part_of_loops
def has_gain(houses: Any, cells: Any, links: Halves, prices: Prices, pair: Any) -> bool:
    """Find the first change between a pair of cells that lowers the cost and leaves both connected.

    Writes into the pair the house of its first cell that goes over, and that of the other one which comes
    for it or NOBODY. links: neighbours, see HOUSE.
    """
    left, taken = cells[pair.one], cells[pair.other]
    limit = left.price + taken.price - GAIN
    pair.house = left.first
    while pair.house != NOBODY:
        house = houses[pair.house]
        pair.partner = NOBODY
        if _moving_gains(prices, left, taken, house, limit) and _stay_connected(houses, cells, links, pair):
            return True
        pair.partner = taken.first if pair.one < pair.other else NOBODY
        while pair.partner != NOBODY:
            partner = houses[pair.partner]
            gains = _exchanging_gains(prices, left, taken, (house, partner), limit)
            if gains and _stay_connected(houses, cells, links, pair):
                return True
            pair.partner = partner.following
        pair.house = house.following
    return False


@part_of_loops
def _moving_gains(prices: Prices, left: Any, taken: Any, house: Any, limit: float) -> bool:
    """Whether a move keeps the limits and brings both cells below a price; connection is not looked at."""
    total, n = taken.households + house.households, taken.n + 1
    if left.households - house.households < prices.minimum or total > prices.max_households:
        return False
    limit -= house.rest_price
    # Most changes spoil the sizes by more than any place could win back.
    if n > prices.max_houses or price_cell(prices, total, IS_SEVERAL, 0.0, IN_ONE_STREET) >= limit:
        return False
    dx, dy = house.x - taken.x, house.y - taken.y
    away = house.households * (dx * dx + dy * dy)
    scatter = taken.scatter + away * (taken.households / total)
    return price_cell(prices, total, IS_SEVERAL, scatter, taken.street != house.street) < limit


@part_of_loops
def _exchanging_gains(prices: Prices, left: Any, taken: Any, both: tuple[Any, Any], limit: float) -> bool:
    """Whether an exchange keeps the limits and brings both cells below a price."""
    house, partner = both
    more = partner.households - house.households
    floor = price_cell(prices, left.households + more, left.n > 1, house.rest_scatter, IN_ONE_STREET)
    floor += price_cell(prices, taken.households - more, taken.n > 1, partner.rest_scatter, IN_ONE_STREET)
    if floor >= limit:
        return False
    limit -= _price_replaced(prices, left, house, partner)
    return limit > 0 and _price_replaced(prices, taken, partner, house) < limit


@part_of_loops
def _price_replaced(prices: Prices, cell: Any, gone: Any, come: Any) -> float:
    """Price a cell with another house in the place of one of its own; inf = not allowed."""
    rest = cell.households - gone.households
    total = rest + come.households
    if total < prices.minimum or (cell.n > 1 and total > max(prices.max_households, cell.households)):
        return np.inf
    dx, dy = come.x - gone.rest_x, come.y - gone.rest_y
    scatter = gone.rest_scatter + come.households * (dx * dx + dy * dy) * (rest / total)
    street = gone.rest_street
    over_streets = street == SEVERAL or (street != NO_STREET and street != come.street)
    return price_cell(prices, total, cell.n > 1, scatter, over_streets)


@part_of_loops
def _stay_connected(houses: Any, cells: Any, links: Halves, pair: Any) -> bool:
    """Whether both cells of a pair are connected after its change; changes nothing for good."""
    left, taken = cells[pair.one], cells[pair.other]
    house, is_exchange = houses[pair.house], pair.partner != NOBODY
    first = left.first if left.first != pair.house else house.following
    house.cell = pair.other
    if is_exchange:
        houses[pair.partner].cell = pair.one
        first = pair.partner
    stay = _can_reach(houses, links, first, left.n - 1 + is_exchange) and _can_reach(
        houses, links, pair.house, taken.n + 1 - is_exchange
    )
    house.cell = pair.one
    if is_exchange:
        houses[pair.partner].cell = pair.other
    return stay


@part_of_loops
def _can_reach(houses: Any, links: Halves, first: int, n: int) -> bool:
    """Whether n houses of one cell can be reached from its house `first`, this one included."""
    houses[first].next_reached = NOBODY
    n_reached, last, at = 1, first, first
    while at != NOBODY and n_reached < n:
        for link in range(houses[at].links_begin, houses[at].links_end):
            beside = houses[links[link]]
            if beside.cell == houses[first].cell and beside.next_reached == UNSEEN:
                houses[last].next_reached = last = links[link]
                beside.next_reached = NOBODY
                n_reached += 1
        at = houses[at].next_reached
    while first != NOBODY:
        at = houses[first].next_reached
        houses[first].next_reached = UNSEEN
        first = at
    return n_reached == n
