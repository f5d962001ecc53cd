"""What a release would change: cells counted in the database, figures compared only where both are shown."""

from __future__ import annotations

import pytest
from django.db import connection

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.publication import selectors
from kodala.publication.counting import describe_changes, recount_changes
from kodala.publication.models import Datenstand, Figure
from kodala.publication.releasing import release_datenstand
from microcells.cell_changes import CellChanges, count_cell_changes
from microcells.cells_table import TABLE, drop_partition, partition_name
from tests.web.published import make_draft, make_released, store_figures

pytestmark = pytest.mark.django_db


def put_cells(delivery, cells):
    """Store cells directly; cells: key -> (households, persons)."""
    name, area = partition_name(delivery.pk), delivery.area_set.areas.first()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} PARTITION OF {TABLE} FOR VALUES IN ({delivery.pk})")
        for key, (households, persons) in cells.items():
            cursor.execute(
                f"INSERT INTO {TABLE} (delivery_id, area_id, cell_key, households, persons, adults, x, y) "
                "VALUES (%s, %s, %s, %s, %s, 8, 340100, 5672100)",
                [delivery.pk, area.pk, key, households, persons],
            )


@pytest.fixture
def pair(area_set, people):
    """A released Datenstand and a draft a year later."""
    return (
        make_released(area_set, people[ADMIN], people[PLANNER], 1, 2025),
        make_draft(area_set, people[ADMIN], 2, 2026),
    )


def set_figure(datenstand, number, value, half, indicator="debt_rate"):
    own = Figure.objects.filter(datenstand=datenstand, indicator=indicator, area__number=number)
    own.update(state="value", value=value, lower=value - half, upper=value + half)


def compared(draft, number, indicator="debt_rate"):
    areas = selectors.compare_with_current(draft).find(indicator).areas
    return next(area for area in areas if area.area_number == number)


def test_cells_are_told_apart_by_key_and_by_every_stored_column(pair):
    before, after = (own.delivery for own in pair)
    put_cells(before, {"A": (5, 10), "B": (6, 12), "C": (7, 14), "D": (8, 16)})
    put_cells(after, {"B": (6, 12), "C": (7, 15), "D": (8, 16), "E": (9, 18), "F": (9, 18)})

    assert count_cell_changes(before, after) == CellChanges(added=2, removed=1, changed=1, kept=2)


def test_a_value_that_was_missing_before_is_a_change_and_two_missing_ones_are_none(pair):
    before, after = (own.delivery for own in pair)
    put_cells(before, {"A": (5, 10), "B": (5, 10)})
    put_cells(after, {"A": (5, 10), "B": (5, 10)})
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {partition_name(after.pk)} SET seniors_60_69 = 3 WHERE cell_key = 'A'")

    assert count_cell_changes(before, after) == CellChanges(added=0, removed=0, changed=1, kept=1)


def test_deleted_cells_are_no_longer_comparable(pair):
    released, draft = pair
    put_cells(released.delivery, {"A": (5, 10)})
    put_cells(draft.delivery, {"A": (5, 10)})
    drop_partition(released.delivery_id)

    Datenstand.objects.filter(pk=draft.pk).update(comparison=describe_changes(draft.delivery))

    draft.refresh_from_db()
    assert selectors.compare_with_current(draft).cells.state == "deleted"


def test_counts_against_another_datenstand_are_made_anew(pair, area_set, people):
    released, draft = pair
    between = make_draft(area_set, people[ADMIN], 3, 2025)
    put_cells(released.delivery, {"A": (5, 10)})
    put_cells(draft.delivery, {"A": (5, 11)})
    put_cells(between.delivery, {"B": (5, 10)})
    assert recount_changes() == 2
    draft.refresh_from_db()
    assert selectors.compare_with_current(draft).cells.changed == 1
    assert recount_changes() == 0

    release_datenstand(between.pk, people[PLANNER])

    assert selectors.compare_with_current(draft).cells.state == "pending"
    assert recount_changes() == 1
    draft.refresh_from_db()
    cells = selectors.compare_with_current(draft).cells
    assert (cells.against, cells.added, cells.removed, cells.changed) == (3, 1, 1, 0)


