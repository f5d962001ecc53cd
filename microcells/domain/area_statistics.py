"""Checking a delivery of area statistics: every figure of every area, and the verdict on the file.

A row is either one figure ("indikator", "wert") or one area with a column for each figure. Both become
entries; a row with an error gives none.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kodala.core.errors import Finding, InputError, Severity
from microcells.domain.entries import Entry, digest_entries, merge_districts
from microcells.domain.findings import FindingGroup, FindingList, german
from microcells.domain.rows import Block, Hit, Rows
from microcells.domain.rules import check_values
from microcells.domain.schema import Schema
from microcells.domain.statistics_catalogue import Catalogue, OfficialIndicator
from microcells.domain.statistics_lines import Place, Places, Row, Wrong, as_number, find_place
from microcells.domain.statistics_rules import Complaint, check_entries, list_remarks


@dataclass(frozen=True)
class StatisticsResult:
    """The verdict on a delivery of area statistics.

    reference_date:  the newest one of the file
    reasons:         German sentences why the file is refused; empty = accepted
    checksum:        canonical digest of the entries, 64 hex digits
    entries:         what may be stored; value None = the supplier gives none
    """

    n_rows: int
    n_ok: int
    reference_date: dt.date | None
    counts: dict[str, int]
    findings: list[FindingGroup]
    reasons: list[str]
    checksum: str
    entries: list[Entry]

    @property
    def is_rejected(self) -> bool:
        """Whether nothing of the file may be stored."""
        return bool(self.reasons)


class StatisticsCheck:
    """Checks the blocks of one delivery in the order of the file."""

    def __init__(
        self,
        schema: Schema,
        catalogue: Catalogue,
        places: Places,
        *,
        stated_date: dt.date | None,
        today: dt.date,
    ) -> None:
        """Begin a check; stated_date holds for rows that name none, None = each row must."""
        self._schema, self._catalogue, self._places = schema, catalogue, places
        self._stated, self._today = stated_date, today
        self._blocks: list[Block] = []
        self._n_rows = 0

    def add(self, block: Block) -> None:
        """Take up a block. Raises InputError if the file is too long to be a statistic of areas."""
        self._n_rows += len(block.rows) + len(block.broken)
        if self._n_rows > self._catalogue.limits.largest_file_rows:
            raise InputError([_too_long(self._catalogue.limits.largest_file_rows)])
        self._blocks.append(block)

    def close(self) -> StatisticsResult:
        """The verdict after the last block."""
        hits = [self._check_block(block) for block in self._blocks]
        entries = [
            entry
            for place, block in enumerate(self._blocks)
            for entry in self._melt(place, block, hits[place])
        ]
        complaints = check_entries(entries, self._catalogue)
        for complaint in complaints:
            hits[complaint.entry.block].append(complaint.as_hit())
        good = _without_wrong_rows(entries, complaints)
        merged, incomplete = merge_districts(good, self._catalogue, self._places.districts)
        for entry in incomplete:
            hits[entry.block].append(Complaint(entry, "E-BEZIRK").as_hit())
        return self._verdict(hits, merged)

    def _check_block(self, block: Block) -> list[Hit]:
        rows = block.rows
        unreadable: dict[str, np.ndarray] = {}
        for found in block.hits:
            mask = unreadable.setdefault(found.columns[0], np.zeros(len(rows), dtype=bool))
            mask[found.at] = True
        hits = check_values(rows, self._schema, unreadable, self._today)
        # A date that is missing may have been given with the upload.
        own = [*block.hits, *(hit for hit in hits if hit.rule != "E-PFLICHT")]
        return own + self._check_words(rows)

    def _check_words(self, rows: Rows) -> list[Hit]:
        """E-GEBIET, E-REGION, E-ZUORDNUNG, E-STICHTAG, E-INDIKATOR."""
        found: dict[tuple[str, str], list[int]] = {}
        for at, row in enumerate(Row.all_of(rows)):
            place = find_place(row, self._places, self._catalogue)
            if isinstance(place, Wrong):
                found.setdefault((place.rule, place.column), []).append(at)
            if row.date is None and self._stated is None:
                found.setdefault(("E-STICHTAG", "reference_date"), []).append(at)
            rule = self._word_rule(row, place)
            if rule:
                found.setdefault((rule, "indicator"), []).append(at)
        return [Hit(rule, (column,), np.array(at)) for (rule, column), at in found.items()]

    def _word_rule(self, row: Row, place: Place | Wrong) -> str:
        if not row.word:
            return "" if row.has_figures else "E-PFLICHT"
        own = self._catalogue.find_indicator(row.word)
        if own is None:
            return "E-INDIKATOR"
        is_area = not isinstance(place, Wrong) and not place[1]
        return "E-INDIKATOR.ebene" if own.regions_only and is_area else ""

    def _melt(self, place: int, block: Block, hits: list[Hit]) -> Iterator[Entry]:
        """One entry for every figure of every row without an error."""
        texts = self._schema.texts
        wrong = {int(at) for hit in hits if texts[hit.rule].severity is not Severity.WARNING for at in hit.at}
        figures = [own for own in self._catalogue.indicators.values() if own.code in block.rows.numbers]
        for at, row in enumerate(Row.all_of(block.rows)):
            where = None if at in wrong else find_place(row, self._places, self._catalogue)
            if where is None or isinstance(where, Wrong):
                continue
            date = row.date or self._stated
            if date is None:
                continue
            for own, column, value in self._values(row, block.rows, at, figures):
                parts = (row.numerator, row.denominator) if column == "value" else (None, None)
                yield Entry(place, at, column, *where, own.code, date, value, *parts, row.source)

    def _values(
        self, row: Row, rows: Rows, at: int, figures: Sequence[OfficialIndicator]
    ) -> Iterator[tuple[OfficialIndicator, str, float | None]]:
        own = self._catalogue.find_indicator(row.word) if row.word else None
        if own:
            yield own, "value", row.value
        for figure in figures:
            yield figure, figure.code, as_number(rows.numbers[figure.code][at])

    def _verdict(self, hits: list[list[Hit]], entries: list[Entry]) -> StatisticsResult:
        findings = FindingList(self._schema)
        n_ok = sum(int(findings.add(block, own).sum()) for block, own in zip(self._blocks, hits, strict=True))
        delivered = _with_any_value(entries)
        reasons = self._reasons(findings, n_ok, bool(delivered))
        # Gaps that wrong rows have torn are no remark of their own.
        if not reasons:
            for rule, own in list_remarks(delivered, self._catalogue, set(self._places.names)):
                findings.add_file(rule, label=own.label)
        dates = [entry.date for entry in delivered]
        return StatisticsResult(
            n_rows=self._n_rows,
            n_ok=n_ok,
            reference_date=max(dates, default=None),
            counts=dict(sorted(findings.counts.items())),
            findings=findings.groups(),
            reasons=reasons,
            checksum=digest_entries(delivered, self._schema),
            entries=delivered,
        )

    def _reasons(self, findings: FindingList, n_ok: int, has_values: bool) -> list[str]:
        if self._n_rows == 0:
            return ["Die Datei enthält keine Datenzeilen."]
        reasons = findings.summaries()
        limit = self._schema.limits.rejected_rows_share
        n_wrong = self._n_rows - n_ok
        if n_ok == 0:
            reasons.append("Keine Zeile der Datei ist ohne Fehler.")
        elif n_wrong > limit * self._n_rows:
            reasons.append(
                f"{german(n_wrong)} von {german(self._n_rows)} Zeilen haben Fehler; "
                f"erlaubt sind höchstens {german(limit * 100)} %."
            )
        elif not has_values:
            reasons.append("Die Datei enthält keinen einzigen Wert.")
        return reasons


def _without_wrong_rows(entries: list[Entry], complaints: Sequence[Complaint]) -> list[Entry]:
    wrong = {(one.entry.block, one.entry.at) for one in complaints}
    return [entry for entry in entries if (entry.block, entry.at) not in wrong]


def _with_any_value(entries: list[Entry]) -> list[Entry]:
    """Leave out figures of a date that have no value anywhere: they were not delivered at all."""
    known = Counter((entry.indicator, entry.date) for entry in entries if entry.value is not None)
    return [entry for entry in entries if known[entry.indicator, entry.date]]


def _too_long(limit: int) -> Finding:
    return Finding(
        0,
        "",
        "E-LIEFERUNG",
        Severity.CONTRACT,
        f"Die Datei hat mehr als {german(limit)} Zeilen; das ist keine Statistik für Gebiete.",
        "Bitte die Art der Lieferung prüfen.",
    )
