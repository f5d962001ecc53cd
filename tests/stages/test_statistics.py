"""Official figures from a received file to the map, together with the microcells of the same areas."""

import datetime as dt

import pytest

from kodala.core.models import Run
from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import STATISTICS_STAGES, list_stages, start
from kodala.publication import selectors, services
from kodala.publication.classes import fix_classes_anew
from kodala.publication.models import Datenstand, Figure, OfficialFigure
from kodala.publication.services import release_datenstand, withdraw_datenstand
from microcells.definitions import official_catalogue
from microcells.models import AreaStatistic, Delivery
from microcells.uploads import upload_path
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
CELLS = {1: 120, 2: 90, 3: 60}
GOOD = """gebiet_nr;region;indikator;stichtag;wert;zaehler;nenner;quelle
1;;einwohner;31.12.2023;1400;;;Melderegister
2;;einwohner;31.12.2023;1000;;;Melderegister
3;;einwohner;31.12.2023;700;;;Melderegister
1;;einwohner;31.12.2024;1500;;;Melderegister
2;;einwohner;31.12.2024;1100;;;Melderegister
3;;einwohner;31.12.2024;800;;;Melderegister
1;;sgb2_quote;31.12.2024;10;120;1200;
2;;sgb2_quote;31.12.2024;5;45;900;
3;;sgb2_quote;31.12.2024;8;48;600;
1;;betriebe;31.12.2024;40;;;
2;;betriebe;31.12.2024;4;;;
3;;betriebe;31.12.2024;30;;;
1;;lebensmittelmaerkte;31.12.2024;2;;;
2;;lebensmittelmaerkte;31.12.2024;0;;;
3;;lebensmittelmaerkte;31.12.2024;1;;;
;Land;sgb2_quote;31.12.2024;11,2;;;Bundesagentur
;Stadt;betriebe;31.12.2024;74;;;
"""


