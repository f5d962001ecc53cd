"""Statistical districts: which cells they have, that they add up to their area, and when they are shown."""

import numpy as np
import pandas as pd
import pytest
from kodala.publication.domain.districts import protect_districts

from kodala.publication.domain.rules import LinkedSet, Rules, protect
from kodala.statistics.aggregation import take_cells
from microcells.definitions import district_name
from microcells.domain.districts import part_by_district
from seniors.definitions import senior_rules
from seniors.domain.participation import score_areas, score_parts
from seniors.domain.sums import sum_area
from tests.domain.test_membership import build_cells
from typology.definitions import typology_rules
from typology.domain.classification import classify_area
from typology.domain.delivered import TYPE_COLUMNS

RULES = Rules(300, 5, 30, 100, 0.2, 0.8, (LinkedSet(("rate", "debtors"), ("part",)),))
PARTS = (np.arange(0, 45), np.arange(45, 120))


@pytest.mark.parametrize(
    ("numbers", "places"),
    [
        ([3, 1, 3], {1: [1], 3: [0, 2]}),
        ([3, 3, 3], {}),  # one district is the area itself
        ([3, 1, np.nan], {}),  # a cell without district would be in none
        ([np.nan, np.nan], {}),
        ([], {}),
    ],
)
def test_districts_part_an_area_only_if_every_cell_names_one_of_several(numbers, places):
    found = part_by_district(np.array(numbers, dtype=float))

    assert {number: own.tolist() for number, own in found.items()} == places


def test_names_of_districts_come_from_the_definition_else_from_their_number():
    assert (district_name(3), district_name(99)) == ("Hafengebiet", "Bezirk 99")


def delivered_cells(n=120):
    shares = np.random.default_rng(4).dirichlet(np.ones(8), n).T * 100
    return build_cells(n, seed=7) | dict(zip(TYPE_COLUMNS, shares, strict=True))


@pytest.mark.parametrize("cells", [build_cells(120, seed=3), delivered_cells()], ids=["replica", "delivered"])
def test_types_of_districts_add_up_to_their_area(cells):
    area = classify_area(cells, typology_rules(), 2021, parts=PARTS)

    first, second = area.parts
    assert first.counts + second.counts == pytest.approx(area.sums.counts, rel=1e-12)
    for name in ("n_cells", "households", "covered", "debtors"):
        added = getattr(first, name) + getattr(second, name)
        assert added == pytest.approx(getattr(area.sums, name), rel=1e-12), name


def test_asking_for_districts_does_not_change_the_area():
    cells = build_cells(120, seed=3)
    alone, parted = (classify_area(cells, typology_rules(), 2021, parts=own).sums for own in ((), PARTS))

    for name in ("counts", "disturbed", "covariance", "jacobian"):
        assert np.array_equal(getattr(alone, name), getattr(parted, name)), name


def test_a_district_that_is_the_whole_area_has_its_figures_and_its_errors():
    cells = build_cells(120, seed=3)
    area = classify_area(cells, typology_rules(), 2021, parts=[np.arange(120)])

    assert area.parts[0].counts == pytest.approx(area.sums.counts)
    assert area.parts[0].covariance == pytest.approx(area.sums.covariance)


def senior_cells(n, seed):
    rng = np.random.default_rng(seed)
    cells = {"households": rng.integers(4, 9, n).astype(float)}
    cells["persons"] = cells["households"] * 2.0
    cells["adults"] = cells["households"] * 1.6
    for name in ("seniors_60_69", "seniors_70_79", "seniors_80plus"):
        cells[name] = rng.uniform(0.3, 1.5, n)
    cells["education_low_percent"] = rng.uniform(10, 60, n)
    cells["purchasing_power_eur"] = rng.uniform(15_000, 40_000, n)
    return cells


def test_offline_seniors_of_districts_add_up_though_the_districts_differ():
    rules = senior_rules()
    areas = [senior_cells(120, 1), senior_cells(80, 2)]
    areas[0]["education_low_percent"][:45] = 80.0
    sums = [sum_area(cells, rules) for cells in areas]
    parts = [(0, sum_area(take_cells(areas[0], part), rules)) for part in PARTS]

    scores, _ = score_areas(sums, rules, 2021)
    found = score_parts(sums, parts, rules, 2021)

    assert sum(own.offline.value for own in found) == pytest.approx(scores[0].offline.value, rel=1e-12)
    assert sum(own.seniors.value for own in found) == pytest.approx(scores[0].seniors.value, rel=1e-12)
    whole = score_parts(sums, [(0, sums[0])], rules, 2021)[0]
    assert whole.offline == scores[0].offline
    assert whole.offline_share == scores[0].offline_share


def candidates(*rows):
    """Rows (indicator, area, district, kind, value, numerator, denominator) with harmless sizes."""
    columns = ["indicator", "area", "district", "kind", "value", "numerator", "denominator"]
    table = pd.DataFrame(rows, columns=columns)
    sizes = {"persons": 2000.0, "households": 1000.0, "status": "ok", "zero_is_public": False}
    return table.assign(lower=table["value"], upper=table["value"], **sizes)


def states(areas, districts):
    table = protect_districts(candidates(*districts), protect(candidates(*areas), RULES), RULES)
    hidden = table[table["state"] == "protected"]
    assert hidden[["value", "lower", "upper"]].isna().all(axis=None)
    return {(own.indicator, own.district): own.state for own in table.itertuples()}


AREA = (("debtors", 1, 0, "count", 80.0, 80.0, np.nan), ("rate", 1, 0, "share", 0.1, 80, 800))
SAFE = (
    ("debtors", 1, 1, "count", 60.0, 60.0, np.nan),
    ("debtors", 1, 3, "count", 20.0, 20.0, np.nan),
    ("rate", 1, 1, "share", 0.1, 60, 600),
    ("rate", 1, 3, "share", 0.1, 20, 200),
)


def test_districts_are_shown_where_all_of_them_and_the_area_are():
    assert set(states(AREA, SAFE).values()) == {"value"}


def test_one_small_district_takes_its_siblings_and_what_is_linked_along():
    small = ("debtors", 1, 3, "count", 4.0, 4.0, np.nan)

    found = states(AREA, (SAFE[0], small, *SAFE[2:]))

    assert set(found.values()) == {"protected"}


def test_districts_of_another_area_are_not_touched():
    other = [(code, 2, district + 10, *rest) for code, _, district, *rest in SAFE]
    area = [(code, 2, *rest) for code, _, *rest in AREA]
    small = ("debtors", 1, 3, "count", 4.0, 4.0, np.nan)

    found = states((*AREA, *area), (SAFE[0], small, *SAFE[2:], *other))

    assert {state for (_, district), state in found.items() if district > 10} == {"value"}


def test_districts_of_a_withheld_area_are_withheld():
    hidden = (AREA[0], ("rate", 1, 0, "share", 0.001, 1, 800))

    assert set(states(hidden, SAFE).values()) == {"protected"}


def test_a_district_beside_one_without_data_would_tell_it():
    gap = ("debtors", 1, 3, "count", np.nan, np.nan, np.nan)

    found = states(AREA, (SAFE[0], gap, *SAFE[2:]))

    assert found["debtors", 1] == "protected"
    assert found["debtors", 3] == "not_delivered"
    assert found["rate", 1] == "protected"  # rate and adults would give the debtors back


def test_without_an_areas_figure_no_district_has_one():
    assert set(states(AREA[:1], SAFE).values()) == {"protected"}
