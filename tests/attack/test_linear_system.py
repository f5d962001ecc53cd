"""All shown figures of a Datenstand as one linear system, solved for what is withheld."""

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import start
from kodala.publication import selectors, services
from kodala.publication.definitions import indicators, protection_rules
from kodala.publication.models import Datenstand
from kodala.publication.shown import FigureState
from microcells.models import ETRS89_UTM32N
from tests import builders
from tests.attack.linear_system import CITY, set_up
from tests.careless import protect_carelessly

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = 3  # the area that is too small for most figures
TARGETS = ("debtors", "hard", "soft", "offline_seniors")


def published(table, area_set, people):
    """Hand in a file, release what comes of it, and give what every reader sees, by indicator and area."""
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN])
    start(delivery.pk)
    draft = Datenstand.objects.get(delivery=delivery)
    builders.release(draft.pk, people[PLANNER])
    datenstand = selectors.get_datenstand(draft.version)
    views = {code: selectors.get_indicator_view(datenstand, code) for code in indicators()}
    return {
        (code, number): figure
        for code, view in views.items()
        for number, figure in [
            (CITY, view.city),
            *((area.area_number, area.figure) for area in view.areas),
        ]
    }


def values(shown):
    return {place: figure.value for place, figure in shown.items()}


def a_small_area():
    """Few cells with 3 debtors between them; even the share of offline seniors is too small to show."""
    table = builders.make_cells({1: 400, 2: 300, SMALL: 10})
    table.loc[table["gebiet_nr"] == SMALL, ["schuldner_hart", "schuldner_weich"]] = [0.2, 0.1]
    return table


def test_the_withheld_figures_of_a_small_area_cannot_be_computed(area_set, people):
    system = set_up(values(published(a_small_area(), area_set, people)))

    needed = 2 * protection_rules().count_min
    for name in TARGETS:
        low, high = system.range_of(name, SMALL)
        assert high - low >= needed, f"{name}: {low:.1f} to {high:.1f}"


def test_the_attacker_succeeds_where_only_the_small_figures_are_withheld(area_set, people, monkeypatch):
    protect_carelessly(monkeypatch)
    shown = values(published(a_small_area(), area_set, people))
    assert shown["debtors", SMALL] is None

    low, high = set_up(shown).range_of("offline_seniors", SMALL)

    assert high - low < 2 * protection_rules().count_min


def given_away_by_a_second_division(area_set, people):
    """Indicators whose total the second division shows while the first withholds an area."""
    table = a_small_area().drop(columns=["gebiet_nr", "bezirk_nr"])
    whole = builders.make_area_set(is_current=False)
    whole.areas.exclude(number=1).delete()
    left, bottom, side = *builders.CORNER, builders.SIDE_M
    box = Polygon.from_bbox((left, bottom, left + 3 * side, bottom + side))
    whole.areas.update(outline=MultiPolygon(box, srid=ETRS89_UTM32N))

    first = published(table, area_set, people)
    second = published(table, whole, people)

    assert second["persons", CITY].value is not None
    return [
        code
        for code in indicators()
        if second[code, CITY].value is not None and first[code, SMALL].state == FigureState.PROTECTED
    ]


def test_a_second_division_of_the_city_gives_nothing_away(area_set, people):
    assert given_away_by_a_second_division(area_set, people) == []


def test_a_second_division_gives_totals_away_where_each_is_protected_alone(area_set, people, monkeypatch):
    alone = services.protect
    monkeypatch.setattr(services, "protect", lambda table, own, _, *more: alone(table, own, (), *more))

    assert "debtors" in given_away_by_a_second_division(area_set, people)


@pytest.mark.parametrize(
    "columns", [["schuldner_hart", "schuldner_weich"], ["sen_60_69", "sen_70_79", "sen_80plus"]]
)
def test_an_area_with_nobody_looks_like_one_with_three(area_set, people, columns):
    few, none = a_small_area(), a_small_area()
    few.loc[few["gebiet_nr"] == SMALL, columns] = 0.1
    none.loc[none["gebiet_nr"] == SMALL, columns] = 0.0

    three = published(few, area_set, people)
    nobody = published(none, area_set, people)

    assert {code: figure.state for (code, area), figure in nobody.items() if area == SMALL} == {
        code: figure.state for (code, area), figure in three.items() if area == SMALL
    }
