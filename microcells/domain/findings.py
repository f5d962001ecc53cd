"""From hits to what a person reads: one group per rule and column, counted in full, never with a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kodala.core.errors import Finding, Severity
from microcells.domain.rows import Block, Bools, Hit, Ints
from microcells.domain.schema import Column, Schema
from microcells.domain.written import Written

BROKEN = "E-FELDER"


def german(number: float) -> str:
    """A number as Germans write it: 200.000 or 0,1."""
    text = f"{number:,.0f}" if number == int(number) else f"{number:,}"
    return text.translate(str.maketrans(",.", ".,"))


def between(minimum: float | None, maximum: float | None, unit: str) -> str:
    """Bounds in words, e.g. "zwischen 0 und 100 %"."""
    end = f" {unit}" if unit else ""
    if minimum is None and maximum is None:
        return "eine Zahl"
    if maximum is None:
        return f"mindestens {german(minimum or 0)}{end}"
    if minimum is None:
        return f"höchstens {german(maximum)}{end}"
    return f"zwischen {german(minimum)} und {german(maximum)}{end}"


def outside(minimum: float | None, maximum: float | None, unit: str) -> str:
    """What a number beyond its bounds is, in words, e.g. "weniger als 99,5 oder mehr als 100,5 %"."""
    below = "" if minimum is None else f"weniger als {german(minimum)}"
    above = "" if maximum is None else f"mehr als {german(maximum)}"
    return f"{' oder '.join(part for part in (below, above) if part)} {unit}"


@dataclass(frozen=True)
class FindingGroup:
    """The same finding in one or many rows of a file.

    finding:  as it stands for the first row; row 0 = the whole file
    rows:     lines of the listed rows, ascending, int32
    n_rows:   how many rows have it, listed or not
    texts:    for each listed row its own sentence; empty = all have that of `finding`
    """

    finding: Finding
    rows: NDArray[np.int32]
    n_rows: int
    texts: tuple[str, ...] = ()

    def expand(self) -> Iterator[Finding]:
        """One finding for each listed row."""
        one = self.finding
        texts = self.texts or (one.text,) * len(self.rows)
        for row, text in zip(self.rows.tolist(), texts, strict=True):
            yield Finding(row, one.column, one.code, one.severity, text, one.suggestion, one.rule)


def group_findings(findings: Iterable[Finding]) -> list[FindingGroup]:
    """Put findings together that differ only in their row, sorted by first row, code and column."""
    rows: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        rows.setdefault((one.code, one.column, one.severity, one.text, one.suggestion), []).append(one)
    groups = [
        FindingGroup(min(same), np.array(sorted(one.row for one in same), dtype=np.int32), len(same))
        for same in rows.values()
    ]
    return sort_groups(groups)


def sort_groups(groups: Iterable[FindingGroup]) -> list[FindingGroup]:
    """By first row, code and column."""
    return sorted(groups, key=lambda own: (own.finding.row, own.finding.code, own.finding.column))


@dataclass
class _Listed:
    """Rows of one rule and column so far."""

    column: str
    rows: list[NDArray[np.int32]] = field(default_factory=list)
    n_listed: int = 0
    n_rows: int = 0


class FindingList:
    """All findings of one delivery.

    counts:      code -> rows that have it
    n_contract:  rule of severity "contract" -> rows that have it
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._listed: dict[tuple[str, tuple[str, ...], str], _Listed] = {}
        self._others: list[FindingGroup] = []
        self.counts: Counter[str] = Counter()
        self.n_contract: Counter[str] = Counter()

    def add(self, block: Block, hits: Sequence[Hit]) -> Bools:
        """Take up the hits of a block; gives True where a row has none that is worse than a warning."""
        is_ok = np.ones(len(block.rows), dtype=bool)
        by_code: dict[str, Bools] = {}
        for found in hits:
            severity = self._schema.texts[found.rule].severity
            by_code.setdefault(found.code, np.zeros(len(block.rows), dtype=bool))[found.at] = True
            if severity is not Severity.WARNING:
                is_ok[found.at] = False
            if severity is Severity.CONTRACT:
                self.n_contract[found.rule] += len(found.at)
            self._list(found, block.rows.lines[found.at], block.headings)
        self.counts.update({code: int(mask.sum()) for code, mask in by_code.items()})
        if len(block.broken):
            self.counts[BROKEN] += len(block.broken)
            self._list(Hit(BROKEN, (), np.arange(len(block.broken))), block.broken, {})
        return is_ok

    def add_lines(self, rule: str, columns: tuple[str, ...], lines: Ints, n_rows: int, heading: str) -> None:
        """Take up what only the whole file could tell: the listed lines, ascending, and their true number."""
        self.counts[rule] += n_rows
        self._list(Hit(rule, columns, lines), lines, {columns[0]: heading}, n_rows)

    def add_file(self, rule: str, column: str = "", **values: str) -> None:
        """Take up a finding about the whole file; `values` fill its sentences."""
        self._add_whole(self._whole(rule, column, values))

    def add_areas(self, rule: str, column: str, areas: Sequence[str], together: str, **values: str) -> None:
        """Take up a finding for each of `areas` (at least one): one group that names them all `together`."""
        each = [self._whole(rule, column, {**values, "where": area}).text for area in areas]
        self._add_whole(self._whole(rule, column, {**values, "where": together}), each)

    def _whole(self, rule: str, column: str, values: Mapping[str, str]) -> Finding:
        sentence = self._schema.texts[rule]
        texts = (part.format(**values) for part in (sentence.text, sentence.suggestion, sentence.rule))
        return Finding(0, column, rule, sentence.severity, *texts)

    def _add_whole(self, finding: Finding, texts: Sequence[str] = ("",)) -> None:
        self.counts[finding.code] += len(texts)
        own = tuple(texts) if len(texts) > 1 else ()
        self._others.append(FindingGroup(finding, np.zeros(len(texts), dtype=np.int32), len(texts), own))

    def merge(self, other: FindingList, shift: int) -> None:
        """Take up what another one found in the rows behind, whose lines are `shift` more than it knows."""
        self.counts.update(other.counts)
        self.n_contract.update(other.n_contract)
        for key, found in other._listed.items():
            own = self._listed.setdefault(key, _Listed(found.column))
            own.n_rows += found.n_rows
            self._keep(own, np.concatenate(found.rows) + np.int32(shift))

    def write(self) -> Written:
        """All that was found in rows, for `read`."""
        found = [[*key, own.column, own.n_rows] for key, own in self._listed.items()]
        rows = {str(place): np.concatenate(own.rows) for place, own in enumerate(self._listed.values())}
        return Written({"counts": self.counts, "contract": self.n_contract, "listed": found}, rows)

    def read(self, written: Written) -> None:
        """Take over what `write` gave."""
        self.counts.update(written.words["counts"])
        self.n_contract.update(written.words["contract"])
        for place, (rule, columns, label, column, n_rows) in enumerate(written.words["listed"]):
            rows = written.arrays[str(place)]
            self._listed[rule, tuple(columns), label] = _Listed(column, [rows], len(rows), n_rows)

    def groups(self) -> list[FindingGroup]:
        """Everything found, by first row, code and column."""
        rows = (
            self._group(rule, columns, label, own) for (rule, columns, label), own in self._listed.items()
        )
        return sort_groups([*rows, *self._others])

    def summaries(self) -> list[str]:
        """One sentence for each rule that refuses the whole file."""
        values = _placeholders(self._schema, (), "")
        households = self._schema.by_name.get("households")
        values["minimum"] = german((households.minimum if households else None) or 0)
        return [
            self._schema.texts[rule].summary.format(count=german(count), **values)
            for rule, count in sorted(self.n_contract.items())
        ]

    def _list(self, found: Hit, lines: Ints, headings: Mapping[str, str], n_rows: int = 0) -> None:
        heading = _heading(found.columns, headings)
        own = self._listed.setdefault((found.rule, found.columns, found.label), _Listed(heading))
        own.n_rows += n_rows or len(lines)
        self._keep(own, lines)

    def _keep(self, own: _Listed, lines: NDArray[np.signedinteger[Any]]) -> None:
        room = self._schema.limits.listed_per_rule - own.n_listed
        if room > 0:
            own.rows.append(lines[:room].astype(np.int32))
            own.n_listed += len(lines[:room])

    def _group(self, rule: str, columns: tuple[str, ...], label: str, own: _Listed) -> FindingGroup:
        sentence = self._schema.texts[rule]
        values = _placeholders(self._schema, columns, label)
        rows = np.concatenate(own.rows)
        finding = Finding(
            int(rows[0]),
            own.column,
            rule.split(".")[0],
            sentence.severity,
            sentence.text.format(**values),
            sentence.suggestion.format(**values),
            sentence.rule.format(**values),
        )
        return FindingGroup(finding, rows, own.n_rows)


