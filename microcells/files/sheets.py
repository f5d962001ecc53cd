"""Spreadsheets in the child: XLSX, ODS and XLS."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from microcells.domain.cells import MIXED
from microcells.domain.composing import Layout
from microcells.domain.dialect import AS_CSV, refuse
from microcells.domain.headings import find_headings, unique_headings
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.wanted import Wanted
from microcells.files import limits, sandbox
from microcells.files.archives import as_file
from microcells.files.batches import Batch, compose, sample_of, with_number_signs
from microcells.files.content import Content
from microcells.files.looking import Look
from microcells.files.parts import Parts, look_into_parts, without_spaces

Cell = Any  # what python-calamine gives: text, number, truth value, date, moment, time, span of time
Row = Sequence[Cell]
EMPTY = ""


@dataclass(frozen=True)
class SheetTable:
    """A workbook of which one sheet is read; kind: "xlsx", "ods" or "xls"."""

    content: Content
    kind: str

    def look(self, wanted: Wanted, given: ReadingPlan | None) -> Look:
        """The chosen sheet's headings and first rows."""
        with self._open() as (book, parts):
            sheets = _filled_sheets(book)
            names = [*sheets]
            name = given.table if given and given.table in sheets else _best_sheet(sheets, wanted)
            sheet = sheets[name]
            rows = _rows(sheet)
            at, is_certain = self._header(sheet, wanted, given)
            header = _header_of(next(itertools.islice(rows, at, None)))
            sample = sample_of(header, _batches(rows, at + 2, sheet, range(len(header))))
            plan = replace(given or ReadingPlan(self.kind), file_kind=self.kind, header_line=at + 1)
            plan = replace(plan, table=name if len(names) > 1 else "", encoding="", separator="")
            plan, doubtful = with_number_signs(plan, sample, given)
            if not given:
                doubtful += (("header_line",) if not is_certain else ()) + (
                    ("table",) if len(names) > 1 else ()
                )
            n_rows = max(_height(sheet) - at - 1, 0)
            return Look(plan, doubtful, sample, n_rows, tuple(names), parts.notes)

    def read(self, plan: ReadingPlan, wanted: Wanted) -> Iterator[tuple[Block, float]]:
        """The blocks of the sheet."""
        with self._open() as (book, _):
            sheet = _chosen_sheet(book, plan.table)
            rows = _rows(sheet)
            first = next(itertools.islice(rows, plan.header_line - 1, None), None)
            if first is None:
                raise _empty()
            layout = Layout(_header_of(first), plan, wanted)
            yield from compose(_batches(rows, plan.header_line + 1, sheet, layout.types), layout)

    @contextmanager
    def _open(self) -> Iterator[tuple[CalamineWorkbook, Parts]]:
        with ExitStack() as opened:
            file = opened.enter_context(as_file(self.content))
            parts = look_into_parts(file, self.kind)
            if parts.is_spaced:
                file = opened.enter_context(without_spaces(file, self.content.folder))
            packed = self.content.size * limits.MEMORY_PER_PACKED_BYTE
            sandbox.limit_memory(limits.MEMORY + min(parts.n_cells * limits.MEMORY_PER_CELL, packed))
            file.seek(0)
            try:
                yield CalamineWorkbook.from_filelike(file), parts
            except PasswordError:
                raise refuse(
                    "E-KENNWORT",
                    "Die Arbeitsmappe ist mit einem Kennwort geschützt.",
                    "Bitte ohne Kennwort liefern.",
                ) from None
            except (CalamineError, ValueError, OSError, UnicodeError):
                raise refuse(
                    "E-MAPPE", "Die Arbeitsmappe ist beschädigt und lässt sich nicht lesen.", AS_CSV
                ) from None

    def _header(self, sheet: CalamineSheet, wanted: Wanted, given: ReadingPlan | None) -> tuple[int, bool]:
        starts = [_as_texts(row) for row in itertools.islice(_rows(sheet), limits.HEAD_ROWS)]
        if not any(starts):
            raise _empty()
        if given and given.header_line <= _height(sheet):
            return given.header_line - 1, True
        return find_headings(starts, wanted.by_header.keys())


def _rows(sheet: CalamineSheet) -> Iterator[Row]:
    return sheet.iter_rows()


