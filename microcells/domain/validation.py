"""Checking a delivery block by block against every rule of the extract."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from microcells.domain.area_index import AreaIndex
from microcells.domain.groups import check_groups, check_relations
from microcells.domain.keys import restore_zeros
from microcells.domain.location import are_degrees, assign_areas, without_areas
from microcells.domain.rows import Block, Bools, Hit, Rows, hit
from microcells.domain.rules import check_values, clear_zeros
from microcells.domain.schema import Schema
from microcells.domain.tally import CheckedBlock, Tally, ValidationResult

DEGREES = "E-BEREICH.grad"
UNUSABLE_FOR_SUMS = {"E-ZAHL", "E-NEGATIV", "E-PFLICHT"}


class Validator:
    """Checks the blocks of one delivery in the order of the file."""

    def __init__(
        self,
        schema: Schema,
        areas: AreaIndex | None,
        *,
        invented: bool,
        today: dt.date,
        rows_only: bool = False,
    ) -> None:
        """Begin a check.

        areas:     the area set the delivery is for; None = area numbers are taken as named
        invented:  whether that area set is the invented city's
        today:     the day of the check, for dates in the future
        rows_only: tell good rows from bad ones and nothing more: the file has been judged before
        """
        self._schema = schema
        self._areas = areas
        self._invented = invented
        self._rows_only = rows_only
        self._today = today
        self.tally = Tally(schema, None if areas is None else areas.numbers)

    def check(self, block: Block) -> CheckedBlock:
        """Apply every rule to a block; findings and counts are kept for `close`."""
        rows, hits = clear_zeros(block.rows, self._schema)
        hits += block.hits
        rows, key_hits = self._check_keys(rows)
        values = check_values(rows, self._schema, _cells(hits, len(rows), {"E-ZAHL", "E-DATUM"}), self._today)
        rows, place_hits = self._check_place(rows, hits)
        hits += [*key_hits, *values, *place_hits, *self._check_date(rows)]
        unusable = _cells(hits, len(rows), UNUSABLE_FOR_SUMS)
        hits += check_groups(rows, self._schema, unusable)
        hits += check_relations(rows, self._schema, unusable)
        is_ok = self.tally.findings.add(block, hits)
        if any(one.rule == DEGREES for one in place_hits):
            is_ok[:] = False  # the one finding listed speaks for every row of the block
        checked = CheckedBlock(rows, is_ok)
        if not self._rows_only:
            self.tally.add(block, checked)
            if self._areas is not None:
                self.tally.nearest.add(rows, hits, self._areas)
        return checked

    def close(self) -> ValidationResult:
        """The verdict after the last block. Raises ValueError if only rows were looked at."""
        if self._rows_only:
            raise ValueError("a check of rows alone has no verdict")
        return self.tally.close()

    def _check_keys(self, rows: Rows) -> tuple[Rows, list[Hit]]:
        """W-AGS, E-DOPPELT, E-DEMO; gives the rows with restored keys."""
        name = self._schema.key
        keys, is_restored = restore_zeros(rows.texts[name], self._schema.limits.municipality_key)
        hits = [*hit("W-AGS", (name,), is_restored), *hit("E-DOPPELT", (name,), self.tally.keys.add(keys))]
        if not self._invented:
            starts = pc.starts_with(keys, self._schema.limits.invented_prefix)
            hits += hit("E-DEMO", (name,), pc.fill_null(starts, False).to_numpy(zero_copy_only=False))
        return replace(rows, texts={**rows.texts, name: keys}), hits

    def _check_place(self, rows: Rows, found: list[Hit]) -> tuple[Rows, list[Hit]]:
        if are_degrees(rows):
            return without_areas(rows), hit(DEGREES, ("x", "y"), np.arange(len(rows)) == 0)
        if self._areas is None:
            return rows, []
        rows, hits = assign_areas(rows, self._areas, self._schema.limits.outline_tolerance_m)
        # A number that could not be read is not missing as well.
        unreadable = np.zeros(len(rows), dtype=bool)
        for cells in _cells(
            found, len(rows), {"E-ZAHL"}, {"area_number", "district_number", "x", "y"}
        ).values():
            unreadable |= cells
        is_silent = {"E-PFLICHT", "E-BEREICH.lage"}
        kept = [
            replace(one, at=one.at[~unreadable[one.at]]) if one.rule in is_silent else one for one in hits
        ]
        return rows, [one for one in kept if len(one.at)]

    def _check_date(self, rows: Rows) -> list[Hit]:
        """E-STICHTAG where a date differs from the first one of the file."""
        dates = rows.dates.get("reference_date")
        if dates is None:
            return []
        first = self.tally.note_date(dates)
        if first is None:
            return []
        return hit("E-STICHTAG", ("reference_date",), ~np.isnat(dates) & (dates != first))


def _cells(
    hits: list[Hit], n_rows: int, codes: set[str], columns: set[str] | None = None
) -> dict[str, Bools]:
    """English name -> True where one of these codes struck."""
    cells: dict[str, Bools] = {}
    for found in hits:
        if found.code in codes and (columns is None or columns & {*found.columns}):
            cells.setdefault(found.columns[0], np.zeros(n_rows, dtype=bool))[found.at] = True
    return cells
