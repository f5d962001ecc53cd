"""Comparison rows and breaks in the panel: published values with sources, raw and adjusted."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.dashboard.history_drawing import draw_history
from kodala.publication import selectors
from kodala.publication.models import Datenstand, Figure, OfficialFigure
from tests.web import published

pytestmark = pytest.mark.django_db
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def years(area_set, people):
    """Released Datenstände of 2021, 2022 and 2023."""
    return [
        published.make_released(area_set, people[ADMIN], people[PLANNER], version, year)
        for version, year in ((1, 2021), (2, 2022), (3, 2023))
    ]


def row_of(panel, region):
    return next(row for row in panel.rows if row.region == region)


def test_germany_ships_with_sources_and_its_change_over_the_break_is_never_raw_alone(years):
    panel = selectors.get_area_view(years[-1], "debt_rate", 1)
    germany = {one.reference_date.year: one for one in row_of(panel, "country").values}

    assert germany[2023].text == f"8,15{NBSP}%"
    assert germany[2023].change == "roh −0,33, bereinigt +0,03"
    assert germany[2022].change == "−0,38"
    assert germany[2024].change == "Methodenbruch"
    assert "fbsb-nrw.de" in panel.sources[germany[2023].mark - 1]
    assert [row.region for row in panel.rows] == ["city", "district", "state", "country"]


def test_a_delivered_value_replaces_the_shipped_one_of_its_year_and_adds_others(years):
    OfficialFigure.objects.create(
        datenstand=years[-1], region="country", indicator="debt_rate", reference_date=dt.date(2023, 12, 31),
        state="value", value=8.2, source="eigene Lieferung",
    )  # fmt: skip

    panel = selectors.get_area_view(years[-1], "debt_rate", 1)
    other = selectors.get_area_view(years[0], "debt_rate", 1)

    germany = [one for one in row_of(panel, "country").values if one.reference_date.year == 2023]
    assert [one.text for one in germany] == [f"8,20{NBSP}%"]
    assert panel.sources[germany[0].mark - 1] == "eigene Lieferung"
    assert f"8,15{NBSP}%" in [one.text for one in row_of(other, "country").values]


def test_no_row_of_the_city_tells_what_a_datenstand_withholds_of_it(years):
    year = 2022
    OfficialFigure.objects.create(
        datenstand=years[-1], region="city", indicator="debt_rate", reference_date=dt.date(year, 10, 1),
        state="value", value=13.3, source="eigene Lieferung",
    )  # fmt: skip
    assert year in {one.reference_date.year for one in row_of(area_view(years[-1]), "city").values}

    own = Figure.objects.filter(datenstand__reference_date__year=year, indicator="debt_rate", area=None)
    own.update(state="protected", value=None, lower=None, upper=None)

    assert year not in {one.reference_date.year for one in row_of(area_view(years[-1]), "city").values}


def area_view(datenstand):
    return selectors.get_area_view(datenstand, "debt_rate", 1)


def test_an_area_over_the_break_is_told_raw_and_adjusted_and_chained(years):
    panel = selectors.get_area_view(years[-1], "debt_rate", 1)

    assert panel.change == f"Seit 01.10.2022: roh ±0,0, bereinigt +0,7{NBSP}Prozentpunkte."
    assert [point.chained_text for point in panel.history] == [f"14,7{NBSP}%", f"14,7{NBSP}%", ""]
    assert "Methodenwechsel 2023" in panel.history_note
    assert "verkettet" in panel.history_note


def test_without_a_factor_only_the_change_against_the_city_is_told(area_set, people, years):
    published.make_released(area_set, people[ADMIN], people[PLANNER], 4, 2025)

    panel = selectors.get_area_view(Datenstand.objects.get(version=4), "debt_rate", 1)

    assert panel.change == (
        "Seit 01.10.2023: Methodenbruch 2024, eine Veränderung lässt sich nicht angeben; "
        "gegenüber Neuss gesamt vom 1,51-Fachen auf das 1,51-Fache."
    )


def test_a_withheld_area_tells_no_change(years):
    panel = selectors.get_area_view(years[-1], "debt_rate", 3)

    assert panel.change == ""
    assert all(point.chained is None for point in panel.history)


def test_the_drawing_leaves_a_gap_at_the_break_and_marks_it(years):
    panel = selectors.get_area_view(years[-1], "debt_rate", 1)

    drawing = draw_history(panel.name, panel.history, has_city=True, breaks=panel.breaks, rows=panel.rows)

    lines = {line.kind: line for line in drawing.lines}
    assert [len(line.points) for line in (lines["area"], lines["city"], lines["country"])] == [1, 1, 1]
    assert lines["area"].points[0].count(",") == 2
    assert lines["chained"].points[0].count(",") == 3
    assert [mark.text for mark in drawing.breaks] == ["Methodenwechsel"]
    assert {label.kind for label in drawing.labels} == {"area", "city", "district", "state", "country"}
    places = sorted(label.y for label in drawing.labels)
    assert all(low + 12.9 <= high for low, high in pairwise(places))
    assert "Methodenwechsel 2023" in drawing.sentence
    assert "Deutschland 2025" in drawing.sentence


def test_labels_that_end_together_stay_inside_the_drawing(years):
    panel = selectors.get_area_view(years[-1], "debt_rate", 1)
    low, *_, high = panel.history
    figure = {"value": 8.15, "label": "8,15"}
    history = [
        replace(low, area=replace(low.area, value=1.0), city=replace(low.city, value=1.0), chained=None),
        replace(high, area=replace(high.area, **figure), city=replace(high.city, **figure), chained=None),
    ]

    drawing = draw_history(panel.name, history, has_city=True, breaks=panel.breaks, rows=panel.rows)

    places = sorted(label.y for label in drawing.labels)
    assert len(places) == 5
    assert places[0] > 0
    assert places[-1] < drawing.height
    assert all(low + 12.9 <= high for low, high in pairwise(places))


def test_counts_are_drawn_without_regions(years):
    published.store_figures(years[0], "debtors", {1: 500.0})
    published.store_figures(years[1], "debtors", {1: 600.0})
    panel = selectors.get_area_view(years[1], "debtors", 1)

    drawing = draw_history(panel.name, panel.history, has_city=False, breaks=panel.breaks, rows=panel.rows)

    assert [line.kind for line in drawing.lines] == ["area", "chained"]
    assert "Deutschland" in [row.label for row in panel.rows]


def test_page_shows_rows_as_a_table_and_says_what_they_are(client, people, years):
    client.force_login(people[PLANNER])

    page = client.get("/karte/debt_rate/", {"gebiet": 1, "stand": 3}).content.decode()

    assert "keine Modellwerte" in page
    assert "roh −0,33, bereinigt +0,03" in page
    assert 'class="history__break"' in page
    assert "Amtliche Zahlen" not in page
