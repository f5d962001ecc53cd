"""Every rule for rows: seen to strike, and seen to keep still at its exact bound."""

from __future__ import annotations

import pytest

from kodala.core.errors import Severity
from tests.domain.delivery_files import (
    CELL,
    HOUSE,
    as_file,
    cells,
    codes_of,
    validate,
    with_types,
)

REASON_COLUMNS = [header for header in CELL if header.startswith("grund_")]
EDUCATION = {"bildung_niedrig": "-1", "bildung_hoch": "-1"}


def reasons(*shares):
    return dict(zip(REASON_COLUMNS, shares, strict=True))


def test_the_mini_example_of_the_methods_is_valid():
    assert codes_of({}) == []
    assert codes_of({"erwachsene": "13"}) == ["E-ERW-PERS"]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        # base columns need a value; −1 is none
        ({"mz_id": ""}, ["E-PFLICHT"]),
        ({"stichtag": ""}, ["E-PFLICHT"]),
        ({"haushalte": ""}, ["E-PFLICHT"]),
        ({"haushalte": "-1"}, ["E-PFLICHT"]),
        ({"personen": "-1"}, ["E-PFLICHT"]),
        ({"erwachsene": "-1"}, ["E-PFLICHT"]),
        ({"sen_80plus": "-1"}, ["E-PFLICHT"]),
        ({"schuldner_hart": "-1", "schuldner_weich": "-1"}, []),
        ({"alq": "-1"}, []),
        ({"strassenabschnitt": "", "haeuser": "", "bezirk_nr": ""}, []),
        # negative other than −1
        ({"personen": "-2"}, ["E-NEGATIV"]),
        ({"haushalte": "-2"}, ["E-NEGATIV"]),
        ({"alq": "-0.5"}, ["E-NEGATIV"]),
        ({"schuldner_hart": "-0.1"}, ["E-NEGATIV"]),
        ({"alq": "0"}, []),
        # at least four households
        ({"haushalte": "3", "haeuser": "1"}, ["E-HH-MIN"]),
        ({"haushalte": "0", "haeuser": ""}, ["E-HH-MIN"]),
        ({"haushalte": "4"}, []),
        ({"haushalte": "500", "personen": "900", "erwachsene": "700"}, []),
        ({"haushalte": "501", "personen": "900", "erwachsene": "700"}, ["E-BEREICH"]),
        ({"haushalte": "6.5"}, ["E-BEREICH"]),
        # no number
        ({"personen": "viele"}, ["E-ZAHL"]),
        ({"kaufkraft_eur_ew": "inf"}, ["E-ZAHL"]),
        ({"kaufkraft_eur_ew": "1e308"}, ["E-ZAHL"]),
        # ranges, both ends included
        ({"alter_mittel_erw": "18"}, []),
        ({"alter_mittel_erw": "17.9"}, ["E-BEREICH"]),
        ({"alter_mittel_erw": "100"}, []),
        ({"alter_mittel_erw": "100.1"}, ["E-BEREICH"]),
        ({"glaeubiger_je": "1"}, []),
        ({"glaeubiger_je": "0.9"}, ["E-BEREICH"]),
        ({"schulden_mittel_eur": "5000000"}, []),
        ({"schulden_mittel_eur": "5000001"}, ["E-BEREICH"]),
        ({"dauer_jahre": "0.1"}, []),
        ({"dauer_jahre": "0.09"}, ["E-BEREICH"]),
        ({"kaufkraft_eur_ew": "3000"}, []),
        ({"kaufkraft_eur_ew": "2999"}, ["E-BEREICH"]),
        ({"kaufkraft_eur_ew": "200000"}, []),
        ({"kaufkraft_eur_ew": "200001"}, ["E-BEREICH"]),
        ({"alq": "100"}, []),
        ({"alq": "100.1"}, ["E-BEREICH"]),
        ({"dig_zugang": "100.1"}, ["E-BEREICH"]),
        ({"haeuser": "6"}, []),
        ({"haeuser": "7"}, ["E-BEREICH"]),
        ({"haeuser": "0"}, ["E-BEREICH"]),
        ({"haeuser": "-1"}, ["E-BEREICH"]),
        ({"haeuser": "-2"}, ["E-NEGATIV"]),
        ({"strassenabschnitt": "x" * 40}, []),
        ({"strassenabschnitt": "x" * 41}, ["E-BEREICH"]),
        # not delivered after all
        ({"kaufkraft_eur_ew": "0"}, ["W-NULLWERT"]),
        ({"kaufkraft_eur_ew": "-5"}, ["W-NULLWERT"]),
        ({"kaufkraft_eur_ew": "-1"}, []),
        # persons and households
        ({"personen": "10", "haushalte": "10"}, []),
        ({"personen": "9.9", "haushalte": "10", "erwachsene": "9"}, ["E-BEREICH", "W-HH-ERW"]),
        ({"haushalte": "10"}, []),
        ({"haushalte": "11"}, ["W-HH-ERW"]),
        ({"erwachsene": "12"}, []),
        ({"erwachsene": "12.01"}, ["E-ERW-PERS"]),
        # seniors may exceed the adults by half a person
        ({"sen_60_69": "8.9", "sen_70_79": "0.9", "sen_80plus": "0.7"}, []),
        ({"sen_60_69": "8.91", "sen_70_79": "0.9", "sen_80plus": "0.7"}, ["E-SEN-ERW"]),
        # debtors
        ({"schuldner_hart": "9.6", "schuldner_weich": "0.4"}, []),
        ({"schuldner_hart": "9.7", "schuldner_weich": "0.4"}, ["E-SCHULD-ERW"]),
        ({"schuldner_hart": "10.1", "schuldner_weich": "-1"}, ["E-SCHULD-ERW"]),
        # percent groups: 99.5 and 100.5 are valid, all or none
        (reasons("20", "15", "13", "12", "8", "10", "21.5"), []),
        (reasons("14.4", "17.5", "23.7", "5.7", "17.0", "6.1", "15.1"), []),  # 99.5, in binary a hair less
        (reasons("20", "15", "13", "12", "8", "10", "21.4"), ["E-SUMME"]),
        (reasons("20", "15", "13", "12", "8", "10", "22.5"), []),
        (reasons("20", "15", "13", "12", "8", "10", "22.6"), ["E-SUMME"]),
        (reasons("-1", "15", "13", "12", "8", "10", "22"), ["E-GRUPPE-TEIL"]),
        (reasons(*["-1"] * 7), []),
        (reasons("0.2", "0.15", "0.13", "0.12", "0.08", "0.1", "0.225"), ["E-SUMME", "W-SKALA"]),
        (reasons("0.2", "0.15", "0.13", "0.12", "0.08", "0.1", "0.226"), ["E-SUMME"]),
        ({"zi_1": "31"}, ["E-SUMME"]),
        ({"bildung_niedrig": "50.5", "bildung_hoch": "50"}, []),
        ({"bildung_niedrig": "50.6", "bildung_hoch": "50"}, ["E-SUMME"]),
        ({"bildung_niedrig": "0", "bildung_hoch": "0"}, []),
        ({"bildung_niedrig": "-1"}, ["E-GRUPPE-TEIL"]),
        (EDUCATION, []),
        ({"hh_single": "60", "hh_familie": "41"}, ["E-SUMME"]),
        (with_types(["12.5"] * 8), []),
        (with_types(["12.5"] * 7 + ["13.1"]), ["E-SUMME"]),
        # keys
        ({"mz_id": "A" * 40}, []),
        ({"mz_id": "A" * 41}, ["E-SCHLUESSEL"]),
        ({"mz_id": "Nr 1"}, ["E-SCHLUESSEL"]),
        ({"mz_id": "Größe"}, ["E-SCHLUESSEL"]),
        ({"mz_id": "=1"}, ["E-SCHLUESSEL"]),
        ({"mz_id": "-1"}, ["E-SCHLUESSEL"]),
        ({"mz_id": "+1"}, ["E-SCHLUESSEL"]),
        ({"mz_id": "@A"}, ["E-SCHLUESSEL"]),
        ({"mz_id": "A-_.9"}, []),
        ({"strassenabschnitt": "=SUMME(A1)"}, ["E-SCHLUESSEL"]),
        ({"mz_id": "516202400017"}, ["W-AGS"]),
        ({"mz_id": "0516202400017"}, []),
        ({"mz_id": "5162024-17"}, []),
        # dates: from 2000 to a year from today, 22 November 2026
        ({"stichtag": "2000-01-01"}, []),
        ({"stichtag": "1999-12-31"}, ["E-DATUM"]),
        ({"stichtag": "22.11.2027"}, []),
        ({"stichtag": "23.11.2027"}, ["E-DATUM"]),
        ({"stichtag": "31.02.2025"}, ["E-DATUM"]),
        # areas and districts
        ({"gebiet_nr": "2"}, ["E-GEBIET"]),
        ({"gebiet_nr": "-1"}, ["E-GEBIET"]),
        ({"gebiet_nr": "01"}, []),
        ({"gebiet_nr": "eins"}, ["E-ZAHL"]),
        ({"bezirk_nr": "14"}, ["E-ZUORDNUNG"]),
        ({"bezirk_nr": "28"}, ["E-ZUORDNUNG"]),
        ({"bezirk_nr": "29"}, ["E-BEREICH", "E-ZUORDNUNG"]),
        ({"gebiet_nr": "", "bezirk_nr": "28"}, ["E-GEBIET"]),
        ({"gebiet_nr": "", "bezirk_nr": "", "x": "", "y": ""}, ["E-PFLICHT"]),
    ],
)
def test_codes_of_a_changed_row(change, codes):
    assert codes_of(change) == codes


