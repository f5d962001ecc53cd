"""The risk filter: fixed classes, A to Z, withheld areas named, opaque addresses."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse

from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER
from kodala.dashboard.models import ExportRecord, SavedFilter
from kodala.publication.definitions import TYPE_CODES
from kodala.publication.models import Datenstand, Figure
from kodala.publication.shown import FigureState
from tests.web import published

HIGH = {"merkmal": ["debt_rate"], "klassen-debt_rate": ["c", "d", "e"]}


@pytest.fixture
def counsellor(client, people, area_set):
    published.make_released(area_set, people[ADMIN], people[PLANNER])
    client.force_login(people[COUNSELLOR])
    return client


def hits(page):
    return re.findall(r'data-hit="(\d+)"', page)


def test_finds_the_areas_of_the_chosen_classes_and_names_the_withheld_one(counsellor):
    page = counsellor.post(reverse("filter-result"), HIGH).content.decode()

    assert hits(page) == ["1"]
    assert "<span>1</span> von 3 Gebieten" in page
    assert "Nicht geprüft: 1 geschützt (Am Wald), 0 ohne Daten." in page


def legend_of(page):
    """The words beside each sign, as far as they are seen."""
    own = page.split('id="karte-legende"')[1].split("</ul>")[0]
    seen = re.sub(r'<span class="visually-hidden">[^<]*</span>', "", own)
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in seen.split("<li>")[1:]]


def test_the_map_has_a_legend_that_counts_what_was_not_tested(counsellor):
    before = legend_of(counsellor.get(reverse("filter")).content.decode())
    changed = counsellor.post(reverse("filter-result"), HIGH, headers={"hx-request": "true"}).content.decode()

    assert [line[0] for line in before] == ["A", "B", "C", "D", "E", "•", "…"]
    assert before[-2:] == ["• geschützt · 1 Gebiet", "… keine Daten · 0 Gebiete"]
    assert legend_of(changed) == before
    assert changed.count('hx-swap-oob="true"') == 2


def test_an_area_that_could_not_be_tested_is_hatched_not_pale(counsellor):
    both = {"merkmal": ["group_lasting", "debt_rate"], "klassen-group_lasting": ["c"]}
    both |= {"klassen-debt_rate": ["c"]}

    page = counsellor.post(reverse("filter-result"), both).content.decode()

    shown = json.loads(re.search(r'<script id="map-config"[^>]*>(.*?)</script>', page)[1])
    untested = next(area for area in shown["areas"] if area["name"] == "Am Wald")
    assert (untested["class"], untested["dimmed"]) == ("protected", False)
    assert untested["spoken"] == "Am Wald: nicht geprüft, ein Merkmal ist geschützt"
    assert "41,0" not in untested["text"]


def test_all_criteria_must_apply(counsellor):
    both = HIGH | {"merkmal": ["debt_rate", "group_lasting"], "klassen-group_lasting": ["b"]}

    page = counsellor.post(reverse("filter-result"), both).content.decode()

    assert hits(page) == []
    assert "Kein Gebiet erfüllt alle gewählten Merkmale." in page


def test_matches_stand_from_a_to_z(counsellor):
    every = {"merkmal": ["group_lasting"], "klassen-group_lasting": ["b", "c"]}

    assert hits(counsellor.post(reverse("filter-result"), every).content.decode()) == ["1", "3", "2"]


def test_a_pale_area_carries_no_value_on_the_map(counsellor):
    page = counsellor.post(reverse("filter-result"), HIGH).content.decode()

    hafen = re.search(r'\{[^{}]*"name": "Hafen"[^{}]*\}', page)[0]
    assert '"dimmed": true' in hafen
    assert '"label": ""' in hafen


def test_classes_that_do_not_exist_are_ignored(counsellor):
    odd = {"merkmal": ["debt_rate", "haushalt_17"], "klassen-debt_rate": ["x"], "klassen-haushalt_17": ["a"]}

    assert "Noch keine Klasse gewählt" in counsellor.post(reverse("filter-result"), odd).content.decode()


def test_without_javascript_the_form_leads_to_an_opaque_address(counsellor):
    answer = counsellor.post(reverse("filter-evaluate"), HIGH)

    saved = SavedFilter.objects.get()
    assert answer.url == f"/filter/{saved.token}/?stand=1"
    assert "debt" not in answer.url
    assert hits(counsellor.get(answer.url).content.decode()) == ["1"]


def test_a_saved_filter_belongs_to_its_owner_alone(counsellor, people):
    counsellor.post(reverse("filter-save"), HIGH | {"name": "Prävention"})
    saved = SavedFilter.objects.get(name="Prävention")
    address = reverse("filter-saved", args=[saved.token])

    own = counsellor.get(address).status_code
    counsellor.force_login(people[PLANNER])
    foreign = counsellor.get(address)

    assert (own, foreign.status_code) == (200, 404)
    assert counsellor.post(reverse("filter-delete", args=[saved.token])).status_code == 404


def test_at_most_five_criteria_are_kept(counsellor):
    codes = [
        "debt_rate",
        "debt_rate_hard",
        "debt_rate_soft",
        "group_lasting",
        "group_temporary",
        "group_periodic",
    ]

    page = counsellor.post(reverse("filter-result"), {"merkmal": codes}).content.decode()

    assert page.count('<fieldset class="crit">') == 5
    assert "hinzufuegen" not in page


def test_the_export_holds_the_matches_and_the_withheld_names(counsellor):
    answer = counsellor.post(reverse("filter-export"), HIGH | {"purpose": "counselling"})

    text = answer.content.decode("utf-8-sig")
    assert "\r\n1;Altstadt;15,3;14,3 bis 16,3\u00a0%;C\r\n" in text
    assert "\r\nModellwert;Überschuldungsquote; Unsicherheit" in text.replace('"', "")
    assert "Nicht geprüft, geschützt;1;Am Wald\r\nNicht geprüft, ohne Daten;0;\r\n" in text
    assert "Zweck;Planung der Schuldnerberatung" in text
    assert ExportRecord.objects.get().content.startswith("Risikofilter, 1 von 3 Gebieten")


def test_an_export_without_purpose_makes_no_file(counsellor):
    answer = counsellor.post(reverse("filter-export"), HIGH | {"purpose": ""})

    assert answer.status_code == 302
    assert not ExportRecord.objects.exists()


def types_of(page, number):
    row = re.search(rf'data-hit="{number}".*?</tr>', page, re.DOTALL)[0]
    return re.findall(r'<td class="tiny">(.*?)</td>', row)[0]


@pytest.mark.parametrize(
    ("withheld", "sentence"),
    [
        ((), "–"),
        ((("type_1", 1),), "Die Typen sind teilweise geschützt."),
        ((("type_7", 1),), "Die Typen sind teilweise geschützt."),
        ((("type_4", None),), "Die Typen sind teilweise geschützt."),
        ((("type_4", 2),), "–"),
        (tuple((code, 1) for code in TYPE_CODES), "Die Typen sind geschützt."),
    ],
)
def test_a_match_says_why_its_types_say_nothing(counsellor, withheld, sentence):
    datenstand = Datenstand.objects.get()
    for code in TYPE_CODES:
        published.store_figures(datenstand, code, {1: 12.5, 2: 12.5, 3: 12.5, None: 12.5})
    for code, number in withheld:
        figures = Figure.objects.filter(datenstand=datenstand, indicator=code, area__number=number)
        if number is None:
            figures = Figure.objects.filter(datenstand=datenstand, indicator=code, area=None)
        figures.update(state=FigureState.PROTECTED, value=None, lower=None, upper=None)

    page = counsellor.post(reverse("filter-result"), HIGH).content.decode()

    assert types_of(page, 1) == sentence
