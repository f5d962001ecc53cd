"""What other Datenstände of a date withhold, so that a correction does not complete their sums."""

from __future__ import annotations

import datetime as dt

import pytest

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.publication.former import list_withheld_before
from kodala.publication.models import Figure
from kodala.publication.releasing import reject_datenstand, withdraw_datenstand
from tests.web.published import make_draft, make_released

pytestmark = pytest.mark.django_db
DAY = dt.date(2025, 10, 1)
KEY = ("debt_rate", 3, 0, DAY)


@pytest.fixture
def released(area_set, people):
    return make_released(area_set, people[ADMIN], people[PLANNER], 1, 2025)


@pytest.fixture
def correction(area_set, people, released):
    return make_draft(area_set, people[ADMIN], 2, 2025).delivery


def test_a_correction_keeps_back_what_was_withheld(correction):
    assert list_withheld_before(correction) == {KEY}


def test_also_what_was_taken_back_or_rejected_but_nothing_of_another_date(
    area_set, people, released, correction
):
    withdraw_datenstand(released.pk, people[PLANNER], "Irrtum")
    rejected = make_draft(area_set, people[ADMIN], 3, 2026)
    reject_datenstand(rejected.pk, people[PLANNER], "Doppelt.")

    assert list_withheld_before(correction) == {KEY}
    assert list_withheld_before(rejected.delivery) == {("debt_rate", 3, 0, dt.date(2026, 10, 1))}


def test_where_nothing_of_it_was_shown_there_is_nothing_to_complete(correction):
    Figure.objects.filter(indicator="debt_rate").update(state="protected", value=None, lower=None, upper=None)

    assert list_withheld_before(correction) == set()