def test_the_other_set_of_age_groups_has_the_same_bound():
    base = {header: value for header, value in CELL.items() if not header.startswith("sen_")}
    other = {"sen_60_64": "8.9", "sen_65_74": "0.9", "sen_75plus": "0.7"}

    assert validate(as_file([{**base, **other}])).counts == {}
    assert validate(as_file([{**base, **other, "sen_60_64": "8.91"}])).counts == {"E-SEN-ERW": 1}


def test_all_codes_of_a_row_are_given_in_order():
    result = validate(
        as_file(
            cells({"erwachsene": "13", "zi_1": "31", "alq": "x", "personen": "12", "kaufkraft_eur_ew": "0"})
        )
    )

    assert [finding.code for finding in result.findings] == ["E-ERW-PERS", "E-SUMME", "E-ZAHL", "W-NULLWERT"]
    assert {finding.row for finding in result.findings} == {2}


def test_a_finding_names_line_heading_rule_and_mend_but_no_value():
    (finding,) = validate(as_file(cells({}, {"alq": "123.456"}))).findings

    assert (finding.row, finding.column, finding.severity) == (3, "alq", Severity.ERROR)
    assert finding.text == (
        "Der Wert in der Spalte „Arbeitslosenquote“ liegt nicht im erlaubten Bereich: zwischen 0 und 100 %."
    )
    assert finding.suggestion == "Bitte Wert und Einheit prüfen lassen."