def test_the_largest_shift_comes_first_and_what_cannot_be_compared_last(pair):
    _, draft = pair
    set_figure(draft, 1, 14.0, 0.5)
    set_figure(draft, 2, 10.0, 0.5)

    one = selectors.compare_with_current(draft).find("debt_rate")

    assert [(area.area_number, area.short_change) for area in one.areas] == [
        (2, "+5,8"),
        (1, "−1,3"),
        (3, ""),
    ]
    assert one.largest.change == "+5,8\N{NO-BREAK SPACE}Prozentpunkte"


@pytest.mark.parametrize(
    ("before", "after"), [("value", "protected"), ("protected", "value"), ("protected", "protected")]
)
def test_a_change_beside_a_withheld_value_is_never_said(pair, before, after):
    released, draft = pair
    for datenstand, state in ((released, before), (draft, after)):
        own = Figure.objects.filter(datenstand=datenstand, indicator="debt_rate", area__number=1)
        if state == "protected":
            own.update(state="protected", value=None, lower=None, upper=None)

    area = compared(draft, 1)

    assert (area.change, area.short_change, area.adjusted, area.size, area.reliability) == (
        "",
        "",
        "",
        None,
        "",
    )


def test_reliable_is_a_change_whose_intervals_leave_each_other_out(pair):
    released, draft = pair
    set_figure(released, 1, 10.0, 1.0)  # 9 to 11
    for value, half, word in ((12.0, 0.9, "ja"), (12.0, 1.0, "nein"), (7.9, 1.0, "ja"), (10.5, 0.1, "nein")):
        set_figure(draft, 1, value, half)

        assert compared(draft, 1).reliability == word, (value, half)


def test_areas_that_would_change_their_class_are_named(pair):
    _, draft = pair
    set_figure(draft, 1, 19.0, 1.0)  # above 18: from C to D
    set_figure(draft, 2, 4.3, 1.0)

    changed = selectors.compare_with_current(draft).find("debt_rate").changed_classes

    assert [(own.area_number, own.before.class_letter, own.after.class_letter) for own in changed] == [
        (1, "C", "D")
    ]


def test_an_indicator_that_is_delivered_for_the_first_time_changes_no_class(pair):
    _, draft = pair
    store_figures(draft, "households", {1: 5100, 2: 2500, 3: 100})

    new = selectors.compare_with_current(draft).find("households")

    assert {area.changes_class for area in new.areas} == {True}
    assert (new.is_in_both, new.changed_classes, new.n_changed_classes) == (False, (), 0)
    assert new.moves


def test_across_a_change_of_method_no_raw_change_stands_alone(area_set, people):
    make_released(area_set, people[ADMIN], people[PLANNER], 1, 2022)
    draft = make_draft(area_set, people[ADMIN], 2, 2023)

    one = selectors.compare_with_current(draft).find("debt_rate")
    bridged = compared(draft, 1)

    assert "Methodenwechsel 2023" in one.method_note
    assert bridged.reliability == "Methodenwechsel"
    # 15.3 in both years; the new method alone takes 15.3 * (8.51 / 8.15 - 1) = 0.68 away.
    assert (bridged.short_change, bridged.adjusted) == ("±0,0", "+0,7")


def test_across_a_change_of_method_without_a_bridge_nothing_is_said(area_set, people):
    make_released(area_set, people[ADMIN], people[PLANNER], 1, 2023)
    draft = make_draft(area_set, people[ADMIN], 2, 2024)

    area = compared(draft, 1)

    assert (area.short_change, area.change, area.reliability) == ("", "", "Methodenwechsel")


def test_every_published_indicator_is_compared(pair):
    released, draft = pair
    store_figures(released, "households", {1: 5000, 2: 3000, 3: 100})
    store_figures(draft, "households", {1: 5100, 2: 2500, 3: 100})

    comparison = selectors.compare_with_current(draft)

    tree = [one.code for group in selectors.list_indicator_groups(draft) for one in group.indicators]
    assert [one.indicator.code for one in comparison.indicators] == tree
    largest = comparison.find("households").largest
    assert (largest.area_number, largest.short_change) == (2, "−500")


def test_the_first_draft_stands_alone(area_set, people):
    draft = make_draft(area_set, people[ADMIN])

    comparison = selectors.compare_with_current(draft)

    assert comparison.previous is None
    assert comparison.cells.state == "none"
    assert comparison.find("debt_rate").changed_classes == ()
