"""Finding the line of headings, and giving every column a name of its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from kodala.core.errors import Finding, InputError, Severity

NUMBER = re.compile(r"[+\-\N{MINUS SIGN}]?[\d.,\s]*\d[\d.,\s%]*(?:[eE][+-]?\d+)?")
HAS_LETTER = re.compile(r"[^\W\d_]")
LONGEST_HEADING = 120  # characters; longer ones are text, not headings
MOST_HEADINGS = 500  # comparing more of them with the known names takes seconds and helps nobody
ENOUGH_KNOWN = 2  # so many known headings in one line are no accident
FORMULA_SIGNS = "=+-@"


def is_heading(text: str) -> bool:
    """Whether a text may be shown as a heading: it has letters, is short, is one line and no formula.

    What is not may be a value of the first row, and values are never repeated.
    """
    stripped = text.strip()
    return (
        bool(HAS_LETTER.search(stripped))
        and len(stripped) <= LONGEST_HEADING
        and stripped[0] not in FORMULA_SIGNS
        and stripped.isprintable()
    )


def find_headings(rows: Sequence[Sequence[str]], known: Collection[str]) -> tuple[int, bool]:
    """Position of the row of headings among the first rows, and whether it is beyond doubt.

    rows:   fields of the first rows of a file, [] for a blank one
    known:  headings that the house knows, in small letters

    The row with the most known headings; else the first one that looks like headings and is as wide
    as the table below it. Raises InputError if the first rows hold only values.
    """
    first = next((at for at, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)
    hits = [sum(cell.strip().lower() in known for cell in row) for row in rows]
    best = max(range(len(rows)), key=lambda at: (hits[at], -at), default=0)
    if rows and hits[best] >= ENOUGH_KNOWN:
        return best, True
    for at in range(first, len(rows)):
        if _looks_like_headings(rows, at):
            return at, at == first
    if rows and len(rows[first]) > 1 and not hits[first] and not all(map(is_heading, rows[first])):
        raise _no_headings()
    return first, True


def _looks_like_headings(rows: Sequence[Sequence[str]], at: int) -> bool:
    """As wide as the next row, nearly all of it names, no number among them, and none of them twice."""
    filled = [cell.strip() for cell in rows[at] if cell.strip()]
    below = next((row for row in rows[at + 1 :] if any(cell.strip() for cell in row)), None)
    if len(filled) < ENOUGH_KNOWN or (below is not None and len(below) != len(rows[at])):
        return False
    if len(filled) < len(rows[at]) / 2 or any(NUMBER.fullmatch(cell) for cell in filled):
        return False
    return all(map(is_heading, filled)) and len({*filled}) == len(filled)


def _no_headings() -> InputError:
    text = "Die erste Zeile enthält keine Spaltenüberschriften."
    return _refusal("E-KOPFZEILE", text, "Bitte eine Kopfzeile mit den Namen der Spalten ergänzen.")


def _refusal(code: str, text: str, suggestion: str) -> InputError:
    return InputError([Finding(1, "", code, Severity.CONTRACT, text, suggestion)])


def unique_headings(cells: Sequence[str]) -> tuple[str, ...]:
    """One name for each column: the heading, "Spalte 7" where there is none, "alq (2)" for a second "alq".

    Raises InputError if there are more columns than anybody could assign.
    """
    if len(cells) > MOST_HEADINGS:
        text = f"Die Datei hat mehr als {MOST_HEADINGS} Spalten."
        raise _refusal("E-KOPFZEILE", text, "Bitte nur die Spalten liefern, die gebraucht werden.")
    names: list[str] = []
    taken: dict[str, int] = {}
    for position, cell in enumerate(cells, start=1):
        name = cell.strip() if is_heading(cell) else f"Spalte {position}"
        count = taken[name.lower()] = taken.get(name.lower(), 0) + 1
        while count > 1 and f"{name} ({count})".lower() in taken:
            count += 1
        names.append(name if count == 1 else f"{name} ({count})")
        taken.setdefault(names[-1].lower(), 1)
    return tuple(names)