def _height(sheet: CalamineSheet) -> int:
    """Number of the last row in which something stands."""
    return sheet.end[0] + 1 if sheet.end else 0


def _empty() -> Exception:
    return refuse(
        "E-LEER", "Die Arbeitsmappe enthält keine Tabelle.", "Bitte die Datei noch einmal ausgeben."
    )


def _no_such_sheet() -> Exception:
    text = "Das Tabellenblatt aus den Angaben steht nicht in der Datei."
    return refuse("E-BLATT", text, "Bitte das Tabellenblatt neu wählen.")


def _chosen_sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    """The sheet of that name; "" = the only one in which something stands."""
    if name in book.sheet_names:
        return book.get_sheet_by_name(name)
    sheets = _filled_sheets(book)
    if name or len(sheets) != 1:
        raise _no_such_sheet()
    return next(iter(sheets.values()))


def _filled_sheets(book: CalamineWorkbook) -> dict[str, CalamineSheet]:
    """The sheets in which something stands, by name; each is read from the file only once."""
    if len(book.sheet_names) > limits.SHEETS:
        raise refuse(
            "E-MAPPE",
            f"Die Arbeitsmappe hat mehr als {limits.SHEETS} Tabellenblätter.",
            "Bitte nur das Blatt mit der Tabelle liefern.",
        )
    sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
    filled = {name: sheet for name, sheet in sheets.items() if sheet.start is not None}
    if not filled:
        raise _empty()
    return filled


def _best_sheet(sheets: Mapping[str, CalamineSheet], wanted: Wanted) -> str:
    """The sheet with most of the wanted headings; the first one if none has any."""

    def n_known(name: str) -> int:
        starts = itertools.islice(_rows(sheets[name]), limits.HEAD_ROWS)
        return max(sum(text.strip().lower() in wanted.by_header for text in _as_texts(row)) for row in starts)

    return max(sheets, key=n_known)


def _as_texts(row: Row) -> list[str]:
    """The row as texts without the empty cells at its end; [] for an empty row."""
    texts = [cell.strip() if isinstance(cell, str) else str(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _header_of(row: Row) -> tuple[str, ...]:
    texts = _as_texts(row)
    return unique_headings([*texts, *[""] * (len(row) - len(texts))] if len(row) <= 500 else texts)


def _batches(
    rows: Iterator[Row], first_line: int, sheet: CalamineSheet, wanted: Iterable[int]
) -> Iterator[Batch]:
    positions = list(wanted)
    for part in itertools.count():
        taken = list(itertools.islice(rows, limits.BATCH_ROWS))
        if not taken:
            return
        start = first_line + part * limits.BATCH_ROWS
        columns = {at: as_cells([row[at] if at < len(row) else EMPTY for row in taken]) for at in positions}
        yield Batch(start, columns, min((start + len(taken)) / max(_height(sheet), 1), 1.0))


def as_cells(column: list[Cell]) -> pa.Array:
    """Cells of a spreadsheet as Arrow: of one kind if they are, mixed otherwise."""
    kinds = {type(cell) for cell in column}
    if kinds <= {str}:
        return pa.array(column, pa.string())
    if not any(cell for cell in column if isinstance(cell, str)):
        kinds -= {str}
        if kinds <= {float, int}:
            return pa.array([None if cell == EMPTY else float(cell) for cell in column], pa.float64())
        if kinds <= {dt.date}:
            return pa.array([None if cell == EMPTY else cell for cell in column], pa.date32())
    numbers = [float(cell) if type(cell) in (float, int) else None for cell in column]
    dates = [_day(cell) for cell in column]
    texts = [
        None if number is not None or date is not None else _written(cell)
        for cell, number, date in zip(column, numbers, dates, strict=True)
    ]
    fields = [pa.array(numbers, pa.float64()), pa.array(texts, pa.string()), pa.array(dates, pa.date32())]
    return pa.StructArray.from_arrays(fields, fields=list(MIXED))


def _day(cell: Cell) -> dt.date | None:
    """The day of a date, and of a moment at midnight."""
    if isinstance(cell, dt.datetime):
        return cell.date() if cell.time() == dt.time() else None
    return cell if isinstance(cell, dt.date) else None


def _written(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "wahr" if cell else "falsch"
    return cell if isinstance(cell, str) else str(cell)
