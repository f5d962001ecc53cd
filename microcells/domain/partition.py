"""Cheapest cuts: the exact dynamic programme that joins neighbouring houses into cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TIE = 1e-9  # costs closer than this count as equal, so that rounding never decides
OVERSIZE = 1e6  # price of a cell beyond the upper limits, paid only where no other cut exists
BATCH_HOUSES = 500_000  # houses solved in lockstep at once; bounds the memory


@dataclass(frozen=True)
class BundlingRules:
    """What a good cell is: sizes in households, weights of the three kinds of cost.

    minimum:        fewest households of a cell, at least 1
    target:         wished households of a cell of several houses
    scale_m2:       spread (square metres per household) that costs one unit of weight_place
    max_households: most households of a cell of several houses
    max_houses:     most houses of a cell
    """

    minimum: int = 4
    target: int = 6
    weight_size: float = 1.0
    weight_place: float = 0.35
    weight_street: float = 3.0
    scale_m2: float = 400.0
    max_households: int = 24
    max_houses: int = 14

    def __post_init__(self) -> None:
        """Refuse rules that no partition can follow."""
        if self.minimum < 1 or self.max_houses < 1 or self.max_households < self.minimum:
            raise ValueError(f"the size limits contradict each other: {self}")
        weights = (self.weight_size, self.weight_place, self.weight_street)
        if min(weights) < 0 or max(weights) == 0 or self.scale_m2 <= 0:
            raise ValueError(f"weights must be >= 0, not all 0, and the scale > 0: {self}")

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> BundlingRules:
        """Build the rules from one table of the definition file bundling.toml."""
        return cls(**{field.name: table[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Lanes:
    """Areas side by side, one column each, houses in walking order from the top.

    households, x, y, street: shape (longest area, areas); below an area's last house all is 0
    lengths:                  houses per area
    """

    households: Floats
    x: Floats
    y: Floats
    street: Ints
    lengths: Ints

    def only(self, chosen: Bools) -> Lanes:
        """Keep the chosen areas."""
        places = self.x[:, chosen], self.y[:, chosen]
        return Lanes(self.households[:, chosen], *places, self.street[:, chosen], self.lengths[chosen])


def first_of_cell(
    households: Ints, x: Floats, y: Floats, street: Ints, area_start: Ints, rules: BundlingRules
) -> Bools:
    """Cut every area into consecutive cells at the lowest total cost.

    households, x, y, street: one value per house, in walking order; households >= 1
    area_start: first house of each area, ascending, beginning with 0
    returns:    one flag per house, True where a cell begins. Among equal costs the last cell is the
                smaller one. Where the upper limits leave no cut at all (a single flat between two
                towers), as few cells as possible exceed them; `minimum` always holds.

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
        )
        is_first[rows[inside]] = _cut(lanes, rules)[inside]
    return is_first


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
    is_first, total = _solve(lanes, block_costs(lanes, rules, rules.max_houses, keep_limits=True))
    stuck = ~np.isfinite(total)
    if stuck.any():
        narrow = lanes.only(stuck)
        longest = max(rules.max_houses, 2 * rules.minimum - 1)
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
    unit = max(rules.weight_size, rules.weight_place, rules.weight_street)
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
            price += np.where(too_large, np.inf if keep_limits else OVERSIZE, 0.0)
        cost[last, longest - 1 - back] = np.where(size < rules.minimum, np.inf, price)
    return cost


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
