"""What a check adds up while the rows go by, and the verdict on the whole file.

Stretches of a file may be checked by different workers: their tallies, put together in the order of the file,
give what one worker would have found, to the bit.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from kodala.core.errors import Finding
from microcells.domain.area_profile import AreaProfiles, ProfileSums
from microcells.domain.digest import CanonicalDigest
from microcells.domain.findings import FindingGroup, FindingList, german
from microcells.domain.keys import Hashes, KeyRegister
from microcells.domain.losses import LossCount
from microcells.domain.nearest import NearestAreas
from microcells.domain.outliers import OutlierSearch
from microcells.domain.rows import Block, Bools, Dates, Ints, Rows
from microcells.domain.schema import Schema
from microcells.domain.written import Written, read_apart, write_together


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


@dataclass(frozen=True)
class Before:
    """What earlier rows of a file change for the rows behind them.

    keys:            hashes of their keys that occur again, ascending
    reference_date:  the first one of the file
    """

    keys: Hashes
    reference_date: np.datetime64 | None


class Part(Protocol):
    """One thing that is counted."""

    def write(self) -> Written:
        """All of it, for `read`."""

    def read(self, written: Written) -> None:
        """Take over what `write` gave; called before anything is counted."""


class Tally:
    """Everything that is counted in a stretch of a file; lines count from the stretch's first one."""

    def __init__(self, schema: Schema, areas: Ints | None) -> None:
        """areas: the numbers of the area set; None = areas are not known."""
        self._schema = schema
        self._knows_areas = areas is not None
        numbers = np.empty(0, dtype=np.int64) if areas is None else np.sort(areas)
        self.keys = KeyRegister()
        self.findings = FindingList(schema)
        self.nearest = NearestAreas()
        self._reference_date: np.datetime64 | None = None
        self._digest = CanonicalDigest(schema)
        self._outliers = OutlierSearch(schema)
        self._losses = LossCount(numbers)
        self._profile = ProfileSums(schema, numbers)
        self._headings: dict[str, str] = {}
        self._n_rows = self._n_ok = self._n_lines = 0

    def go_on_after(self, before: Before) -> None:
        """Count rows behind others of the same file; called ahead of the first block."""
        self.keys = KeyRegister(before.keys)
        self._reference_date = before.reference_date

    def note_date(self, dates: Dates) -> np.datetime64 | None:
        """The first date of the file, up to and with these; None if there is none yet."""
        known = dates[~np.isnat(dates)]
        if self._reference_date is None and len(known):
            self._reference_date = known[0]
        return self._reference_date

    def skip_lines(self, n_lines: int) -> None:
        """Count lines above the first block, those of the headings."""
        self._n_lines += n_lines

    def add(self, block: Block, checked: CheckedBlock) -> None:
        """Count a checked block."""
        rows = checked.rows
        self._headings |= block.headings
        self._n_lines += block.n_lines
        self._n_rows += len(rows) + len(block.broken)
        self._n_ok += int(checked.is_ok.sum())
        self._digest.add(checked.accepted)
        self._losses.add(rows, checked.is_ok)
        self._outliers.add(rows)
        if self._knows_areas:
            self._profile.add(checked.accepted)

    def matters_to(self, behind: Tally) -> Before | None:
        """What the rows of this tally change for those of the next stretch; None = nothing.

        If it is something, the next stretch must be checked again, after `go_on_after`.
        """
        dates = {self._reference_date, behind._reference_date} - {None}
        keys = self.keys.common(behind.keys)
        if len(dates) < 2 and not len(keys):
            return None
        return Before(keys, self._reference_date)

    def merge(self, behind: Tally) -> None:
        """Take over the next stretch of the file, for which nothing of this one matters."""
        shift = self._n_lines
        self.keys.merge(behind.keys)
        self.findings.merge(behind.findings, shift)
        self.nearest.merge(behind.nearest)
        if self._reference_date is None:
            self._reference_date = behind._reference_date
        self._digest.merge(behind._digest)
        self._outliers.merge(behind._outliers, shift)
        self._losses.merge(behind._losses)
        self._profile.merge(behind._profile)
        self._headings |= behind._headings
        self._n_rows += behind._n_rows
        self._n_ok += behind._n_ok
        self._n_lines += behind._n_lines

    def write(self) -> Written:
        """All of it, for `read`."""
        date = None if self._reference_date is None else str(self._reference_date)
        words = [date, self._headings, self._n_rows, self._n_ok, self._n_lines]
        own = Written(words, {"keys": self.keys.hashes})
        return write_together({"own": own, **{name: part.write() for name, part in self._parts.items()}})

    def read(self, written: Written) -> None:
        """Take over what `write` gave."""
        parts = read_apart(written)
        date, self._headings, self._n_rows, self._n_ok, self._n_lines = parts["own"].words
        self._reference_date = None if date is None else np.datetime64(date, "D")
        self.keys = KeyRegister(parts["own"].arrays["keys"])
        for name, part in self._parts.items():
            part.read(parts[name])

    @property
    def _parts(self) -> dict[str, Part]:
        return {
            "digest": self._digest,
            "findings": self.findings,
            "losses": self._losses,
            "nearest": self.nearest,
            "outliers": self._outliers,
            "profile": self._profile,
        }

    def close(self) -> ValidationResult:
        """The verdict on the file, after its last row."""
        self._name_empty_areas()
        for one in self._outliers.close():
            heading = self._headings.get(one.column, "")
            self.findings.add_lines("W-AUSREISSER", (one.column,), one.lines, one.count, heading)
        date = self._reference_date
        return ValidationResult(
            n_rows=self._n_rows,
            n_ok=self._n_ok,
            n_households=self._losses.n_households,
            reference_date=None if date is None else date.astype(dt.date),
            counts=dict(sorted(self.findings.counts.items())),
            groups=self.findings.groups(),
            reasons=self._reasons(),
            checksum=self._digest.hexdigest(),
            profile=self._profile.close() if self._knows_areas else None,
            nearest=self.nearest.counts,
            headings=self._headings,
        )

    def _name_empty_areas(self) -> None:
        """W-GEBIET-LEER for every area of the set that has no row without error, if any area has one."""
        if not self._knows_areas or self._n_ok == 0:
            return
        for number in self._losses.list_empty():
            self.findings.add_file("W-GEBIET-LEER", label=str(number))

    def _reasons(self) -> list[str]:
        if self._n_rows == 0:
            return ["Die Datei enthält keine Datenzeilen."]
        reasons = self.findings.summaries()
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
