"""Checking a delivery block by block: every rule of the extract, and the verdict on the whole file."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow.compute as pc

from kodala.core.errors import Finding
from microcells.domain.area_index import AreaIndex
from microcells.domain.digest import CanonicalDigest
from microcells.domain.findings import FindingList, german
from microcells.domain.groups import check_groups, check_relations
from microcells.domain.keys import KeyRegister, restore_zeros
from microcells.domain.location import are_degrees, assign_areas
from microcells.domain.outliers import check_outliers
from microcells.domain.rows import Block, Bools, Hit, Rows, hit
from microcells.domain.rules import check_values, clear_zeros
from microcells.domain.schema import Schema

UNUSABLE_FOR_SUMS = {"E-ZAHL", "E-NEGATIV", "E-PFLICHT"}


@dataclass(frozen=True)
class CheckedBlock:
    """A block after its check.

    rows:   all rows, with `area_number` completed and values cleared that count as not delivered
    is_ok:  True where a row has no error
    """

    rows: Rows
    is_ok: Bools

    @cached_property
    def accepted(self) -> Rows:
        """The rows without error."""
        return self.rows.take(self.is_ok)


@dataclass(frozen=True)
class ValidationResult:
    """The verdict on a delivery.

    n_rows, n_ok:     rows in the file (blank ones not counted), rows without error
    n_households:     sum over the rows without error
    reference_date:   None if the file names none (house lists)
    counts:           code -> rows that have it, all of them
    findings:         sorted by row, code, column; at most `listed_per_rule` of each rule and column
    reasons:          German sentences why the file is refused; empty = accepted
    checksum:         canonical digest of the rows without error, 64 hex digits
    """

    n_rows: int
    n_ok: int
    n_households: float
    reference_date: dt.date | None
    counts: dict[str, int]
    findings: list[Finding]
    reasons: list[str]
    checksum: str

    @property
    def is_rejected(self) -> bool:
        """Whether nothing of the file may be stored."""
        return bool(self.reasons)


class Validator:
    """Checks the blocks of one delivery in the order of the file."""

    def __init__(self, schema: Schema, areas: AreaIndex | None, *, invented: bool, today: dt.date) -> None:
        """Begin a check.

        areas:     the area set the delivery is for; None = area numbers are taken as named
        invented:  whether that area set is the invented city's
        today:     the day of the check, for dates in the future
        """
        self._schema = schema
        self._areas = areas
        self._invented = invented
        self._today = today
        self._keys = KeyRegister()
        self._findings = FindingList(schema)
        self._digest = CanonicalDigest(schema)
        self._reference_date: np.datetime64 | None = None
        self._n_rows = self._n_ok = 0
        self._households: defaultdict[int, float] = defaultdict(float)
        self._lost: defaultdict[int, float] = defaultdict(float)

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
        hits += check_outliers(rows, self._schema)
        checked = CheckedBlock(rows, self._findings.add(block, hits))
        self._count(checked, len(block.broken))
        return checked

    def close(self) -> ValidationResult:
        """The verdict after the last block."""
        self._name_empty_areas()
        date = self._reference_date
        return ValidationResult(
            n_rows=self._n_rows,
            n_ok=self._n_ok,
            n_households=sum(self._households.values()),
            reference_date=None if date is None else date.astype(dt.date),
            counts=dict(sorted(self._findings.counts.items())),
            findings=self._findings.sorted(),
            reasons=self._reasons(),
            checksum=self._digest.hexdigest(),
        )

    def _name_empty_areas(self) -> None:
        """W-GEBIET-LEER for every area of the set that has no row without error, if any area has one."""
        if self._areas is None or self._n_ok == 0:
            return
        for number in sorted(self._areas.numbers.tolist()):
            if not self._households.get(number):
                self._findings.add_area("W-GEBIET-LEER", str(number))

    def _check_keys(self, rows: Rows) -> tuple[Rows, list[Hit]]:
        """W-AGS, E-DOPPELT, E-DEMO; gives the rows with restored keys."""
        name = self._schema.key
        keys, is_restored = restore_zeros(rows.texts[name], self._schema.limits.municipality_key)
        hits = [*hit("W-AGS", (name,), is_restored), *hit("E-DOPPELT", (name,), self._keys.add(keys))]
        if not self._invented:
            starts = pc.starts_with(keys, self._schema.limits.invented_prefix)
            hits += hit("E-DEMO", (name,), pc.fill_null(starts, False).to_numpy(zero_copy_only=False))
        return replace(rows, texts={**rows.texts, name: keys}), hits

    def _check_place(self, rows: Rows, found: list[Hit]) -> tuple[Rows, list[Hit]]:
        if are_degrees(rows):
            return rows, hit("E-BEREICH.grad", ("x", "y"), np.arange(len(rows)) == 0)
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
        known = dates[~np.isnat(dates)]
        if self._reference_date is None and len(known):
            self._reference_date = known[0]
        if self._reference_date is None:
            return []
        return hit("E-STICHTAG", ("reference_date",), ~np.isnat(dates) & (dates != self._reference_date))

    def _count(self, checked: CheckedBlock, n_broken: int) -> None:
        rows = checked.rows
        self._n_rows += len(rows) + n_broken
        self._n_ok += int(checked.is_ok.sum())
        self._digest.add(checked.accepted)
        area = np.nan_to_num(rows.numbers.get("area_number", np.zeros(len(rows)))).astype(np.int64)
        households = np.maximum(np.nan_to_num(rows.numbers["households"]), 0)
        for number in np.unique(area).tolist():
            mine = area == number
            self._households[number] += float(households[mine & checked.is_ok].sum())
            self._lost[number] += float(households[mine & ~checked.is_ok].sum())

    def _reasons(self) -> list[str]:
        if self._n_rows == 0:
            return ["Die Datei enthält keine Datenzeilen."]
        reasons = self._findings.summaries()
        limits = self._schema.limits
        n_wrong = self._n_rows - self._n_ok
        if self._n_ok == 0:
            reasons.append("Keine Zeile der Datei ist ohne Fehler.")
        elif n_wrong > limits.rejected_rows_share * self._n_rows:
            reasons.append(
                f"{german(n_wrong)} von {german(self._n_rows)} Zeilen haben Fehler; "
                f"erlaubt sind höchstens {german(limits.rejected_rows_share * 100)} %."
            )
        return reasons + self._lost_areas()

    def _lost_areas(self) -> list[str]:
        share = self._schema.limits.lost_households_share
        numbers = [
            number
            for number, lost in sorted(self._lost.items())
            if number and lost > share * (lost + self._households[number])
        ]
        if not numbers:
            return []
        names = ", ".join(str(number) for number in numbers)
        return [
            f"Durch fehlerhafte Zeilen gehen mehr als {german(share * 100)} % der Haushalte verloren "
            f"in den Beobachtungsgebieten: {names}."
        ]


def _cells(
    hits: list[Hit], n_rows: int, codes: set[str], columns: set[str] | None = None
) -> dict[str, Bools]:
    """English name -> True where one of these codes struck."""
    cells: dict[str, Bools] = {}
    for found in hits:
        if found.code in codes and (columns is None or columns & {*found.columns}):
            cells.setdefault(found.columns[0], np.zeros(n_rows, dtype=bool))[found.at] = True
    return cells
