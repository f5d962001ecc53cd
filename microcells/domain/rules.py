"""Rules for one value: is it there, is it allowed, does it lie within its bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microcells.domain.rows import Bools, Dates, Floats, Hit, Rows, hit
from microcells.domain.schema import Column, Schema

NOT_DELIVERED = -1.0
FORMULA_START = r"^[=+\-@]"


def clear_zeros(rows: Rows, schema: Schema) -> tuple[Rows, list[Hit]]:
    """Turn 0 and less into "not delivered" where a column says so (W-NULLWERT)."""
    hits: list[Hit] = []
    numbers = dict(rows.numbers)
    for column in schema.columns:
        if not column.zero_is_missing or column.name not in numbers:
            continue
        is_zero = numbers[column.name] <= 0
        hits += hit("W-NULLWERT", (column.name,), is_zero)
        numbers[column.name] = np.where(is_zero, np.nan, numbers[column.name])
    return replace(rows, numbers=numbers), hits


def check_values(rows: Rows, schema: Schema, unreadable: Mapping[str, Bools], today: dt.date) -> list[Hit]:
    """Apply the rules of every single column.

    unreadable: English name -> True where reading has already complained; such cells are left alone
    """
    hits: list[Hit] = []
    for column in schema.columns:
        if column.name in rows.numbers:
            hits += check_number(rows.numbers[column.name], column, unreadable.get(column.name))
        elif column.name in rows.texts:
            hits += check_text(rows.texts[column.name], column)
        elif column.name in rows.dates:
            hits += check_date(rows.dates[column.name], column, unreadable.get(column.name), schema, today)
    return hits


def check_number(values: Floats, column: Column, unreadable: Bools | None = None) -> list[Hit]:
    """E-PFLICHT, E-NEGATIV, the code of the minimum, E-BEREICH for one column of numbers.

    A negative number where none may be is only called negative, not out of range as well.
    """
    name = (column.name,)
    hits: list[Hit] = []
    out_of_range = _outside(values, column)
    if column.needs_value:
        is_missing = np.isnan(values) | (values == NOT_DELIVERED)
        if column.minimum is None:
            is_missing = np.isnan(values)
        hits += hit("E-PFLICHT", name, is_missing if unreadable is None else is_missing & ~unreadable)
        out_of_range &= ~is_missing
    if column.minimum is not None and out_of_range.any():
        is_negative = (values < 0) & (values != NOT_DELIVERED)
        hits += hit("E-NEGATIV", name, is_negative)
        out_of_range &= ~is_negative
        below = out_of_range & (values < column.minimum)
        hits += hit(column.minimum_code, name, below)
        out_of_range &= ~below
    hits += hit("E-BEREICH", name, out_of_range)
    if column.type == "integer":
        hits += hit("E-BEREICH.ganzzahl", name, (values != np.rint(values)) & ~np.isnan(values))
    return hits


def _outside(values: Floats, column: Column) -> Bools:
    """True outside the bounds; a missing value lies nowhere."""
    outside = np.zeros(len(values), dtype=bool)
    if column.minimum is not None:
        outside |= values < column.minimum
    if column.maximum is not None:
        outside |= values > column.maximum
    return outside


def check_text(texts: pa.StringArray, column: Column) -> list[Hit]:
    """E-PFLICHT, E-SCHLUESSEL, E-BEREICH for one column of texts."""
    name = (column.name,)
    hits: list[Hit] = []
    if column.needs_value:
        hits += hit("E-PFLICHT", name, pc.is_null(texts).to_numpy(zero_copy_only=False))
    fits = pc.fill_null(pc.match_substring_regex(texts, f"^(?:{column.pattern})$"), True)
    is_unfit = ~fits.to_numpy(zero_copy_only=False)
    is_formula = pc.fill_null(pc.match_substring_regex(texts, FORMULA_START), False).to_numpy(
        zero_copy_only=False
    )
    hits += hit("E-SCHLUESSEL.formel", name, is_formula)
    hits += hit("E-SCHLUESSEL" if column.needs_value else "E-BEREICH.text", name, is_unfit & ~is_formula)
    return hits


def check_date(
    dates: Dates, column: Column, unreadable: Bools | None, schema: Schema, today: dt.date
) -> list[Hit]:
    """E-PFLICHT, E-DATUM for one column of dates."""
    is_missing = np.isnat(dates) if unreadable is None else np.isnat(dates) & ~unreadable
    latest = np.datetime64(_in_a_year(today), "D")
    earliest = np.datetime64(schema.limits.earliest_date, "D")
    is_outside = (dates < earliest) | (dates > latest)
    return [*hit("E-PFLICHT", (column.name,), is_missing), *hit("E-DATUM", (column.name,), is_outside)]


def _in_a_year(today: dt.date) -> dt.date:
    # 29 February has no anniversary.
    day = min(today.day, 28) if today.month == 2 else today.day
    return today.replace(year=today.year + 1, day=day)
