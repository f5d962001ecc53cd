"""Which houses stand near each other: the graph in which a cell has to be connected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from microcells.domain.ordering import MILLIMETRES, Walk

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BETWEEN_AREAS_MM = 1e10  # third coordinate that keeps the areas of one search apart


@dataclass(frozen=True)
class HouseGraph:
    """Neighbouring houses of one area, by their place in the walk.

    first, second: one entry per pair, first < second, bridges last
    is_long:       True where the step is longer than the limit: a bridge, see `connect_houses`
    """

    first: Ints
    second: Ints
    is_long: Bools
    n_houses: int

    def parts(self, cell: Ints) -> Ints:
        """Number the connected parts of cells along the walk; cell: any number per house."""
        inside = cell[self.first] == cell[self.second]
        return _components(self.first[inside], self.second[inside], self.n_houses)

    def short_steps(self) -> HouseGraph:
        """The same houses without the bridges."""
        keep = ~self.is_long
        return HouseGraph(self.first[keep], self.second[keep], self.is_long[keep], self.n_houses)


def connect_houses(walk: Walk, near_m: float, minimum: int) -> HouseGraph:
    """Find the neighbours of every house: those at most `near_m` away in the same area.

    Some houses stand so far out that they could never be part of a connected cell. So every connected
    group of houses with fewer than `minimum` households gets one bridge, the shortest step to a house
    of its area outside the group; again, until each group can hold a cell. Of equally short steps the
    one between the earlier houses of the walk is taken.
    """
    places = np.column_stack([walk.x, walk.y]) * MILLIMETRES
    found: Any = cKDTree(places).query_pairs(near_m * MILLIMETRES, output_type="ndarray")
    pairs: Ints = np.asarray(found, dtype=np.int64).reshape(-1, 2)
    near = pairs[walk.area[pairs[:, 0]] == walk.area[pairs[:, 1]]]
    bridges = _bridges(walk, places, near, minimum)
    both = np.vstack([near, bridges]) if len(bridges) else near
    first, second = both.T.copy()
    return HouseGraph(first, second, np.arange(len(both)) >= len(near), len(walk))


def _components(first: Ints, second: Ints, n: int) -> Ints:
    """Number connected groups by their first member."""
    links = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(n, n))
    label = connected_components(links, directed=False)[1]
    _, start, group = np.unique(label, return_index=True, return_inverse=True)
    place = np.empty(len(start), dtype=np.int64)
    place[np.argsort(start)] = np.arange(len(start))
    return place[group]


def _bridges(walk: Walk, places: Floats, near: Ints, minimum: int) -> Ints:
    """The steps, shape (n, 2), that lead from groups too small for a cell to the nearest other group."""
    bridges = np.empty((0, 2), dtype=np.int64)
    _, place = np.unique(walk.area, return_inverse=True)
    can_hold_a_cell = np.bincount(place, walk.households)[place] >= minimum
    while True:
        linked = np.vstack([near, bridges]) if len(bridges) else near
        group = _small_groups(walk.households, linked, minimum)
        start = np.flatnonzero((group >= 0) & can_hold_a_cell)
        if len(start) == 0:
            return bridges
        bridges = np.vstack([bridges, _nearest_outside(walk.area, places, group, start, minimum)])


def _small_groups(households: Ints, linked: Ints, minimum: int) -> Ints:
    """Number the connected groups with too few households; -1 = house of a larger group.

    A house that holds the minimum together with its neighbours is no suspect, and in a small group all
    houses are suspects. So only the few suspects are put into groups.
    """
    n = len(households)
    first, second = linked.T
    beside = np.bincount(first, households[second], n) + np.bincount(second, households[first], n)
    suspect = households + beside < minimum
    group = np.full(n, -1, dtype=np.int64)
    houses = np.flatnonzero(suspect)
    if len(houses) == 0:
        return group
    inside, leaves = suspect[first] & suspect[second], suspect[first] != suspect[second]
    label = _components(
        np.searchsorted(houses, first[inside]), np.searchsorted(houses, second[inside]), len(houses)
    )
    is_large = np.bincount(label, households[houses]) >= minimum
    touched = np.where(suspect[first[leaves]], first[leaves], second[leaves])
    is_large[label[np.searchsorted(houses, touched)]] = True
    group[houses] = np.where(is_large[label], -1, houses[np.unique(label, return_index=True)[1]][label])
    return group


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
