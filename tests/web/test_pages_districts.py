"""Statistical districts on the pages: in panel, page data and file, and in nothing that counts areas."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.publication.models import Figure
from kodala.publication.shown import FigureState
from tests.web import published

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def datenstand(area_set, people):
    """Area 1 with two shown districts, area 2 with two protected ones."""
    made = published.make_released(area_set, people[ADMIN], people[PLANNER])
    areas = {area.number: area for area in area_set.areas.all()}
    for area, district, value in ((1, 1, 14.0), (1, 11, 21.5), (2, 2, None), (2, 12, None)):
        Figure.objects.create(
            datenstand=made,
            area=areas[area],
            district=district,
            indicator="debt_rate",
            state=FigureState.PROTECTED if value is None else FigureState.VALUE,
            value=value,
            lower=value and value - 2,
            upper=value and value + 2,
        )
    return made


@pytest.fixture
def planner(client, people, datenstand):
    client.force_login(people[PLANNER])
    return client


def panel_of(client, number, code="debt_rate"):
    return client.get(reverse("map-area", args=[code, number]) + "?stand=1").content.decode()


def test_the_panel_lists_the_districts_with_names_and_values(planner):
    panel = panel_of(planner, 1)

    rows = re.findall(r'<tr data-district="(\d+)">(.*?)</tr>', panel, re.DOTALL)
    assert [number for number, _ in rows] == ["1", "11"]
    assert "Innenstadt" in rows[0][1]
    assert f"<strong>14,0{NBSP}%</strong>" in rows[0][1]
    assert f"19,5 bis 23,5{NBSP}%" in rows[1][1]
    assert "Darin: statistische Bezirke" in panel


def test_a_protected_district_has_words_and_no_number(planner):
    panel = panel_of(planner, 2)

    rows = re.findall(r'<tr data-district="\d+">.*?<td[^>]*>(.*?)</td>', panel, re.DOTALL)
    assert rows == ["<strong>geschützt</strong>"] * 2


@pytest.mark.parametrize(("number", "code"), [(3, "debt_rate"), (1, "group_lasting")])
def test_where_there_are_no_districts_there_is_no_table(planner, number, code):
    assert "statistische Bezirke" not in panel_of(planner, number, code)


def test_the_page_data_hold_the_districts_beside_the_areas(planner):
    page = planner.get(reverse("map", args=["debt_rate"])).content.decode()

    config = json.loads(re.search(r'<script id="map-config" type="application/json">(.*?)</script>', page)[1])
    assert len(config["areas"]) == 3
    assert config["districts"][1] == {
        "level": "statistischer Bezirk",
        "area": 1,
        "district": 11,
        "name": "Selikum",
        "text": f"21,5{NBSP}%",
        "spoken": f"Statistischer Bezirk 11, Selikum: 21,5{NBSP}%",
    }


def test_the_file_has_the_districts_below_the_areas_and_says_what_they_are(planner):
    answer = planner.post(reverse("map-export", args=["debt_rate"]), {"purpose": "planning"})

    lines = answer.content.decode("utf-8-sig").split("\r\n")
    city = next(at for at, line in enumerate(lines) if line.startswith(";Neuss gesamt;"))
    assert lines[city + 2] == "Darin: statistische Bezirke"
    assert lines[city + 4].startswith("1;Innenstadt;14,0;%;")
    assert lines[city + 4].endswith(";1;;Wert;statistischer Bezirk, im Gebiet enthalten")
    assert lines[city + 6].startswith("2;Dreikönigenviertel;geschützt;%;;2;;geschützt;")


def test_map_table_legend_and_filter_know_areas_only(planner):
    page = planner.get(reverse("map", args=["debt_rate"]) + "?gebiet=1").content.decode()
    hits = planner.post(
        reverse("filter-result"), {"merkmal": ["debt_rate"], "klassen-debt_rate": ["c", "d"]}
    ).content.decode()

    counts = re.search(r'class="legend__counts".*?</div>', page, re.DOTALL)[0]
    assert re.findall(r">(\d+) Gebiete?<", counts) == ["1", "0", "1", "0", "0"]
    assert "<strong>geschützt</strong> · 1 Gebiet<" in page
    assert re.findall(r'<tr data-area="(\d)"', page) == ["1", "3", "2"]
    assert page.count(f"<strong>15,3{NBSP}%</strong>") == 1
    assert re.findall(r'data-hit="(\d+)"', hits) == ["1"]