def test_a_finding_about_a_group_names_its_columns():
    (finding,) = validate(as_file(cells({"zi_1": "31"}))).findings

    assert finding.column == "zi_1 bis zi_9"
    assert "„Zahlungsindex“" in finding.text


def test_a_repeated_key_is_named_from_the_second_row_on():
    rows = cells({"mz_id": "A"}, {"mz_id": "B"}, {"mz_id": "A"}, {"mz_id": "A"})

    result = validate(as_file(rows))

    assert [(finding.row, finding.code) for finding in result.findings] == [
        (4, "E-DOPPELT"),
        (5, "E-DOPPELT"),
    ]
    assert validate(as_file(rows), block_bytes=400).counts == {"E-DOPPELT": 2}


def test_an_endless_key_costs_nothing_and_is_refused():
    rows = cells({"mz_id": "A" * 900_000}, {"mz_id": "A" * 900_000}, *[{}] * 300)

    assert validate(as_file(rows)).counts == {"E-SCHLUESSEL": 2}


def test_a_restored_zero_makes_keys_comparable():
    result = validate(as_file(cells({"mz_id": "0516202400017"}, {"mz_id": "516202400017"})))

    assert result.counts == {"E-DOPPELT": 1, "W-AGS": 1}


def test_an_ambiguous_thousands_point_is_asked_about():
    row = {header: value.replace(".", ",") for header, value in CELL.items()} | {"kaufkraft_eur_ew": "24.500"}

    result = validate(as_file([row]))

    assert result.counts == {"W-TAUSENDER": 1}
    assert result.n_ok == 1


