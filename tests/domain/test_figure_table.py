"""The table behind the figures: what they give away, what adds up to what, what it costs to withhold."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kodala.publication.domain.figure_sums import Sums
from kodala.publication.domain.figure_table import (
    CELL,
    Content,
    Relation,
    add_rests,
    as_table,
    collect_cells,
    list_revealed,
)
from tests.domain.candidate_figures import DAY, cities, count, definitions, figure, share

OFFLINE = Content(
    {"offline_share": ("offline", "seniors")},
    (Relation("persons", ("seniors",), leaves_rest=True),),
)


def told(*figures, content=OFFLINE):
    """What figures give away; none of them is unsafe unless it says so."""
    return list_revealed(pd.DataFrame([{"is_unsafe": False, **own} for own in figures]), content)


def cells(*figures, content=OFFLINE, **protection):
    """The cells of the table by quantity and area, with rests."""
    own = collect_cells(told(*figures, content=content), definitions(**protection).protection)
    return add_rests(own, content, count_min=5)


def by_key(table, column):
    return {(own.quantity, own.area): getattr(own, column) for own in table.itertuples()}


def equations(*figures, content=OFFLINE, joined=()):
    """Every sum as {"quantity area.district": sign}."""
    table = cells(*figures, content=content)
    names = [f"{own.quantity} {own.area}.{own.district}" for own in table.itertuples()]
    return [{names[at]: sign for at, sign in own.items()} for own in Sums(table, content, joined)]


def test_a_share_gives_its_numerator_away_and_a_base_that_is_a_figure_of_its_own():
    found = told(share("offline_share", 1, 30, 200), count("seniors", 1, 200))

    assert found[["quantity", "figure"]].to_numpy().tolist() == [
        ["offline", 0],
        ["seniors", 0],
        ["seniors", 1],
    ]
    assert found["amount"].tolist()[0] == 30
    assert np.isnan(found["amount"].tolist()[1])  # how many seniors there are is told by their own figure
    assert by_key(cells(share("offline_share", 1, 30, 200), count("seniors", 1, 200)), "value") == {
        ("offline", 1): 30,
        ("seniors", 1): 200,
    }


def test_a_share_without_numerator_gives_away_its_part_of_the_base_else_of_the_persons():
    with_base = share("rate", 1, 30, 200) | {"numerator": np.nan}
    with_persons = with_base | {"denominator": np.nan, "persons": 1000.0}

    assert told(with_base)["amount"].tolist() == [pytest.approx(30)]
    assert told(with_persons)["amount"].tolist() == [pytest.approx(150)]


def test_of_a_score_a_person_can_move_a_hundred_points():
    found = told(figure("score", 1, "score", 40.0, denominator=200.0), count("seniors", 1, 9))

    assert found["scale"].tolist() == [100, 1]
    assert found["amount"].tolist() == [8000, 9]


def test_only_the_numerator_of_an_unsafe_share_is_unsafe():
    found = told(share("offline_share", 1, 3, 200) | {"is_unsafe": True})

    assert dict(zip(found["quantity"], found["is_unsafe"], strict=True)) == {
        "offline": True,
        "seniors": False,
    }


def test_what_is_withheld_although_nothing_is_known_counts_as_nobody_and_what_is_missing_not_at_all():
    unknown = share("rate", 1, np.nan, np.nan)

    assert cells(unknown | {"is_unsafe": True})["value"].tolist() == [0]
    assert cells(unknown).empty


def test_numbers_that_say_nothing_of_people_are_no_cells():
    assert cells(count("dwellings", 1, 3, is_free=True)).empty


def test_figures_of_the_same_number_are_one_cell_that_costs_as_much_as_both():
    content = Content({"rate": ("debtors",)}, ())

    table = cells(share("rate", 1, 30, 200), count("debtors", 1, 30), count("other", 1, 9), content=content)

    assert by_key(table, "value") == {("debtors", 1): 30, ("other", 1): 9}
    assert by_key(table, "weight") == {("debtors", 1): 2, ("other", 1): 1}


def test_a_figure_costs_as_much_as_people_live_there_or_all_the_same():
    own = [
        count("n", 1, 50, persons=3000.0),
        count("n", 2, 50, persons=900.0),
        count("n", 3, 50, persons=0.0),
        count("n", 0, 150),
    ]

    assert by_key(cells(*own), "weight") == {
        ("n", 0): 10,
        ("n", 1): pytest.approx(3000 / 1300),
        ("n", 2): pytest.approx(900 / 1300),
        ("n", 3): 0.1,
    }
    assert by_key(cells(*own, by_people=False, city_weight=4.0), "weight") == {
        ("n", 0): 4,
        ("n", 1): 1,
        ("n", 2): 1,
        ("n", 3): 1,
    }


def test_what_a_figure_says_never_changes_its_price():
    assert by_key(cells(*cities("n", 50, 70)), "weight") == by_key(cells(*cities("n", 9, 700)), "weight")


@pytest.mark.parametrize(("seniors", "is_unsafe"), [(497, True), (495, False), (500, True)])
def test_the_rest_beside_a_part_is_a_number_that_nobody_publishes(seniors, is_unsafe):
    table = cells(count("persons", 1, 500), count("seniors", 1, seniors))

    rest = table[table["quantity"] == "persons - seniors"]
    assert rest[["value", "is_public", "is_unsafe"]].to_numpy().tolist() == [
        [500 - seniors, False, is_unsafe]
    ]


def test_parts_that_are_all_there_leave_no_rest_and_a_missing_one_does():
    content = Content({}, (Relation("all", ("a", "b"), leaves_rest=False),))
    whole = [count("all", 1, 100), count("a", 1, 60)]

    assert set(cells(*whole, count("b", 1, 40), content=content)["quantity"]) == {"all", "a", "b"}
    gap = cells(*whole, content=content)
    assert gap[~gap["is_public"]][["quantity", "value"]].to_numpy().tolist() == [["all - a - b", 40]]


def test_areas_make_the_city_districts_an_area_and_parts_their_total():
    content = Content({}, (Relation("all", ("a", "b"), leaves_rest=False),))
    districts = [count("all", 1, 60, district=7), count("all", 1, 40, district=9)]
    parts = [count("a", 1, 70), count("b", 1, 30)]

    found = equations(*cities("all", 100, 50), *districts, *parts, content=content)

    assert found == [
        {"all 0.0": -1, "all 1.0": 1, "all 2.0": 1},
        {"all 1.0": -1, "all 1.7": 1, "all 1.9": 1},
        {"all 1.0": -1, "a 1.0": 1, "b 1.0": 1},
        # The second area has no parts, so nothing is said of it.
    ]


def test_a_rest_takes_part_in_its_sum():
    found = equations(count("persons", 1, 500), count("seniors", 1, 200))

    assert found == [{"persons 1.0": -1, "seniors 1.0": 1, "persons - seniors 1.0": 1}]


def test_dates_do_not_add_up_to_one_another():
    later = dt.date(2025, 12, 31)

    found = equations(*cities("n", 9, 8), *[own | {"date": later} for own in cities("n", 7, 6)])

    assert found == [{"n 0.0": -1, "n 1.0": 1, "n 2.0": 1}] * 2


def test_areas_that_show_a_figure_together_are_one_part_of_the_city():
    joint = count("n", 4, 90, joined=(4, 5))

    found = equations(count("n", 0, 100), joint, count("n", 6, 10), joined=[(4, 5)])

    assert found == [{"n 0.0": -1, "n -4.0": 1, "n 6.0": 1}]


def test_a_joint_figure_is_the_sum_of_single_ones_that_are_shown_too():
    joint = count("n", 4, 90, joined=(4, 5))

    found = equations(joint, count("n", 4, 50), count("n", 5, 40), count("n", 0, 90), joined=[(4, 5)])

    assert {"n -4.0": -1, "n 4.0": 1, "n 5.0": 1} in found
    assert {"n 0.0": -1, "n -4.0": 1} in found or {"n 0.0": -1, "n 4.0": 1, "n 5.0": 1} in found


def test_a_total_that_each_area_shows_alone_is_made_of_parts_that_they_show_together():
    content = Content({}, (Relation("all", ("a", "b"), leaves_rest=False),))
    single = [count("all", 4, 50), count("all", 5, 40)]
    joint = [count("a", 4, 60, joined=(4, 5)), count("b", 4, 30, joined=(4, 5))]

    found = equations(*single, *joint, content=content, joined=[(4, 5)])

    assert found == [{"all 4.0": -1, "all 5.0": -1, "a -4.0": 1, "b -4.0": 1}]


def test_a_total_that_one_of_the_areas_does_not_show_makes_no_sum_with_joint_parts():
    content = Content({}, (Relation("all", ("a", "b"), leaves_rest=False),))
    areas = (4, 5, 6)
    joint = [count("a", 4, 60, joined=areas), count("b", 4, 30, joined=areas)]
    single = [count("all", 4, 50), count("all", 5, 40)]

    assert equations(*single, *joint, content=content, joined=[areas]) == []


def as_made(values, *, is_true, known=(), **protection):
    """The table of counts in areas 1, 2, …; those below 5 are unsafe, the numbers of `known` were shown."""
    figures = [count("n", area, value) for area, value in enumerate(values, start=1)]
    own = cells(*[one | {"is_unsafe": one["value"] < 5} for one in figures])
    was_shown = np.isin(own["area"], known)
    return as_table(own, [], was_shown, definitions(**protection).protection, is_true=is_true)


def test_the_true_table_asks_for_the_interval_and_for_what_each_insider_knows():
    table = as_made([3, 50], is_true=True, insiders=2)

    assert (table.need_up.tolist(), table.need_down.tolist()) == ([7, 0], [3, 0])
    assert table.need_width.tolist() == [7, 7]
    assert table.room_down.tolist() == [3, 50]


def test_the_rough_table_is_the_same_for_every_small_number_and_asks_for_more_than_the_true_one():
    tables = [as_made([value, 50], is_true=False) for value in range(5)]

    for name in ("need_up", "need_down", "room_down", "weight", "unsafe", "may_hide"):
        assert len({getattr(one, name).tobytes() for one in tables}) == 1, name
    for value, rough in enumerate(tables):
        true = as_made([value, 50], is_true=True)
        assert rough.room_down[0] <= true.room_down[0]
        # Whatever the number is, it stands so far above 0.
        assert rough.need_up[0] >= true.value[0] + true.need_up[0]


@pytest.mark.parametrize(
    ("values", "room"), [((6, 11.9), 6), ((12, 23), 12), ((48, 96, 5000), 48), ((5.5, 5.5), 5.5)]
)
def test_the_rough_table_knows_only_the_order_of_size_of_other_numbers(values, room):
    rooms = [as_made([value], is_true=False).room_down.tolist() for value in values]

    assert rooms == [[room]] * len(values)


def test_what_was_shown_before_is_known_and_nothing_is_asked_of_it():
    table = as_made([3, 50], is_true=True, known=[1])

    assert (table.room_down[0], table.room_up[0], table.need_up[0]) == (0, 0, 0)
    assert table.may_hide.tolist() == [False, True]
    assert table.unsafe.tolist() == [True, False]


@pytest.mark.parametrize("hides_city", [True, False])
def test_the_city_may_be_withheld_only_where_that_is_signed(hides_city):
    own = cells(*cities("n", 50, 60))

    table = as_table(
        own, [], np.zeros(3, dtype=bool), definitions(hides_city=hides_city).protection, is_true=True
    )

    assert dict(zip([key[1] for key in table.keys], table.may_hide, strict=True))[0] == hides_city
    assert own[CELL].iloc[0].tolist() == ["n", 0, 0, DAY]
