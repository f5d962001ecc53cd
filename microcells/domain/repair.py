"""Joining again what fell apart: every cell connected and large enough, whatever the walk was."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.costs import sum_cells
from microcells.domain.neighbours import HouseGraph
from microcells.domain.ordering import Walk
from microcells.domain.partition import OVERSIZE

Ints = NDArray[np.int64]


def connect_cells(walk: Walk, cell: Ints, graph: HouseGraph, rules: BundlingRules) -> Ints:
    """Split cells into their connected parts, and join parts below the minimum to a neighbouring one.

    cell:    any number per house; a cell may be apart, too small, or both
    graph:   neighbours in which every connected group of houses holds `minimum` households
    returns: new numbers along the walk; every cell is connected and holds `minimum` households

    A small part joins the neighbour with which it costs least, of equal ones the earlier one. Parts
    are taken in the order of the walk, so that the result never depends on the order of the rows.
    """
    part = graph.parts(cell)
    households = np.bincount(part, walk.households)
    small = np.flatnonzero(households < rules.minimum).tolist()
    if not small:
        return part
    joining = _Joining.begin(walk, part, graph, rules)
    while small:
        joining.join(heapq.heappop(small), small)
    return number_along_walk(joining.part)


def number_along_walk(cell: Ints) -> Ints:
    """Number cells 0, 1, … by their first house."""
    _, first, inverse = np.unique(cell, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[inverse]


@dataclass
class _Joining:
    """Parts on their way to cells; a part keeps the number of its first piece."""

    walk: Walk
    rules: BundlingRules
    part: Ints
    members: dict[int, list[int]]
    touching: dict[int, set[int]]

    @classmethod
    def begin(cls, walk: Walk, part: Ints, graph: HouseGraph, rules: BundlingRules) -> _Joining:
        """Take the parts that may be joined: the small ones, and what lies around them, and so on."""
        small = np.bincount(part, walk.households) < rules.minimum
        one, other = part[graph.first], part[graph.second]
        across = (one != other) & (small[one] | small[other])
        touching: dict[int, set[int]] = {}
        for a, b in zip(one[across].tolist(), other[across].tolist(), strict=True):
            touching.setdefault(a, set()).add(b)
            touching.setdefault(b, set()).add(a)
        houses = np.flatnonzero(np.isin(part, list(touching)))
        members: dict[int, list[int]] = {}
        for house, own in zip(houses.tolist(), part[houses].tolist(), strict=True):
            members.setdefault(own, []).append(house)
        return cls(walk, rules, part.copy(), members, touching)

    def join(self, small: int, waiting: list[int]) -> None:
        """Join a small part to its cheapest neighbour; what is still too small waits again."""
        if small not in self.members or self._households(small) >= self.rules.minimum:
            return
        other = min(self.touching[small], key=lambda other: (self._added_cost(small, other), other))
        keep, gone = min(small, other), max(small, other)
        self.members[keep] = sorted(self.members[keep] + self.members.pop(gone))
        self.part[self.members[keep]] = keep
        for neighbour in self.touching.pop(gone):
            self.touching[neighbour].discard(gone)
            if neighbour != keep:
                self.touching[neighbour].add(keep)
                self.touching[keep].add(neighbour)
        heapq.heappush(waiting, keep)

    def _households(self, part: int) -> int:
        return int(self.walk.households[self.members[part]].sum())

    def _added_cost(self, small: int, other: int) -> float:
        """What a joint cell costs more than the other part alone, in steps of 1e-9."""
        joint = self._cost(self.members[small] + self.members[other])
        return round(joint - self._cost(self.members[other]), 9)

    def _cost(self, members: list[int]) -> float:
        houses = self.walk.take(np.array(sorted(members)))
        sums = sum_cells(houses, np.zeros(len(members), dtype=np.int64), 1)
        too_large = sums.households > self.rules.max_households or len(members) > self.rules.max_houses
        return float(sums.price(self.rules)[0]) + OVERSIZE * bool(too_large and len(members) > 1)
