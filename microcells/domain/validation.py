"""Checking a delivery block by block: every rule of the extract, and the verdict on the whole file."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow.compute as pc

from kodala.core.errors import Finding
from microcells.domain.area_index import NO_AREA, AreaIndex
from microcells.domain.area_profile import AreaProfiles, ProfileSums
from microcells.domain.digest import CanonicalDigest
from microcells.domain.findings import FindingGroup, FindingList, german
from microcells.domain.groups import check_groups, check_relations
from microcells.domain.keys import KeyRegister, restore_zeros
from microcells.domain.location import are_degrees, assign_areas
from microcells.domain.losses import LossCount
from microcells.domain.outliers import OutlierSearch
from microcells.domain.rows import Block, Bools, Hit, Rows, hit
from microcells.domain.rules import check_values, clear_zeros
from microcells.domain.schema import Schema

UNUSABLE_FOR_SUMS = {"E-ZAHL", "E-NEGATIV", "E-PFLICHT"}
PLACELESS = {"E-GEBIET", "E-BEREICH.stadt"}
LOOKED_FOR = 1000  # rows without a place for which the nearest area is looked for
FAR_M = 1e6


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
    groups:           by first row, code, column; at most `listed_per_rule` rows of each rule and column
    reasons:          German sentences why the file is refused; empty = accepted
    checksum:         canonical digest of the rows without error, 64 hex digits
    profile:          what the rows without error add up to; None without an area set
    nearest:          area -> rows without a place that lie nearest to it
    headings:         English name -> heading as written in the file
    """

    n_rows: int
    n_ok: int
    n_households: float
    reference_date: dt.date | None
    counts: dict[str, int]
    groups: list[FindingGroup]
    reasons: list[str]
    checksum: str
    profile: AreaProfiles | None = None
    nearest: Counter[int] = field(default_factory=Counter)
    headings: dict[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        """The listed findings row by row, sorted by row, code and column."""
        single = (finding for group in self.groups for finding in group.expand())
        return sorted(single, key=lambda one: (one.row, one.code, one.column))

    @property
    def is_rejected(self) -> bool:
        """Whether nothing of the file may be stored."""
        return bool(self.reasons)


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
        self._keys = KeyRegister()
        self._findings = FindingList(schema)
        self._digest = CanonicalDigest(schema)
        self._outliers = OutlierSearch(schema)
        self._headings: dict[str, str] = {}
        numbers = np.sort(areas.numbers) if areas else np.empty(0, dtype=np.int64)
        self._profile = ProfileSums(schema, numbers) if areas else None
        self._losses = LossCount(numbers)
        self._nearest: Counter[int] = Counter()
        self._reference_date: np.datetime64 | None = None
        self._n_rows = self._n_ok = 0

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
        checked = CheckedBlock(rows, self._findings.add(block, hits))
        if not self._rows_only:
            self._headings |= block.headings
            self._outliers.add(rows)
            self._look_for_nearest(rows, hits)
            self._count(checked, len(block.broken))
        return checked

    def close(self) -> ValidationResult:
        """The verdict after the last block. Raises ValueError if only rows were looked at."""
        if self._rows_only:
            raise ValueError("a check of rows alone has no verdict")
        self._name_empty_areas()
        for one in self._outliers.close():
            heading = self._headings.get(one.column, "")
            self._findings.add_lines("W-AUSREISSER", (one.column,), one.lines, one.count, heading)
        date = self._reference_date
        return ValidationResult(
            n_rows=self._n_rows,
            n_ok=self._n_ok,
            n_households=self._losses.n_households,
            reference_date=None if date is None else date.astype(dt.date),
            counts=dict(sorted(self._findings.counts.items())),
            groups=self._findings.groups(),
            reasons=self._reasons(),
            checksum=self._digest.hexdigest(),
            profile=self._profile.close() if self._profile else None,
            nearest=self._nearest,
            headings=self._headings,
        )

    def _name_empty_areas(self) -> None:
        """W-GEBIET-LEER for every area of the set that has no row without error, if any area has one."""
        if self._areas is None or self._n_ok == 0:
            return
        for number in self._losses.list_empty():
            self._findings.add_file("W-GEBIET-LEER", label=str(number))

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

    def _look_for_nearest(self, rows: Rows, hits: list[Hit]) -> None:
        """Note which area the points outside all areas are nearest to, for the first of them."""
        room = LOOKED_FOR - self._nearest.total()
        if self._areas is None or room <= 0 or not {"x", "y"} <= rows.numbers.keys():
            return
        at = np.unique(np.concatenate([[], *(one.at for one in hits if one.rule in PLACELESS)])).astype(int)
        x, y = rows.numbers["x"][at[:room]], rows.numbers["y"][at[:room]]
        found = self._areas.locate(x, y, FAR_M) if len(x) else np.empty(0, dtype=np.int64)
        self._nearest.update(found[found != NO_AREA].tolist())

    def _count(self, checked: CheckedBlock, n_broken: int) -> None:
        rows = checked.rows
        self._n_rows += len(rows) + n_broken
        self._n_ok += int(checked.is_ok.sum())
        self._digest.add(checked.accepted)
        self._losses.add(rows, checked.is_ok)
        if self._profile:
            self._profile.add(checked.accepted)

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
        names = ", ".join(str(number) for number in self._losses.list_over(share))
        if not names:
            return []
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
