"""Headings of delivery files: all faults at once, mixed-up files, and no value repeated."""

from __future__ import annotations

import pytest

from kodala.core.errors import InputError
from tests.domain.delivery_files import CELL, HOUSE, as_file, cells, read


def refused(raw, kind="microcells", **options):
    with pytest.raises(InputError) as error:
        read(raw, kind, **options)
    return [(finding.code, finding.text, finding.suggestion) for finding in error.value.findings]


def without(row, *headers):
    return {header: value for header, value in row.items() if header not in headers}


def test_names_all_faults_of_the_headings_at_once():
    row = {**without(CELL, "personen", "sen_80plus"), "haushalt": "1", "Notiz": "x"}

    assert refused(as_file([row])) == [
        ("E-SPALTE-UNBEKANNT", "Die Spalte „haushalt“ ist unbekannt.", "Meinten Sie „haushalte“?"),
        (
            "E-SPALTE-UNBEKANNT",
            "Die Spalte „Notiz“ ist unbekannt.",
            "Bitte die Spalte weglassen oder umbenennen.",
        ),
        (
            "E-SPALTE-FEHLT",
            "Die Spalte „personen“ (Einwohner) fehlt.",
            "Bitte die Spalten nach der Beschreibung „KoDaLa-Extrakt 1“ benennen.",
        ),
        (
            "E-SPALTE-FEHLT",
            "Altersgruppen fehlen: sen_80plus.",
            "Nötig ist genau ein vollständiger Satz: "
            "sen_60_69, sen_70_79, sen_80plus oder sen_60_64, sen_65_74, sen_75plus.",
        ),
    ]


def test_a_doubled_heading_is_refused():
    lines = as_file(cells({})).splitlines()

    assert refused(lines[0] + b";ALQ\n" + lines[1] + b";5\n")[0][:2] == (
        "E-SPALTE-DOPPELT",
        "Die Spalte „alq“ kommt mehrfach vor.",
    )


def test_two_sets_of_age_groups_are_refused():
    row = {**CELL, "sen_60_64": "1", "sen_65_74": "1", "sen_75plus": "1"}

    assert refused(as_file([row]))[0][1] == "Die Datei mischt zwei Sätze von Altersgruppen."


def test_far_too_many_columns_are_refused_with_one_sentence():
    row = CELL | {f"spalte_{number}": "1" for number in range(16_384 - len(CELL))}

    assert [found[:2] for found in refused(as_file([row], separator=",")[:99_000])] == [
        ("E-KOPFZEILE", "Die Datei hat mehr als 500 Spalten.")
    ]


def test_half_a_percent_group_is_refused():
    assert refused(as_file([without(CELL, "zi_9")]))[0][1] == (
        "In der Prozentgruppe „Zahlungsindex“ fehlen Spalten: zi_9."
    )


def test_one_coordinate_alone_is_refused():
    assert refused(as_file([without(CELL, "y")]))[0][1] == "Von den Spalten „x“ und „y“ fehlt eine."


def test_a_file_must_say_where_its_rows_belong():
    row = without(CELL, "gebiet_nr", "bezirk_nr", "x", "y")

    assert (
        refused(as_file([row]))[0][1]
        == "Das Beobachtungsgebiet lässt sich nicht bestimmen: „gebiet_nr“ fehlt."
    )
    assert len(read(as_file([without(CELL, "gebiet_nr", "bezirk_nr")]))) == 1


def test_headings_in_capitals_and_any_order_are_read():
    row = {header.upper(): value for header, value in reversed(CELL.items())}

    (block,) = read(as_file([row]))

    assert block.rows.numbers["households"].tolist() == [6.0]
    assert block.headings["households"] == "HAUSHALTE"


def test_a_house_list_among_microcells_is_recognised_and_the_other_way_round():
    assert refused(as_file([HOUSE])) == [
        (
            "E-VERWECHSELT",
            "Die Datei ist eine Hausliste, erwartet werden Mikrozellen.",
            "Bitte die Datei als Hausliste hochladen; sie wird dann gebündelt und nicht gespeichert.",
        )
    ]
    assert refused(as_file([CELL]), kind="houses")[0][0] == "E-VERWECHSELT"


def test_a_file_without_headings_is_refused_without_repeating_its_values():
    raw = as_file([HOUSE]).splitlines()[1]

    ((code, text, _),) = refused(raw + b"\n" + raw, kind="houses")

    assert (code, text) == ("E-KOPFZEILE", "Die erste Zeile enthält keine Spaltenüberschriften.")


def test_what_looks_like_a_value_among_the_headings_is_not_repeated():
    (found,) = refused(as_file([{**CELL, "4711,5": "x"}], separator=";"))

    assert found[1] == "Die Spalte „Spalte 47“ ist unbekannt."
