"""The reference for turning the cells of a file into numbers, dates and keys."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microcells.domain.rows import Bools, Dates, Floats

THOUSANDS = {",": ".", ".": ","}  # decimal sign -> the sign that can then only mark thousands
GERMAN_DATE = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?)?")
US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
SERIAL_DATE = re.compile(r"(\d{5})(?:[.,]0*)?")
# Day 0 of spreadsheets: they count 29 February 1900, so this holds from March 1900 on.
SERIAL_EPOCH = dt.date(1899, 12, 30)
MINUS_SIGNS = "^[\N{MINUS SIGN}\N{EN DASH}\N{FIGURE DASH}]"
BLANKS = "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]"


@dataclass(frozen=True)
class Converted:
    """Numbers of one column; all arrays have the length of the input.

    values:           float64, NaN where the text is empty or no number
    is_no_number:     True where something else than a finite number stands; None = nowhere
    is_ambiguous:     True where one thousands sign might have been meant as decimal sign; None = nowhere
    """

    values: Floats
    is_no_number: Bools | None = None
    is_ambiguous: Bools | None = None


def convert_numbers(
    texts: pa.StringArray, decimal: str, largest: float, thousands: str = "", missing: Sequence[str] = ()
) -> Converted:
    """Read numbers written with a decimal sign and perhaps thousands signs.

    texts:      any strings; blanks around a number are ignored, empty and null mean missing
    decimal:    "," or "."
    largest:    absolute values above it are no numbers
    thousands:  the sign between groups of three digits; "" = none is expected
    missing:    further texts that mean missing

    With thousands points "1.234,5" is read as 1234.5. Where none are expected it is no number, and
    "24.500" with decimal comma is read as 24500 and marked as ambiguous. "nan", "inf", units, and
    numbers beyond `largest` are no numbers. A typographic minus is a minus.
    """
    given = _given(texts, missing)
    trimmed = pc.replace_substring_regex(given, MINUS_SIGNS, "-")
    sign, sole = re.escape(decimal), re.escape(THOUSANDS[decimal])
    plain = rf"^[+-]?([0-9]+({sign}[0-9]*)?|{sign}[0-9]+)([eE][+-]?[0-9]+)?$"
    single = rf"^[+-]?[1-9][0-9]{{0,2}}{sole}[0-9]{{3}}$"
    group = BLANKS if thousands == " " else re.escape(thousands)
    grouped = rf"^[+-]?[1-9][0-9]{{0,2}}({group}[0-9]{{3}})+({sign}[0-9]+)?$" if thousands else single
    is_readable = pc.or_(
        pc.match_substring_regex(trimmed, plain), is_grouped := pc.match_substring_regex(trimmed, grouped)
    )
    readable = pc.if_else(is_readable, trimmed, pa.scalar(None, pa.string()))
    joined = pc.replace_substring_regex(readable, group if thousands else sole, "")
    clean = pc.replace_substring(pc.if_else(is_grouped, joined, readable), decimal, ".")
    values = pc.cast(pc.utf8_ltrim(clean, characters="+"), pa.float64()).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        is_finite = np.abs(values) <= largest
    is_given = pc.is_valid(given).to_numpy(zero_copy_only=False)
    is_ambiguous = pc.fill_null(is_grouped, False).to_numpy(zero_copy_only=False) & is_finite
    return Converted(
        np.where(is_finite, values, np.nan),
        is_given & ~is_finite,
        np.zeros(len(texts), dtype=bool) if thousands else is_ambiguous,
    )


def _given(texts: pa.StringArray, missing: Sequence[str]) -> pa.StringArray:
    """Texts without blanks around them; null where nothing or a missing code stands."""
    trimmed = pc.utf8_trim(texts, characters=" \t\N{NO-BREAK SPACE}")
    codes = pa.array(["", *missing], pa.string())
    return pc.if_else(pc.is_in(trimmed, value_set=codes), pa.scalar(None, pa.string()), trimmed)


def convert_texts(texts: pa.StringArray) -> pa.StringArray:
    """Texts without surrounding blanks; an empty text becomes null."""
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def convert_dates(
    texts: pa.DictionaryArray, date_form: str = "", missing: Sequence[str] = ()
) -> tuple[Dates, Bools]:
    """Read dates like 2025-10-01 or 01.10.2025, and others if `date_form` allows them.

    date_form:  "us" = 10/31/2025 as well, "serial" = 45931 as well (days of a spreadsheet)
    missing:    texts that mean missing
    returns: datetime64[D] with NaT for missing and unreadable ones; True where text is no date
    """
    codes = {"", *missing}
    known = [(text or "").strip() for text in texts.dictionary.to_pylist()]
    dates = np.array([read_date(text, date_form) for text in known] + [None], dtype="datetime64[D]")
    is_given = np.array([text not in codes for text in known] + [False])
    # Missing entries look at the last place of the list, which holds NaT.
    indices = pc.fill_null(texts.indices, len(known)).to_numpy(zero_copy_only=False)
    found = dates[indices]
    return found, np.isnat(found) & is_given[indices]


def read_date(text: str, date_form: str = "") -> dt.date | None:
    """The date written in a text; None if there is none."""
    if german := GERMAN_DATE.fullmatch(text):
        day, month, year = german.groups()
    elif iso := ISO_DATE.fullmatch(text):
        year, month, day = iso.groups()
    elif date_form == "us" and (american := US_DATE.fullmatch(text)):
        month, day, year = american.groups()
    elif date_form == "serial" and (serial := SERIAL_DATE.fullmatch(text)):
        return SERIAL_EPOCH + dt.timedelta(days=int(serial[1]))
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
