"""Checking a delivery of official figures: two forms of a table, every rule, and what may be stored."""

from __future__ import annotations

import datetime as dt

import pytest

from kodala.core.errors import InputError
from microcells.domain.area_statistics import StatisticsCheck
from microcells.domain.statistics_catalogue import read_catalogue
from tests.domain.statistics_rows import CATALOGUE, DATE, DEFINITION, PLACES, SCHEMA, TODAY, block_of, check

WIDE = """
gebiet        | einwohner | einwohner_80plus
Altstadt      | 500       | 20
Hafen         | 700       | 30
am WALD       | 600       | 40
Neuss gesamt  | 1800      | 90
"""
LONG = """
gebiet_nr | region | indikator             | wert
1         |        | einwohner             | 500
1         |        | einwohner_80plus      | 20
2         |        | Einwohner (amtlich)   | 700
2         |        | population_80plus     | 30
3         |        | einwohner             | 600
3         |        | Personen ab 80 Jahren | 40
          | Stadt  | einwohner             | 1800
          | Neuss  | einwohner_80plus      | 90
"""


def found(result):
    """Code, line and column of every finding."""
    return [(one.finding.code, one.rows.tolist(), one.finding.column) for one in result.findings]


def test_one_row_per_figure_and_one_row_per_area_are_the_same_delivery():
    wide, long = check(WIDE), check(LONG)

    assert (wide.reasons, long.reasons) == ([], [])
    assert wide.checksum == long.checksum
    assert wide.reference_date == DATE
    assert {(e.area, e.region, e.indicator, e.value) for e in wide.entries} == {
        (e.area, e.region, e.indicator, e.value) for e in long.entries
    }
    assert check(WIDE.replace("500", "501")).checksum != wide.checksum


def test_the_date_stands_in_the_row_or_was_given_with_the_file():
    table = "gebiet_nr|stichtag|einwohner\n1|2023-12-31|500\n2||700\n3|2023-12-31|600"

    dates = {entry.area: entry.date for entry in check(table).entries}
    without = check(table, stated_date=None)

    assert dates == {1: dt.date(2023, 12, 31), 2: DATE, 3: dt.date(2023, 12, 31)}
    assert found(without)[0] == ("E-STICHTAG", [3], "stichtag")
    assert without.reasons[0] == (
        "Zeilen ohne Stichtag: 1. Bitte den Stichtag in der Datei oder beim Hochladen angeben."
    )


def test_every_row_is_named_that_says_nothing_usable():
    result = check("""
gebiet_nr | gebiet   | region | indikator           | wert | zaehler | nenner
1         | Hafen    |        | einwohner           | 500  |         |
1         |          |        | Wetter              | 5    |         |
1         |          |        |                     | 5    |         |
1         |          |        | sgb2_quote          | 120  |         |
1         |          |        | arbeitslose         | -7   |         |
1         |          |        | arbeitslose_anteil  | 5    | 60      | 50
1         |          |        | nahversorgung_anteil| 50   | 60      | 100
1         |          |        | ueberschuldungsquote| 12   |         |
2         |          |        | wohnungen           | 300  |         |
2         |          |        | wohnungen           | 300  |         |
          |          | Mond   | einwohner           | 1    |         |
2         |          | Kreis  | einwohner           | 1    |         |
""")

    assert found(result) == [
        ("E-ZUORDNUNG", [2], "gebiet"),
        ("E-INDIKATOR", [3], "indikator"),
        ("E-PFLICHT", [4], "indikator"),
        ("E-BEREICH", [5], "wert"),
        ("E-NEGATIV", [6], "wert"),
        ("E-BEREICH", [7], "wert"),
        ("E-QUOTE", [8], "wert"),
        ("E-INDIKATOR", [9], "indikator"),
        ("E-DOPPELT", [11], "wert"),
        ("E-REGION", [12, 13], "region"),
    ]


def test_an_unknown_area_refuses_the_whole_file():
    result = check("gebiet|einwohner\nAltstadt|500\nNirgendwo|5\n|7")

    assert found(result)[0] == ("E-GEBIET", [3], "gebiet")
    assert result.reasons[0].startswith("Zeilen mit unbekanntem Gebiet: 2.")


