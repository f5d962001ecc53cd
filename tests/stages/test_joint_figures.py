"""Joint figures from cells to published tables: two areas carry one number, their own ones are nowhere."""

import json

import numpy as np
import pytest
from django.db import connection

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import start
from kodala.publication import candidates, selectors
from kodala.publication.classes import fix_classes_anew
from kodala.publication.definitions import GROUP_CODES, TYPE_CODES, indicator_rules, joined_areas
from kodala.publication.domain.joining import JoinedAreas
from kodala.publication.models import ClassScheme, Datenstand, Figure, TypeLabel
from tests import builders
from typology.models import AreaType

pytestmark = pytest.mark.django_db(transaction=True)
TYPES = (*GROUP_CODES, *TYPE_CODES)


@pytest.fixture
def pair(monkeypatch):
    """Areas 2 and 3 show their types together."""
    monkeypatch.setattr(candidates, "joined_areas", lambda: (JoinedAreas((2, 3), frozenset(TYPES)),))


def drafted(area_set, people, seed=1, cells=None):
    table = builders.make_cells(cells or {1: 120, 2: 90, 3: 60}, seed=seed)
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN])
    start(delivery.pk)
    return Datenstand.objects.get(delivery=delivery)


def raw(code):
    """Area number -> numerator and denominator behind the wall."""
    rows = AreaType.objects.filter(indicator=code, area__isnull=False)
    return {number: pair for number, *pair in rows.values_list("area__number", "numerator", "denominator")}


def test_both_areas_carry_the_sum_and_nothing_of_their_own(area_set, people, pair):
    draft = drafted(area_set, people)

    for code in TYPES:
        sums = raw(code)
        figures = {
            own.area.number if own.area else None: own
            for own in draft.figures.filter(indicator=code).select_related("area")
        }
        above, base = (sum(sums[area][place] for area in (2, 3)) for place in (0, 1))
        assert figures[2].value == figures[3].value == pytest.approx(100 * above / base, abs=0.0501)
        assert (figures[2].lower, figures[2].upper) == (figures[3].lower, figures[3].upper)
        assert (figures[2].joined_with, figures[3].joined_with) == ([3], [2])
        assert (figures[1].joined_with, figures[None].joined_with) == ([], [])
        whole = sum(pair[0] for pair in sums.values()) / sum(pair[1] for pair in sums.values())
        assert figures[None].value == pytest.approx(100 * whole, abs=0.0501)


def test_without_the_definition_each_area_has_its_own(area_set, people):
    draft = drafted(area_set, people, cells={1: 300, 2: 300, 3: 260})

    values = draft.figures.filter(indicator="type_1", area__number__in=(2, 3)).values_list("value", flat=True)
    assert len(set(values)) == 2
    assert None not in values
    assert joined_areas()[0].areas == (4, 5)  # no such areas here


def test_labels_of_single_areas_are_not_published(area_set, people, pair):
    drafted(area_set, people)

    assert {label.area.number for label in TypeLabel.objects.all()} == {1}


def test_areas_too_small_alone_are_shown_together(area_set, people, pair):
    table = {1: 120, 2: 14, 3: 14}  # fewer than 20 cells each

    draft = drafted(area_set, people, cells=table)

    states = set(draft.figures.filter(indicator__in=TYPES, area__number=2).values_list("state", flat=True))
    assert states <= {"value", "protected"}
    base = sum(raw("group_lasting")[area][1] for area in (2, 3))
    assert base < 50 or "value" in states


def test_a_joint_value_counts_once_for_the_classes(area_set, people, pair, monkeypatch):
    seen = []
    draft = drafted(area_set, people)
    builders.release(draft.pk, people[PLANNER])
    monkeypatch.setattr(
        "kodala.publication.classes.five_class_limits", lambda values: seen.append(len(values)) or []
    )

    fix_classes_anew(area_set)

    codes = list(ClassScheme.objects.order_by("pk").values_list("indicator", flat=True))
    computed = [code for code in sorted(codes) if not indicator_rules()[code].class_limits]
    by_code = dict(zip(computed, seen, strict=True))
    assert by_code["type_1"] == 2
    assert by_code["households"] == 3


def test_an_earlier_single_value_is_not_compared_with_a_joint_one(area_set, people, monkeypatch):
    large = {1: 300, 2: 300, 3: 260}
    first = drafted(area_set, people, cells=large)
    builders.release(first.pk, people[PLANNER])
    monkeypatch.setattr(candidates, "joined_areas", lambda: (JoinedAreas((2, 3), frozenset(TYPES)),))
    second = drafted(area_set, people, seed=2, cells=large)

    compared = selectors.compare_with_current(second).find("type_1")

    by_number = {area.area_number: area for area in compared.areas}
    assert by_number[2].before.value is not None
    assert by_number[2].area_name == "Hafen (gemeinsam mit Am Wald)"
    assert (by_number[2].change, by_number[2].size, by_number[2].reliability) == ("", None, "")
    assert by_number[1].size is not None
    assert [by_number[number].is_counted for number in (1, 2, 3)] == [True, True, False]


def web_tables():
    """Every value of every table that the web role may read, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.role_table_grants "
            "WHERE grantee = 'kodala_web' AND privilege_type = 'SELECT' AND table_name LIKE 'publication%'"
        )
        names = sorted({name for (name,) in cursor.fetchall()})
        found = {}
        for name in names:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {name} t")
            found[name] = [row for (row,) in cursor.fetchall()]
    return found


def test_two_cities_that_differ_only_inside_the_pair_look_the_same(area_set, people, pair):
    """The features of areas 2 and 3 change places, sizes and debtors stay: sums are the same, singles not."""
    even = builders.make_cells({1: 120, 2: 90, 3: 90})
    even[[name for name in even if name.startswith("dig_")]] = 50.0
    here, there = even["gebiet_nr"] == 2, even["gebiet_nr"] == 3
    same = ["haushalte", "haeuser", "personen", "erwachsene", "sen_60_69", "sen_70_79", "sen_80plus"]
    same += ["schuldner_hart", "schuldner_weich", "bildung_niedrig", "bildung_hoch", "kaufkraft_eur_ew"]
    even.loc[there, same] = even.loc[here, same].to_numpy()
    features = ["alter_mittel_erw", "glaeubiger_je", "schulden_mittel_eur", "dauer_jahre"]
    even.loc[here, "dauer_jahre"] += 3
    swapped = even.copy()
    swapped.loc[here, features] = even.loc[there, features].to_numpy()
    swapped.loc[there, features] = even.loc[here, features].to_numpy()
    reasons = [name for name in even if name.startswith("grund_")]
    swapped.loc[here, reasons] = even.loc[there, reasons].to_numpy()
    swapped.loc[there, reasons] = even.loc[here, reasons].to_numpy()

    shown, raws = [], []
    for table in (even, swapped):
        delivery = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN])
        start(delivery.pk)
        figures = Figure.objects.filter(datenstand__delivery=delivery).order_by("indicator", "area")
        columns = ("indicator", "area", "state", "value", "lower", "upper", "joined_with")
        shown.append(json.dumps(list(figures.values_list(*columns))))
        own = AreaType.objects.filter(run__delivery_id=delivery.pk, indicator="type_3", area__number=2)
        raws.append(own.get().value)
    assert not np.isclose(*raws, atol=0.01)
    assert shown[0] == shown[1]
    published = [row for row in web_tables()["publication_figure"] if "type_3" in row]
    assert published
    assert not any(f"{raws[0] * 100:.1f}" in row for row in published)
