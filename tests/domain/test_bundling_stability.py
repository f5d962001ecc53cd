"""A new house list keeps the cells that are still good; they are found again without a kept house."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from microcells.domain.bundling import bundle, bundle_houses
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.certificate import share_kept
from microcells.domain.seals import SealedCells, find_cells, make_tokens, seal_cells
from tests.domain.houses import random_village, row_of_houses

RULES = BundlingRules()
SECRET = b"nobody knows this"


def sealed(houses, cell, secret=SECRET):
    """What is kept of a bundling."""
    n, weight = int(cell.max()) + 1, houses["households"].to_numpy(float)
    total = np.bincount(cell, weight, n)
    x, y = (np.bincount(cell, weight * houses[axis], n) / total for axis in ("x", "y"))
    tokens = make_tokens(houses["house_key"], secret)
    return SealedCells(
        x, y, total.astype(np.int64), np.bincount(cell, minlength=n), seal_cells(tokens, cell, n)
    )


def find(houses, before, secret=SECRET):
    tokens = make_tokens(houses["house_key"], secret)
    return find_cells(houses["x"].to_numpy(), houses["y"].to_numpy(), tokens, before)


def cells_as_sets(houses, cell):
    return {frozenset(own) for own in houses.groupby(cell)["house_key"].agg(list)}


@pytest.fixture
def village():
    return random_village(8, 600, side_m=900, n_areas=2)


def test_all_cells_of_the_same_houses_are_found_and_stay(village):
    cell = bundle(village, RULES)
    shuffled = village.sample(frac=1, random_state=1)

    earlier = find(shuffled, sealed(village, cell))
    again = bundle_houses(shuffled, RULES, earlier=earlier)

    assert len(earlier) == 600
    assert (earlier >= 0).mean() > 0.98
    assert cells_as_sets(shuffled, again.cell) == cells_as_sets(village, cell)


def test_a_seal_tells_nothing_without_the_secret(village):
    cell = bundle(village, RULES)
    kept = sealed(village, cell)

    found = find(village, kept, secret=b"somebody else's guess")

    assert (kept.houses[found[found >= 0]] == 1).all()  # known by their place alone
    assert (kept.seal[kept.houses == 1] == 0).all()
    assert len(np.unique(kept.seal[kept.houses > 1])) == (kept.houses > 1).sum()


def test_a_cell_that_lost_or_won_a_house_is_not_found():
    houses = row_of_houses([2, 2, 2, 2, 5], [0, 10, 200, 210, 400])
    kept = sealed(houses, np.array([0, 0, 1, 1, 2]))

    assert find(houses.iloc[[0, 1, 2, 4]], kept).tolist() == [0, 0, -1, 2]


def test_only_what_a_change_touches_is_bundled_anew(village):
    cell = bundle(village, RULES)
    gone, grown = village.index[100], village.index[300]
    changed = village.drop(index=gone)
    changed.loc[grown, "households"] += 1
    new = village.loc[[400]].assign(house_key="NEW", x=village.loc[400, "x"] + 3, households=1)
    changed = pd.concat([changed, new], ignore_index=True)

    again = bundle_houses(changed, RULES, earlier=find(changed, sealed(village, cell)))

    before, after = cells_as_sets(village, cell), cells_as_sets(changed, again.cell)
    assert len(before - after) <= 4
    assert len(before & after) > 0.97 * len(before)
    assert np.bincount(again.cell, changed["households"]).min() >= 4


def test_an_earlier_cell_that_breaks_a_rule_now_is_not_kept():
    houses = row_of_houses([3, 3, 3, 3], [0, 10, 30, 40])
    shrunk = houses.assign(households=[1, 1, 3, 3])

    again = bundle_houses(shrunk, RULES, earlier=np.array([0, 0, 1, 1]))

    # 1 + 1 is too small now, and what is left of its street has no other cell to join.
    assert again.cell.tolist() == [0, 0, 0, 0]


def test_an_earlier_cell_that_outgrew_the_limit_is_cut_anew():
    houses = row_of_houses([20, 6], [0, 10])

    again = bundle_houses(houses, RULES, earlier=np.array([0, 0]))

    assert again.cell.tolist() == [0, 1]


def test_houses_of_an_earlier_cell_with_a_gap_are_cut_together_with_their_new_neighbours():
    houses = row_of_houses([2, 2, 2, 2, 2, 2], [0, 10, 20, 30, 130, 140])

    again = bundle_houses(houses, RULES, earlier=np.array([0, 0, -1, -1, 0, 0]))

    # Eight households in one cell cost less than four and four.
    assert again.cell.tolist() == [0, 0, 0, 0, 1, 1]


def test_an_earlier_cell_that_now_crosses_areas_or_has_a_gap_is_not_kept():
    houses = row_of_houses([4, 4, 4, 4], [0, 10, 30, 130], area=[1, 2, 2, 2])

    again = bundle_houses(houses, RULES, earlier=np.array([0, 0, 1, 1]))

    assert again.cell.tolist() == [0, 1, 2, 3]


def test_without_any_earlier_cell_the_result_is_the_same_as_from_scratch(village):
    again = bundle_houses(village, RULES, earlier=np.full(len(village), -1))

    assert again.cell.tolist() == bundle(village, RULES).tolist()


def test_jaccard_weighs_cells_by_households():
    households, is_kept = np.array([4, 6, 10]), np.array([True, False, True])

    assert share_kept(households, is_kept, 18) == pytest.approx(14 / (20 + 18 - 14))
    assert share_kept(households, np.ones(3, dtype=bool), 20) == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_order_of_rows_changes_nothing_around_earlier_cells(seed):
    houses = random_village(seed, 300, side_m=600)
    kept = sealed(houses, bundle(houses, RULES))
    rng = np.random.default_rng(seed)
    changed = houses.iloc[rng.permutation(300)[:280]]
    shuffle = rng.permutation(280)

    cell = bundle_houses(changed, RULES, earlier=find(changed, kept)).cell
    other = changed.iloc[shuffle]

    assert bundle_houses(other, RULES, earlier=find(other, kept)).cell.tolist() == cell[shuffle].tolist()
