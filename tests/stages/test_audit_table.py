"""The command that protects any table: CSV, JSON, patterns, and what it says of bad ones."""

import io
import json
import re

import numpy as np
import pytest
from django.core.management import CommandError, call_command

CSV = "gegend;alter;wert\nNord;alt;3\nNord;jung;20\nSüd;alt;20\nSüd;jung;50\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "tabelle.csv"
    path.write_text(CSV, "utf-8")
    return path


def told(*words):
    out = io.StringIO()
    call_command("audit_table", *map(str, words), stdout=out)
    return out.getvalue()


def test_a_csv_file_is_protected_and_told_in_german(table):
    text = told(table, "--rule", "min:5", "--distance", "3")

    assert "Tabelle          9 Zellen, 6 Gleichungen" in text
    assert "Für andere       3 Zellen, Preis 90 (bewiesen: keine sichere Wahl ist billiger)" in text
    assert "unsicher    Nord | alt  [0; 23]" in text
    assert "Prüfung          bestanden" in text


def test_a_json_file_says_everything_itself(tmp_path):
    spec = {
        "dimensions": {"gegend": []},
        "cells": [{"gegend": "Nord", "value": 3}, {"gegend": "Süd", "value": 30}],
        "rule": {"kind": "minimum", "least": 5},
        "totals": "visible",
    }
    path = tmp_path / "tabelle.json"
    path.write_text(json.dumps(spec), "utf-8")

    answer = json.loads(told(path, "--json"))

    assert [own["key"] for own in answer["withheld"]] == ["Nord", "Süd"]
    assert answer["certificate"]["leaks"] == 0


def test_a_leaking_pattern_fails(table, tmp_path):
    pattern = tmp_path / "muster.csv"
    pattern.write_text("gegend,alter,withheld\nNord,alt,1\n", "utf-8")

    with pytest.raises(CommandError, match="Prüfung nicht bestanden: 1 zu enge Spannen"):
        told(table, "--rule", "min:5", "--pattern", pattern)


def test_a_table_that_cannot_be_protected_names_the_cell(tmp_path):
    path = tmp_path / "tabelle.json"
    cells = [{"gegend": "Nord", "value": 3}, {"gegend": "Süd", "value": 30, "visible": True}]
    spec = {"dimensions": {"gegend": []}, "cells": cells, "rule": {"kind": "minimum", "least": 5}}
    path.write_text(json.dumps({**spec, "totals": "visible"}), "utf-8")

    with pytest.raises(CommandError, match="lassen sich durch keine Sperrung schützen: Nord"):
        told(path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rule", "magic"], "„magic“ ist keine Regel"),
        (["--rule", "min"], "hinter „min:“ muss eine Zahl größer als 0 sein"),
        (["--rule", "min:0"], "hinter „min:“ muss eine Zahl größer als 0 sein"),
        (["--rule", "p:x"], "hinter „p:“: „x“ ist keine Zahl"),
        (["--value", "preis"], "Es gibt keine Spalte „preis“"),
        (["--dimension", "gegend=Nord"], "„Nord“ ist keine Summe"),
        (["--dimension", "land=Total:Nord,Süd"], "--dimension nennt „land“"),
        (["--dimension", "gegend=Total:Nord,Sued", "--rule", "min:5"], "nennt Süd nicht, die Zellen aber"),
        (["--dimension", "gegend=Total:Nord", "--rule", "min:5"], "nennt Süd nicht, die Zellen aber schon"),
        (["--rule", "p:15"], "braucht die Spalten largest und second_largest"),
        (["--rule", "min:5", "--distance", "0"], "muss eine Zahl größer als 0 sein"),
        (["--rule", "min:5", "--distance", "weit"], "„weit“ ist keine Zahl"),
        (["--rule", "min:5", "--insiders", "alle"], "„insiders“ ist „alle“"),
        (["--rule", "min:5", "--effort", "viel"], "--effort ist „viel“"),
        ([], "Keine Regel angegeben"),
    ],
)
def test_what_cannot_be_read_is_said(table, words, message):
    with pytest.raises(CommandError, match=message):
        told(table, *words)


def refuses(path, text, message):
    path.write_text(text, "utf-8")
    with pytest.raises(CommandError, match=message):
        told(path, "--rule", "min:5")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ist leer"),
        ("gegend;wert\n", "nur eine Kopfzeile"),
        ("gegend;wert\nNord;zwanzig\n", "Zeile 2, Spalte „wert“: „zwanzig“ ist keine Zahl"),
        ("gegend;wert\nNord;3\nSüd;1.234\n", "Zeile 3, Spalte „wert“: „1.234“ kann eine Zahl mit Tausender"),
        ("gegend;wert\nNord;2.5\nSüd;3,5\n", "Zeile 2, Spalte „wert“: „2.5“ ist nicht eindeutig"),
        ("gegend;wert\nNord;\nSüd;3\n", "„Nord“ hat keinen Wert"),
        ("gegend;wert\nNord;-3\n", "Zeile 2, Spalte „wert“: .* nicht negativ"),
        ("gegend;wert\nNord;inf\n", "„inf“ ist keine Zahl"),
        ("gegend,wert\nNord,3,5\n", "Zeile 2 hat 3 Felder, die Kopfzeile 2"),
        (
            "gegend;wert;unsafe\nNord;3;vielleicht\n",
            "Zeile 2, Spalte „unsafe“: „vielleicht“ ist nicht erlaubt",
        ),
        ("gegend;wert\nNord;3\nNord;4\n", "„Nord“ kommt doppelt vor"),
        ("gegend;wert;anzahl\nNord;3;1\nSüd;4;2\n", "Die Spalte „anzahl“ enthält Zahlen"),
        ("gegend;wert;umsatz\nNord;3;1,5\nSüd;4;2\n", "Die Spalte „umsatz“ enthält Zahlen"),
        ("gegend;wert\nNord;3\nTotal;9\nSüd;4\n", "„Total“ ist mit 9 angegeben, ihre Teile ergeben 7: Diff"),
        ("gegend;gegend;wert\nNord;Nord;3\n", "Die Kopfzeile nennt „gegend“ doppelt"),
        ("wert\n3\n", "Außer dem Wert gibt es keine Spalte"),
        ("gegend;wert\nTotal;23\n", "besteht nur aus Summen"),
        ("gegend;wert\n;3\n", "Zeile 2, Spalte „gegend“: Hier fehlt der Schlüssel"),
    ],
)
def test_what_a_csv_file_must_not_say(tmp_path, text, message):
    refuses(tmp_path / "tabelle.csv", text, message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "muss ein JSON-Objekt"),
        ("{", "ist kein JSON; Zeile 1"),
        ('{"dimensions": {"gegend": []}, "cells": 5}', "„cells“ muss eine Liste"),
        ('{"cells": [{"value": 3}]}', "Es fehlt „dimensions“"),
        ('{"dimensions": {"gegend": []}, "cells": [{"value": 3}]}', "nennt nichts zur Dimension „gegend“"),
    ],
)
def test_what_a_json_file_must_not_say(tmp_path, text, message):
    refuses(tmp_path / "tabelle.json", text, message)


