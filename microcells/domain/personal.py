"""Columns that sound like data of single persons: a file with one must not come into the house."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from kodala.core.errors import Finding, Severity

GERMAN_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
SHOWN = 60  # characters of a heading that a finding repeats


@dataclass(frozen=True)
class PersonalHeadings:
    """Headings in plain letters; those of one entry of `together` only count if all of them are there."""

    headings: frozenset[str]
    together: tuple[frozenset[str], ...]


def find_personal_columns(headings: Sequence[str], kind: str, known: PersonalHeadings) -> list[Finding]:
    """One finding for each heading that must not be in a delivery of microcells or houses.

    Where a house stands is what a house list tells; in a file of microcells it is one address too many.
    """
    plain = {heading: plain_letters(heading) for heading in headings}
    wanted = set(known.headings)
    if kind == "microcells":
        wanted |= {word for entry in known.together if entry <= set(plain.values()) for word in entry}
    return [_finding(heading) for heading, word in plain.items() if word in wanted]


def plain_letters(heading: str) -> str:
    """Small letters and digits alone: "E-Mail-Adresse" -> "emailadresse", "Straße" -> "strasse"."""
    text = unicodedata.normalize("NFC", heading).lower().translate(GERMAN_LETTERS)
    return re.sub(r"[^a-z0-9]", "", text)


def _finding(heading: str) -> Finding:
    return Finding(
        1,
        heading[:SHOWN],
        "E-PERSON",
        Severity.CONTRACT,
        "Die Überschrift klingt nach Angaben zu einzelnen Personen. Die Datei wird gelöscht.",
        "Bitte die Spalte vor der Lieferung entfernen lassen, auch wenn sie hier nicht gebraucht wird.",
        "keine Namen, Geburtsdaten, Kontaktdaten oder Anschriften",
    )
