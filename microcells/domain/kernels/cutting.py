"""The exact dynamic programme, house by house."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from microcells.domain.kernels.compiling import compiled, part_of_loops, whole
from microcells.domain.kernels.prices import APART, OVERSIZE, Prices, price_cell
from microcells.domain.ordering import Walk

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TIE = 1e-9  # costs closer than this count as equal, so that rounding never decides
FARTHEST = 31  # steps along the walk for which one number of 63 bits tells who is near


class Programme(NamedTuple):
    """The houses in walking order, and what is filled in on the way.

    band:         bit 31 - d of house h is set if house h + d is its neighbour, -31 <= d <= 31
    cost, houses: of the best cut that ends before a house, and of its last cell; one more cost than houses
    is_first:     True where a cell of the best cut begins; an area without a cut has none
    price, near:  of the cells that end with one house, shortest first: price, and who is near the first house
    """

    households: Ints
    x: Floats
    y: Floats
    street: Ints
    band: Ints
    cost: Floats
    houses: Ints
    is_first: Bools
    price: Floats
    near: Ints


def programme_of(walk: Walk, band: Ints, longest: int) -> Programme:
    """Make room for the programme over a walk, with cells of at most so many houses."""
    n, room = len(walk), longest
    return Programme(
        walk.households,
        walk.x,
        walk.y,
        walk.street,
        band,
        cost=np.empty(n + 1),
        houses=np.empty(n, dtype=np.int64),
        is_first=np.zeros(n, dtype=np.bool_),
        price=np.empty(room),
        near=np.empty(room, dtype=np.int64),
    )


@compiled
def near_in_walk(start: Ints, other: NDArray[np.int32], band: Ints) -> None:
    """Pack the neighbours of each house that stand close to it in the walk into one number, see `Programme`.

    band: 0 for each house at first
    """
    for house in range(len(band)):
        for at in range(start[house], start[house + 1]):
            step = other[at] - house
            if -FARTHEST <= step <= FARTHEST:
                band[house] |= np.int64(1) << (FARTHEST - step)


@compiled
def cut_areas(own: Programme, edges: Ints, prices: Prices, useful: int, longest: int) -> None:
    """Cut every area into consecutive cells at the lowest total cost.

    edges:   first house of each area, and behind the last one the number of houses
    useful:  most houses of a cell that no two cells in its place could undercut
    longest: most houses of a cell where the upper limits leave no cut
    """
    for area in range(len(edges) - 1):
        begin, end = edges[area], edges[area + 1]
        for keep_limits in (True, False):
            _solve(own, (begin, end), prices, useful if keep_limits else longest, keep_limits)
            if own.cost[end] < np.inf:
                _walk_back(own.houses, own.is_first, begin, end)
                break


@part_of_loops
def _solve(own: Programme, area: tuple[int, int], prices: Prices, longest: int, keep_limits: bool) -> None:
    """Run the recursion over one area; among equal costs the last cell is the smaller one."""
    begin, end = area
    own.cost[begin] = 0.0
    for last in range(begin, end):
        most = min(longest, last + 1 - begin, len(own.price))
        n_blocks = _price_blocks(own, last, prices, most, keep_limits)
        lowest = np.inf
        for back in range(n_blocks):
            own.price[back] += own.cost[last - back]
            lowest = min(lowest, own.price[back])
        houses = 1
        while own.price[houses - 1] > lowest + TIE:
            houses += 1
        own.houses[last], own.cost[last + 1] = houses, lowest


@part_of_loops
def _price_blocks(own: Programme, last: int, prices: Prices, most: int, keep_limits: bool) -> int:
    """Price the cells that end with a house; inf = not allowed. Gives how many were looked at.

    Places are taken relative to the last house, so that far origins lose no digits. Of cells longer than
    one number can tell, each with a gap in the walk counts as not connected.
    """
    size, pull_x, pull_y, spread = whole(0), 0.0, 0.0, 0.0
    reached, n_gaps = whole(1), whole(0)
    for back in range(most):
        first = last - back
        households = own.households[first]
        dx, dy = own.x[first] - own.x[last], own.y[first] - own.y[last]
        size += households
        pull_x += households * dx
        pull_y += households * dy
        spread += households * (dx * dx + dy * dy)
        too_large = back > 0 and (size > prices.max_households or back >= prices.max_houses)
        if too_large and keep_limits:
            return back
        if back > 0 and not (own.band[first] >> (FARTHEST - 1)) & 1:
            n_gaps += 1
        if back <= FARTHEST:
            reached = _reach(own.band[first], back, reached, own.near)
            is_apart = reached != (1 << (back + 1)) - 1
        else:
            is_apart = n_gaps > 0
        scatter = max(spread - (pull_x * pull_x + pull_y * pull_y) / size, 0.0)
        over_streets = own.street[first] != own.street[last]
        price = price_cell(prices, size, back > 0, scatter, over_streets)
        if too_large:
            price += OVERSIZE
        if is_apart:
            price += APART
        own.price[back] = price if size >= prices.minimum else np.inf
    return most


@part_of_loops
def _reach(band: int, back: int, reached: int, near: Ints) -> int:
    """Add a house before the others; gives those connected with the last one. Bit k = k houses before it."""
    near[back] = band >> (FARTHEST - back)
    if back == 0:
        return reached
    if near[back] & reached == 0:
        return reached
    reached |= 1 << back
    everyone = (1 << (back + 1)) - 1
    grew = reached != everyone
    while grew:
        grew = False
        for house in range(back):
            if not (reached >> house) & 1 and near[house] & reached:
                reached |= 1 << house
                grew = True
    return reached


@part_of_loops
def _walk_back(houses: Ints, is_first: Bools, begin: int, end: int) -> None:
    """Mark the first house of each cell, from the last cell to the first."""
    while end > begin:
        end -= houses[end - 1]
        is_first[end] = True