def test_a_directory_and_a_missing_file_are_said(tmp_path):
    with pytest.raises(CommandError, match="ist ein Verzeichnis"):
        told(tmp_path, "--rule", "min:5")
    with pytest.raises(CommandError, match="fehlt oder ist nicht lesbar"):
        told(tmp_path / "nichts.csv", "--rule", "min:5")


def test_german_numbers_and_a_windows_file_are_understood(tmp_path):
    path = tmp_path / "tabelle.csv"
    path.write_bytes("gegend;wert\nNord;3,5\nSüd;1.234,5\nOst;20\n".encode("cp1252"))

    answer = json.loads(told(path, "--rule", "min:5", "--totals", "visible", "--json"))

    values = {own["key"]: own["value"] for own in answer["withheld"]}
    assert values == {"Nord": 3.5, "Ost": 20}


def test_a_pattern_that_withholds_nothing_is_audited_as_that(table, tmp_path):
    pattern, out = tmp_path / "muster.csv", io.StringIO()
    pattern.write_text("gegend;alter;withheld\nNord;alt;nein\n", "utf-8")

    with pytest.raises(CommandError, match="Prüfung nicht bestanden: 1 zu enge Spannen"):
        call_command("audit_table", str(table), "--rule", "min:5", "--pattern", str(pattern), stdout=out)

    assert "unsicher, aber gezeigt  Nord | alt" in out.getvalue()
    assert "zu eng  Nord | alt für Außenstehende: [3; 3]" in out.getvalue()
    assert "Prüfung          nicht bestanden" in out.getvalue()
    assert "bewiesen" not in out.getvalue()


def test_a_leaking_choice_is_not_called_the_cheapest(table):
    out = io.StringIO()

    with pytest.raises(CommandError, match="Prüfung nicht bestanden"):
        call_command("audit_table", str(table), "--rule", "min:5", "--audit-only", stdout=out)

    assert "Preis 0 (nicht sicher)" in out.getvalue()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gegend;alter;withheld\nNord;alt;vielleicht\n", "Zeile 2, Spalte „withheld“: „vielleicht“"),
        ("gegend;alter;status\nNord;alt;99\n", "Zeile 2, Spalte „status“: „99“"),
        (
            "gegend;alter;withheld\nNrod;alt;1\n",
            "Zeile 2, Spalte „gegend“: „Nrod“ kommt in der Tabelle nicht",
        ),
        ("gegend;withheld\nNord;1\n", "Dem Muster fehlt die Spalte „alter“"),
        ("gegend;alter\nNord;alt\n", "weder eine Spalte withheld noch"),
        ("gegend;alter;withheld\nNord;alt;1\nNord;alt;0\n", "Muster nennt die Zelle „Nord . alt“ doppelt"),
    ],
)
def test_what_a_pattern_must_not_say(table, tmp_path, text, message):
    pattern = tmp_path / "muster.csv"
    pattern.write_text(text, "utf-8")

    with pytest.raises(CommandError, match=message):
        told(table, "--rule", "min:5", "--pattern", pattern)


def test_unsafe_cells_are_marked_in_words(tmp_path):
    path = tmp_path / "tabelle.csv"
    path.write_text("gegend;wert;unsafe\nNord;30;ja\nSüd;40;nein\nOst;50;false\n", "utf-8")

    answer = json.loads(told(path, "--totals", "visible", "--json"))

    assert [own["key"] for own in answer["withheld"] if own["kind"] == "primary"] == ["Nord"]


def test_little_effort_says_how_much_too_dear_the_pattern_may_be(tmp_path):
    rng = np.random.default_rng(3)
    lines = [f"{row};{column};{rng.integers(1, 40)}" for row in "abcdefg" for column in "klmnopq"]
    path, out, progress = tmp_path / "tabelle.csv", io.StringIO(), io.StringIO()
    path.write_text("\n".join(["zeile;spalte;wert", *lines]), "utf-8")
    words = ("--rule", "min:5", "--distance", "5", "--effort", "schnell")

    call_command("audit_table", str(path), *words, stdout=out, stderr=progress)

    assert re.search(r"\(sicher; höchstens \d+,\d % teurer als nötig\)", out.getvalue())
    assert "Prüfung          bestanden" in out.getvalue()
    assert re.search(r"\nRunde \d+: sicheres Muster zum Preis \d+", progress.getvalue())