def test_age_groups_are_not_more_than_the_inhabitants():
    table = "gebiet_nr|einwohner|einwohner_75_79|einwohner_80plus\n1|500|250|{}\n2|500|1|1\n3|500|1|1"

    assert found(check(table.format(250))) == []
    assert found(check(table.format(251))) == [("E-ALTER-SUMME", [2], "einwohner_80plus")]


def test_districts_add_up_to_their_area_or_give_nothing():
    table = """
bezirk_nr | indikator           | wert | zaehler | nenner
1         | einwohner           | 200  |         |
11        | einwohner           | 300  |         |
1         | arbeitslose_anteil  | 10   | 10      | 100
11        | arbeitslose_anteil  | 5    | 15      | 300
2         | einwohner           | 700  |         |
3         | einwohner           | 600  |         |
"""
    whole = {(e.area, e.indicator): e.value for e in check(table).entries}
    holed = check(table.replace("11        | einwohner           | 300  |         |\n", ""))

    assert whole[1, "population"] == 500
    assert whole[1, "unemployed_share"] == pytest.approx(6.25)
    assert ("E-BEZIRK", [2], "wert") in found(holed)
    assert (1, "population") not in {(e.area, e.indicator) for e in holed.entries}


def test_what_the_supplier_withholds_stays_withheld_and_is_named():
    result = check("gebiet_nr|einwohner|betriebe|wohnungen\n1|500||\n2|700|80|\n3|600|70|")

    assert {e.indicator for e in result.entries} == {"population", "companies"}
    assert [e.value for e in result.entries if e.indicator == "companies"] == [None, 80, 70]
    assert [(one.finding.code, one.finding.text) for one in result.findings] == [
        (
            "W-GEBIET-FEHLT",
            "Die Kennzahl „Betriebe“ liegt nicht für alle Gebiete vor; "
            "die Summe der Stadt wird dann nicht gezeigt.",
        )
    ]


def test_shares_of_one_and_a_city_beside_its_areas_are_asked_about_but_not_changed():
    rows = "".join(f"{n}|2024-12-{d}|0.1{d}|{n}00\n" for n in (1, 2, 3) for d in (30, 31))
    result = check(f"gebiet_nr|stichtag|sgb2_quote|wohnungen\n{rows}")
    city = check("gebiet|wohnungen\nAltstadt|500\nHafen|700\nAm Wald|600\nStadt|2000")

    assert [one.finding.code for one in result.findings] == ["W-ANTEIL"]
    assert max(e.value for e in result.entries if e.indicator == "sgb2_rate") < 1
    assert [one.finding.code for one in city.findings] == ["W-STADTSUMME"]


def test_more_than_one_row_in_a_hundred_with_errors_refuses_the_file():
    rows = [f"{n}|20{y:02}-12-31|500" for n in (1, 2, 3) for y in range(26, 0, -1)]
    head = "gebiet_nr|stichtag|einwohner\n"
    one_wrong = check(head + "\n".join(["1|1999-12-31|5", *rows]))

    assert "1 von 79 Zeilen haben Fehler; erlaubt sind höchstens 1 %." in one_wrong.reasons


def test_a_file_without_end_is_no_statistic():
    checking = StatisticsCheck(SCHEMA, CATALOGUE, PLACES, stated_date=DATE, today=TODAY)
    block = block_of("gebiet_nr|einwohner\n" + "1|5\n" * 50_000)
    for _ in range(4):
        checking.add(block)

    with pytest.raises(InputError, match=r"mehr als 200\.000 Zeilen"):
        checking.add(block)


def test_no_finding_repeats_a_value():
    result = check("gebiet_nr|indikator|wert\n1|Geheimwort|4711\n1|sgb2_quote|4711\n2|arbeitslose|-4711")

    assert not [
        one for one in result.findings if "4711" in str(one.finding) or "Geheimwort" in str(one.finding)
    ]


def test_the_catalogue_refuses_what_it_cannot_mean():
    wrong = {**DEFINITION.content, "whole": {"total": "population", "parts": ["ghosts"]}}

    with pytest.raises(ValueError, match="unknown figures: ghosts"):
        read_catalogue(type(DEFINITION)(DEFINITION.version, DEFINITION.sha256, wrong))
