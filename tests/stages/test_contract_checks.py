"""A delivery held against the contract and what was released before, through the real stages."""

from __future__ import annotations

import datetime as dt

import pytest

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import start
from kodala.publication.models import Datenstand
from microcells.acceptance import accept_warnings, list_unaccepted
from microcells.models import AreaProfile, AreaStatistic, Delivery
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
CITY = {1: 120, 2: 90, 3: 60}
NEXT_YEAR = dt.date(2024, 10, 1)


def hand_in(table, area_set, people, **given):
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN], **given)
    start(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def verdicts(delivery):
    return {check["code"] or check["name"]: check["verdict"] for check in delivery.contract_checks}


def warnings_of(delivery):
    return [code for code in delivery.counts if code.startswith("W-")]


@pytest.fixture
def released(area_set, people):
    """The delivery behind the Datenstand that is shown."""
    delivery = hand_in(builders.make_cells(CITY), area_set, people)
    Datenstand.objects.filter(delivery=delivery).update(
        state=Datenstand.State.RELEASED,
        released_by=people[PLANNER],
        released_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    )
    return delivery


def test_a_first_delivery_meets_the_contract_and_has_nothing_to_compare(area_set, people):
    delivery = hand_in(builders.make_cells(CITY), area_set, people)

    assert delivery.state == Delivery.State.COMPUTED, delivery.message
    found = verdicts(delivery)
    assert found["E-HH-MIN"] == found["W-MITTEL"] == found["W-ABDECKUNG"] == "ok"
    assert found["W-ABGLEICH"] == found["Keine Sprünge"] == "skipped"
    assert warnings_of(delivery) == []
    households = AreaProfile.objects.get(delivery=delivery, area__number=1, column="households")
    assert households.n_cells == 120


def test_the_same_file_with_a_new_day_is_recognised_by_its_sums(released, area_set, people):
    table = builders.make_cells(CITY, reference_date=NEXT_YEAR)

    delivery = hand_in(table, area_set, people)

    assert warnings_of(delivery) == ["W-GLEICHE-WERTE"]
    assert "dieselben Werte wie V1" in [check["measured"] for check in delivery.contract_checks]


def test_an_old_day_is_a_warning(released, area_set, people):
    delivery = hand_in(builders.make_cells(CITY, seed=2), area_set, people)

    assert warnings_of(delivery) == ["W-STICHTAG-ALT"]


def test_half_a_city_is_noticed_in_number_and_in_every_area(released, area_set, people):
    table = builders.make_cells({1: 60, 2: 45, 3: 60}, seed=3, reference_date=NEXT_YEAR)

    delivery = hand_in(table, area_set, people)

    assert {"W-UMFANG", "W-SPRUNG"} <= set(warnings_of(delivery))
    jumps = delivery.findings.filter(code="W-SPRUNG", column="haushalte").values_list("text", flat=True)
    assert list(jumps) == ["In 1 Altstadt, 2 Hafen springt „Haushalte“ gegenüber V1 stark."]
    assert not any(sign.isdigit() for text in jumps for sign in text.replace("V1", "").split(" springt")[1])


def test_a_share_that_jumps_names_its_column_and_area_and_no_value(released, area_set, people):
    table = builders.make_cells(CITY, seed=1, reference_date=NEXT_YEAR)
    table["bildung_niedrig"] = table["bildung_niedrig"].where(table["gebiet_nr"] != 3, 61.7)

    delivery = hand_in(table, area_set, people)

    found = delivery.findings.get(code="W-SPRUNG")
    assert (found.column, found.rule) == ("bildung_niedrig", "Änderung um höchstens 20 Prozentpunkte")
    assert "3 Am Wald" in found.text
    told = f"{found.text} {found.suggestion} {delivery.contract_checks}"
    assert "61,7" not in told


def put_official_households(table, area_set, people, day, share):
    """Official households of a day, in each area the given share of what the table has."""
    own = table.groupby("gebiet_nr")["haushalte"].sum()
    statistics = Delivery.objects.create(
        kind="statistics",
        area_set=area_set,
        file_name="amtlich.csv",
        size=1,
        sha256=f"{day}",
        received_by=people[ADMIN],
        state=Delivery.State.COMPUTED,
    )
    for area in area_set.areas.all():
        AreaStatistic.objects.create(
            delivery=statistics,
            area=area,
            indicator="households_official",
            reference_date=day,
            value=float(own[area.number]) * share(area.number),
            source="Stadt",
        )


def test_official_households_are_compared_area_by_area(area_set, people):
    table = builders.make_cells(CITY)
    day = dt.date(2023, 12, 31)
    put_official_households(table, area_set, people, day, lambda number: 0.9 if number == 2 else 1.04)

    delivery = hand_in(table, area_set, people)

    assert warnings_of(delivery) == ["W-ABGLEICH"]
    assert [one.text for one in delivery.findings.all()] == [
        "In 2 Hafen weicht die Zahl der Haushalte von der amtlichen ab."
    ]


@pytest.mark.parametrize(
    ("days", "measured"),
    [
        (
            [dt.date(2020, 12, 31), dt.date(2021, 12, 31)],
            "amtliche Zahl vom 31.12.2021 zu alt zum Vergleichen",
        ),
        ([dt.date(2025, 12, 31)], "amtliche Zahl vom 31.12.2025 zu neu zum Vergleichen"),
        ([], "keine amtliche Zahl geliefert"),
    ],
)
def test_official_households_of_a_far_day_are_named_with_their_day(area_set, people, days, measured):
    table = builders.make_cells(CITY)
    for day in days:
        put_official_households(table, area_set, people, day, lambda _number: 2.0)

    delivery = hand_in(table, area_set, people)

    (check,) = [one for one in delivery.contract_checks if one["code"] == "W-ABGLEICH"]
    assert (check["verdict"], check["measured"]) == ("skipped", measured)
    assert warnings_of(delivery) == []


@pytest.mark.parametrize("heading", ["Vorname", "E-Mail", "Geburts_datum", "IBAN", "Hausnr."])
def test_a_file_about_persons_is_refused_and_deleted(area_set, people, heading):
    from microcells.uploads import upload_path

    table = builders.make_cells(CITY).assign(**{heading: "Kanarie-4711"})
    if heading == "Hausnr.":
        table = table.assign(Straße="Kanarie-4711")

    delivery = hand_in(table, area_set, people)

    assert delivery.state == Delivery.State.REJECTED
    assert "E-PERSON" in delivery.counts
    assert verdicts(delivery)["E-PERSON"] == "blocking"
    assert not upload_path(delivery.pk).exists()
    assert "Kanarie" not in str(list(delivery.findings.values()))


def test_warnings_block_until_each_is_accepted_with_a_reason(released, area_set, people):
    delivery = hand_in(builders.make_cells(CITY, seed=2), area_set, people)

    before = list_unaccepted(delivery)
    accept_warnings(delivery, "W-STICHTAG-ALT", "Korrektur der Lieferung von Mai", people[ADMIN])

    assert before == ["W-STICHTAG-ALT"]
    assert list_unaccepted(delivery) == []


def test_no_value_of_a_house_list_is_told_anywhere(area_set, people):
    from kodala.core.models import Run
    from tests.stages.test_house_lists import make_houses

    canary = "97753"
    table = make_houses({1: 40, 2: 40, 3: 40})
    table = table.astype(object)
    table.loc[0, "haus_id"] = f"={canary}"
    table.loc[1, "personen"] = f"{canary}x"
    table.loc[2, ["personen", "erwachsene"]] = [float(canary), float(canary) + 1]
    table.loc[3, "hausnr"] = int(canary)
    raw = builders.as_supplier_file(table)

    delivery = builders.hand_in(
        raw, area_set, people[ADMIN], kind="houses", reference_date=builders.REFERENCE_DATE
    )
    start(delivery.pk)

    delivery.refresh_from_db()
    assert {"E-SCHLUESSEL", "E-ZAHL", "E-ERW-PERS", "E-BEREICH"} <= set(delivery.counts)
    told = [*delivery.findings.values(), *Run.objects.values(), *Delivery.objects.values()]
    assert canary not in str(told)
