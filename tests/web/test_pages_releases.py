"""The release pages: what changes, who may decide, what is on record, and what becomes of old addresses."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER
from kodala.dashboard.models import SavedFilter
from kodala.publication.models import Datenstand, Decision
from kodala.publication.releasing import reject_datenstand, release_datenstand, withdraw_datenstand
from microcells.models import Delivery, WarningAcceptance
from tests.web import published
from typology.definitions import typology_rules

CONFIRMED = {"is_compared": "on", "are_warnings_accepted": "on", "valid_from": "now", "compared_with": "1"}


@pytest.fixture
def released(area_set, people):
    return published.make_released(area_set, people[ADMIN], people[PLANNER], 1, 2025)


@pytest.fixture
def draft(area_set, people, released):
    return published.make_draft(area_set, people[ADMIN], 2, 2026)


@pytest.fixture
def planner(client, people):
    client.force_login(people[PLANNER])
    return client


def page_of(client, draft, query=""):
    return client.get(reverse("release", args=[draft.pk]) + query).content.decode()


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def row_of(page, name):
    return text_of(re.search(rf'<tr><th scope="row">{name}</th>.*?</tr>', page, re.DOTALL)[0]).strip()


def test_a_row_shows_both_values_the_change_the_class_and_whether_it_holds(planner, draft):
    draft.figures.filter(indicator="debt_rate", area__number=1).update(value=19.0, lower=18.0, upper=20.0)

    page = page_of(planner, draft)

    assert row_of(page, "Altstadt") == "Altstadt 15,3 19,0 +3,7 Klasse C C → Klasse D D Wechsel ja"
    assert row_of(page, "Hafen") == "Hafen 4,2 4,2 ±0,0 Klasse A A bleibt nein"
    assert row_of(page, "Am Wald") == "Am Wald geschützt geschützt – geschützt • bleibt –"
    assert 'aria-label="Klassenwechsel in Altstadt"' in page


def test_every_indicator_can_be_chosen_and_has_its_line(planner, draft):
    page = page_of(planner, draft, "?kennzahl=group_lasting")

    assert row_of(page, "Am Wald").startswith("Am Wald 41,0 41,0 ±0,0 ")
    assert page.count('href="?kennzahl=') > 20
    assert re.search(r'href="\?kennzahl=group_lasting"[^>]*aria-current="true"', page)


def test_what_moves_figures_by_itself_is_said_at_the_indicators_it_moves(planner, draft, released):
    definitions = {"typology": typology_rules().version}
    Datenstand.objects.filter(pk__in=[draft.pk, released.pk]).update(definitions=definitions)

    types, rates = (text_of(page_of(planner, draft, f"?kennzahl={code}")) for code in ("type_1", "debt_rate"))

    assert "vorher 27.061 € für 2025, jetzt 27.602 € für 2026 (+2,0 %)" in types
    assert "Bezugswert" not in rates


def test_the_fragment_is_the_comparison_alone(planner, draft):
    answer = planner.get(reverse("release-comparison", args=[draft.pk]) + "?kennzahl=type_1")

    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert answer.content.decode().count('id="vergleich"') == 1


@pytest.mark.parametrize(
    ("comparison", "said"),
    [
        (
            {"against": 1, "state": "counted", "added": 212, "removed": 187, "changed": 3402, "kept": 9},
            "3.402",
        ),
        ({"against": 1, "state": "deleted"}, "nicht mehr vergleichbar"),
        (
            {"against": 7, "state": "counted", "added": 5, "removed": 5, "changed": 5, "kept": 5},
            "wird gezählt",
        ),
        ({}, "wird gezählt"),
    ],
)
def test_cells_are_counted_or_the_page_says_why_not(planner, draft, comparison, said):
    Datenstand.objects.filter(pk=draft.pk).update(comparison=comparison)

    tally = re.search(r'<dl class="tally">.*?</dl>', page_of(planner, draft), re.DOTALL)[0]

    assert said in text_of(tally)


def test_the_count_of_cells_asks_again_until_it_is_made_and_keeps_the_indicator(planner, draft):
    address = reverse("release-comparison", args=[draft.pk]) + "?kennzahl=type_1"

    pending = page_of(planner, draft, "?kennzahl=type_1")
    counted = {"against": 1, "state": "counted", "added": 1, "removed": 2, "changed": 3, "kept": 9}
    Datenstand.objects.filter(pk=draft.pk).update(comparison=counted)
    ended = planner.get(address).content.decode()

    part = re.search(r'<div class="stack" id="zellenvergleich"([^>]*)>', pending)[1]
    assert f'hx-get="{address}" hx-trigger="every 3s"' in part
    assert 'hx-select="#zellenvergleich"' in part
    by_hand = f'{reverse("release", args=[draft.pk])}?kennzahl=type_1">Stand neu laden</a>'
    assert any(by_hand in one for one in re.findall(r"<noscript>.*?</noscript>", pending))
    assert ended.count('id="zellenvergleich"') == 1
    assert "hx-trigger" not in ended
    assert "Stand neu laden" not in ended


@pytest.mark.parametrize("missing", ["is_compared", "are_warnings_accepted"])
def test_both_boxes_must_be_ticked(planner, draft, missing):
    given = {name: value for name, value in CONFIRMED.items() if name != missing}

    answer = planner.post(reverse("release", args=[draft.pk]), given)

    draft.refresh_from_db()
    assert (answer.status_code, draft.state) == (400, Datenstand.State.AUDITED)
    assert answer.content.decode().count('class="field__error"') == 1


def test_a_second_person_releases_with_a_note(planner, draft, people):
    planner.post(reverse("release", args=[draft.pk]), {**CONFIRMED, "note": "Sprung geklärt."})

    decision = Decision.objects.get(datenstand=draft)
    assert (decision.kind, decision.person, decision.note) == ("released", people[PLANNER], "Sprung geklärt.")


def test_a_planned_release_is_nowhere_before_its_moment(planner, draft):
    moment = timezone.localtime() + dt.timedelta(days=3)
    given = {**CONFIRMED, "valid_from": "later", "moment": f"{moment:%Y-%m-%dT%H:%M}"}

    answer = planner.post(reverse("release", args=[draft.pk]), given, follow=True)

    assert f"gilt ab {moment:%d.%m.%Y, %H:%M} Uhr" in answer.content.decode()
    for url in (
        "/karte/debt_rate/?stand=2",
        "/karte/debt_rate/blickpunkt/1/?stand=2",
        "/karte/debt_rate/export/?stand=2",
        "/filter/?stand=2",
        "/hilfe/anonym/?stand=2",
    ):
        assert planner.get(url).status_code == 404, url
    assert planner.get("/karte/").url.startswith("/karte/debt_rate/?stand=1")
    start = planner.get("/karte/debt_rate/").content.decode()
    assert "01.10.2025 · V1" in start
    assert "01.10.2026" not in start


@pytest.mark.parametrize(("given", "said"), [("", "ab wann"), ("2020-01-01T06:00", "nicht in der Zukunft")])
def test_another_moment_must_be_named_and_lie_ahead(planner, draft, given, said):
    answer = planner.post(
        reverse("release", args=[draft.pk]), {**CONFIRMED, "valid_from": "later", "moment": given}
    )

    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_whoever_compared_with_an_older_one_is_sent_back_to_compare_again(planner, draft):
    answer = planner.post(
        reverse("release", args=[draft.pk]), {**CONFIRMED, "compared_with": ""}, follow=True
    )

    draft.refresh_from_db()
    assert draft.state == Datenstand.State.AUDITED
    assert "Inzwischen gilt ein anderer Datenstand." in answer.content.decode()


def test_whoever_comes_second_reads_who_was_first(planner, draft, people, client):
    release_datenstand(draft.pk, people[PLANNER])

    answer = planner.post(
        reverse("release", args=[draft.pk]), {**CONFIRMED, "compared_with": "1"}, follow=True
    )

    assert "ist bereits freigegeben: planung, " in answer.content.decode()


def test_whoever_asked_sees_a_sentence_and_no_button(client, people, draft):
    client.force_login(people[ADMIN])

    page = page_of(client, draft)
    client.post(reverse("release", args=[draft.pk]), CONFIRMED)

    draft.refresh_from_db()
    assert "Sie haben diesen Datenstand beantragt." in page
    assert "freigeben</button>" not in page
    assert draft.state == Datenstand.State.AUDITED


def test_open_warnings_stand_in_the_way_and_accepted_ones_are_told_with_their_reason(planner, draft, people):
    Delivery.objects.filter(pk=draft.delivery_id).update(counts={"W-AUSREISSER": 14})

    before = page_of(planner, draft)
    WarningAcceptance.objects.create(
        delivery=draft.delivery, code="W-AUSREISSER", reason="Neubaugebiet.", accepted_by=people[ADMIN]
    )
    after = page_of(planner, draft)

    assert "Noch nicht alle Warnungen sind begründet." in before
    assert "freigeben</button>" not in before
    assert "„Neubaugebiet.“" in after
    assert "14 Warnungen sind begründet angenommen." in after
    assert "freigeben</button>" in after


def test_a_rejected_draft_shows_its_reason_and_no_figure(planner, draft, people):
    planner.post(reverse("release-reject", args=[draft.pk]), {"reason": "Falsche Gebiete."})

    page = page_of(planner, draft)

    assert "„Falsche Gebiete.“" in page
    assert "15,3" not in page
    assert "<table" not in page
    assert planner.get(reverse("release-comparison", args=[draft.pk])).status_code == 404
    assert planner.get("/karte/debt_rate/?stand=2").status_code == 404


def test_rejecting_needs_a_reason(planner, draft):
    answer = planner.post(reverse("release-reject", args=[draft.pk]), {"reason": " "}, follow=True)

    draft.refresh_from_db()
    assert draft.state == Datenstand.State.AUDITED
    assert "Bitte begründen Sie" in answer.content.decode()


def test_taking_back_keeps_the_note_and_says_so_at_the_old_address(planner, draft, people):
    release_datenstand(draft.pk, people[PLANNER])
    saved = SavedFilter.objects.create(owner=people[PLANNER], name="Meiner", datenstand_version=2)

    planner.post(reverse("release-withdraw", args=[draft.pk]), {"note": "Falscher Stichtag"})

    for url in (
        "/karte/debt_rate/?stand=2",
        "/karte/debt_rate/export/?stand=2",
        reverse("filter-saved", args=[saved.token]),
    ):
        answer = planner.get(url)
        assert answer.status_code == 410, url
        assert f"Er wurde am {timezone.localdate():%d.%m.%Y} um " in answer.content.decode()
        assert "15,3" not in answer.content.decode()
    assert planner.get("/karte/debt_rate/?stand=1").status_code == 200
    assert Decision.objects.get(kind="withdrawn").note == "Falscher Stichtag"


def test_the_record_tells_everything_to_admins_and_nothing_to_others(client, people, draft, released):
    release_datenstand(draft.pk, people[PLANNER], note="Jahreslieferung")
    withdraw_datenstand(draft.pk, people[PLANNER], "Falscher Stichtag")
    WarningAcceptance.objects.create(
        delivery=draft.delivery, code="W-AUSREISSER", reason="Neubaugebiet.", accepted_by=people[ADMIN]
    )
    client.force_login(people[ADMIN])

    page = text_of(client.get(reverse("release-log")).content.decode())

    assert "Freigegeben von planung," in page
    assert "„Jahreslieferung“" in page
    assert "Zurückgenommen von planung," in page
    assert "„Falscher Stichtag“" in page
    assert "W-AUSREISSER: „Neubaugebiet.“ datenpflege," in page
    assert draft.delivery.sha256 in page
    assert page.index("V2 ·") < page.index("V1 ·")
    for role in (PLANNER, COUNSELLOR):
        client.force_login(people[role])
        assert client.get(reverse("release-log")).status_code == 403


def test_the_list_offers_what_can_be_done(planner, draft, people, area_set):
    rejected = published.make_draft(area_set, people[ADMIN], 3, 2024)
    reject_datenstand(rejected.pk, people[PLANNER], "Doppelt.")
    taken_back = published.make_released(area_set, people[ADMIN], people[PLANNER], 4, 2023)
    withdraw_datenstand(taken_back.pk, people[PLANNER], "Irrtum")

    page = text_of(planner.get(reverse("release-list")).content.decode())

    assert "Vergleichen und freigeben : V2" in page
    assert "Vergleichen und noch einmal freigeben : V4" in page
    assert "V3" not in page
