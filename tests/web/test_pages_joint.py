"""Joint figures on the pages: both areas say with whom, and every count takes them once."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.publication import selectors
from kodala.publication.models import ClassScheme, Figure
from kodala.publication.shown import FigureState
from tests.web import published

PARTNER = {2: "gemeinsam mit Am Wald", 3: "gemeinsam mit Hafen"}


@pytest.fixture
def datenstand(area_set, people):
    """Lasting group: 55 in area 1, 35 for areas 2 and 3 together; the same with debtors, 400 and 90."""
    made = published.make_released(area_set, people[ADMIN], people[PLANNER])
    Figure.objects.filter(datenstand=made, indicator="group_lasting").delete()
    store_joint(made, "group_lasting", 35.0)
    store_joint(made, "debtors", 90.0)
    published.store_figures(made, "group_lasting", {1: 55.0, None: 40.0})
    published.store_figures(made, "debtors", {1: 400.0, None: 490.0})
    ClassScheme.objects.create(area_set=area_set, indicator="debtors", limits=[100.0, 200.0], method="pretty")
    return made


def store_joint(datenstand, code, value):
    areas = {area.number: area for area in datenstand.area_set.areas.all()}
    for mine, other in ((2, 3), (3, 2)):
        Figure.objects.create(
            datenstand=datenstand,
            area=areas[mine],
            indicator=code,
            state=FigureState.PROTECTED if value is None else FigureState.VALUE,
            value=value,
            joined_with=[other],
        )


@pytest.fixture
def planner(client, people, datenstand):
    client.force_login(people[PLANNER])
    return client


def page_of(client, query="", code="group_lasting"):
    return client.get(reverse("map", args=[code]) + query).content.decode()


def config_of(page):
    return json.loads(re.search(r'<script id="map-config" type="application/json">(.*?)</script>', page)[1])


def rows_of(page):
    return dict(re.findall(r'<tr data-area="(\d)".*?>(.*?)</tr>', page, re.DOTALL))


def test_map_hover_and_table_say_with_whom_a_figure_is_shown(planner):
    page = page_of(planner)

    on_map, rows = {area["number"]: area for area in config_of(page)["areas"]}, rows_of(page)
    for number, words in PARTNER.items():
        assert on_map[number]["joined"] == words
        assert on_map[number]["spoken"].endswith(words)
        assert on_map[number]["label"] == "35,0 gem."
        assert words in rows[str(number)]
    assert on_map[2]["class"] == on_map[3]["class"] == "b"
    assert (on_map[1]["joined"], on_map[1]["label"]) == ("", "55,0")


def test_the_legend_counts_two_areas_with_one_figure_once(planner):
    page = page_of(planner)

    counts = re.search(r'class="legend__counts".*?</div>', page, re.DOTALL)[0]
    assert re.findall(r">(\d+) Gebiete?<", counts) == ["0", "1", "1", "0", "0"]
    assert "<strong>gemeinsam</strong> · Hafen und Am Wald, einmal gezählt" in page


def test_a_withheld_joint_figure_is_one_withheld_figure(planner, datenstand):
    Figure.objects.filter(indicator="group_lasting", area__number__in=(2, 3)).delete()
    store_joint(datenstand, "group_lasting", None)

    page = page_of(planner, "?gebiet=3")

    assert "<strong>geschützt</strong> · 1 Gebiet<" in page
    assert "Gemeinsam mit Hafen" in page


def test_a_joint_number_is_said_to_be_for_both_and_drawn_once(planner):
    page = page_of(planner, code="debtors")

    circles = {area["number"]: area["circle"] for area in config_of(page)["areas"]}
    assert circles == {1: 1.0, 2: 0.474, 3: 0.0}  # root of 90 / 400, and not again
    assert "gemeinsam mit Am Wald, Zahl für beide zusammen" in rows_of(page)["2"]
    assert "er ist nur einmal zu zählen" in page


def test_the_panel_names_the_partner_of_value_and_types(planner, datenstand):
    for number in range(1, 9):
        store_joint(datenstand, f"type_{number}", 12.5)

    panel = planner.get(reverse("map-area", args=["group_lasting", 2]) + "?stand=1").content.decode()

    assert "<p><strong>Gemeinsam mit Am Wald</strong></p>" in panel
    types = panel[panel.index("<h3>Überschuldungstypen") :]
    assert '<p class="small"><strong>Gemeinsam mit Am Wald</strong></p>' in types
    assert types.count(">gemeinsam mit Am Wald<") == 8


def test_the_history_says_which_dates_are_joint_and_names_no_change(planner, area_set, people):
    earlier = published.make_released(area_set, people[ADMIN], people[PLANNER], version=2, year=2021)
    Figure.objects.filter(datenstand=earlier, indicator="group_lasting", area__number=2).update(value=30.0)

    panel = planner.get(reverse("map-area", args=["group_lasting", 2]) + "?stand=1").content.decode()

    assert "Am 01.10.2023 gemeinsam mit Am Wald, sonst für das Gebiet allein" in panel
    assert "Seit 01.10.2021" not in panel
    assert 'history__line--area"' not in panel  # one point on each side of the gap, no line between


def test_chips_and_hits_of_the_filter_name_the_joint_areas(planner):
    chosen = {"merkmal": ["group_lasting"], "klassen-group_lasting": ["b"]}

    page = planner.post(reverse("filter-result"), chosen).content.decode()

    chip = re.search(r'<li class="chip">(.*?)</li>', page, re.DOTALL)[1]
    assert "(Hafen und Am Wald gemeinsam)" in chip
    assert re.findall(r'data-hit="(\d+)"', page) == ["3", "2"]
    assert all(words in page for words in PARTNER.values())


def test_files_name_the_partner(planner):
    table = planner.post(reverse("map-export", args=["group_lasting"]), {"purpose": "planning"})
    chosen = {"merkmal": ["group_lasting"], "klassen-group_lasting": ["b"], "purpose": "counselling"}
    hits = planner.post(reverse("filter-export"), chosen)

    lines = table.content.decode("utf-8-sig").split("\r\n")
    assert any(line.startswith("2;Hafen;35,0;") and line.endswith(";gemeinsam mit Am Wald") for line in lines)
    assert any(line.startswith("1;Altstadt;55,0;") and line.endswith(";Wert;") for line in lines)
    assert "3;Am Wald;35,0 (gemeinsam mit Hafen);" in hits.content.decode("utf-8-sig")


def test_the_release_page_counts_a_changed_joint_figure_once(planner, area_set, people, datenstand):
    draft = published.make_draft(area_set, people[ADMIN], version=2, year=2024)
    Figure.objects.filter(datenstand=draft, indicator="group_lasting").delete()
    published.store_figures(draft, "group_lasting", {1: 55.0, None: 45.0})
    store_joint(draft, "group_lasting", 65.0)

    compared = selectors.compare_with_current(draft).find("group_lasting")
    page = planner.get(reverse("release", args=[draft.pk]) + "?kennzahl=group_lasting").content.decode()

    assert (len(compared.changed_classes), compared.n_changed_classes) == (2, 1)
    assert "Hafen (gemeinsam mit Am Wald)" in page
