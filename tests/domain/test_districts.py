"""Statistical districts: which cells they have, that they add up to their area, and when they are shown."""

import numpy as np
import pytest

from kodala.statistics.aggregation import take_cells
from microcells.definitions import district_name
from microcells.domain.districts import part_by_district
from seniors.definitions import senior_rules
from seniors.domain.participation import score_areas, score_parts
from seniors.domain.sums import sum_area
from tests.domain.candidate_figures import count, guard, share
from tests.domain.test_membership import build_cells
from typology.definitions import typology_rules
from typology.domain.classification import classify_area
from typology.domain.delivered import TYPE_COLUMNS

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


def place(area, debtors, adults, **given):
    """Number and rate of an area's or a district's debtors, which give the same number away."""
    return [count("debtors", area, debtors, **given), share("rate", area, debtors, adults, **given)]


AREA = place(1, 80, 800)
SAFE = [*place(1, 60, 600, district=1), *place(1, 20, 200, district=3)]
SMALL = [*place(1, 76, 600, district=1), *place(1, 4, 200, district=3)]


def states(*figures):
    """(indicator, area, district) -> state; nothing may leak."""
    found = guard(*figures)
    assert found.found.leaks == ()
    table = found.figures
    hidden = table[table["state"] == "protected"]
    assert hidden[["value", "lower", "upper"]].isna().all(axis=None)
    return {(own.indicator, own.area, own.district): own.state for own in table.itertuples()}


def withheld(*figures):
    """Area and district of everything that is withheld."""
    return {place[1:] for place, state in states(*figures).items() if state == "protected"}


def test_districts_are_shown_where_all_of_them_and_the_area_are():
    assert set(states(*AREA, *SAFE).values()) == {"value"}


def test_one_small_district_takes_one_of_its_siblings_or_the_area_along():
    found = states(*AREA, *SMALL)

    # Number and rate fall together, in two places: the area stays or its other district does.
    assert {found[code, 1, 3] for code in ("debtors", "rate")} == {"protected"}
    assert list(found.values()).count("protected") == 4
    assert len(withheld(*AREA, *SMALL)) == 2


def test_of_district_and_area_that_would_do_the_smaller_one_is_withheld():
    small = [own | {"persons": 300.0} for own in SMALL]

    assert withheld(*AREA, *small) == {(1, 1), (1, 3)}


def test_districts_of_another_area_are_not_touched():
    other = [own | {"area": 2, "district": own["district"] + 10} for own in SAFE]

    assert {area for area, _ in withheld(*AREA, *place(2, 80, 800), *SMALL, *other)} == {1}


def test_districts_of_an_area_that_is_withheld_for_another_do_not_add_up_to_it():
    # Whoever sees the city and the second area would know the first.
    figures = [*place(2, 3, 800), *AREA, *place(0, 83, 1600, persons=4000.0)]
    assert withheld(*figures) == {(1, 0), (2, 0)}

    found = withheld(*figures, *SAFE)

    assert {(1, 0), (2, 0)} < found
    assert found & {(1, 1), (1, 3)}


def test_districts_of_a_small_area_are_all_withheld():
    own = [*place(1, 3, 800), *place(1, 2, 600, district=1), *place(1, 1, 200, district=3)]

    assert withheld(*own) == {(1, 0), (1, 1), (1, 3)}


@pytest.mark.parametrize(("area", "n_withheld"), [(64, 1), (60, 0), (65, 0)])
def test_what_an_area_has_beside_its_shown_districts_is_not_too_small(area, n_withheld):
    # Of the third district too few cells are known to show anything, but the area counts them.
    gap = [count("debtors", 1, np.nan, district=3), share("rate", 1, np.nan, np.nan, district=3)]

    found = withheld(*place(1, area, 800), *SAFE[:2], *gap)

    assert len(found) == n_withheld
    assert found <= {(1, 0), (1, 1)}


def test_a_district_without_data_is_called_so_where_nothing_small_stands_beside_it():
    gap = [count("debtors", 1, np.nan, district=3), share("rate", 1, np.nan, np.nan, district=3)]

    found = states(*AREA, *SAFE[:2], *gap)

    assert {found["debtors", 1, 3], found["rate", 1, 3]} == {"not_delivered"}
    assert found["debtors", 1, 1] == "value"
