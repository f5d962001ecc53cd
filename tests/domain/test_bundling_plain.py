"""Bundling without swaps takes a shorter way to the very same cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from microcells.domain.bundling import bundle_walk
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import connect_houses
from microcells.domain.ordering import walk_through
from microcells.domain.partition import cut_walk
from microcells.domain.repair import connect_cells
from tests.domain.houses import random_street, random_village, row_of_houses

PLAIN = replace(BundlingRules(), swap_passes=0)


def the_long_way(walk):
    graph = connect_houses(walk, PLAIN.near_m, PLAIN.minimum)
    return connect_cells(walk, cut_walk(walk, graph, PLAIN), graph, PLAIN)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("side_m", [150, 500, 1500])
def test_gives_what_the_search_for_all_neighbours_gives(seed, side_m):
    walk, _ = walk_through(random_village(seed, 200, side_m=side_m, n_areas=1 + seed % 4))

    assert bundle_walk(walk, PLAIN).tolist() == the_long_way(walk).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_streets_without_gaps_need_no_search(seed, monkeypatch):
    walk, _ = walk_through(random_street(seed, 150))
    expected = the_long_way(walk)
    monkeypatch.setattr("microcells.domain.plain.connect_houses", None)

    assert bundle_walk(walk, PLAIN).tolist() == expected.tolist()


def test_one_torn_area_leaves_the_others_alone():
    houses = row_of_houses([3, 3, 3, 3, 3, 3], [0, 10, 500, 510, 900, 2000], area=[1, 1, 2, 2, 3, 3])
    walk, _ = walk_through(houses)

    assert bundle_walk(walk, PLAIN).tolist() == [0, 0, 1, 1, 2, 2]
    assert np.array_equal(bundle_walk(walk, PLAIN), the_long_way(walk))
