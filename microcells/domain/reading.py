"""Reading a text table: from the bytes of a CSV file to blocks of typed columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from microcells.domain.cells import simplify
from microcells.domain.composing import Layout, compose_block
from microcells.domain.lines import ByteStream, read_stretches
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Block, Ints
from microcells.domain.wanted import Wanted

# 4 MiB hold about 15,000 rows of the extract: the arrays of a block then stay near the processor's cache, and
# reading them takes 90 MiB at most.
BLOCK_BYTES = 4 << 20
DATE_TYPE = pa.dictionary(pa.int32(), pa.string())


def read_blocks(
    stream: ByteStream,
    header: tuple[str, ...],
    plan: ReadingPlan,
    wanted: Wanted,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Block]:
    """Read a text table block by block; memory depends on `block_bytes` alone.

    stream:  the file from its first byte
    header:  headings of all columns, each once
    yields:  blocks in the order of the file; their concatenation does not depend on `block_bytes`

    Raises InputError at once if the plan does not fit the headings, and on the way for
    bytes that are no text, a row without end and an open quote.
    """
    return _blocks(stream, Layout(header, plan, wanted), block_bytes)


def _blocks(stream: ByteStream, layout: Layout, block_bytes: int) -> Iterator[Block]:
    line = layout.plan.header_line + 1
    for stretch in read_stretches(stream, layout.plan.encoding, layout.plan.header_line, block_bytes):
        block, n_lines = read_stretch(stretch, layout, line)
        line += n_lines
        yield replace(block, n_lines=n_lines)


def read_stretch(
    stretch: bytes, layout: Layout, first_line: int, *, exactly: bool = False
) -> tuple[Block, int]:
    """Read whole rows; gives the block and how many lines of a spreadsheet they take.

    stretch:     rows in UTF-8
    exactly:     take the reference path, text by text; otherwise it is taken only if a number is not plain
    """
    plan = layout.plan
    parsed = None if exactly else _parse_typed(stretch, layout)
    if parsed is None or not _is_plain(parsed.table, layout.wanted.largest_number):
        texts = dict.fromkeys(layout.types, pa.string())
        parsed = parse_texts(stretch, plan.separator, len(layout.header), texts)
    lines = parsed.lines(first_line)
    cells = {position: _cells(parsed.table, position) for position in layout.types}
    return compose_block(layout, cells, lines, parsed.broken(first_line)), len(lines) + len(parsed.skipped)


@dataclass(frozen=True)
class Parsed:
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


def _parse_typed(stretch: bytes, layout: Layout) -> Parsed | None:
    """Let the parser convert plain numbers; None if a cell of the stretch is something else."""
    plan = layout.plan
    types = {}
    for position, needed in layout.types.items():
        if len(needed) > 1:
            return None
        types[position] = {"number": pa.float64(), "date": DATE_TYPE, "text": pa.string()}[next(iter(needed))]
    try:
        return parse_texts(stretch, plan.separator, len(layout.header), types, plan.decimal, plan.missing)
    except pa.ArrowInvalid:
        return None


def parse_texts(
    stretch: bytes,
    separator: str,
    n_columns: int,
    types: dict[int, pa.DataType],
    decimal: str = ".",
    missing: tuple[str, ...] = (),
) -> Parsed:
    """Parse whole rows; the columns of the table are called by their positions.

    types:    position -> type of the columns that are wanted
    missing:  texts that mean missing in numbers
    Raises pyarrow.ArrowInvalid if a cell is not of the wanted type.
    """
    skipped: list[int] = []
    blank: set[int] = set()

    def skip(row: csv.InvalidRow) -> str:
        skipped.append(row.number - 1)
        if not row.text.strip():
            blank.add(row.number - 1)
        return "skip"

    names = [str(position) for position in range(n_columns)]
    table = csv.read_csv(
        pa.BufferReader(stretch),
        csv.ReadOptions(use_threads=False, column_names=names, block_size=len(stretch) + 1),
        csv.ParseOptions(
            delimiter=separator,
            newlines_in_values=b'"' in stretch,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        csv.ConvertOptions(
            column_types={str(position): own for position, own in types.items()},
            include_columns=[str(position) for position in types],
            null_values=["", *missing],
            strings_can_be_null=False,
            decimal_point=decimal,
            check_utf8=False,
        ),
    )
    return Parsed(table, skipped, blank)


def _cells(table: pa.Table, position: int) -> pa.Array:
    chunks = table.column(str(position)).chunks
    if len(chunks) == 1:
        return chunks[0]
    return simplify(table.column(str(position)))


def _is_plain(table: pa.Table, largest: float) -> bool:
    """Whether every number that the parser converted is finite and not too large."""
    for values in table.columns:
        if not pa.types.is_float64(values.type):
            continue
        bounds = pc.min_max(values)
        low, high = bounds["min"].as_py(), bounds["max"].as_py()
        if low is not None and not (-largest <= low and high <= largest):
            return False
        if pc.any(pc.is_nan(values)).as_py():
            return False
    return True
