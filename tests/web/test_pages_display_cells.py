"""Display cells on the map page: for whom, in words and counts, and never with a number of people."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse

from kodala.dashboard.access import ADMIN, COUNSELLOR, PLANNER
from kodala.publication.models import ClassScheme
from tests.web import published

ON = "?stand=1&ansicht=karte&zellen=1"


@pytest.fixture
def datenstand(area_set, people):
    datenstand = published.make_released(area_set, people[ADMIN], people[PLANNER])
    published.add_display_cells(datenstand)
    return datenstand


@pytest.fixture
def planner(client, people, datenstand):
    client.force_login(people[PLANNER])
    return client


def page_of(client, query="", code="debt_rate"):
    return client.get(reverse("map", args=[code]) + query).content.decode()


def config_of(page):
    return json.loads(re.search(r'<script id="map-config" type="application/json">(.*?)</script>', page)[1])


def counts_of(page):
    """Name of an area -> its counts in the table of display cells."""
    table = page.split('id="anzeigezellen"')[1]
    rows = re.findall(r'<tr[^>]*><th scope="row">([^<]+)</th>((?:<td class="num">\d+</td>)+)</tr>', table)
    return {name: [int(count) for count in re.findall(r">(\d+)<", cells)] for name, cells in rows}


def test_display_cells_are_off_until_somebody_asks(planner):
    page = page_of(planner)

    assert 'id="zellen" role="button" aria-pressed="false"' in page
    assert "zellen=1" in re.search(r'id="zellen"[^>]*href="([^"]+)"', page)[1]
    assert config_of(page)["cells"] is None
    assert 'id="anzeigezellen"' not in page


def test_the_table_counts_display_cells_by_area_and_class(planner):
    counts = counts_of(page_of(planner, ON))

    assert counts == {
        "Altstadt": [4, 4, 4, 4, 2, 2, 0],
        "Hafen": [4, 4, 4, 4, 2, 2, 0],
        "Am Wald": [0, 0, 0, 0, 0, 20, 0],
        "Neuss gesamt": [8, 8, 8, 8, 4, 24, 0],
    }


def test_the_page_says_what_is_withheld_that_it_is_modelled_and_which_datenstand(planner):
    page = page_of(planner, ON)

    own = page.split('id="anzeigezellen"')[1].split("</section>")[0]
    assert "<strong>Anzeigezellen</strong> · 24 von 60 geschützt" in page
    assert "24 von 60 geschützt" in own
    assert "Modellwert" in own
    assert "01.10.2023 · V1" in own
    assert 'aria-pressed="true"' in page


def test_the_browser_gets_tiles_and_words_and_computes_nothing(planner):
    config = config_of(page_of(planner, ON))

    assert config["cells"]["tiles"] == "/tiles/1/debt_rate/{z}/{x}/{y}.mvt"
    assert config["cells"]["words"] == {
        "a": "Klasse A (bis 6\N{NO-BREAK SPACE}%)",
        "b": "Klasse B (> 6 bis 12\N{NO-BREAK SPACE}%)",
        "c": "Klasse C (> 12 bis 18\N{NO-BREAK SPACE}%)",
        "d": "Klasse D (> 18 bis 24\N{NO-BREAK SPACE}%)",
        "e": "Klasse E (über 24\N{NO-BREAK SPACE}%)",
        "protected": "geschützt",
        "missing": "keine Daten",
    }
    forest = next(one for one in config["areas"] if one["name"] == "Am Wald")
    assert forest["cells"] == "Anzeigezellen: 20 geschützt."
    assert forest["spoken"].endswith("Anzeigezellen: 20 geschützt.")


def test_the_panel_counts_those_of_the_chosen_area(planner):
    answer = planner.get(reverse("map-area", args=["debt_rate", 3]) + ON).content.decode()

    panel = answer.split("<h3>Anzeigezellen")[1].split("</section>")[0]
    assert re.search(r'geschützt</th><td class="num">20</td>', panel)
    assert "24 von 60 geschützt" in answer  # in the legend


def test_links_keep_display_cells_on(planner):
    page = page_of(planner, ON)

    assert "/karte/debt_rate/?stand=1&amp;gebiet=2&amp;ansicht=karte&amp;zellen=1" in page


@pytest.mark.parametrize("role", [COUNSELLOR, ADMIN])
def test_no_other_group_sees_display_cells_even_when_it_asks(client, people, datenstand, role):
    client.force_login(people[role])

    page = page_of(client, ON)

    assert 'id="zellen"' not in page
    assert "Anzeigezelle" not in page
    assert config_of(page)["cells"] is None


def test_an_indicator_that_is_not_shown_for_display_cells_has_no_button(planner):
    page = page_of(planner, ON, "group_lasting")

    assert 'id="zellen"' not in page
    assert config_of(page)["cells"] is None


def test_without_display_cells_the_page_says_why(planner, datenstand):
    datenstand.certificate["display_cells"] = {
        "reason": "Die Lieferung nennt nicht zu jeder Mikrozelle Koordinaten.",
        "indicators": {},
    }
    datenstand.save()

    page = page_of(planner, ON)

    assert "Zu diesem Datenstand gibt es keine Anzeigezellen. Die Lieferung nennt nicht zu jeder" in page
    assert config_of(page)["cells"] is None
    assert "von 0 geschützt" not in page


def test_a_datenstand_from_before_display_cells_says_so(planner, datenstand):
    del datenstand.certificate["display_cells"]
    datenstand.save()

    assert "ist entstanden, bevor es Anzeigezellen gab" in page_of(planner, ON)


def test_new_class_limits_end_the_old_classes(planner):
    ClassScheme.objects.filter(indicator="debt_rate").update(limits=[3.0])

    page = page_of(planner, ON)

    assert "sind seither neu festgelegt worden" in page
    assert config_of(page)["cells"] is None


def test_the_proof_stands_on_the_page_that_explains_anonymity(planner, datenstand):
    datenstand.certificate["display_cells"]["indicators"]["debt_rate"] |= {
        "label": "Überschuldungsquote",
        "cells": 60,
        "protected": 24,
        "smallest_interval": 18.3,
        "areas_closed": 1,
    }
    datenstand.save()

    page = planner.get(reverse("help-anonymous")).content.decode()

    assert "Anzeigezellen, Überschuldungsquote: 24 von 60 geschützt" in page
    assert "auf weniger als 18,3 Personen ein; 1 Gebiet ganz ohne gezeigte Anzeigezelle" in page