def test_a_value_far_from_the_others_is_a_warning():
    rows = cells(*[{"kaufkraft_eur_ew": str(24000 + 10 * number)} for number in range(40)])
    # Median 24 195, MAD 100: six robust deviations are 889.5 away from it.
    rows[7]["kaufkraft_eur_ew"] = "25084"
    quiet = validate(as_file(rows)).counts
    rows[7]["kaufkraft_eur_ew"] = "25095"

    result = validate(as_file(rows))

    assert quiet == {}
    assert result.counts == {"W-AUSREISSER": 1}
    assert result.findings[0].row == 9
    assert not result.is_rejected


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"haushalte": "0", "personen": "2"}, ["E-BEREICH"]),
        ({"haushalte": "400", "personen": "800", "erwachsene": "700"}, []),
        ({"haushalte": "401", "personen": "800", "erwachsene": "700"}, ["E-BEREICH"]),
        ({"personen": "0.9", "erwachsene": "0.9"}, ["E-BEREICH", "W-HH-ERW"]),
        ({"hausnr": "-3"}, ["E-NEGATIV"]),
        ({"hausnr": "1.5"}, ["E-BEREICH"]),
        ({"seite": "r"}, []),
        ({"seite": "m"}, ["E-BEREICH"]),
        ({"zusatz": "", "seite": "", "bezirk_nr": ""}, []),
        ({"strasse_id": "=A"}, ["E-SCHLUESSEL"]),
        ({"x": "", "y": "", "bezirk_nr": ""}, ["E-PFLICHT"]),
        ({"sen_60_69": "3"}, ["E-SEN-ERW"]),
        ({"erwachsene": "2.1"}, ["E-ERW-PERS"]),
        ({"x": "343000"}, ["E-BEREICH"]),
    ],
)
def test_codes_of_a_changed_house(change, codes):
    assert list(validate(as_file([{**HOUSE, **change}]), "houses").counts) == codes


def test_findings_about_houses_repeat_nothing_from_the_file():
    row = {**HOUSE, "haus_id": "=GEHEIM", "hausnr": "977531", "personen": "977532", "erwachsene": "977533"}

    findings = validate(as_file([row]), "houses").findings

    assert {finding.code for finding in findings} == {"E-SCHLUESSEL", "E-BEREICH", "E-ERW-PERS"}
    for finding in findings:
        assert "97753" not in f"{finding}"
        assert "GEHEIM" not in f"{finding}"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"hh_single": "60", "hh_familie": "41"},
            "Die Prozentgruppe „Haushaltsstruktur“ ergibt zusammen mehr als 100,5 %.",
        ),
        (
            {"zi_1": "31"},
            "Die Prozentgruppe „Zahlungsindex“ ergibt zusammen weniger als 99,5 oder mehr als 100,5 %.",
        ),
    ],
)
def test_a_sum_beyond_its_bounds_is_told_without_a_double_no(change, text):
    (finding,) = validate(as_file(cells(change))).findings

    assert finding.text == text
