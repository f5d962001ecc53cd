"""No cell falls apart: neighbours within 60 m, bridges for houses far out, repair of what the walk tore."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from microcells.domain.bundling import bundle
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import connect_houses
from microcells.domain.ordering import walk_through
from microcells.domain.partition import cut_walk
from microcells.domain.repair import connect_cells
from tests.domain.houses import random_village, row_of_houses

RULES = BundlingRules()


def graph_of(houses, near_m=60.0, minimum=4):
    walk, order = walk_through(houses)
    graph = connect_houses(walk, near_m, minimum)
    return walk, order, graph


def reachable(houses, members, bridges):
    """Houses of a cell that can be reached from its first one, straight from the definition."""
    reached, edge = {members[0]}, [members[0]]
    while edge:
        here = edge.pop()
        for other in set(members) - reached:
            gap = houses.loc[[here, other], ["x", "y"]].diff().iloc[1]
            if np.hypot(*gap) <= 60 or frozenset((here, other)) in bridges:
                reached.add(other)
                edge.append(other)
    return reached


def test_exactly_sixty_metres_is_near_and_a_millimetre_more_is_not():
    near = row_of_houses([4, 4], [0.1, 60.1])
    far = row_of_houses([4, 4], [0.1, 60.101])

    assert len(graph_of(near)[2].first) == 1
    assert len(graph_of(far)[2].first) == 0


@pytest.mark.parametrize("start", [4.001, 4.004, 4.007, 4.01])
def test_sixty_metres_are_near_wherever_they_begin(start):
    # 64.001 m times 1000 is a little more than 64,001 mm.
    _, _, graph = graph_of(row_of_houses([4, 4, 4], [0, start, start + 60]))

    assert (1, 2) in zip(graph.first, graph.second, strict=True)


def test_a_lonely_house_gets_one_bridge_to_the_nearest_house_of_its_area():
    houses = row_of_houses([1, 3, 3, 2], [0, 300, 310, 90], area=[1, 1, 1, 2])

    _, _, graph = graph_of(houses, minimum=2)

    assert list(zip(graph.first, graph.second, graph.is_long, strict=True)) == [(1, 2, False), (0, 1, True)]


def test_bridges_go_on_until_every_group_can_hold_a_cell():
    houses = row_of_houses([1, 1, 1, 1], [0, 100, 300, 700])

    _, _, graph = graph_of(houses)

    assert graph.is_long.all()
    assert graph.parts(np.zeros(4, dtype=np.int64)).tolist() == [0, 0, 0, 0]


def test_a_large_lonely_house_needs_no_bridge():
    houses = row_of_houses([4, 2, 2], [0, 500, 510])

    assert not graph_of(houses)[2].is_long.any()


def test_the_programme_avoids_a_cell_over_a_gap_that_the_cheapest_cut_would_span():
    # Without the gap {3}, {1, 2, 3} would be too small on the left: 1 + 3 households, then 3 + 3.
    houses = row_of_houses([3, 3, 3, 3], [0, 70, 75, 5], street=["a"] * 4)

    cell = bundle(houses, RULES)

    assert cell[0] == cell[3]
    assert cell[1] == cell[2]
    assert cell[0] != cell[1]


def test_the_programme_itself_pays_for_a_cell_over_a_gap():
    houses = row_of_houses([3, 3, 3, 3, 3, 3], [0, 70, 75, 5, 80, 10])
    walk, _, graph = graph_of(houses)

    gaps = [cut_walk(walk, own, RULES).tolist() for own in (graph, connect_houses(walk, 100, 4))]

    # Pairs would be cheapest; of the cuts into connected cells there is only one.
    assert gaps == [[0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 2, 2]]


def test_parts_too_small_join_the_neighbour_that_costs_least():
    houses = row_of_houses([4, 1, 5], [0, 20, 60])
    walk, _, graph = graph_of(houses)

    cell = connect_cells(walk, np.arange(3), graph, RULES)

    # 4 + 1 is nearer to the target of 6 by one, 1 + 5 hits it: 1 + 0.30 against 0 + 0.58 in place.
    assert cell.tolist() == [0, 1, 1]


@pytest.mark.parametrize("seed", range(6))
def test_every_cell_of_a_strewn_village_can_be_walked_through(seed):
    houses = random_village(seed, 90, side_m=700, n_areas=2)
    _, order, graph = graph_of(houses)
    pairs = zip(order[graph.first[graph.is_long]], order[graph.second[graph.is_long]], strict=True)
    bridges = {frozenset(map(int, pair)) for pair in pairs}

    cell = bundle(houses, RULES)

    assert bridges
    for members in houses.groupby(cell).groups.values():
        assert reachable(houses, list(members), bridges) == set(members)
        assert houses.loc[members, "area_number"].nunique() == 1
        assert houses.loc[members, "households"].sum() >= 4


@pytest.mark.parametrize("seed", range(4))
def test_order_of_rows_and_origin_change_nothing_in_a_village_either(seed):
    houses = random_village(seed, 200, n_areas=2)
    shuffle = np.random.default_rng(seed).permutation(len(houses))
    moved = houses.assign(x=houses["x"] + 343_210.7, y=houses["y"] + 5_671_234.3)

    cell = bundle(houses, RULES)

    assert bundle(houses.iloc[shuffle], RULES).tolist() == cell[shuffle].tolist()
    assert bundle(moved, RULES).tolist() == cell.tolist()


def test_an_empty_or_single_row_is_no_special_case():
    lone = row_of_houses([5], [0])

    assert bundle(lone, RULES).tolist() == [0]
    assert bundle(pd.concat([lone, lone.assign(house_key="H9", area_number=2)]), RULES).tolist() == [0, 1]