def hand_in_statistics(text, area_set, person, **given):
    delivery = builders.hand_in(text.encode("cp1252"), area_set, person, "statistics", **given)
    start(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def hand_in_cells(area_set, person, **given):
    raw = builders.as_supplier_file(builders.make_cells(CELLS, **given))
    delivery = builders.hand_in(raw, area_set, person)
    start(delivery.pk)
    return delivery


@pytest.fixture
def released(area_set, people):
    """Microcells that are shown."""
    delivery = hand_in_cells(area_set, people[ADMIN])
    draft = Datenstand.objects.get(delivery=delivery)
    release_datenstand(draft.pk, people[PLANNER])
    return draft


def values_of(datenstand, code):
    """Area number (None = city) -> value, or the state of a figure without one."""
    return {
        figure.area.number if figure.area else None: figure.value
        if figure.value is not None
        else figure.state
        for figure in Figure.objects.filter(datenstand=datenstand, indicator=code).select_related("area")
    }


def test_official_figures_stand_beside_the_newest_cells(released, area_set, people):
    delivery = hand_in_statistics(GOOD, area_set, people[ADMIN])

    draft = selectors.get_datenstand_of(delivery)
    assert delivery.state == Delivery.State.COMPUTED, [line.message for line in list_stages(delivery.pk)]
    assert [line.state for line in list_stages(delivery.pk)] == ["succeeded"] * len(STATISTICS_STAGES)
    assert not upload_path(delivery.pk).exists()
    assert (draft.delivery, draft.statistics_deliveries) == (released.delivery, [delivery.pk])
    assert draft.reference_date == released.reference_date
    assert values_of(draft, "debt_rate") == values_of(released, "debt_rate")
    assert values_of(draft, "population") == {1: 1500, 2: 1100, 3: 800, None: 3400}
    assert values_of(draft, "sgb2_rate") == {1: 10, 2: 5, 3: 8, None: 7.9}
    assert draft.requested_by == people[ADMIN]


def test_a_small_number_is_withheld_with_one_other_and_the_total_does_not_tell_it(released, area_set, people):
    delivery = hand_in_statistics(GOOD, area_set, people[ADMIN])

    draft = selectors.get_datenstand_of(delivery)
    assert values_of(draft, "companies") == {1: 40, 2: "protected", 3: "protected", None: 74}
    assert values_of(draft, "groceries") == {1: 2, 2: 0, 3: 1, None: 3}
    told = OfficialFigure.objects.filter(datenstand=draft, indicator="companies", value__isnull=False)
    assert {one.area.number if one.area else one.region for one in told} == {1, "city"}
    assert AreaStatistic.objects.filter(delivery=delivery, value=4).count() == 1


def test_a_later_delivery_of_cells_takes_the_figures_along_unless_they_were_taken_back(
    released, area_set, people
):
    wrong = hand_in_statistics(GOOD.replace("1500", "9500"), area_set, people[ADMIN])
    datenstand = selectors.get_datenstand_of(wrong)
    release_datenstand(datenstand.pk, people[PLANNER])
    withdraw_datenstand(datenstand.pk, people[PLANNER], "falsche Zahlen")
    right = hand_in_statistics(GOOD, area_set, people[ADMIN])
    release_datenstand(selectors.get_datenstand_of(right).pk, people[PLANNER])

    later = hand_in_cells(area_set, people[ADMIN], seed=2, reference_date=dt.date(2025, 10, 1))

    draft = Datenstand.objects.get(delivery=later)
    assert draft.statistics_deliveries == [right.pk]
    assert values_of(draft, "population")[1] == 1500
    assert selectors.describe_releases()[right.pk] == "V3 freigegeben"


def test_the_newest_delivery_counts_for_its_figures_and_leaves_the_others(released, area_set, people):
    first = hand_in_statistics(GOOD, area_set, people[ADMIN])
    rows = "".join(f"{n};einwohner;31.12.2024;{2000 + n}\n" for n in (1, 2, 3))
    second = hand_in_statistics(f"gebiet_nr;indikator;stichtag;wert\n{rows}", area_set, people[ADMIN])

    draft = selectors.get_datenstand_of(second)
    assert draft.statistics_deliveries == [first.pk, second.pk]
    assert values_of(draft, "population")[1] == 2001
    assert values_of(draft, "sgb2_rate")[1] == 10


def test_the_map_has_a_group_of_its_own_with_date_and_source(released, area_set, people):
    before = [group.label for group in selectors.list_indicator_groups(released)]
    delivery = hand_in_statistics(GOOD, area_set, people[ADMIN])
    release_datenstand(selectors.get_datenstand_of(delivery).pk, people[PLANNER])
    datenstand = selectors.get_datenstand()

    groups = {group.label: group for group in selectors.list_indicator_groups(datenstand)}
    view = selectors.get_indicator_view(datenstand, "population")
    panel = selectors.get_area_view(datenstand, "population", 1)

    assert "Amtliche Zahlen" not in before
    assert [one.code for one in groups["Amtliche Zahlen"].indicators] == [
        "population", "sgb2_rate", "companies", "groceries"]  # fmt: skip
    assert view.provenance == "Stand 31.12.2024, Quelle: Melderegister"
    assert not view.indicator.is_modelled
    assert [(point.reference_date.year, point.area.value) for point in panel.history] == [
        (2023, 1400),
        (2024, 1500),
    ]
    assert panel.change == "Seit 31.12.2023: +100\N{NO-BREAK SPACE}Personen."


def test_a_delivered_comparison_row_stands_in_the_panel(released, area_set, people):
    delivery = hand_in_statistics(GOOD, area_set, people[ADMIN])
    release_datenstand(selectors.get_datenstand_of(delivery).pk, people[PLANNER])

    panel = selectors.get_area_view(selectors.get_datenstand(), "sgb2_rate", 1)

    assert [(row.label, row.values[-1].text) for row in panel.rows] == [
        ("Nordrhein-Westfalen", "11,20\N{NO-BREAK SPACE}%")
    ]
    assert panel.sources == ("Bundesagentur",)


def test_official_figures_alone_are_a_datenstand_too(area_set, people):
    delivery = hand_in_statistics(GOOD, area_set, people[ADMIN])

    draft = Datenstand.objects.get(delivery=delivery)
    assert values_of(draft, "sgb2_rate")[1] == 10
    assert draft.reference_date == dt.date(2024, 12, 31)


def test_comparison_rows_alone_wait_for_areas(area_set, people):
    delivery = hand_in_statistics(
        "region;indikator;stichtag;wert\nLand;sgb2_quote;31.12.2024;11,2\n", area_set, people[ADMIN]
    )

    assert delivery.state == Delivery.State.FAILED
    assert "noch keinen freigegebenen Datenstand" in list_stages(delivery.pk)[-1].message


def test_a_refused_file_leaves_findings_and_no_figure(released, area_set, people):
    delivery = hand_in_statistics(GOOD.replace("3;;betriebe", "9;;betriebe"), area_set, people[ADMIN])

    assert delivery.state == Delivery.State.REJECTED
    assert delivery.findings.filter(code="E-GEBIET").get().rows == [13]
    assert not AreaStatistic.objects.filter(delivery=delivery).exists()
    assert not upload_path(delivery.pk).exists()


def test_what_is_not_released_yet_shows_no_class_limits(released, area_set, people):
    delivery = hand_in_statistics(GOOD, area_set, people[ADMIN])
    draft = selectors.get_datenstand_of(delivery)
    fix_classes_anew(area_set)

    def classes():
        return selectors.get_indicator_view(selectors.get_datenstand(), "population").classes

    assert classes() == ()
    release_datenstand(draft.pk, people[PLANNER])
    assert classes() != ()


def test_an_older_datenstand_and_a_total_that_comes_later_give_no_group_away(released, area_set, people):
    parts = official_catalogue().ages.parts[:-1]
    headers = [official_catalogue().indicators[code].header for code in parts]
    groups = "".join(f"{area};31.12.2024;{';'.join(['100'] * len(parts))};Amt\n" for area in (1, 2, 3))
    first = hand_in_statistics(
        f"gebiet_nr;stichtag;{';'.join(headers)};quelle\n{groups}", area_set, people[ADMIN]
    )
    release_datenstand(selectors.get_datenstand_of(first).pk, people[PLANNER])
    small = 100 * len(parts) + 3
    totals = f"1;31.12.2024;{small};Amt\n2;31.12.2024;900;Amt\n3;31.12.2024;900;Amt\n"
    second = hand_in_statistics(f"gebiet_nr;stichtag;einwohner;quelle\n{totals}", area_set, people[ADMIN])

    shown = selectors.get_datenstand_of(first)
    draft = selectors.get_datenstand_of(second)

    assert values_of(shown, parts[0])[1] == 100
    # 803 less eight groups of 100 would leave 3; the city less two areas would be 803.
    assert values_of(draft, "population") == {1: "protected", 2: 900, 3: "protected", None: 2603}


def test_two_drafts_at_once_do_not_overlook_each_other(released, area_set, people, monkeypatch):
    seen = iter([0, *[released.version] * 9])
    monkeypatch.setattr(services, "_newest_version", lambda: next(seen))

    delivery = hand_in_statistics(GOOD, area_set, people[ADMIN])

    last = Run.objects.filter(delivery_id=delivery.pk).latest("pk")
    assert (last.stage, last.state) == ("publication.draft_datenstand", Run.State.INTERRUPTED)
    assert not Datenstand.objects.filter(statistics_deliveries__contains=[delivery.pk]).exists()
