"""The map page: map, legend, table and panel draw one set of values; withheld ones stay withheld."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.urls import reverse

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.dashboard.models import ExportRecord
from kodala.publication.models import OfficialFigure
from kodala.publication.shown import FigureState
from tests import builders
from tests.web import published


@pytest.fixture
def datenstand(area_set, people):
    return published.make_released(area_set, people[ADMIN], people[PLANNER])


@pytest.fixture
def planner(client, people, datenstand):
    client.force_login(people[PLANNER])
    return client


def page_of(client, query="", code="debt_rate"):
    return client.get(reverse("map", args=[code]) + query).content.decode()


def config_of(page):
    return json.loads(re.search(r'<script id="map-config" type="application/json">(.*?)</script>', page)[1])


def test_the_short_address_leads_to_a_complete_one(planner):
    answer = planner.get(reverse("map-start"))

    assert answer.url == "/karte/debt_rate/?stand=1&ansicht=karte"


def test_map_and_table_show_the_same_values(planner):
    page = page_of(planner)

    on_map = {area["name"]: area["text"] for area in config_of(page)["areas"]}
    rows = re.findall(r'<th scope="row" data-value="([^"]+)">.*?<strong>([^<]+)</strong>', page, re.DOTALL)
    assert (
        on_map
        == dict(rows)
        == {"Altstadt": "15,3\N{NO-BREAK SPACE}%", "Am Wald": "geschützt", "Hafen": "4,2\N{NO-BREAK SPACE}%"}
    )


def test_a_protected_area_carries_no_number_anywhere(planner):
    page = page_of(planner, "?gebiet=3")

    area = next(one for one in config_of(page)["areas"] if one["number"] == 3)
    assert (area["class"], area["letter"], area["label"]) == ("protected", "•", "geschützt")
    assert not re.search(r"\d", area["text"] + area["compared"] + area["spoken"])
    assert "Dieser Wert ist geschützt." in page
    assert "Was stattdessen möglich ist" in page


def test_the_legend_counts_the_areas_of_each_class(planner):
    page = page_of(planner)

    counts = re.search(r'class="legend__counts".*?</div>', page, re.DOTALL)[0]
    assert re.findall(r">(\d+) Gebiete?<", counts) == ["1", "0", "1", "0", "0"]
    assert "<strong>geschützt</strong> · 1 Gebiet<" in page
    assert "<strong>keine Daten</strong> · 0 Gebiete<" in page


def test_a_number_is_a_circle_whose_area_is_the_published_value(planner, datenstand):
    published.store_figures(datenstand, "debtors", {1: 400.0, 2: 50.0, None: 450.0}, protected=(3,))

    page = page_of(planner, code="debtors")

    shares = {area["number"]: area["circle"] for area in config_of(page)["areas"]}
    assert shares == {1: 1.0, 2: 0.354, 3: None}  # root of 50 / 400
    assert "Kreisfläche = Zahl, Farbe = Klasse." in page


def test_a_share_is_an_area_without_circle(planner):
    page = page_of(planner)

    assert [area["circle"] for area in config_of(page)["areas"]] == [None, None, None]
    assert "Kreisfläche" not in page


def test_the_area_fragment_holds_legend_and_panel_and_nothing_else(planner):
    fragment = planner.get(reverse("map-area", args=["debt_rate", 1]) + "?stand=1").content.decode()

    assert re.findall(r'data-part="(\w+)"', fragment) == ["legend", "panel"]
    assert "Altstadt" in fragment
    assert "<html" not in fragment


def test_links_to_other_indicators_keep_area_and_datenstand(planner):
    page = page_of(planner, "?stand=1&gebiet=2&ansicht=tabelle")

    assert 'href="/karte/debtors/?stand=1&amp;gebiet=2&amp;ansicht=tabelle"' in page


@pytest.mark.parametrize(
    "address",
    [
        "/karte/nichts/",
        "/karte/debt_rate/?stand=7",
        "/karte/debt_rate/?stand=x",
        "/karte/debt_rate/blickpunkt/9/",
        "/karte/geometrie/999.json",
    ],
)
def test_what_does_not_exist_is_not_found(planner, address):
    answer = planner.get(address)

    assert answer.status_code == 404
    assert "Diese Seite gibt es nicht" in answer.content.decode()


def test_pages_carry_no_inline_style_and_no_inline_script(planner):
    page = page_of(planner, "?gebiet=1")

    assert " style=" not in page
    assert "<style" not in page
    assert all(
        'src="' in tag or 'type="application/json"' in tag for tag in re.findall(r"<script[^>]*>", page)
    )
    assert not re.search(r"\son\w+=", page)


def test_outlines_are_kept_for_a_year(planner, area_set):
    answer = planner.get(reverse("geometry", args=[area_set.pk]))

    assert "immutable" in answer["Cache-Control"]
    assert [feature["id"] for feature in json.loads(answer.content)["features"]] == [1, 2, 3]


def test_an_export_without_purpose_is_refused_and_not_recorded(planner):
    answer = planner.post(reverse("map-export", args=["debt_rate"]), {"purpose": ""})

    assert answer.status_code == 400
    assert "Ohne Zweck gibt es keine Datei." in answer.content.decode()
    assert not ExportRecord.objects.exists()


def test_an_export_names_its_provenance_and_is_recorded(planner, people):
    answer = planner.post(reverse("map-export", args=["debt_rate"]) + "?stand=1", {"purpose": "planning"})

    lines = answer.content.decode("utf-8-sig").split("\r\n")
    record = ExportRecord.objects.get()
    assert lines[:4] == [
        "Inhalt;Überschuldungsquote, 3 Gebiete",
        "Datenstand;01.10.2023 · V1",
        "Quelle;Probelieferung",
        lines[3],
    ]
    assert f"Kennung;{record.identifier}" in lines
    assert any(line.startswith("1;Altstadt;15,3;%;") for line in lines)
    assert any(line.startswith("3;Am Wald;geschützt;") for line in lines)
    assert any(line.startswith("2;") and ";-5,9;" in line for line in lines)  # a number for spreadsheets
    assert (record.person, record.datenstand_version) == (people[PLANNER], 1)


def test_an_official_figure_bears_its_own_date_and_source_everywhere(planner, datenstand):
    datenstand.definitions = {"official": "amtlich-9", "indicators": "kennzahlen-9"}
    datenstand.save(update_fields=["definitions"])
    published.store_figures(datenstand, "population", {1: 800.0, 2: 700.0, 3: 600.0, None: 2100.0})
    OfficialFigure.objects.create(
        datenstand=datenstand,
        area=datenstand.area_set.areas.first(),
        indicator="population",
        reference_date=dt.date(2022, 12, 31),
        state=FigureState.VALUE,
        value=800.0,
        source="Melderegister",
    )

    page = page_of(planner, code="population")
    export = planner.post(reverse("map-export", args=["population"]), {"purpose": "planning"})
    lines = export.content.decode("utf-8-sig").split("\r\n")
    help_page = planner.get(reverse("help-indicator", args=["population"])).content.decode()

    own = "Stand 31.12.2022, Quelle: Melderegister"
    caption = re.search(r"<caption[^>]*>(.*?)</caption>", page)[1]
    assert own in caption
    assert own in page[page.index('class="titleblock"') :]
    assert own in help_page
    assert "Modellwert" not in help_page
    assert "(amtlich-9)" in help_page
    assert f"Einwohner (amtlich);Amtliche Zahl. {own}" in lines
    assert not any(line.startswith("Quelle;") for line in lines)  # the cells are not where it comes from
    assert any(line.startswith("Verfahren;") and line.endswith("(amtlich-9)") for line in lines)


def test_a_modelled_figure_names_the_version_of_its_method(planner, datenstand):
    datenstand.definitions = {"typology": "typologie-9", "indicators": "kennzahlen-9"}
    datenstand.save(update_fields=["definitions"])

    assert "(typologie-9)</dd>" in page_of(planner)


def test_an_invented_city_says_so_on_every_page_and_first_in_the_file(client, db, people):
    invented = builders.make_area_set(is_invented=True)
    published.make_released(invented, people[ADMIN], people[PLANNER])
    login = client.get(reverse("login")).content.decode()
    client.force_login(people[PLANNER])
    pages = [
        client.get(reverse(name, args=arguments)).content.decode()
        for name, arguments in (
            ("map", ["debt_rate"]),
            ("filter", []),
            ("release-list", []),
            ("help-anonymous", []),
        )
    ]

    file = client.post(reverse("map-export", args=["debt_rate"]), {"purpose": "planning"}).content.decode(
        "utf-8-sig"
    )

    assert all("Demodaten – erfunden" in page for page in [login, *pages])
    assert file.startswith("Demodaten – erfunden\r\n")


def test_a_real_city_does_not_carry_the_badge(planner):
    assert "Demodaten" not in page_of(planner)


def test_before_the_first_release_the_page_says_what_is_missing(client, people, area_set):
    client.force_login(people[PLANNER])

    assert "Noch kein Datenstand freigegeben" in client.get(reverse("map-start")).content.decode()
