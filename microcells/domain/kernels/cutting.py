"""The exact dynamic programme, house by house."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from microcells.domain.kernels.compiling import compiled
from microcells.domain.kernels.prices import APART, OVERSIZE, Prices, price_cell

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TIE = 1e-9  # costs closer than this count as equal, so that rounding never decides
FARTHEST = 31  # steps along the walk for which one number of 63 bits tells who is near


class Stretch(NamedTuple):
    """Consecutive houses of one area, in walking order.

    band: bit 31 - d of house h is set if house h + d is its neighbour, -31 <= d <= 31
    """

    households: Ints
    x: Floats
    y: Floats
    street: Ints
    band: Ints


class Blocks(NamedTuple):
    """The cells that end with one house, shortest first: their prices, and who is near each first house."""

    price: Floats
    near: Ints


@compiled
def near_in_walk(start: Ints, other: NDArray[np.int32]) -> Ints:
    """Pack the neighbours of each house that stand close to it in the walk into one number, see `Stretch`."""
    band = np.zeros(len(start) - 1, dtype=np.int64)
    for house in range(len(band)):
        for at in range(start[house], start[house + 1]):
            step = other[at] - house
            if -FARTHEST <= step <= FARTHEST:
                band[house] |= np.int64(1) << (FARTHEST - step)
    return band


@compiled
def cut_areas(walk: Stretch, edges: Ints, prices: Prices, useful: int, longest: int) -> Bools:
    """Cut every area into consecutive cells at the lowest total cost.

    edges:   first house of each area, and behind the last one the number of houses
    useful:  most houses of a cell that no two cells in its place could undercut
    longest: most houses of a cell where the upper limits leave no cut
    returns: one flag per house, True where a cell begins; an area without a cut has none
    """
    is_first = np.zeros(len(walk.x), dtype=np.bool_)
    for area in range(len(edges) - 1):
        begin, end = edges[area], edges[area + 1]
        part = Stretch(
            walk.households[begin:end],
            walk.x[begin:end],
            walk.y[begin:end],
            walk.street[begin:end],
            walk.band[begin:end],
        )
        houses, total = _solve(part, prices, useful, True)
        if not np.isfinite(total):
            houses, total = _solve(part, prices, longest, False)
        if np.isfinite(total):
            _walk_back(houses, is_first[begin:end])
    return is_first


@compiled
def _solve(part: Stretch, prices: Prices, longest: int, keep_limits: bool) -> tuple[Ints, float]:
    """Run the recursion; gives the houses of the best cell that ends with each house, and the total cost.

    Among equal costs the last cell is the smaller one.
    """
    n = len(part.x)
    best = np.zeros(n + 1)
    houses = np.ones(n, dtype=np.int64)
    room = min(longest, FARTHEST + 1)
    blocks = Blocks(np.empty(room), np.empty(room, dtype=np.int64))
    for last in range(n):
        n_blocks = _price_blocks(part, last, prices, keep_limits, blocks)
        lowest = np.inf
        for back in range(n_blocks):
            blocks.price[back] += best[last - back]
            lowest = min(lowest, blocks.price[back])
        while blocks.price[houses[last] - 1] > lowest + TIE:
            houses[last] += 1
        best[last + 1] = lowest
    return houses, best[n]


@compiled
def _price_blocks(part: Stretch, last: int, prices: Prices, keep_limits: bool, blocks: Blocks) -> int:
    """Price the cells that end with a house; inf = not allowed. Gives how many were looked at.

    Places are taken relative to the last house, so that far origins lose no digits.
    """
    size = pull_x = pull_y = spread = 0.0
    reached = 1
    n_blocks = min(len(blocks.price), last + 1)
    for back in range(n_blocks):
        first = last - back
        households = float(part.households[first])
        dx, dy = part.x[first] - part.x[last], part.y[first] - part.y[last]
        size += households
        pull_x += households * dx
        pull_y += households * dy
        spread += households * (dx * dx + dy * dy)
        too_large = back > 0 and (size > prices.max_households or back >= prices.max_houses)
        if too_large and keep_limits:
            return back
        reached = _reach(part.band[first], back, reached, blocks.near)
        scatter = max(spread - (pull_x * pull_x + pull_y * pull_y) / size, 0.0)
        over_streets = part.street[first] != part.street[last]
        price = price_cell(prices, size, back + 1, scatter, over_streets)
        if too_large:
            price += OVERSIZE
        if reached != (1 << (back + 1)) - 1:
            price += APART
        blocks.price[back] = price if size >= prices.minimum else np.inf
    return n_blocks


@compiled
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


@compiled
def _walk_back(houses: Ints, is_first: Bools) -> None:
    """Mark the first house of each cell, from the last cell to the first."""
    end = len(houses)
    while end > 0:
        end -= houses[end - 1]
        is_first[end] = True
