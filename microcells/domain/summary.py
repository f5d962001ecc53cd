"""What the columns of a file hold, judged by its first rows, and what follows for the way to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microcells.domain.cells import MIXED, CellReader
from microcells.domain.conversion import US_DATE, convert_texts
from microcells.domain.crs import guess_crs
from microcells.domain.missing import MISSING_CODES
from microcells.domain.plan import ColumnSummary, ReadingPlan
from microcells.domain.rows import Bools, Floats
from microcells.domain.wanted import Wanted

NUMERIC_SHARE = 0.5  # a column with so many numbers among its texts is one of numbers with codes in it
FIRST_SERIAL, LAST_SERIAL = 36_526, 73_050  # 1 January 2000 to the end of 2099 as days of a spreadsheet
SHORTEST_KEY = 7  # digits; shorter numbers differ in length without having lost a zero


@dataclass(frozen=True)
class Sample:
    """The first rows of a file.

    header:  headings of all columns, each once
    cells:   one array per column, all of the same length
    """

    header: tuple[str, ...]
    cells: tuple[pa.Array, ...]

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0


def complete_plan(plan: ReadingPlan, sample: Sample, wanted: Wanted) -> tuple[ReadingPlan, tuple[str, ...]]:
    """The plan with missing codes, date form and CRS as the first rows suggest, and what is doubtful."""
    doubtful = []
    largest = wanted.largest_number
    if codes := _missing_codes(sample, plan, largest):
        plan = replace(plan, missing=codes)
        doubtful.append("missing")
    if form := _date_form(sample, wanted):
        plan = replace(plan, date_form=form)
        doubtful.append("date_form")
    if crs := _crs(sample, plan, wanted):
        plan = replace(plan, crs=crs)
        doubtful.append("crs")
    return plan, tuple(doubtful)


def summarise(sample: Sample, plan: ReadingPlan, wanted: Wanted) -> tuple[ColumnSummary, ...]:
    """One summary per column; columns without heading and content are left out."""
    reader = CellReader(plan, wanted.largest_number)
    summaries = [
        _summary(heading, cells, reader, wanted)
        for heading, cells in zip(sample.header, sample.cells, strict=True)
    ]
    return tuple(
        one
        for at, one in enumerate(summaries, start=1)
        if one.content != "empty" or one.heading != f"Spalte {at}"
    )


def _summary(heading: str, cells: pa.Array, reader: CellReader, wanted: Wanted) -> ColumnSummary:
    texts = reader.texts(cells)
    codes = pa.array([*reader.plan.missing, "-1"], pa.string())
    is_given = pc.is_valid(texts).to_numpy(zero_copy_only=False)
    is_code = pc.fill_null(pc.is_in(texts, value_set=codes), False).to_numpy(zero_copy_only=False)
    values, is_number = _numbers(cells, reader)
    is_number &= ~is_code | (values == -1)
    counted = is_number & ~is_code if (values[is_number & ~is_code] >= 0).all() else is_number
    is_text = is_given & ~is_number & ~is_code
    content = _content(cells, reader, counted, values, is_text, is_given)
    known = texts.filter(pa.array(is_given))
    has_range = wanted.kind != "houses" and content in ("whole", "number") and counted.any()
    return ColumnSummary(
        heading,
        content,
        low=float(values[counted].min()) if has_range else None,
        high=float(values[counted].max()) if has_range else None,
        longest=pc.max(pc.utf8_length(known)).as_py() or 0,
        n_missing=int((~is_given).sum() + (is_given & is_code & ~counted).sum()),
        is_unique=len(known) > 1 and pc.count_distinct(known).as_py() == len(known),
        has_lost_zeros=content == "whole" and _lost_zeros(known, wanted.municipality_key),
    )


def _numbers(cells: pa.Array, reader: CellReader) -> tuple[Floats, Bools]:
    values = reader.numbers(cells).values
    return values, ~np.isnan(values)


def _content(
    cells: pa.Array, reader: CellReader, counted: Bools, values: Floats, is_text: Bools, is_given: Bools
) -> str:
    if not is_given.any():
        return "empty"
    dates, is_no_date = reader.dates(cells)
    if not np.isnat(dates).all() and not is_no_date.any():
        return "date"
    if not is_text.any():
        return "whole" if (values[counted] == np.rint(values[counted])).all() else "number"
    return "mixed" if counted.any() and counted.sum() >= NUMERIC_SHARE * is_given.sum() else "text"


def _lost_zeros(texts: pa.StringArray, municipality_key: str) -> bool:
    """Whether keys made of digits only look as if a spreadsheet had cut their leading zeros."""
    lengths = pc.min_max(pc.utf8_length(texts))
    shortest, longest = lengths["min"].as_py() or 0, lengths["max"].as_py() or 0
    if pc.any(pc.starts_with(texts, "0")).as_py():
        return False
    short_key = municipality_key.lstrip("0")
    if short_key != municipality_key and pc.all(pc.starts_with(texts, short_key)).as_py():
        return True
    return longest > SHORTEST_KEY and shortest == longest - 1


def _missing_codes(sample: Sample, plan: ReadingPlan, largest: float) -> tuple[str, ...]:
    """The usual codes that stand in columns which otherwise hold numbers."""
    found: dict[str, None] = {}
    reader = CellReader(replace(plan, missing=()), largest)
    for cells in sample.cells:
        written = cells.field("text") if cells.type == MIXED else cells
        if not pa.types.is_string(written.type):
            continue
        texts = convert_texts(written)
        _, is_number = _numbers(cells, reader)
        if is_number.sum() < NUMERIC_SHARE * pc.sum(pc.is_valid(texts)).as_py() or not is_number.any():
            continue
        codes = texts.filter(pc.is_in(texts, value_set=pa.array(MISSING_CODES)))
        found |= dict.fromkeys(code for code in pc.unique(codes).to_pylist() if code)
    return tuple(found)


def _date_form(sample: Sample, wanted: Wanted) -> str:
    """ "us" or "serial" if the dates of a column can only be read that way; "" otherwise."""
    for heading, cells in zip(sample.header, sample.cells, strict=True):
        if pa.types.is_string(cells.type):
            texts = [text for text in pc.unique(convert_texts(cells)).to_pylist() if text]
            if texts and all(US_DATE.fullmatch(text) for text in texts):
                return "us"
        column = wanted.by_header.get(heading.lower())
        if column and column.type == "date" and _are_serial(cells):
            return "serial"
    return ""


def _are_serial(cells: pa.Array) -> bool:
    values = CellReader(ReadingPlan("", decimal="."), float(LAST_SERIAL)).numbers(cells).values
    known = values[~np.isnan(values)]
    return bool(len(known)) and bool((known >= FIRST_SERIAL).all())


def _crs(sample: Sample, plan: ReadingPlan, wanted: Wanted) -> int:
    """Another CRS than the plan's, if the points can only be in that one; 0 = no reason to think so."""
    places = {heading.lower(): at for at, heading in enumerate(sample.header)}
    for x_name, y_name in AXES:
        if x_name in places and y_name in places:
            reader = CellReader(plan, wanted.largest_number)
            x = reader.numbers(sample.cells[places[x_name]]).values
            y = reader.numbers(sample.cells[places[y_name]]).values
            return guess_crs(x, y, plan.crs)
    return 0


AXES: Sequence[tuple[str, str]] = (
    ("x", "y"),
    ("lon", "lat"),
    ("longitude", "latitude"),
    ("laengengrad", "breitengrad"),
    ("längengrad", "breitengrad"),
    ("rechtswert", "hochwert"),
    ("ostwert", "nordwert"),
    ("east", "north"),
    ("easting", "northing"),
    ("x_koord", "y_koord"),
    ("x_coord", "y_coord"),
)
