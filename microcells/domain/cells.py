"""Cells of a file as its format gives them: texts, numbers or dates, or all of them in one column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microcells.domain.conversion import (
    SERIAL_EPOCH,
    Converted,
    convert_dates,
    convert_numbers,
    convert_texts,
)
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Bools, Dates, Floats

# A column of a spreadsheet whose cells are of different kinds; in each row at most one field is given.
MIXED = pa.struct([("number", pa.float64()), ("text", pa.string()), ("date", pa.date32())])
LARGEST_EXACT = float(1 << 53)  # whole numbers up to here are exact as float64
LAST_SERIAL = 109_575  # the year 2199


@dataclass(frozen=True)
class CellReader:
    """Turns cells of any kind into what the schema wants, the way the plan says.

    largest: absolute values above it are no numbers
    """

    plan: ReadingPlan
    largest: float

    def numbers(self, cells: pa.Array) -> Converted:
        """Numbers; a date or a truth value is none."""
        kind = cells.type
        if kind == MIXED:
            return self._mixed_numbers(cells)
        if pa.types.is_string(kind):
            return convert_numbers(
                cells, self.plan.decimal or ",", self.largest, self.plan.thousands, self.plan.missing
            )
        if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
            return self._plain_numbers(as_floats(cells))
        is_given = pc.is_valid(cells).to_numpy(zero_copy_only=False)
        return Converted(np.full(len(cells), np.nan), is_given if is_given.any() else None)

    def texts(self, cells: pa.Array) -> pa.StringArray:
        """Texts without blanks around them, null where empty; whole numbers without a decimal point."""
        if cells.type == MIXED:
            return pc.coalesce(
                convert_texts(cells.field("text")),
                _numbers_as_texts(cells.field("number")),
                pc.cast(cells.field("date"), pa.string()),
            )
        if pa.types.is_floating(cells.type):
            return _numbers_as_texts(pc.cast(cells, pa.float64()))
        return convert_texts(cells if pa.types.is_string(cells.type) else pc.cast(cells, pa.string()))

    def dates(self, cells: pa.Array) -> tuple[Dates, Bools]:
        """Dates, NaT where missing or unreadable; True where something else than a date stands."""
        kind = cells.type
        if kind == MIXED:
            return self._mixed_dates(cells)
        if pa.types.is_date32(kind):
            dates = cells.to_numpy(zero_copy_only=False).astype("datetime64[D]")
            return dates, np.zeros(len(cells), dtype=bool)
        if pa.types.is_dictionary(kind) or pa.types.is_string(kind):
            encoded = cells if pa.types.is_dictionary(kind) else pc.dictionary_encode(cells)
            return convert_dates(encoded, self.plan.date_form, self.plan.missing)
        if pa.types.is_floating(kind) or pa.types.is_integer(kind):
            return self._serial_dates(as_floats(cells))
        nothing = np.full(len(cells), np.datetime64("NaT"), dtype="datetime64[D]")
        return nothing, pc.is_valid(cells).to_numpy(zero_copy_only=False)

    def _plain_numbers(self, values: Floats) -> Converted:
        """Numbers of a typed column, in which NaN means missing."""
        codes = number_codes(self.plan.missing)
        if codes.size:
            values = np.where(np.isin(values, codes), np.nan, values)
        if not len(values) or not np.nanmax(np.abs(values), initial=0.0) > self.largest:
            return Converted(values)
        is_too_large = np.abs(values) > self.largest
        return Converted(np.where(is_too_large, np.nan, values), is_too_large)

    def _mixed_numbers(self, cells: pa.StructArray) -> Converted:
        plain = self._plain_numbers(as_floats(cells.field("number")))
        written = convert_numbers(
            cells.field("text"),
            self.plan.decimal or ",",
            self.largest,
            self.plan.thousands,
            self.plan.missing,
        )
        is_no_number = pc.is_valid(cells.field("date")).to_numpy(zero_copy_only=False)
        for one in (plain, written):
            is_no_number = is_no_number | one.is_no_number if one.is_no_number is not None else is_no_number
        values = np.where(np.isnan(plain.values), written.values, plain.values)
        return Converted(values, is_no_number, written.is_ambiguous)

    def _mixed_dates(self, cells: pa.StructArray) -> tuple[Dates, Bools]:
        dates, _ = self.dates(cells.field("date"))
        is_wrong = np.zeros(len(cells), dtype=bool)
        for part in ("text", "number"):
            others, is_no_date = self.dates(cells.field(part))
            dates = np.where(np.isnat(dates), others, dates)
            is_wrong |= is_no_date
        return dates, is_wrong

    def _serial_dates(self, values: Floats) -> tuple[Dates, Bools]:
        is_given = ~np.isnan(values) & ~np.isin(values, number_codes(self.plan.missing))
        with np.errstate(invalid="ignore"):
            is_day = is_given & (values >= 1) & (values <= LAST_SERIAL) & (values == np.rint(values))
        if self.plan.date_form != "serial":
            is_day = np.zeros(len(values), dtype=bool)
        days = np.where(is_day, values, 0).astype(np.int64)
        dates = np.datetime64(SERIAL_EPOCH, "D") + days
        return np.where(is_day, dates, np.datetime64("NaT", "D")), is_given & ~is_day


def as_floats(cells: pa.Array) -> Floats:
    """Numbers of any width as float64, null as NaN.

    A number of single precision becomes the shortest decimal that stands for it: 0.1 and not 0.10000000149.
    """
    if pa.types.is_float32(cells.type) or pa.types.is_float16(cells.type):
        cells = pc.cast(pc.cast(cells, pa.string()), pa.float64())
    elif not pa.types.is_float64(cells.type):
        cells = pc.cast(cells, pa.float64(), safe=False)
    values: Floats = cells.to_numpy(zero_copy_only=False)
    return values


def number_codes(missing: Sequence[str]) -> Floats:
    """Those of the missing codes that are numbers."""
    codes = []
    for text in missing:
        try:
            codes.append(float(text.replace(",", ".")))
        except ValueError:
            continue
    return np.array(codes, dtype=np.float64)


def _numbers_as_texts(numbers: pa.DoubleArray) -> pa.StringArray:
    """Keys that a spreadsheet took for numbers: 4711.0 becomes "4711"."""
    values = numbers.to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        is_whole = (values == np.rint(values)) & (np.abs(values) <= LARGEST_EXACT)
    whole = pa.array(np.where(is_whole, values, 0).astype(np.int64), mask=~is_whole)
    other = pa.array(np.where(is_whole, np.nan, values), mask=is_whole | np.isnan(values))
    return pc.coalesce(pc.cast(whole, pa.string()), pc.cast(other, pa.string()))


def simplify(cells: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Cells as one array of a kind that `CellReader` knows; what is nested becomes unreadable texts."""
    joined = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    if isinstance(joined, pa.ChunkedArray):
        joined = pa.concat_arrays(joined.chunks or [pa.nulls(0)])
    kind = joined.type
    if pa.types.is_dictionary(kind):
        return simplify(joined.dictionary_decode())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pc.cast(joined, pa.string())
    if pa.types.is_timestamp(kind):
        return _dates_at_midnight(joined)
    if pa.types.is_date64(kind):
        return pc.cast(joined, pa.date32())
    if pa.types.is_boolean(kind):
        return pc.if_else(joined, pa.scalar("wahr"), pa.scalar("falsch"))
    if pa.types.is_null(kind):
        return pa.nulls(len(joined), pa.string())
    if kind == MIXED or pa.types.is_primitive(kind) or pa.types.is_string(kind) or pa.types.is_decimal(kind):
        return joined
    return pc.if_else(pc.is_valid(joined), pa.scalar("?"), pa.scalar(None, pa.string()))


def _dates_at_midnight(moments: pa.TimestampArray) -> pa.Array:
    """Days of moments at midnight; any other moment stays a text, which is no date."""
    days = pc.cast(moments, pa.date32(), safe=False)
    is_midnight = pc.fill_null(pc.equal(pc.cast(days, moments.type), moments), True)
    if pc.all(is_midnight).as_py():
        return days
    return pc.cast(moments, pa.string())
