"""From hits to what a person reads: counted in full, listed up to a limit, never with a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kodala.core.errors import Finding, Severity
from microcells.domain.rows import Block, Bools, Hit, Ints
from microcells.domain.schema import Column, Schema

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


class FindingList:
    """All findings of one delivery.

    counts:      code -> rows that have it
    n_contract:  rule of severity "contract" -> rows that have it
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._listed: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self._findings: list[Finding] = []
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
            self._list(found, block.rows.lines, block.headings)
        self.counts.update({code: int(mask.sum()) for code, mask in by_code.items()})
        self._add_broken(block.broken)
        return is_ok

    def add_area(self, rule: str, area: str) -> None:
        """Take up a finding about a whole area of the file."""
        sentence = self._schema.texts[rule]
        values = {"label": area}
        self.counts[rule] += 1
        self._findings.append(
            Finding(
                0,
                "",
                rule,
                sentence.severity,
                sentence.text.format(**values),
                sentence.suggestion.format(**values),
            )
        )

    def sorted(self) -> list[Finding]:
        """The listed findings by row, code and column."""
        return sorted(self._findings, key=lambda finding: (finding.row, finding.code, finding.column))

    def summaries(self) -> list[str]:
        """One sentence for each rule that refuses the whole file."""
        values = _placeholders(self._schema, (), "")
        households = self._schema.column("households")
        values["minimum"] = german(households.minimum or 0)
        return [
            self._schema.texts[rule].summary.format(count=german(count), **values)
            for rule, count in sorted(self.n_contract.items())
        ]

    def _add_broken(self, broken: Ints) -> None:
        if len(broken):
            self.counts[BROKEN] += len(broken)
            self._list(Hit(BROKEN, (), np.arange(len(broken))), broken, {})

    def _list(self, found: Hit, lines: Ints, headings: Mapping[str, str]) -> None:
        room = self._schema.limits.listed_per_rule - self._listed[found.rule, found.columns]
        if room <= 0:
            return
        at = found.at[:room]
        self._listed[found.rule, found.columns] += len(at)
        column = _heading(found.columns, headings)
        sentence = self._schema.texts[found.rule]
        values = _placeholders(self._schema, found.columns, found.label)
        text, suggestion = sentence.text.format(**values), sentence.suggestion.format(**values)
        self._findings += [
            Finding(row, column, found.code, sentence.severity, text, suggestion)
            for row in lines[at].tolist()
        ]


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
        "minimum": german((column.minimum if column else None) or 0),
        "description": column.description if column else "",
        "tolerance": german(schema.limits.outline_tolerance_m),
        "earliest": schema.limits.earliest_date.strftime("%d.%m.%Y"),
    }


def _bounds(schema: Schema, column: Column | None, label: str) -> str:
    for group in schema.groups:
        if group.label == label:
            return between(group.sum_minimum, group.sum_maximum, "%")
    return between(column.minimum, column.maximum, column.unit) if column else ""
