"""Withheld figures on every page: named, counted also where there are none, and nothing breaks."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.publication import selectors
from kodala.publication.definitions import indicators
from kodala.publication.models import Figure
from kodala.publication.shown import Criterion, FigureState
from tests.attack.chance import without_chance
from tests.web import published

WHY = "zu klein oder nötig, um eine andere Zahl zu schützen"
SECRET = 987.5


@pytest.fixture
def datenstand(area_set, people):
    return published.make_released(area_set, people[ADMIN], people[PLANNER])


@pytest.fixture
def planner(client, people, datenstand):
    client.force_login(people[PLANNER])
    return client


def words_of(answer):
    text = html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(text.split())


def map_of(client, code="debt_rate", query=""):
    return client.get(reverse("map", args=[code]) + query)


def withhold(datenstand, code, *numbers):
    """Withhold the figure of areas, or of the whole city (None)."""
    for number in numbers:
        own = Figure.objects.filter(datenstand=datenstand, indicator=code)
        chosen = own.filter(area__isnull=True) if number is None else own.filter(area__number=number)
        assert chosen.update(state=FigureState.PROTECTED, value=None, lower=None, upper=None) == 1


def test_the_panel_says_why_in_general_words_and_what_else_there_is(planner, area_set, people):
    newer = published.make_released(area_set, people[ADMIN], people[PLANNER], version=2, year=2024)
    withhold(newer, "debt_rate", 1)

    words = words_of(map_of(planner, query="?stand=2&gebiet=1"))

    assert f"Er ist {WHY}." in words
    assert "Neuss gesamt: 10,1 %" in words.split("Was stattdessen möglich ist")[1]
    assert "Dieselbe Kennzahl in einem anderen Datenstand: 01.10.2023 · V1 : 15,3 %" in words
    assert (
        'href="/karte/debt_rate/?stand=1&amp;gebiet=1&amp;ansicht=karte"'
        in map_of(planner, query="?stand=2&gebiet=1").content.decode()
    )


def test_the_way_out_of_a_joint_figure_is_named(planner, datenstand):
    Figure.objects.filter(datenstand=datenstand, indicator="group_lasting", area__number=3).update(
        joined_with=[2]
    )

    words = words_of(map_of(planner, query="?gebiet=3"))

    assert "41,0 % , gemeinsam mit Hafen" in words.split("Was stattdessen möglich ist")[1]


def test_a_withheld_city_is_named_where_its_value_would_stand(planner, datenstand):
    withhold(datenstand, "debt_rate", None)

    page = map_of(planner, query="?gebiet=1&ansicht=tabelle").content.decode()

    facts = page.split('class="focus__facts"')[1].split("</div>")[0]
    assert "<p>Neuss gesamt: geschützt</p>" in facts
    assert "<strong>Neuss gesamt</strong>: geschützt" in page.split('class="legend__special"')[1]
    row = page.split('<tr data-area="1"')[1].split("</tr>")[0]
    assert '<td class="num" data-value="">•</td>' in row
    foot = page.split("<tfoot>")[1].split("</tfoot>")[0]
    cells = [
        re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", foot, re.DOTALL)
    ]
    assert cells[1:] == ["geschützt", "–", "•"]


def test_a_withheld_city_stands_in_the_history(planner, datenstand, area_set, people):
    newer = published.make_released(area_set, people[ADMIN], people[PLANNER], version=2, year=2024)
    withhold(newer, "debt_rate", None)

    page = map_of(planner, query="?stand=2&gebiet=1").content.decode()

    rows = re.findall(r'<th scope="row">(\d\d\.\d\d\.\d{4})</th>(.*?)</tr>', page, re.DOTALL)
    assert [row[1].endswith('<td class="num">geschützt</td>') for row in rows] == [False, True]


@pytest.mark.parametrize(("code", "said"), [("debt_rate", "1 Gebiet"), ("group_lasting", "0 Gebiete")])
def test_withheld_areas_are_counted_everywhere_also_when_there_are_none(planner, code, said):
    page = map_of(planner, code).content.decode()
    post = {"merkmal": [code], f"klassen-{code}": ["a"]}
    criteria = planner.post(reverse("filter-result"), post).content.decode()
    file = planner.post(reverse("map-export", args=[code]), {"purpose": "planning"}).content.decode(
        "utf-8-sig"
    )

    assert f"<strong>geschützt</strong> · {said}</span>" in page
    assert f"Geschützt: {said}; keine Daten: 0 Gebiete" in page.split("<caption")[1].split("</caption>")[0]
    assert f"• geschützt ({WHY}): {said} · … keine Daten: 0 Gebiete" in page
    assert f"geschützt: {said} · keine Daten: 0 Gebiete" in criteria
    assert f"Nicht geprüft: {said.split()[0]} geschützt" in criteria
    assert f"\r\nGeschützt;{said};" in file
    assert "\r\nKeine Daten;0 Gebiete;\r\n" in file


def test_a_filter_file_counts_what_could_not_be_tested(planner):
    given = {"merkmal": ["group_lasting"], "klassen-group_lasting": ["b"], "purpose": "planning"}

    file = planner.post(reverse("filter-export"), given).content.decode("utf-8-sig")

    assert "Nicht geprüft, geschützt;0;\r\nNicht geprüft, ohne Daten;0;\r\n" in file


def test_areas_that_lack_one_figure_together_count_once(datenstand, planner):
    withhold(datenstand, "group_lasting", 2, 3)
    for mine, other in ((2, 3), (3, 2)):
        Figure.objects.filter(datenstand=datenstand, indicator="group_lasting", area__number=mine).update(
            joined_with=[other]
        )
    criteria = [Criterion("group_lasting", frozenset("c"))]

    result = selectors.find_matches(datenstand, criteria, "group_lasting")

    assert result.protected_areas == ("Am Wald und Hafen",)
    assert result.protected_numbers == {2, 3}
    given = {"merkmal": ["group_lasting"], "klassen-group_lasting": ["c"]}
    words = words_of(planner.post(reverse("filter-result"), given))
    assert (
        "Nicht geprüft: 1 geschützt (Am Wald und Hafen), 0 ohne Daten. "
        "Gebiete mit gemeinsamem Wert zählen hier einmal."
    ) in words


def test_each_reason_names_its_own_areas(datenstand):
    Figure.objects.filter(datenstand=datenstand, indicator="group_lasting", area__number=2).delete()
    criteria = [Criterion("debt_rate", frozenset("c")), Criterion("group_lasting", frozenset("c"))]

    result = selectors.find_matches(datenstand, criteria, "debt_rate")

    assert (result.protected_areas, result.missing_areas) == (("Am Wald",), ("Hafen",))
    assert (result.protected_numbers, result.missing_numbers) == ({3}, {2})


@pytest.mark.parametrize("withheld", [(None, 1), (None, 1, 2, 3)], ids=["city and area", "all"])
def test_no_page_breaks_over_a_withheld_figure_of_any_indicator(
    planner, datenstand, withheld, area_set, people
):
    draft = published.make_draft(area_set, people[ADMIN], version=2, year=2024)
    Figure.objects.filter(datenstand__in=[datenstand, draft]).delete()
    for code in indicators():
        for own in (datenstand, draft):
            published.store_figures(own, code, {None: SECRET, 1: SECRET, 2: 31.0, 3: 12.0})
        withhold(datenstand, code, *withheld)

    for code in indicators():
        given = {"merkmal": [code], f"klassen-{code}": ["a", "c"], "purpose": "planning"}
        answers = [
            *(map_of(planner, code, f"?stand=1&gebiet={area}") for area in (1, 2)),
            planner.post(reverse("filter-result") + "?stand=1", given),
            planner.post(reverse("map-export", args=[code]) + "?stand=1", given),
        ]
        assert {answer.status_code for answer in answers} == {200}, code
        if len(withheld) == 4:
            assert not any(b"987" in without_chance(answer.content) for answer in answers), code
    assert planner.get(reverse("release", args=[draft.pk])).status_code == 200