def _heading(columns: tuple[str, ...], headings: Mapping[str, str]) -> str:
    """The headings that a finding is about: "a", "a, b" or "a bis z"."""
    names = [headings[name] for name in columns if name in headings]
    return f"{names[0]} bis {names[-1]}" if len(names) > 3 else ", ".join(names)


def _placeholders(schema: Schema, columns: tuple[str, ...], label: str) -> dict[str, Any]:
    """What the sentences of the definition file may mention."""
    column = schema.by_name.get(columns[0]) if columns else None
    return {
        "label": label or (column.label if column else "Beobachtungsgebiet"),
        "bounds": _bounds(schema, column, label),
        "outside": _outside(schema, label),
        "minimum": german((column.minimum if column else None) or 0),
        "description": column.description if column else "",
        "tolerance": german(schema.limits.outline_tolerance_m),
        "earliest": schema.limits.earliest_date.strftime("%d.%m.%Y"),
        "largest": german(schema.limits.largest_number),
        "outlier_z": german(schema.limits.outlier_z),
        "municipality_key": schema.limits.municipality_key,
    }


def _bounds(schema: Schema, column: Column | None, label: str) -> str:
    for group in schema.groups:
        if group.label == label:
            return between(group.sum_minimum, group.sum_maximum, "%")
    return between(column.minimum, column.maximum, column.unit) if column else ""


def _outside(schema: Schema, label: str) -> str:
    found = (group for group in schema.groups if group.label == label)
    return next((outside(group.sum_minimum, group.sum_maximum, "%") for group in found), "")
