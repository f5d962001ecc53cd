"""Class limits of the map: the same for all Datenstände, set by hand or from pooled values."""

import datetime as dt

import pytest

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import start
from kodala.publication import selectors
from kodala.publication.classes import fix_classes_anew
from kodala.publication.models import Datenstand
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)


def released(area_set, people, year, factor):
    table = builders.make_cells({1: 120, 2: 90, 3: 60}, reference_date=dt.date(year, 10, 1))
    table["dig_nutzung"] = table["dig_nutzung"] * factor
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN])
    start(delivery.pk)
    draft = Datenstand.objects.get(delivery=delivery)
    builders.release(draft.pk, people[PLANNER])
    return draft


def limits(datenstand, code):
    return [one.text for one in selectors.get_indicator_view(datenstand, code).classes]


def test_all_years_share_one_set_of_limits(area_set, people):
    first = released(area_set, people, 2021, 1.0)
    before = limits(first, "participation")
    second = released(area_set, people, 2023, 0.2)

    assert limits(second, "participation") == before
    fix_classes_anew(area_set)

    assert limits(first, "participation") == limits(second, "participation")
    assert limits(first, "participation") != before


def test_limits_set_by_hand_are_used_as_they_stand(area_set, people):
    datenstand = released(area_set, people, 2023, 1.0)

    assert limits(datenstand, "debt_rate") == ["bis 7", "> 7 bis 9", "> 9 bis 11", "> 11 bis 14", "über 14"]


def test_counts_per_class_add_up_to_the_areas_with_a_value(area_set, people):
    view = selectors.get_indicator_view(released(area_set, people, 2023, 1.0), "debt_rate")

    shown = sum(area.figure.value is not None for area in view.areas)
    assert sum(one.areas for one in view.classes) == shown == len(view.ticks)
