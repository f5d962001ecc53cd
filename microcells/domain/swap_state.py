"""Cells while houses change over: members, sums, and what would be left without each house."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.costs import price_cells
from microcells.domain.neighbours import HouseGraph
from microcells.domain.ordering import MILLIMETRES, Walk

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SEVERAL = -1  # in place of a street: houses of several streets
NOBODY = -2  # likewise: no house is left
FREE = -1  # in a list of members: no house


@dataclass
class Choice:
    """One change per entry: `house` moves, or changes places with `partner`; -1 = none."""

    house: Ints
    partner: Ints

    @classmethod
    def none(cls, n: int) -> Choice:
        """No change in n entries."""
        return cls(np.full(n, FREE), np.full(n, FREE))

    def take(self, at: Ints | Bools) -> Choice:
        """Some of the entries."""
        return Choice(self.house[at], self.partner[at])

    def put(self, at: Ints, found: Choice) -> None:
        """Replace some entries."""
        self.house[at], self.partner[at] = found.house, found.partner


@dataclass
class Sums:
    """Sums of sets of houses, one value per set; street: its number, SEVERAL or NOBODY."""

    households: Floats
    houses: Ints
    x: Floats
    y: Floats
    scatter: Floats
    street: Ints
    price: Floats

    @classmethod
    def empty(cls, n: int) -> Sums:
        """Room for n sets."""
        floats = [np.zeros(n) for _ in range(5)]
        households, x, y, scatter, price = floats
        return cls(households, np.zeros(n, dtype=np.int64), x, y, scatter, np.zeros(n, dtype=np.int64), price)

    def put(self, at: Ints, new: Sums) -> None:
        """Replace some sets."""
        for name, values in vars(self).items():
            values[at] = getattr(new, name)


@dataclass
class Cells:
    """The state of a swap.

    members: houses of each cell in the order of the walk, FREE behind the last; shape (cells, width)
    sums:    of each cell; without: of each house's cell if the house left it
    """

    walk: Walk
    rules: BundlingRules
    links: Links
    cell: Ints
    members: Ints
    sums: Sums
    without: Sums

    @classmethod
    def begin(cls, walk: Walk, cell: Ints, graph: HouseGraph, rules: BundlingRules) -> Cells:
        """Set up the state; cell: 0 … n - 1 per house."""
        n_houses = np.bincount(cell)
        order = np.argsort(cell, kind="stable")
        place = np.arange(len(cell)) - np.repeat(np.cumsum(n_houses) - n_houses, n_houses)
        members = np.full((len(n_houses), int(n_houses.max()) + 1), FREE, dtype=np.int64)
        members[cell[order], place] = order
        links = Links.of(walk, graph, rules.near_m)
        sums, without = Sums.empty(len(n_houses)), Sums.empty(len(cell))
        cells = cls(walk, rules, links, cell.copy(), members, sums, without)
        cells._add_up(np.arange(len(n_houses)))
        return cells

    @property
    def n_cells(self) -> int:
        """How many cells there are; swaps never change it."""
        return len(self.members)

    @property
    def n_houses(self) -> Ints:
        """Houses of each cell."""
        return self.sums.houses

    def after(self, one: Ints, other: Ints, choice: Choice) -> tuple[Ints, Ints]:
        """Members of both cells after a change, in no order; `choice.house` leaves `one`."""
        left, taken = self.members[one], self.members[other]
        left = np.where(left == choice.house[:, None], choice.partner[:, None], left)
        # A move fills the free place behind the last house, an exchange the partner's.
        place = np.where(choice.partner[:, None] == FREE, self.n_houses[other][:, None], -1)
        gets = (np.arange(taken.shape[1]) == place) | ((taken == choice.partner[:, None]) & (place < 0))
        return left, np.where(gets, choice.house[:, None], taken)

    def change(self, one: Ints, other: Ints, choice: Choice) -> Ints:
        """Make changes that share no cell; gives the cells changed, ascending."""
        left, taken = self.after(one, other, choice)
        cells = np.concatenate([one, other])
        rows = np.vstack([left, taken])
        rows = np.sort(np.where(rows == FREE, len(self.cell), rows), axis=1)
        if (rows[:, -1] < len(self.cell)).any():
            self.members = np.pad(self.members, ((0, 0), (0, 1)), constant_values=FREE)
            rows = np.pad(rows, ((0, 0), (0, 1)), constant_values=len(self.cell))
        self.members[cells] = np.where(rows == len(self.cell), FREE, rows)
        moves = choice.partner == FREE
        self.cell[choice.house] = other
        self.cell[choice.partner[~moves]] = one[~moves]
        cells.sort()
        self._add_up(cells)
        return cells

    def _add_up(self, cells: Ints) -> None:
        """Compute the sums of some cells and of their houses' rests anew."""
        rows = self.members[cells]
        rows = rows[:, : int((rows != FREE).sum(axis=1).max())]
        is_house = rows != FREE
        weight = np.where(is_house, self.walk.households[rows], 0).astype(np.float64)
        x, y = (np.where(is_house, place[rows], 0.0) for place in (self.walk.x, self.walk.y))
        street = self.walk.street[rows]
        households, houses = weight.sum(axis=1), is_house.sum(axis=1)
        cx, cy = (np.sum(weight * place, axis=1) / households for place in (x, y))
        squares = (x - cx[:, None]) ** 2 + (y - cy[:, None]) ** 2
        scatter = (weight * squares).sum(axis=1)
        low = np.where(is_house, street, np.iinfo(np.int64).max).min(axis=1)
        high = np.where(is_house, street, -1).max(axis=1)
        one_street = np.where(low == high, low, SEVERAL)
        self.sums.put(cells, self._priced(households, houses, cx, cy, scatter, one_street))
        self._leave_out(rows, is_house, weight, street, squares, cells, low, high)

    def _leave_out(
        self,
        rows: Ints,
        is_house: Bools,
        weight: Floats,
        street: Ints,
        squares: Floats,
        cells: Ints,
        low: Ints,
        high: Ints,
    ) -> None:
        """Compute what is left of the cells without each of their houses."""
        n_low = ((street == low[:, None]) & is_house).sum(axis=1)
        n_high = ((street == high[:, None]) & is_house).sum(axis=1)
        row, column = np.nonzero(is_house)
        house, cell = rows[row, column], cells[row]
        h, own = weight[row, column], street[row, column]
        total, n = self.sums.households[cell], self.sums.houses[cell]
        rest = total - h
        # Moments about the centre: leaving out one house shifts it by a known share of the distance.
        shift = np.divide(h, rest, out=np.zeros_like(h), where=rest > 0)
        x = self.sums.x[cell] - shift * (self.walk.x[house] - self.sums.x[cell])
        y = self.sums.y[cell] - shift * (self.walk.y[house] - self.sums.y[cell])
        scatter = np.maximum(self.sums.scatter[cell] - h * squares[row, column] * (1 + shift), 0.0)
        scatter[n <= 2] = 0.0
        lonely_low = (own == low[row]) & (n_low[row] == 1) & (n_high[row] == n - 1)
        lonely_high = (own == high[row]) & (n_high[row] == 1) & (n_low[row] == n - 1)
        left = np.select(
            [n == 1, low[row] == high[row], lonely_low, lonely_high],
            [np.full_like(own, NOBODY), low[row], high[row], low[row]],
            SEVERAL,
        )
        self.without.put(house, self._priced(rest, n - 1, x, y, scatter, left))

    def _priced(
        self, households: Floats, houses: Ints, x: Floats, y: Floats, scatter: Floats, street: Ints
    ) -> Sums:
        price = price_cells(households, houses, scatter, street == SEVERAL, self.rules)
        return Sums(households, houses, x, y, scatter, street, price)


