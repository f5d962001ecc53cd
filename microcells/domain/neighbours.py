"""Which houses stand near each other: the graph in which a cell has to be connected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from microcells.domain.ordering import MILLIMETRES, Walk

Ints = NDArray[np.int64]
Places = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BETWEEN_AREAS_MM = 1e10  # third coordinate that keeps the areas of one search apart


@dataclass(frozen=True)
class HouseGraph:
    """Neighbouring houses of one area, by their place in the walk.

    start, other: the neighbours of house h are other[start[h]:start[h + 1]], so each pair is named twice
    bridges:      shape (n, 2), pairs further apart than the limit, see `connect_houses`
    """

    start: Ints
    other: Places
    bridges: Ints

    @property
    def n_houses(self) -> int:
        """How many houses there are, with or without neighbours."""
        return len(self.start) - 1

    @cached_property
    def _owner(self) -> Ints:
        """Whose neighbour each of `other` is."""
        return np.repeat(np.arange(self.n_houses), np.diff(self.start))

    @cached_property
    def _is_bridge(self) -> Bools:
        """Which of `other` are at the end of a bridge."""
        ends = np.vstack([self.bridges, self.bridges[:, ::-1]])
        return np.isin(self._owner * self.n_houses + self.other, ends[:, 0] * self.n_houses + ends[:, 1])

    @cached_property
    def _once(self) -> Ints:
        """Where each pair is named by its first house, bridges last."""
        once = np.flatnonzero(self._owner < self.other)
        return once[np.argsort(self._is_bridge[once], kind="stable")]

    @property
    def first(self) -> Ints:
        """First house of each pair, bridges last."""
        return self._owner[self._once]

    @property
    def second(self) -> Ints:
        """Second house of each pair."""
        return self.other[self._once].astype(np.int64)

    @property
    def is_long(self) -> Bools:
        """Which pairs are bridges."""
        return self._is_bridge[self._once]

    @cached_property
    def near_in_walk(self) -> Ints:
        """Which of the houses around it in the walk are neighbours of a house, packed into one number."""
        from microcells.domain.kernels.cutting import near_in_walk

        band = np.zeros(self.n_houses, dtype=np.int64)
        near_in_walk(self.start, self.other, band)
        return band

    def parts(self, cell: Ints) -> Ints:
        """Number the connected parts of cells along the walk; cell: any number per house."""
        from microcells.domain.kernels.nearness import connected_parts

        part = np.arange(self.n_houses)
        connected_parts(self.start, self.other, cell, part)
        return part

    def short_steps(self) -> HouseGraph:
        """The same houses without the bridges."""
        return self._keep(~self._is_bridge, np.empty((0, 2), dtype=np.int64)) if len(self.bridges) else self

    def between(self, chosen: Bools) -> HouseGraph:
        """The graph of the chosen houses alone, numbered anew."""
        bridges = self.bridges[chosen[self.bridges].all(axis=1)]
        graph = self._keep(chosen[self._owner] & chosen[self.other], bridges)
        place = np.cumsum(chosen) - 1
        start = np.append(graph.start[:-1][chosen], graph.start[-1])
        return HouseGraph(start, place[graph.other].astype(np.int32), place[bridges])

    def _keep(self, chosen: Bools, bridges: Ints) -> HouseGraph:
        """The same houses with some of the neighbours."""
        start = np.append(0, np.cumsum(chosen))[self.start]
        return HouseGraph(start, self.other[chosen], bridges)


def connect_houses(walk: Walk, near_m: float, minimum: int) -> HouseGraph:
    """Find the neighbours of every house: those at most `near_m` away in the same area.

    Some houses stand so far out that they could never be part of a connected cell. So every connected
    group of houses with fewer than `minimum` households gets one bridge, the shortest step to a house
    of its area outside the group; again, until each group can hold a cell. Of equally short steps the
    one between the earlier houses of the walk is taken.
    """
    from microcells.domain.kernels.nearness import find_near

    x, y = (np.rint(place * MILLIMETRES) for place in (walk.x, walk.y))
    start, other = find_near(x, y, walk.area_edges, float(near_m * MILLIMETRES))
    near = HouseGraph(start, other[: start[-1]], np.empty((0, 2), dtype=np.int64))
    return _add_bridges(walk, np.column_stack([x, y]), near, minimum)


def _add_bridges(walk: Walk, places: Floats, graph: HouseGraph, minimum: int) -> HouseGraph:
    """Lead every group too small for a cell to the nearest other group."""
    from microcells.domain.kernels.nearness import small_groups

    edges = walk.area_edges
    households = np.add.reduceat(walk.households, edges[:-1]) if len(walk) else walk.households
    can_hold_a_cell = np.repeat(households >= minimum, np.diff(edges))
    while True:
        group, reached = np.full(len(walk), -1, dtype=np.int64), np.empty(minimum, dtype=np.int64)
        small_groups(graph.start, graph.other, walk.households, group, reached)
        start = np.flatnonzero((group >= 0) & can_hold_a_cell)
        if len(start) == 0:
            return graph
        graph = _link(graph, _nearest_outside(walk.area, places, group, start, minimum))


def _link(graph: HouseGraph, bridges: Ints) -> HouseGraph:
    """Add bridges to a graph; bridges: shape (n, 2)."""
    ends = np.vstack([bridges, bridges[:, ::-1]])
    # Lonely houses have no neighbours yet: what is inserted in one place has to come in their order.
    one, two = ends[np.argsort(ends[:, 0], kind="stable")].T
    other = np.insert(graph.other, graph.start[one + 1], two.astype(np.int32))
    start = graph.start + np.append(0, np.cumsum(np.bincount(one, minlength=graph.n_houses)))
    return HouseGraph(start, other, np.vstack([graph.bridges, bridges]))


def _nearest_outside(area: Ints, places: Floats, group: Ints, start: Ints, minimum: int) -> Ints:
    """One step per group of the houses `start`: the shortest to another group of the same area."""
    here = np.flatnonzero(np.isin(area, area[start]))
    room = np.column_stack([places[here], np.searchsorted(np.unique(area), area[here]) * BETWEEN_AREAS_MM])
    tree = cKDTree(room)
    own = np.searchsorted(here, start)
    # A group below the minimum has fewer houses than the minimum: one of the nearest lies outside.
    distance, found = tree.query(room[own], k=minimum)
    outside = (found < len(here)) & (group[here[np.minimum(found, len(here) - 1)]] != group[start][:, None])
    reach = np.where(outside, distance, np.inf).min(axis=1)
    lists = tree.query_ball_point(room[own], reach + 0.25)
    steps = []
    for house, radius, others in zip(start.tolist(), reach.tolist(), lists, strict=True):
        target = min(other for other in here[others].tolist() if group[other] != group[house])
        steps.append((int(group[house]), radius, min(house, target), max(house, target)))
    best: dict[int, tuple[int, float, int, int]] = {}
    for step in sorted(steps):
        best.setdefault(step[0], step)
    return np.unique(np.array([step[2:] for step in best.values()], dtype=np.int64), axis=0)
