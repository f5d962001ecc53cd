"""From a JSON or CSV file and the words on a command line to the specification of a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kodala.publication.domain.table_file import ALL
from kodala.publication.domain.table_form import MARKS, NUMBERS, check_form
from kodala.publication.domain.table_words import TableError, read_positive
from kodala.publication.table_csv import Row, read_marks, read_rows, read_sheet, read_text

RULES = {"p": ("p_percent", "p"), "k": ("dominance", "k"), "min": ("minimum", "least")}
PARAMETERS = ("distance", "insiders", "weights", "totals")


def read_specification(options: Mapping[str, Any]) -> dict[str, Any]:
    """What `table_file.read_table` wants; words on the command line come before those in the file.

    Raises TableError for a file, words or columns that are not understood.
    """
    path: Path = options["file"]
    sums = dict(map(_read_dimension, options["dimension"]))
    if path.suffix.lower() == ".json":
        spec = _read_json(path)
    else:
        rows = read_rows(path, options["value"], list(sums))
        names = [name for name in rows[0] if name not in (*NUMBERS, *MARKS)]
        if not names:
            raise TableError("Außer dem Wert gibt es keine Spalte, die sagt, wofür er gilt (Dimension).")
        spec = {"cells": rows, "dimensions": {name: [] for name in names}}
    if sums:
        spec["dimensions"] = {**spec.get("dimensions", {}), **_refuse_unknown(spec, sums)}
    if options["rule"]:
        spec["rule"] = _read_rule(options["rule"])
    spec.update({name: options[name] for name in PARAMETERS if options[name] is not None})
    check_form(spec)
    _refuse_no_rule(spec)
    if options["pattern"]:
        spec |= {"cells": _with_pattern(spec, options["pattern"]), "has_pattern": True}
    return spec


def _read_json(path: Path) -> dict[str, Any]:
    try:
        spec = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise TableError(f"Die Datei ist kein JSON; Zeile {error.lineno}, Zeichen {error.colno}.") from error
    check_form(spec)
    return dict(spec)


def _read_dimension(text: str) -> tuple[str, list[tuple[str, list[str]]]]:
    name, _, sums = text.partition("=")
    return name.strip(), list(_read_sums(sums)) if sums else []


def _refuse_unknown(spec: Mapping[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    known = spec.get("dimensions", {})
    for name in told:
        if name not in known:
            raise TableError(f"--dimension nennt „{name}“; Dimensionen sind {', '.join(known) or 'keine'}.")
    return told


def _read_sums(text: str) -> Iterable[tuple[str, list[str]]]:
    """ "Total:Nr,Os;Nr:1,2" -> ("Total", ["Nr", "Os"]), ("Nr", ["1", "2"])"""
    for own in text.split(";"):
        total, colon, parts = own.partition(":")
        if not colon:
            raise TableError(f"„{own}“ ist keine Summe; die Form ist Summe:Teil,Teil.")
        yield total.strip(), [part.strip() for part in parts.split(",")]


def _read_rule(text: str) -> dict[str, Any]:
    if text == "given":
        return {"kind": "given"}
    kind, _, number = text.partition(":")
    if kind not in RULES:
        raise TableError(f"„{text}“ ist keine Regel; bekannt sind p:15, k:80, min:4 und given.")
    name, parameter = RULES[kind]
    return {"kind": name, parameter: read_positive(number, f"Die Zahl hinter „{kind}:“")}


def _refuse_no_rule(spec: Mapping[str, Any]) -> None:
    """Without a rule somebody must have said which cells are unsafe."""
    kind = spec.get("rule", {"kind": "given"})["kind"]
    rows = [row for part in spec.get("tables", [spec]) for row in part["cells"]]
    if kind == "given" and all(row.get("unsafe") is None for row in rows):
        raise TableError(
            "Keine Regel angegeben und keine Zelle als unsicher bezeichnet. Bitte --rule nennen, etwa "
            "--rule min:5, oder eine Spalte unsafe mit ja und nein mitgeben."
        )


def _with_pattern(spec: Mapping[str, Any], path: Path) -> list[Row]:
    """The cells with the pattern of a file; one in the cells themselves does not count beside it."""
    if "tables" in spec:
        raise TableError("--pattern gilt für eine Tabelle; bei tables steht withheld in den Zellen.")
    cells = [{name: own for name, own in row.items() if name != "withheld"} for row in spec["cells"]]
    pattern = _pattern_rows(path, spec)
    if "equations" not in spec:
        return [*cells, *pattern]
    withheld = {row["name"] for row in pattern}
    return [{**row, "withheld": str(row["name"]) in withheld} for row in cells]


def _pattern_rows(path: Path, spec: Mapping[str, Any]) -> list[Row]:
    """The cells a pattern withholds that somebody else chose; those it does not name are shown."""
    sheet = read_sheet(path)
    mark = next((name for name in ("withheld", "status") if name in sheet.columns), None)
    if mark is None:
        raise TableError("Das Muster hat weder eine Spalte withheld noch eine Spalte status.")
    names = list(spec["dimensions"]) if "dimensions" in spec else ["name"]
    for name in names:
        if name not in sheet.columns:
            raise TableError(f"Dem Muster fehlt die Spalte „{name}“.")
        known = _codes(spec, name)
        for code, place in zip(sheet.columns[name], sheet.places(name), strict=True):
            if code not in known:
                raise TableError(f"Muster, {place}: „{code}“ kommt in der Tabelle nicht vor.")
    keys = list(zip(*(sheet.columns[name] for name in names), strict=True))
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise TableError(f"Das Muster nennt die Zelle „{' | '.join(twice)}“ doppelt.")
    marks = read_marks(sheet, mark)
    return [
        {**dict(zip(names, key, strict=True)), "withheld": True}
        for key, is_withheld in zip(keys, marks, strict=True)
        if is_withheld
    ]


def _codes(spec: Mapping[str, Any], name: str) -> set[str]:
    """Every code a dimension has: of the cells and of its sums."""
    sums = spec["dimensions"][name] if "dimensions" in spec else []
    of_sums = {str(code) for total, parts in sums for code in (total, *parts)} if sums else {ALL}
    return {str(row[name]) for row in spec["cells"]} | of_sums