@dataclass(frozen=True)
class Links:
    """Who is whose neighbour, looked up by place; bridges by number, because they are few."""

    x: Floats
    y: Floats
    near_squared: float
    has_bridge: Bools
    bridges: Ints

    @classmethod
    def of(cls, walk: Walk, graph: HouseGraph, near_m: float) -> Links:
        """Take the places in millimetres, where a distance of exactly `near_m` is exact."""
        first, second = graph.first[graph.is_long], graph.second[graph.is_long]
        has_bridge = np.zeros(len(walk), dtype=np.bool_)
        has_bridge[first] = has_bridge[second] = True
        x, y = (np.rint(place * MILLIMETRES) for place in (walk.x, walk.y))
        return cls(x, y, (near_m * MILLIMETRES) ** 2, has_bridge, np.sort(first * len(walk) + second))

    def are_connected(self, sets: Ints) -> Bools:
        """Whether each set of houses is connected; sets: shape (n, width), FREE = no house."""
        if sets.shape[0] == 0:
            return np.zeros(0, dtype=np.bool_)
        width = int((sets != FREE).sum(axis=1).max())
        sets = -np.sort(-sets, axis=1)[:, :width]
        is_house = sets != FREE
        bit = np.int64(1) << np.arange(width)
        rows = (self._are_near(sets) & is_house[:, :, None] & is_house[:, None, :]) @ bit
        everyone = is_house @ bit
        reached = np.ones(len(sets), dtype=np.int64)
        while True:
            before = reached
            for place in range(width):
                reached = reached | np.where(reached >> place & 1, rows[:, place], 0)
            if (reached == before).all():
                return np.asarray(reached == everyone)

    def _are_near(self, sets: Ints) -> Bools:
        one, other = sets[:, :, None], sets[:, None, :]
        near = (self.x[one] - self.x[other]) ** 2 + (self.y[one] - self.y[other]) ** 2 <= self.near_squared
        if len(self.bridges):
            at = np.nonzero(self.has_bridge[one] & self.has_bridge[other] & ~near)
            p, q = sets[at[0], at[1]], sets[at[0], at[2]]
            code = np.minimum(p, q) * len(self.x) + np.maximum(p, q)
            found = np.minimum(np.searchsorted(self.bridges, code), len(self.bridges) - 1)
            near[at] = self.bridges[found] == code
        return np.asarray(near)
