"""The reference for turning the texts of a file into numbers, dates and keys."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microcells.domain.rows import Bools, Dates, Floats

THOUSANDS = {",": ".", ".": ","}  # decimal sign -> the sign that can then only mark thousands
GERMAN_DATE = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True)
class Converted:
    """Numbers of one column; all arrays have the length of the input.

    values:           float64, NaN where the text is empty or no number
    is_no_number:     True where something else than a finite number stands
    is_ambiguous:     True where one thousands sign might have been meant as decimal sign
    """

    values: Floats
    is_no_number: Bools
    is_ambiguous: Bools


def convert_numbers(texts: pa.StringArray, decimal: str, largest: float) -> Converted:
    """Read numbers written with a decimal sign and perhaps thousands signs.

    texts:    any strings; blanks around a number are ignored, empty and null mean missing
    decimal:  "," or "."
    largest:  absolute values above it are no numbers

    "1.234,5" is read as 1234.5. "24.500" with decimal comma is read as 24500 and marked as
    ambiguous. "nan", "inf", units, and numbers beyond `largest` are no numbers.
    """
    trimmed = pc.utf8_trim(texts, characters=" \t")
    trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    sign, thousands = re.escape(decimal), re.escape(THOUSANDS[decimal])
    plain = rf"^[+-]?([0-9]+({sign}[0-9]*)?|{sign}[0-9]+)([eE][+-]?[0-9]+)?$"
    grouped = rf"^[+-]?[1-9][0-9]{{0,2}}({thousands}[0-9]{{3}})+({sign}[0-9]+)?$"
    single = rf"^[+-]?[1-9][0-9]{{0,2}}{thousands}[0-9]{{3}}$"
    is_grouped = pc.match_substring_regex(trimmed, grouped)
    is_readable = pc.or_(pc.match_substring_regex(trimmed, plain), is_grouped)
    readable = pc.if_else(is_readable, trimmed, pa.scalar(None, pa.string()))
    clean = pc.replace_substring(pc.replace_substring(readable, THOUSANDS[decimal], ""), decimal, ".")
    values = pc.cast(pc.utf8_ltrim(clean, characters="+"), pa.float64()).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        is_finite = np.abs(values) <= largest
    is_given = pc.is_valid(trimmed).to_numpy(zero_copy_only=False)
    is_ambiguous = pc.fill_null(pc.match_substring_regex(trimmed, single), False)
    return Converted(
        np.where(is_finite, values, np.nan),
        is_given & ~is_finite,
        is_ambiguous.to_numpy(zero_copy_only=False) & is_finite,
    )


def convert_texts(texts: pa.StringArray) -> pa.StringArray:
    """Texts without surrounding blanks; an empty text becomes null."""
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def convert_dates(texts: pa.DictionaryArray) -> tuple[Dates, Bools]:
    """Read dates like 2025-10-01 or 01.10.2025.

    returns: datetime64[D] with NaT for missing and unreadable ones; True where text is no date
    """
    known = texts.dictionary.to_pylist()
    dates = np.array([_date(text) for text in known] + [None], dtype="datetime64[D]")
    is_given = np.array([bool(text and text.strip()) for text in known] + [False])
    # Missing entries look at the last place of the list, which holds NaT.
    indices = pc.fill_null(texts.indices, len(known)).to_numpy(zero_copy_only=False)
    found = dates[indices]
    return found, np.isnat(found) & is_given[indices]


def _date(text: str | None) -> dt.date | None:
    """The date written in a text; None if there is none."""
    stripped = (text or "").strip()
    if german := GERMAN_DATE.fullmatch(stripped):
        day, month, year = german.groups()
    elif iso := ISO_DATE.fullmatch(stripped):
        year, month, day = iso.groups()
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
