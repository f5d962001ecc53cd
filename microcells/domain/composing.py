"""From the cells of a file to a block in the columns of the schema, the way a plan says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kodala.core.errors import Finding, InputError, Severity
from microcells.domain.cells import CellReader
from microcells.domain.conversion import Converted
from microcells.domain.plan import ColumnSource, ReadingPlan
from microcells.domain.rows import Block, Bools, Floats, Hit, Ints, Rows, hit
from microcells.domain.schema import Column
from microcells.domain.wanted import Wanted

NOT_DELIVERED = -1.0
NEARLY_WHOLE = 1e-6  # a computed count that is this near to a whole number is one


@dataclass(frozen=True)
class Layout:
    """Which columns of a file fill which columns of the schema.

    header:  headings of all columns, each once
    """

    header: tuple[str, ...]
    plan: ReadingPlan
    wanted: Wanted

    def __post_init__(self) -> None:
        known = set(self.header)
        gone = [name for source in self.plan.columns for name in source.headings if name not in known]
        given = {source.name for source in self.plan.columns}
        basis = {name for source in self.plan.columns for name in (source.times, source.per) if name}
        findings = [_gone(name) for name in dict.fromkeys(gone)]
        findings += [_no_basis(self.wanted.column(name)) for name in sorted(basis - given)]
        findings += [_circle(name) for name in self._circles()] if not findings else []
        findings += [_several(self.wanted.column(name)) for name in self._joined_texts()]
        if findings:
            raise InputError(findings)

    def _circles(self) -> list[str]:
        """Columns that are computed from themselves."""
        next_of = {one.name: [name for name in (one.times, one.per) if name] for one in self.plan.columns}
        found = []
        for start in next_of:
            seen, following = set(), list(next_of[start])
            while following:
                name = following.pop()
                if name not in seen:
                    seen.add(name)
                    following += next_of[name]
            if start in seen:
                found.append(start)
        return found

    def _joined_texts(self) -> list[str]:
        return [
            source.name
            for source in self.plan.columns
            if not self.wanted.column(source.name).is_number and len(source.headings) != 1
        ]

    @cached_property
    def sources(self) -> dict[str, ColumnSource]:
        """English name -> where its values come from."""
        return {source.name: source for source in self.plan.columns}

    @cached_property
    def types(self) -> dict[int, set[str]]:
        """Position of a needed heading -> what it is needed as: "number", "text", "date"."""
        needed: dict[int, set[str]] = {}
        for source in self.plan.columns:
            column = self.wanted.column(source.name)
            for heading in source.headings:
                kind = "number" if column.is_number else column.type
                needed.setdefault(self.header.index(heading), set()).add(kind)
        return needed

    @cached_property
    def headings(self) -> dict[str, str]:
        """English name -> headings as written in the file."""
        return {name: " + ".join(source.headings) for name, source in self.sources.items()}


def _finding(code: str, text: str, suggestion: str, column: str = "") -> Finding:
    return Finding(1, column, code, Severity.CONTRACT, text, suggestion)


def _gone(heading: str) -> Finding:
    text = f"Die Spalte „{heading}“ aus der Zuordnung steht nicht in der Datei."
    return _finding("E-SPALTE-FEHLT", text, "Bitte die Zuordnung der Spalten prüfen.", heading)


def _no_basis(column: Column) -> Finding:
    text = f"Zum Umrechnen fehlt die Spalte „{column.header}“ ({column.label})."
    return _finding("E-SPALTE-FEHLT", text, "Bitte auch diese Spalte zuordnen.", column.header)


def _circle(name: str) -> Finding:
    text = "Eine Spalte wird in der Zuordnung aus sich selbst berechnet."
    return _finding("E-ZUORDNUNG-SPALTEN", text, "Bitte die Zuordnung der Spalten prüfen.", name)


def _several(column: Column) -> Finding:
    text = f"Der Spalte „{column.header}“ ({column.label}) ist nicht genau eine Spalte der Datei zugeordnet."
    return _finding("E-ZUORDNUNG-SPALTEN", text, "Nur Zahlen lassen sich addieren.", column.header)


def compose_block(
    layout: Layout, cells: Mapping[int, pa.Array], lines: Ints, broken: Ints | None = None
) -> Block:
    """The block of these rows without its blank ones.

    cells:   position of each needed heading -> its cells, all of the length of `lines`
    broken:  lines with too many or too few fields
    """
    return _Composer(layout, cells, lines).block(np.empty(0, np.int64) if broken is None else broken)


@dataclass
class _Composer:
    """Collects the columns of one block."""

    layout: Layout
    cells: Mapping[int, pa.Array]
    lines: Ints
    hits: list[Hit] = field(default_factory=list)
    known: dict[str, Converted] = field(default_factory=dict)
    read: dict[str, Converted] = field(default_factory=dict)

    @cached_property
    def reader(self) -> CellReader:
        return CellReader(self.layout.plan, self.layout.wanted.largest_number)

    def block(self, broken: Ints) -> Block:
        rows = Rows(self.lines, {}, {}, {})
        for name, source in self.layout.sources.items():
            self._add(rows, self.layout.wanted.column(name), source)
        is_kept = ~self._is_blank(rows)
        if is_kept.all():
            return Block(rows, self.layout.headings, tuple(self.hits), broken)
        # A hit never lies in a blank row, so positions only move up.
        moved = np.cumsum(is_kept) - 1
        hits = tuple(Hit(found.rule, found.columns, moved[found.at], found.label) for found in self.hits)
        return Block(rows.take(is_kept), self.layout.headings, hits, broken)

    def _add(self, rows: Rows, column: Column, source: ColumnSource) -> None:
        """Convert one column and note what could not be read."""
        name = (column.name,)
        if column.is_number:
            converted = self._number(column)
            rows.numbers[column.name] = converted.values
            self._note("E-ZAHL", name, converted.is_no_number)
            self._note("W-TAUSENDER", name, converted.is_ambiguous)
            return
        cells = self.cells[self.layout.header.index(source.headings[0])]
        if column.type == "text":
            rows.texts[column.name] = self.reader.texts(cells)
        else:
            rows.dates[column.name], is_no_date = self.reader.dates(cells)
            self._note("E-DATUM", name, is_no_date)

    def _note(self, rule: str, columns: tuple[str, ...], mask: Bools | None) -> None:
        if mask is not None:
            self.hits += hit(rule, columns, mask)

    def _number(self, column: Column) -> Converted:
        """The values of one column of numbers, computed once."""
        if column.name not in self.known:
            source = self.layout.sources[column.name]
            parts = [self._cells_as_numbers(heading) for heading in source.headings]
            is_as_written = len(parts) == 1 and source.factor == 1 and not source.times and not source.per
            self.known[column.name] = (
                _as_written(parts[0], column) if is_as_written else self._computed(parts, column, source)
            )
        return self.known[column.name]

    def _cells_as_numbers(self, heading: str) -> Converted:
        if heading not in self.read:
            self.read[heading] = self.reader.numbers(self.cells[self.layout.header.index(heading)])
        return self.read[heading]

    def _computed(self, parts: Sequence[Converted], column: Column, source: ColumnSource) -> Converted:
        """Sum of the parts × factor × times ÷ per; whatever is missing makes the result missing."""
        total = sum((_without_code(part.values) for part in parts), start=np.zeros(len(self.lines)))
        values = total * source.factor
        if source.times:
            values = values * _without_code(self._number(self.layout.wanted.column(source.times)).values)
        if source.per:
            whole = _without_code(self._number(self.layout.wanted.column(source.per)).values)
            values = values / np.where(whole == 0, np.nan, whole)
        if column.type == "integer":
            nearest = np.rint(values)
            values = np.where(np.abs(values - nearest) <= NEARLY_WHOLE, nearest, values)
        return Converted(
            values, _any([part.is_no_number for part in parts]), _any([part.is_ambiguous for part in parts])
        )

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


def _as_written(read: Converted, column: Column) -> Converted:
    if not column.missing_allowed:
        return read
    is_missing = read.values == NOT_DELIVERED
    if not is_missing.any():
        return read
    return Converted(np.where(is_missing, np.nan, read.values), read.is_no_number, read.is_ambiguous)


def _without_code(values: Floats) -> Floats:
    return np.where(values == NOT_DELIVERED, np.nan, values)


def _any(masks: Sequence[Bools | None]) -> Bools | None:
    given = [mask for mask in masks if mask is not None]
    return np.logical_or.reduce(given) if given else None
