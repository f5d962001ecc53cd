"""CSV files as rows with typed values; every objection is a German sentence with line and column."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kodala.publication.domain.table_form import MARKS, NUMBERS
from kodala.publication.domain.table_words import FLAGS, STATUS, TableError, read_flag, read_numbers

VALUE_NAMES = ("value", "sum", "ant", "count", "freq", "anzahl", "wert", "summe")
UNSAFE_NAMES = ("unsafe", "primary")
SEPARATORS = ";\t,"
Row = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """A CSV file: lines[row] is where a row ends in the file, columns[name][row] what is written there."""

    lines: list[int]
    columns: dict[str, list[str]]

    def places(self, column: str) -> list[str]:
        """Where each value of a column stands, as a reader would look for it."""
        return [f"Zeile {line}, Spalte „{column}“" for line in self.lines]


def read_text(path: Path) -> str:
    """A file in UTF-8 or else Windows-1252. Raises TableError if it is missing or neither."""
    if path.is_dir():
        raise TableError(f"„{path}“ ist ein Verzeichnis, keine Datei.")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise TableError(f"Die Datei „{path}“ fehlt oder ist nicht lesbar.") from error
    for encoding in ("utf-8-sig", "cp1252") if b"\0" not in raw else ():
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(f"Die Datei „{path}“ ist weder UTF-8 noch Windows-1252.")


def read_sheet(path: Path) -> Sheet:
    """The columns of a file as text; the separator is what the first line has most of: ; tab or ,"""
    text = read_text(path)
    first, _, _ = text.lstrip().partition("\n")
    if not first.strip():
        raise TableError(f"Die Datei „{path.name}“ ist leer.")
    reader = csv.reader(io.StringIO(text), delimiter=max(SEPARATORS, key=first.count), skipinitialspace=True)
    try:
        found = [(reader.line_num, row) for row in reader if any(field.strip() for field in row)]
    except csv.Error as error:
        raise TableError(f"Zeile {reader.line_num} ist kein CSV.") from error
    (_, header), rows = found[0], found[1:]
    names = [name.strip() for name in header]
    for name in names:
        if not name or names.count(name) > 1:
            raise TableError(f"Die Kopfzeile nennt „{name}“ doppelt oder eine Spalte ohne Namen.")
    for line, row in rows:
        if len(row) != len(names):
            raise TableError(
                f"Zeile {line} hat {len(row)} Felder, die Kopfzeile {len(names)}. Ein Trennzeichen in einem "
                "Wert, etwa ein Dezimalkomma, braucht Anführungszeichen oder Semikolon als Trennzeichen."
            )
    columns = {name: [row[at].strip() for _, row in rows] for at, name in enumerate(names)}
    return Sheet([line for line, _ in rows], columns)


def read_rows(path: Path, value_name: str | None, dimensions: list[str]) -> list[Row]:
    """Rows of a table with the names of the specification.

    dimensions: columns that somebody has named, so they are dimensions even if they hold numbers
    """
    sheet = read_sheet(path)
    if not sheet.lines:
        raise TableError(f"Die Datei „{path.name}“ hat nur eine Kopfzeile und keine Zellen.")
    names = _meanings(list(sheet.columns), value_name)
    columns: dict[str, list[Any]] = {}
    for written, name in names.items():
        texts, places = sheet.columns[written], sheet.places(written)
        if name in NUMBERS:
            columns[name] = list(read_numbers(texts, places))
        elif name == "status":
            columns["withheld"] = read_marks(sheet, written)
        elif name in MARKS:
            columns[name] = read_marks(sheet, written)
        else:
            columns[name] = texts
            _refuse_empty(texts, places)
    _refuse_second_value(columns, dimensions)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def read_marks(sheet: Sheet, column: str) -> list[bool]:
    """A column of marks: ja/nein and the like; in the column status the words for withheld and shown."""
    words = STATUS if column == "status" else FLAGS
    pairs = zip(sheet.columns[column], sheet.places(column), strict=True)
    return [read_flag(text, place, words) for text, place in pairs]


def _meanings(written: list[str], value_name: str | None) -> dict[str, str]:
    """Column -> its name in the specification. Raises TableError without a value, or with two."""
    values = [name for name in written if name in VALUE_NAMES]
    value = value_name or (values[0] if values else None)
    if value not in written:
        wanted = f"„{value_name}“" if value_name else "mit einem Wert"
        raise TableError(
            f"Es gibt keine Spalte {wanted}; --value nennt die richtige. Spalten: {', '.join(written)}."
        )
    names = {name: "unsafe" if name in UNSAFE_NAMES else name for name in written} | {value: "value"}
    doubled = [name for name in names if list(names.values()).count(names[name]) > 1]
    if doubled or ("withheld" in names and "status" in names):
        raise TableError(f"Zwei Spalten bedeuten dasselbe: {', '.join(doubled or ['withheld', 'status'])}.")
    return names


def _refuse_empty(texts: list[str], places: list[str]) -> None:
    for text, place in zip(texts, places, strict=True):
        if not text:
            raise TableError(f"{place}: Hier fehlt der Schlüssel der Dimension.")


def _refuse_second_value(columns: dict[str, list[Any]], named: list[str]) -> None:
    """A column of numbers that is not needed to tell the cells apart is a second value, no dimension."""
    dimensions = [name for name in columns if name not in (*NUMBERS, *MARKS)]
    for name in dimensions:
        others = [columns[own] for own in dimensions if own != name]
        rows = list(zip(*others, strict=True))
        is_needed = len(rows) == 1 or len(set(rows)) < len(rows) or not others
        if name not in named and _is_numeric(columns[name]) and (name in VALUE_NAMES or not is_needed):
            raise TableError(
                f"Die Spalte „{name}“ enthält Zahlen und wäre eine Dimension. Ein zweiter Wert muss "
                f"wegfallen; eine wirkliche Dimension nennt --dimension {name}."
            )


def _is_numeric(texts: list[str]) -> bool:
    return all(text.replace(",", "").replace(".", "").lstrip("+-").isdigit() for text in texts)
