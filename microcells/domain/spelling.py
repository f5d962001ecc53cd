"""Headings as people and programs vary them: capitals, umlauts, blanks, underscores, units in brackets."""

from __future__ import annotations

import re
import unicodedata

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "%": " prozent "})


def heading_key(heading: str) -> str:
    """The heading as the house compares it with its own: without outer blanks, in small letters."""
    return heading.strip().lower()


def plain_spelling(heading: str) -> str:
    """Only letters and digits, words joined by underscores: "Haushalte (gesamt)" -> "haushalte_gesamt"."""
    small = unicodedata.normalize("NFKD", heading_key(heading).translate(UMLAUTS))
    ascii_only = small.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")


def squeezed(heading: str) -> str:
    """The plain spelling without underscores, so that "mz_id", "MZ-ID" and "MzId" are alike."""
    return plain_spelling(heading).replace("_", "")
