"""Cheapest cuts: the exact dynamic programme that joins neighbouring houses into cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import HouseGraph
from microcells.domain.ordering import MILLIMETRES, Walk

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TIE = 1e-9  # costs closer than this count as equal, so that rounding never decides
OVERSIZE = 1e6  # price of a cell beyond the upper limits, paid only where no other cut exists
APART = 1e6  # price of a cell that is not connected, likewise
BATCH_HOUSES = 60_000  # houses solved in lockstep at once: what stays in the cache of one core
MOST_HOUSES = 31  # of a cell whose connection can be told from one band of 63 bits


@dataclass(frozen=True)
class Lanes:
    """Areas side by side, one column each, houses in walking order from the top.

    households, x, y, street: shape (longest area, areas); below an area's last house all is 0
    band:                     likewise, who is near in the walk (`near_in_walk`); None = all count as near
    lengths:                  houses per area
    """

    households: Floats
    x: Floats
    y: Floats
    street: Ints
    lengths: Ints
    band: Ints | None = None

    def only(self, chosen: Bools) -> Lanes:
        """Keep the chosen areas."""
        places = self.x[:, chosen], self.y[:, chosen]
        band = None if self.band is None else self.band[:, chosen]
        return Lanes(self.households[:, chosen], *places, self.street[:, chosen], self.lengths[chosen], band)


def first_of_cell(
    households: Ints,
    x: Floats,
    y: Floats,
    street: Ints,
    area_start: Ints,
    rules: BundlingRules,
    band: Ints | None = None,
) -> Bools:
    """Cut every area into consecutive cells at the lowest total cost.

    households, x, y, street: one value per house, in walking order; households >= 1
    area_start: first house of each area, ascending, beginning with 0
    band:       who is near in the walk (`near_in_walk`); None = every cell counts as connected
    returns:    one flag per house, True where a cell begins. Among equal costs the last cell is the
                smaller one. Where the upper limits leave no cut at all (a single flat between two
                towers), as few cells as possible exceed them, and where no cut is connected, as few
                cells as possible are not; `minimum` always holds.

    Every area must hold `minimum` households: ValueError otherwise.
    Source: Bellman 1961, on the approximation of curves by line segments using dynamic programming.
    """
    lengths = np.diff(np.append(area_start, len(households)))
    is_first = np.zeros(len(households), dtype=np.bool_)
    for chosen in _batches(lengths):
        rows = area_start[chosen] + np.arange(lengths[chosen].max())[:, None]
        inside = np.arange(len(rows))[:, None] < lengths[chosen]
        rows = np.where(inside, rows, 0)
        lanes = Lanes(
            np.where(inside, households[rows], 0).astype(np.float64),
            np.where(inside, x[rows], 0.0),
            np.where(inside, y[rows], 0.0),
            np.where(inside, street[rows], 0),
            lengths[chosen],
            None if band is None else band[rows],
        )
        is_first[rows[inside]] = _cut(lanes, rules)[inside]
    return is_first


def cut_walk(walk: Walk, graph: HouseGraph, rules: BundlingRules) -> Ints:
    """Solve the dynamic programme over a walk; gives the cell of each house."""
    return cut_along(walk, near_in_walk(graph.first, graph.second, len(walk)), rules)


def cut_along(walk: Walk, band: Ints, rules: BundlingRules) -> Ints:
    """Solve the dynamic programme where only neighbours close in the walk are known."""
    start = walk.area_start
    is_first = first_of_cell(walk.households, walk.x, walk.y, walk.street, start, rules, band)
    return np.cumsum(is_first) - 1


def near_in_walk(first: Ints, second: Ints, n_houses: int) -> Ints:
    """Pack the neighbours of each house that stand close to it in the walk into one number.

    first, second: pairs of neighbours, first < second, by their place in the walk
    returns:       bit 31 + d of house h is set if house h + d is its neighbour, -31 <= d <= 31
    """
    band = np.zeros(n_houses, dtype=np.int64)
    close = second - first <= MOST_HOUSES
    before, after = first[close], second[close]
    step = after - before
    np.bitwise_or.at(band, before, np.int64(1) << (MOST_HOUSES + step))
    np.bitwise_or.at(band, after, np.int64(1) << (MOST_HOUSES - step))
    return band


def look_along(walk: Walk, rules: BundlingRules) -> Ints:
    """Find the neighbours of each house among the next few in the walk, packed as in `near_in_walk`.

    Bridges are not known here. Measuring along the walk takes a tenth of the time of a search in space.
    """
    x, y = (np.rint(place * MILLIMETRES) for place in (walk.x, walk.y))
    band = np.zeros(len(walk), dtype=np.int64)
    for step in range(1, min(max(rules.max_houses, rules.longest_needed), MOST_HOUSES + 1, len(walk))):
        squared = (x[step:] - x[:-step]) ** 2 + (y[step:] - y[:-step]) ** 2
        near = (squared <= (rules.near_m * MILLIMETRES) ** 2) & (walk.area[step:] == walk.area[:-step])
        near = near.astype(np.int64)
        band[:-step] |= near << (MOST_HOUSES + step)
        band[step:] |= near << (MOST_HOUSES - step)
    return band


def _batches(lengths: Ints) -> Iterator[Ints]:
    """Group areas of like length, so that lanes side by side waste little room."""
    by_length = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(by_length):
        width = max(1, int(BATCH_HOUSES // lengths[by_length[start]]))
        yield by_length[start : start + width]
        start += width


def _cut(lanes: Lanes, rules: BundlingRules) -> Bools:
    """Solve the lanes; those without a cut inside the upper limits are solved again without them."""
    is_first, total = _solve(lanes, block_costs(lanes, rules, rules.longest_useful, keep_limits=True))
    stuck = ~np.isfinite(total)
    if stuck.any():
        narrow = lanes.only(stuck)
        longest = max(rules.max_houses, rules.longest_needed)
        is_first[:, stuck], rest = _solve(narrow, block_costs(narrow, rules, longest, keep_limits=False))
        if not np.isfinite(rest).all():
            raise ValueError(f"an area holds fewer than {rules.minimum} households")
    return is_first


def block_costs(lanes: Lanes, rules: BundlingRules, longest: int, *, keep_limits: bool) -> Floats:
    """Price every possible cell of up to `longest` consecutive houses.

    returns: shape (longest area, longest, areas); [j, longest - n, a] is the cell of n houses that
             ends with house j of area a, in units of the largest weight; inf = not allowed.
             Places are taken relative to the last house, so that far origins lose no digits.
    """
    unit = rules.unit
    gaps = None if lanes.band is None else _gaps_before(lanes.band)
    steps, areas = lanes.households.shape
    cost = np.full((steps, longest, areas), np.inf)
    total, pull_x, pull_y, spread = (np.zeros((steps, areas)) for _ in range(4))
    for back in range(min(longest, steps)):
        first, last = slice(0, steps - back), slice(back, steps)
        households = lanes.households[first]
        dx, dy = lanes.x[first] - lanes.x[last], lanes.y[first] - lanes.y[last]
        total[last] += households
        pull_x[last] += households * dx
        pull_y[last] += households * dy
        spread[last] += households * (dx * dx + dy * dy)
        size = total[last]
        with np.errstate(invalid="ignore", divide="ignore"):
            scatter = spread[last] - (pull_x[last] ** 2 + pull_y[last] ** 2) / size
        price = rules.weight_place / unit * np.maximum(scatter, 0.0) / rules.scale_m2
        price += rules.weight_street / unit * (lanes.street[first] != lanes.street[last])
        if back > 0:
            price += rules.weight_size / unit * (size - rules.target) ** 2
            too_large = (size > rules.max_households) | (back >= rules.max_houses)
            price[too_large] += np.inf if keep_limits else OVERSIZE
            if lanes.band is not None and gaps is not None:
                _charge_cells_apart(price, lanes.band, gaps[last] - gaps[first], back)
        cost[last, longest - 1 - back] = np.where(size < rules.minimum, np.inf, price)
    return cost


def _gaps_before(band: Ints) -> Ints:
    """Count, for each house, the steps of the walk up to it that lead to no neighbour."""
    follows = (band >> (MOST_HOUSES - 1)) & 1
    return np.asarray(np.cumsum(follows == 0, axis=0))


def _charge_cells_apart(price: Floats, band: Ints, gaps: Ints, back: int) -> None:
    """Add the price of a cell that is not connected, for all cells of `back` + 1 houses.

    Only cells with a gap in the walk are looked at: the others are connected along it. Of cells longer
    than the band knows, each with a gap pays.
    """
    row, lane = np.nonzero(gaps)
    if back > MOST_HOUSES:
        price[row, lane] += APART
        return
    everyone = np.int64((1 << (back + 1)) - 1)
    links = [band[row + k, lane] >> (MOST_HOUSES - k) & everyone for k in range(back + 1)]
    reached = np.ones(len(row), dtype=np.int64)
    for _ in range(back):
        before = reached.copy()
        for k, link in enumerate(links):
            reached |= np.where(reached >> k & 1, link, 0)
        if (reached == before).all():
            break
    is_apart = reached != everyone
    price[row[is_apart], lane[is_apart]] += APART


def _solve(lanes: Lanes, cost: Floats) -> tuple[Bools, Floats]:
    """Run the recursion over all areas at once and walk back along the best cuts.

    returns: flags (longest area, areas) where a cell begins, and the total cost per area
    """
    steps, longest, areas = cost.shape
    best = np.full((longest + steps, areas), np.inf)
    best[longest - 1] = 0.0
    houses = np.empty((steps, areas), dtype=np.int64)
    candidates = np.empty((longest, areas))
    for step in range(steps):
        np.add(best[step : step + longest], cost[step], out=candidates)
        lowest = candidates.min(axis=0, out=best[longest + step])
        houses[step] = (candidates <= lowest + TIE)[::-1].argmax(axis=0)
    return _walk_back(houses + 1, lanes.lengths), best[longest - 1 + lanes.lengths, np.arange(areas)]


def _walk_back(houses: Ints, lengths: Ints) -> Bools:
    """Mark the first house of each cell; houses[j, a] is the size of the best cell ending there."""
    is_first = np.zeros(houses.shape, dtype=np.bool_)
    areas = np.arange(houses.shape[1])
    end = lengths.copy()
    while len(areas):
        end = end - houses[end - 1, areas]
        is_first[np.maximum(end, 0), areas] = True
        areas, end = areas[end > 0], end[end > 0]
    return is_first
