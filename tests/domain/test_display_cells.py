"""Display cells: microcells joined until they are large enough to be drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import connected_components

from kodala.core.definitions import read_definition
from microcells.domain.bundling import bundle, cells_from_houses
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.display_cells import group_cells
from tests.domain.houses import ROOT, random_village

RULES = BundlingRules.from_table(read_definition(ROOT / "microcells/bundling.toml")["display_cells"])


@pytest.fixture(scope="module")
def cells():
    houses = random_village(4, 900, side_m=450, n_areas=3)
    return cells_from_houses(houses, bundle(houses, BundlingRules()))


def test_every_display_cell_holds_a_hundred_households_of_one_area(cells):
    group = group_cells(cells, RULES)

    households = np.bincount(group, cells["households"])
    assert households.min() >= 100
    assert households.sum() == cells["households"].sum()
    assert 115 <= households.mean() <= 145
    assert (cells.groupby(group)["area_number"].nunique() == 1).all()


def test_its_microcells_lie_side_by_side(cells):
    group = group_cells(cells, RULES)

    for _, own in cells.groupby(group):
        places = own[["x", "y"]].to_numpy()
        away = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
        assert connected_components(away <= RULES.near_m)[0] == 1


def test_order_of_rows_and_origin_change_nothing(cells):
    shuffle = np.random.default_rng(3).permutation(len(cells))
    moved = cells.assign(x=cells["x"] + 340_000.0, y=cells["y"] + 5_670_000.0)

    group = group_cells(cells, RULES)

    assert group_cells(cells.iloc[shuffle], RULES).tolist() == group[shuffle].tolist()
    assert group_cells(moved, RULES).tolist() == group.tolist()


def test_two_neighbours_of_sixty_make_one_and_a_large_one_stays_alone():
    cells = pd.DataFrame(
        {
            "cell_key": ["a", "b", "c"],
            "area_number": 1,
            "x": [0.0, 40.0, 80.0],
            "y": 0.0,
            "households": [60, 60, 300],
        }
    )

    assert group_cells(cells, RULES).tolist() == [0, 0, 1]


def test_an_area_too_small_for_one_display_cell_is_an_error():
    cells = pd.DataFrame({"cell_key": ["a"], "area_number": 1, "x": [0.0], "y": 0.0, "households": [99]})

    with pytest.raises(ValueError, match="fewer than 100"):
        group_cells(cells, RULES)
    assert group_cells(cells, replace(RULES, minimum=99)).tolist() == [0]
