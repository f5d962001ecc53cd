"""The command that protects any table: CSV, JSON, patterns, and what it says of bad ones."""

import io
import json

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
        (["--rule", "magic"], "'magic' is no rule"),
        (["--value", "preis"], "no column with a value"),
        (["--dimension", "gegend=Nord"], "'Nord' is no sum"),
        (["--rule", "p:15"], "needs the columns largest and second_largest"),
    ],
)
def test_what_cannot_be_read_is_said(table, words, message):
    with pytest.raises(CommandError, match=message):
        told(table, *words)
