"""Reading a delivery: from the bytes of a CSV file to blocks of typed columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from microcells.domain.conversion import Converted, convert_dates, convert_numbers, convert_texts
from microcells.domain.dialect import Dialect
from microcells.domain.header import match_header
from microcells.domain.lines import read_stretches
from microcells.domain.rows import Block, Bools, Floats, Hit, Ints, Rows, hit
from microcells.domain.schema import Column, Schema

# 8 MiB hold about 30,000 rows of the extract: the arrays of a block then stay near the processor's cache.
BLOCK_BYTES = 8 << 20
NOT_DELIVERED = -1.0
DATE_TYPE = pa.dictionary(pa.int32(), pa.string())


def read_blocks(
    stream: BinaryIO, dialect: Dialect, schema: Schema, block_bytes: int = BLOCK_BYTES
) -> Iterator[Block]:
    """Read a delivery block by block; memory depends on `block_bytes` alone.

    stream:  the file from its first byte
    yields:  blocks in the order of the file; their concatenation does not depend on `block_bytes`

    Raises InputError at once if the headings do not fit the schema, and on the way for
    bytes that are no text, a row without end and an open quote.
    """
    columns = match_header(dialect.header, schema)
    return _blocks(stream, dialect, schema, columns, block_bytes)


def _blocks(
    stream: BinaryIO, dialect: Dialect, schema: Schema, columns: Sequence[Column], block_bytes: int
) -> Iterator[Block]:
    line = dialect.header_line + 1
    for stretch in read_stretches(stream, dialect, block_bytes):
        block, n_lines = read_stretch(stretch, dialect, schema, columns, line)
        line += n_lines
        yield block


def read_stretch(
    stretch: bytes,
    dialect: Dialect,
    schema: Schema,
    columns: Sequence[Column],
    first_line: int,
    *,
    exactly: bool = False,
) -> tuple[Block, int]:
    """Read whole rows; gives the block and how many lines of a spreadsheet they take.

    stretch:     rows in UTF-8
    exactly:     take the reference path, text by text; otherwise it is taken only if a number is not plain
    """
    table = None if exactly else _parse_typed(stretch, dialect, columns)
    typed = table is not None and _is_plain(table.table, columns, schema.limits.largest_number)
    if table is None or not typed:
        table = _parse(
            stretch, dialect, columns, {column.name: pa.string() for column in columns}, decimal="."
        )
    lines = table.lines(first_line)
    read = _Reading(dialect, schema.limits.largest_number, typed)
    for column in columns:
        read.add(column, _chunk(table.table, column))
    headings = {column.name: heading for column, heading in zip(columns, dialect.header, strict=True)}
    return read.block(lines, headings, table.broken(first_line)), len(lines) + len(table.skipped)


@dataclass(frozen=True)
class _Parsed:
    """What the CSV parser made of a stretch: its rows, and lines with a wrong number of fields."""

    table: pa.Table
    skipped: list[int]  # positions among all lines of the stretch
    blank: set[int]  # those of them that hold nothing

    def lines(self, first_line: int) -> Ints:
        """The line of each row."""
        positions = np.arange(self.table.num_rows + len(self.skipped), dtype=np.int64)
        return np.delete(positions, self.skipped) + first_line

    def broken(self, first_line: int) -> Ints:
        """The lines that are neither rows nor blank."""
        return np.array([at + first_line for at in self.skipped if at not in self.blank], dtype=np.int64)


def _parse_typed(stretch: bytes, dialect: Dialect, columns: Sequence[Column]) -> _Parsed | None:
    """Let the parser convert plain numbers; None if a cell of the stretch is something else."""
    types = {column.name: pa.float64() if column.is_number else pa.string() for column in columns}
    types |= {column.name: DATE_TYPE for column in columns if column.type == "date"}
    try:
        return _parse(stretch, dialect, columns, types, decimal=dialect.decimal)
    except pa.ArrowInvalid:
        return None


def _parse(
    stretch: bytes, dialect: Dialect, columns: Sequence[Column], types: dict[str, pa.DataType], decimal: str
) -> _Parsed:
    skipped: list[int] = []
    blank: set[int] = set()

    def skip(row: csv.InvalidRow) -> str:
        skipped.append(row.number - 1)
        if not row.text.strip():
            blank.add(row.number - 1)
        return "skip"

    table = csv.read_csv(
        pa.BufferReader(stretch),
        csv.ReadOptions(use_threads=False, column_names=list(types), block_size=len(stretch) + 1),
        csv.ParseOptions(
            delimiter=dialect.separator,
            newlines_in_values=b'"' in stretch,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            decimal_point=decimal,
            check_utf8=False,
        ),
    )
    return _Parsed(table.select([column.name for column in columns]), skipped, blank)


def _chunk(table: pa.Table, column: Column) -> pa.Array:
    chunks = table.column(column.name)
    return (
        chunks.chunk(0)
        if chunks.num_chunks == 1
        else pa.concat_arrays(chunks.chunks or [pa.array([], chunks.type)])
    )


def _is_plain(table: pa.Table, columns: Sequence[Column], largest: float) -> bool:
    """Whether every number that the parser converted is finite and not too large."""
    for column in columns:
        if not column.is_number:
            continue
        values = _chunk(table, column)
        bounds = pc.min_max(values)
        low, high = bounds["min"].as_py(), bounds["max"].as_py()
        if low is not None and not (-largest <= low and high <= largest):
            return False
        if pc.any(pc.is_nan(values)).as_py():
            return False
    return True


@dataclass
class _Reading:
    """Collects the columns of one block."""

    dialect: Dialect
    largest: float
    is_typed: bool
    rows: Rows = field(default_factory=lambda: Rows(np.empty(0, dtype=np.int64), {}, {}, {}))
    hits: list[Hit] = field(default_factory=list)

    def add(self, column: Column, cells: pa.Array) -> None:
        """Convert one column and note what could not be read."""
        if column.type == "text":
            self.rows.texts[column.name] = convert_texts(cells)
        elif column.type == "date":
            encoded = cells if self.is_typed else pc.dictionary_encode(cells)
            self.rows.dates[column.name], is_no_date = convert_dates(encoded)
            self.hits += hit("E-DATUM", (column.name,), is_no_date)
        else:
            self.rows.numbers[column.name] = self._numbers(column, cells)

    def _numbers(self, column: Column, cells: pa.Array) -> Floats:
        values = cells.to_numpy(zero_copy_only=False) if self.is_typed else self._exactly(column, cells)
        if column.missing_allowed:
            is_missing = values == NOT_DELIVERED
            return np.where(is_missing, np.nan, values) if is_missing.any() else values
        return values

    def _exactly(self, column: Column, cells: pa.StringArray) -> Floats:
        converted: Converted = convert_numbers(cells, self.dialect.decimal, self.largest)
        self.hits += hit("E-ZAHL", (column.name,), converted.is_no_number)
        self.hits += hit("W-TAUSENDER", (column.name,), converted.is_ambiguous)
        return converted.values

    def block(self, lines: Ints, headings: dict[str, str], broken: Ints) -> Block:
        """The block without its blank rows."""
        rows = Rows(lines, self.rows.numbers, self.rows.texts, self.rows.dates)
        is_kept = ~self._is_blank(rows)
        if is_kept.all():
            return Block(rows, headings, tuple(self.hits), broken)
        # A hit never lies in a blank row, so positions only move up.
        moved = np.cumsum(is_kept) - 1
        hits = tuple(Hit(found.rule, found.columns, moved[found.at], found.label) for found in self.hits)
        return Block(rows.take(is_kept), headings, hits, broken)

    def _is_blank(self, rows: Rows) -> Bools:
        """Rows in which no field holds anything, like the ";;;" that spreadsheets append."""
        is_blank = np.ones(len(rows), dtype=bool)
        for texts in rows.texts.values():
            is_blank &= pc.is_null(texts).to_numpy(zero_copy_only=False)
        if not is_blank.any():
            return is_blank
        for dates in rows.dates.values():
            is_blank &= np.isnat(dates)
        for numbers in rows.numbers.values():
            is_blank &= np.isnan(numbers)
        for found in self.hits:
            is_blank[found.at] = False
        return is_blank
