"""Matching the headings of a file with the columns of a schema."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches

from kodala.core.errors import Finding, InputError, Severity
from microcells.domain.schema import Column, Schema

HEADING = re.compile(r"[^\W\d][\w .\-/()%]{0,79}")
SECOND = re.compile(r" \(\d+\)$")
MOST_HEADINGS = 500  # comparing more of them with the known names takes seconds and helps nobody
MOST_NAMED = 6  # columns of a choice that a finding names
ADVICE = "Bitte die Spalten nach der Beschreibung „{schema}“ benennen."


def match_header(header: Sequence[str], schema: Schema) -> tuple[Column, ...]:
    """Give the column of each heading, in the order of the file; upper and lower case are alike.

    Raises InputError naming every unknown, missing and doubled column at once.
    """
    keys = [heading.strip().lower() for heading in header]
    refuse_wrong_file(keys, schema, frozenset(schema.by_header))
    present = {schema.by_header[key].name for key in keys if key in schema.by_header}
    findings = [*list_doubled(keys, schema), *_unknown(header, keys, schema), *list_missing(present, schema)]
    if findings:
        raise InputError(findings)
    return tuple(schema.by_header[key] for key in keys)


def _finding(code: str, text: str, suggestion: str, column: str = "") -> Finding:
    return Finding(1, column, code, Severity.CONTRACT, text, suggestion)


def refuse_wrong_file(keys: Sequence[str], schema: Schema, known: frozenset[str]) -> None:
    """Refuse the other kind of delivery and a file without headings, without repeating its first row.

    keys:  headings in small letters
    known: headings in small letters that the house can make something of
    Raises InputError with one finding.
    """
    if len(keys) > MOST_HEADINGS:
        text = f"Die Datei hat mehr als {MOST_HEADINGS} Spalten."
        raise InputError([_finding("E-KOPFZEILE", text, ADVICE.format(schema=schema.name))])
    if schema.mistaken.header in keys and schema.column(schema.key).header not in keys:
        raise InputError([_finding("E-VERWECHSELT", schema.mistaken.text, schema.mistaken.suggestion)])
    if not any(key in known for key in keys) and any(not HEADING.fullmatch(key) for key in keys):
        raise InputError(
            [
                _finding(
                    "E-KOPFZEILE",
                    "Die erste Zeile enthält keine Spaltenüberschriften.",
                    f"Bitte eine Kopfzeile ergänzen. {ADVICE.format(schema=schema.name)}",
                )
            ]
        )


def list_doubled(keys: Sequence[str], schema: Schema) -> list[Finding]:
    """One finding for each heading of the schema that stands in the file more than once.

    A first look has told them apart already: the second "alq" is called "alq (2)".
    """
    counts = Counter(SECOND.sub("", key) for key in keys)
    doubled = [key for key, count in counts.items() if count > 1 and key in schema.by_header]
    return [
        _finding(
            "E-SPALTE-DOPPELT",
            f"Die Spalte „{key}“ kommt mehrfach vor.",
            "Bitte nur eine davon behalten.",
            key,
        )
        for key in doubled
    ]


def _unknown(header: Sequence[str], keys: list[str], schema: Schema) -> list[Finding]:
    return [
        _unknown_column(position, heading.strip(), key, schema)
        for position, (heading, key) in enumerate(zip(header, keys, strict=True), start=1)
        if key not in schema.by_header
    ]


def _unknown_column(position: int, heading: str, key: str, schema: Schema) -> Finding:
    shown = f"„{heading}“" if HEADING.fullmatch(heading) else f"Nummer {position} ohne lesbare Überschrift"
    near = get_close_matches(key, list(schema.by_header), n=1)
    hint = f"Meinten Sie „{near[0]}“?" if near else "Bitte die Spalte weglassen oder umbenennen."
    column = heading if HEADING.fullmatch(heading) else ""
    return _finding("E-SPALTE-UNBEKANNT", f"Die Spalte {shown} ist unbekannt.", hint, column)


def list_missing(present: set[str], schema: Schema) -> list[Finding]:
    """What the columns of a file lack, given the English names of those it fills."""
    chosen = {name for choice in schema.one_of for name in choice}
    required = [column.name for column in schema.columns if column.required and column.name not in chosen]
    findings = [_missing_column(schema.column(name), schema) for name in required if name not in present]
    if not schema.has_cells:
        return [*findings, *_any_of(present, schema)]
    return [*findings, *_choice(present, schema), *_groups(present, schema), *_place(present, schema)]


def _any_of(present: set[str], schema: Schema) -> list[Finding]:
    """Of each choice at least one column must be there, and a word for a figure needs its value."""
    missing = [choice for choice in schema.any_of if not present & {*choice}]
    findings = [
        _finding(
            "E-SPALTE-FEHLT",
            f"Keine dieser Spalten ist da: {_headers(choice[:MOST_NAMED], schema)}"
            f"{' …' if len(choice) > MOST_NAMED else ''}.",
            f"Bitte wenigstens eine davon liefern. {ADVICE.format(schema=schema.name)}",
        )
        for choice in missing
    ]
    if "indicator" in present and not present & {"value", "numerator"}:
        findings.append(_missing_column(schema.column("value"), schema))
    return findings


def _missing_column(column: Column, schema: Schema) -> Finding:
    text = f"Die Spalte „{column.header}“ ({column.label}) fehlt."
    return _finding("E-SPALTE-FEHLT", text, ADVICE.format(schema=schema.name), column.header)


def _headers(names: Sequence[str], schema: Schema) -> str:
    return ", ".join(schema.column(name).header for name in names)


def _choice(present: set[str], schema: Schema) -> list[Finding]:
    """Exactly one of the alternative sets must be there, completely, and nothing of the other."""
    if not schema.one_of:
        return []
    complete = [choice for choice in schema.one_of if set(choice) <= present]
    touched = [choice for choice in schema.one_of if set(choice) & present]
    if len(complete) == 1 and touched == complete:
        return []
    sets = " oder ".join(_headers(choice, schema) for choice in schema.one_of)
    if len(touched) > 1:
        text = "Die Datei mischt zwei Sätze von Altersgruppen."
    else:
        wanted = touched[0] if touched else schema.one_of[0]
        gone = [name for name in wanted if name not in present]
        text = f"Altersgruppen fehlen: {_headers(gone, schema)}."
    return [_finding("E-SPALTE-FEHLT", text, f"Nötig ist genau ein vollständiger Satz: {sets}.")]


def _groups(present: set[str], schema: Schema) -> list[Finding]:
    """A percent group is there with all its columns or with none."""
    findings = []
    for group in schema.groups:
        gone = [name for name in group.columns if name not in present]
        if gone and len(gone) < len(group.columns):
            text = f"In der Prozentgruppe „{group.label}“ fehlen Spalten: {_headers(gone, schema)}."
            findings.append(
                _finding("E-SPALTE-FEHLT", text, "Bitte alle Spalten der Gruppe liefern oder keine.")
            )
    return findings


def _place(present: set[str], schema: Schema) -> list[Finding]:
    """x and y come together; the area follows from its number, the district or the point."""
    if "x" not in schema.by_name:
        return []
    if ("x" in present) != ("y" in present) and not schema.column("x").required:
        text = "Von den Spalten „x“ und „y“ fehlt eine."
        return [_finding("E-SPALTE-FEHLT", text, "Bitte beide Koordinaten liefern oder keine.")]
    if present & {"area_number", "district_number", "x", "y"}:
        return []
    text = "Das Beobachtungsgebiet lässt sich nicht bestimmen: „gebiet_nr“ fehlt."
    return [_finding("E-SPALTE-FEHLT", text, "Bitte gebiet_nr, bezirk_nr oder x und y liefern.", "gebiet_nr")]
