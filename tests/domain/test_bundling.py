"""Joining houses into microcells: small cases by hand, brute force, invariants."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from kodala.core.definitions import read_definition
from kodala.core.errors import InputError
from microcells.domain.bundling import bundle, cells_from_houses
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.certificate import total_cost
from microcells.domain.ordering import walking_order
from tests.domain.houses import ROOT, random_street, row_of_houses

RULES = BundlingRules()


def block_cost(houses, rules):
    """Price one block straight from the formula; inf = not allowed."""
    h, x, street = houses
    total, n = h.sum(), len(h)
    too_large = n >= 2 and (total > rules.max_households or n > rules.max_houses)
    if total < rules.minimum or too_large:
        return np.inf
    centre = (h * x).sum() / total
    size = rules.weight_size * (total - rules.target) ** 2 if n >= 2 else 0.0
    place = rules.weight_place * (h * (x - centre) ** 2).sum() / rules.scale_m2
    return size + place + rules.weight_street * (len(set(street)) > 1)


def cheapest_by_trying_all(walk, rules):
    n = len(walk)
    columns = [walk[name].to_numpy() for name in ("households", "x", "street_key")]
    costs = {
        (i, j): block_cost([c[i:j] for c in columns], rules) for i in range(n) for j in range(i + 1, n + 1)
    }
    best = np.inf
    for pattern in range(2 ** (n - 1)):
        cuts = [0, *[k + 1 for k in range(n - 1) if pattern >> k & 1], n]
        best = min(best, sum(costs[block] for block in pairwise(cuts)))
    return best


def greedy_cells(walk, rules):
    """Close a cell as soon as it is large enough; the rest joins the last one."""
    cell, current, collected = [], 0, 0
    left = walk["households"].sum()
    for households in walk["households"]:
        cell.append(current)
        collected, left = collected + households, left - households
        if collected >= rules.minimum and left >= rules.minimum:
            current, collected = current + 1, 0
    return np.array(cell)


def test_joins_the_two_houses_of_each_street():
    houses = row_of_houses([3, 3, 3, 3], [0, 10, 200, 210], street=["1", "1", "2", "2"])

    cell = bundle(houses, RULES)

    assert len(set(cell[:2])) == len(set(cell[2:])) == 1
    assert cell[0] != cell[2]
    assert total_cost(houses, cell, RULES) == pytest.approx(0.2625, abs=1e-12)


def test_one_cell_of_twelve_households_would_cost_far_more():
    houses = row_of_houses([3, 3, 3, 3], [0, 10, 200, 210], street=["1", "1", "2", "2"])

    in_one = total_cost(houses, np.zeros(4, dtype=np.int64), RULES)

    assert in_one == pytest.approx(36 + 0.35 * 120300 / 400 + 3, abs=1e-9)


def test_four_small_houses_become_one_cell():
    houses = row_of_houses([2, 2, 1, 1], [0, 10, 20, 30])

    cell = bundle(houses, RULES)

    assert cell.tolist() == [0, 0, 0, 0]
    assert total_cost(houses, cell, RULES) == pytest.approx(0.597916667, abs=1e-7)


def test_an_area_below_the_minimum_is_refused_by_name():
    houses = row_of_houses([1, 1, 1], [0, 10, 20], area=7)

    with pytest.raises(InputError, match="Grimlinghausen gibt es zu wenige Haushalte"):
        bundle(houses, RULES, {7: "Grimlinghausen"})


def test_a_large_house_is_its_own_cell_at_no_cost():
    houses = row_of_houses([40], [0])

    cell = bundle(houses, RULES)

    assert cell.tolist() == [0]
    assert total_cost(houses, cell, RULES) == 0


def test_a_flat_between_two_towers_joins_one_of_them():
    houses = row_of_houses([30, 1, 40], [0, 10, 30])

    cell = bundle(houses, RULES)

    assert cell.tolist() == [0, 0, 1]


def test_equal_costs_give_the_smaller_last_cell():
    houses = row_of_houses([3, 3, 3, 3, 3], [0, 0, 0, 0, 0])

    cell = bundle(houses, RULES)

    assert cell.tolist() == [0, 0, 0, 1, 1]


def test_single_flats_are_the_longest_cells_that_can_pay():
    assert BundlingRules().longest_useful == 8
    assert BundlingRules(max_houses=5).longest_useful == 5
    assert bundle(row_of_houses([1] * 8, [0] * 8), RULES).tolist() == [0] * 8
    assert sorted(np.bincount(bundle(row_of_houses([1] * 9, [0] * 9), RULES)).tolist()) == [4, 5]


def test_areas_never_share_a_cell():
    houses = row_of_houses([3, 3, 3, 3], [0, 1, 2, 3], area=[1, 2, 1, 2])

    assert bundle(houses, RULES).tolist() == [0, 1, 0, 1]


def test_a_house_without_households_is_an_error():
    with pytest.raises(ValueError, match="no households"):
        bundle(row_of_houses([0, 5], [0, 1]), RULES)


def test_a_house_key_twice_is_an_error():
    with pytest.raises(ValueError, match="occurs twice"):
        bundle(row_of_houses([4, 5], [0, 1], house_key=["A", "A"]), RULES)


@pytest.mark.parametrize("seed", range(22))
def test_costs_as_little_as_the_best_of_all_partitions(seed):
    rules = BundlingRules(max_houses=7, max_households=14) if seed % 2 else RULES
    rules = replace(rules, swap_passes=0)
    houses = random_street(seed, n=4 + seed % 11)
    walk = houses.iloc[walking_order(houses)[0]]

    best = cheapest_by_trying_all(walk, rules)

    assert np.isfinite(best)
    assert total_cost(houses, bundle(houses, rules), rules) == pytest.approx(best, abs=1e-7)


def test_several_areas_in_one_call_give_what_each_gives_alone():
    streets = [random_street(seed, n=20 + 7 * seed) for seed in range(6)]
    city = pd.concat(
        [
            s.assign(area_number=place, house_key=s["house_key"] + f"-{place}")
            for place, s in enumerate(streets)
        ],
        ignore_index=True,
    )

    together = bundle(city, RULES)

    for place, street in enumerate(streets):
        mine = together[city["area_number"] == place]
        assert (mine - mine.min()).tolist() == bundle(street, RULES).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_never_costs_more_than_closing_cells_greedily(seed):
    houses = random_street(seed, n=200, n_streets=12)
    order, _ = walking_order(houses)
    greedy = np.empty(len(houses), dtype=np.int64)
    greedy[order] = greedy_cells(houses.iloc[order], RULES)

    cell = bundle(houses, RULES)

    assert total_cost(houses, cell, RULES) <= total_cost(houses, greedy, RULES)
    assert np.bincount(cell, houses["households"]).min() >= 4
    assert np.bincount(cell, houses["households"]).sum() == houses["households"].sum()


@pytest.mark.parametrize("seed", range(5))
def test_order_of_rows_origin_and_common_factor_of_weights_change_nothing(seed):
    houses = random_street(seed, n=150, n_streets=10)
    shuffle = np.random.default_rng(seed).permutation(len(houses))
    moved = houses.assign(x=houses["x"] + 343_210.7, y=houses["y"] + 5_671_234.3)
    scaled = BundlingRules(weight_size=7.3, weight_place=0.35 * 7.3, weight_street=21.9)

    cell = bundle(houses, RULES)

    assert bundle(houses.iloc[shuffle], RULES).tolist() == cell[shuffle].tolist()
    assert bundle(moved, RULES).tolist() == cell.tolist()
    assert bundle(houses, scaled).tolist() == cell.tolist()


def test_cells_add_counts_and_average_percentages_by_households():
    houses = row_of_houses(
        [1, 3, 4],
        [0.0, 8.0, 100.0],
        persons=[2.0, 6.0, 8.0],
        debtors_hard=[0.5, 0.25, np.nan],
        education_low_percent=[10.0, 30.0, np.nan],
        unemployment_percent=[np.nan, 6.0, 4.0],
        district_number=[3, 1, 3],
    )

    cells = cells_from_houses(houses, np.array([0, 0, 1]))

    assert cells["cell_key"].tolist() == ["B-01-00001", "B-01-00002"]
    assert cells["households"].tolist() == [4, 4]
    assert cells["houses"].tolist() == [2, 1]
    assert cells["persons"].tolist() == [8.0, 8.0]
    assert cells["x"].tolist() == [6.0, 100.0]
    assert cells["education_low_percent"].fillna(-1).tolist() == [25.0, -1]
    assert cells["unemployment_percent"].tolist() == [6.0, 4.0]
    assert cells["debtors_hard"].fillna(-1).tolist() == [0.75, -1]
    assert cells["district_number"].tolist() == [1, 3]


def test_the_definition_file_holds_the_rules_for_both_kinds_of_cells():
    file = read_definition(ROOT / "microcells/bundling.toml")

    assert BundlingRules.from_table(file["microcells"]) == replace(RULES, mean=6.0)
    assert BundlingRules.from_table(file["display_cells"]).minimum == 100


def test_contradicting_rules_are_refused():
    with pytest.raises(ValueError, match="contradict"):
        BundlingRules(minimum=4, max_households=3)
