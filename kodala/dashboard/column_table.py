"""The table of columns that a person confirms: its rows, and what was chosen in them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from microcells.definitions import schema_of
from microcells.domain.choices import (
    ASIDE,
    CONVERSIONS,
    FORMULA,
    OPEN,
    Choice,
    choices_of,
    list_formulas,
    plan_from_choices,
)
from microcells.domain.content import NUMBERS, describe_source
from microcells.domain.header import list_missing
from microcells.domain.mapping import MATCH_WORDS, Match
from microcells.domain.plan import Inspection, ReadingPlan
from microcells.domain.plan_check import Problem, list_problems, parse_plan, refuse_foreign_parts
from microcells.domain.schema import Schema
from microcells.models import Delivery
from microcells.profiles import load_profiles

MATCH_TAGS = {
    Match.REMEMBERED: "tag--ok",
    Match.EXACT: "tag--ok",
    Match.PROPOSED: "tag--info",
    Match.UNKNOWN: "tag--warn",
    Match.UNUSED: "tag--soft",
}
GROUPS = (
    ("Bitte entscheiden", (Match.UNKNOWN,)),
    ("Bitte bestätigen", (Match.PROPOSED,)),
    ("Sicher", (Match.REMEMBERED, Match.EXACT)),
    ("Nicht benutzt", (Match.UNUSED,)),
)
CHANGED_WORD, CHANGED_TAG = "geändert", "tag--info"


@dataclass(frozen=True)
class ColumnRow:
    """One column of the file as the page shows it; `conversions` is empty where none makes sense."""

    number: int
    heading: str
    content: str
    rule: str
    hint: str
    word: str
    tag: str
    is_open: bool
    is_sure: bool
    is_free: bool
    choice: Choice
    shown: str
    formula: str
    conversions: tuple[tuple[str, str], ...]
    problems: tuple[str, ...] = ()


@dataclass
class ColumnTable:
    """The columns of a waiting or finished delivery, with the person's choices if any were posted.

    headings_mark: changes when the file was read with other headings meanwhile
    """

    delivery: Delivery
    posted: QueryDict | None = None
    shows_all_conversions: bool = False
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schema: Schema = schema_of(self.delivery.kind)
        self.plan = ReadingPlan.from_json(self.delivery.plan)
        self.proposed: list[Mapping[str, Any]] = self.delivery.proposal.get("columns", [])
        self.headings = [own["heading"] for own in self.proposed]
        self.headings_mark = hashlib.sha256("\n".join(self.headings).encode()).hexdigest()[:16]
        self.before = choices_of(self.plan, self.headings)
        self.added = self._added()
        self.choices = [self._choice(at) for at in range(len(self.headings))]

    @property
    def missing(self) -> list[str]:
        """What the proposal lacks before anything is posted: fields that must be there and have no column."""
        return [one.text for one in list_missing({one.name for one in self.plan.columns}, self.schema)]

    def _added(self) -> frozenset[str]:
        given = self.posted.getlist("added") if self.posted else []
        return frozenset(name for name in given if name in self.schema.by_name)

    def _choice(self, at: int) -> Choice:
        """What was posted for a column; anything that was not offered counts as open."""
        before = self.before[at]
        if not self.proposed[at]["is_free"]:
            return Choice(before.heading, ASIDE)
        if self.posted is None:
            return before
        chosen = self.posted.get(f"field-{at}", OPEN)
        conversion = self.posted.get(f"conversion-{at}", before.conversion)
        allowed = {OPEN, ASIDE, *self.schema.by_name} | ({FORMULA} if before.field == FORMULA else set())
        if chosen not in allowed or conversion not in CONVERSIONS:
            return Choice(before.heading, OPEN)
        is_plain = chosen in (OPEN, ASIDE, FORMULA) or not self.schema.column(chosen).is_number
        return Choice(before.heading, chosen, "" if is_plain else conversion)

    def settle(self, plan: ReadingPlan) -> ReadingPlan:
        """The plan with the chosen columns; `problems` says what a person must mend first.

        plan: the way of writing that the same person chose
        Raises ValueError if the choices name something that the file or the house does not have.
        """
        shown, self.problems = plan_from_choices(self.plan, self.choices, self.added, self.schema)
        self.problems += list_problems(shown, self.schema)
        settled = parse_plan(
            {**plan.as_json(), "columns": shown.as_json()["columns"], "unused": shown.unused}
        )
        inspection = Inspection.from_json(self.delivery.inspection)
        refuse_foreign_parts(settled, inspection, self.schema, load_profiles(self.delivery.kind))
        return settled

    @property
    def rows(self) -> list[ColumnRow]:
        """The rows of the table in the order of the file."""
        told: dict[str, list[str]] = {}
        for problem in self.problems:
            told.setdefault(problem.heading, []).append(problem.text)
        return [self._row(at, told.get(self.headings[at], ())) for at in range(len(self.headings))]

    def _row(self, at: int, problems: Sequence[str]) -> ColumnRow:
        own, choice = self.proposed[at], self.choices[at]
        match = Match(own["match"])
        is_changed = own["is_free"] and choice != self.before[at]
        return ColumnRow(
            number=at,
            heading=own["heading"],
            content=own["content"],
            rule=own["rule"],
            hint=own["hint"],
            word=CHANGED_WORD if is_changed else MATCH_WORDS[match],
            tag=CHANGED_TAG if is_changed else MATCH_TAGS[match],
            is_open=choice.field == OPEN or bool(problems),
            is_sure=match in (Match.REMEMBERED, Match.EXACT) and not is_changed,
            is_free=own["is_free"],
            choice=choice,
            shown=self._shown(choice),
            formula=self._formula(own["fields"]) if self.before[at].field == FORMULA else "",
            conversions=self._conversions(at),
            problems=tuple(problems),
        )

    def _shown(self, choice: Choice) -> str:
        if choice.field in self.schema.by_name:
            way = f", {CONVERSIONS[choice.conversion].label}" if choice.conversion else ""
            return f"{self.schema.column(choice.field).label}{way}"
        return {ASIDE: "nicht übernommen", FORMULA: "wird verrechnet"}.get(choice.field, "offen")

    def _formula(self, names: Sequence[str]) -> str:
        return ", ".join(self.schema.column(name).label for name in names)

    def _conversions(self, at: int) -> tuple[tuple[str, str], ...]:
        """The ways to convert a column of numbers, where a person has reason to look at them."""
        own, before = self.proposed[at], self.before[at]
        if not own["is_free"] or self._content(at) not in NUMBERS:
            return ()
        is_wanted = own["hint"] or before.conversion or self.choices[at].conversion
        if is_wanted or own["match"] == Match.UNKNOWN or self.shows_all_conversions:
            return tuple((key, one.label) for key, one in CONVERSIONS.items())
        return ()

    def _content(self, at: int) -> str:
        columns = self.delivery.inspection.get("columns", [])
        return str(columns[at]["content"]) if at < len(columns) else ""

    @property
    def row_groups(self) -> list[tuple[str, list[ColumnRow]]]:
        """The rows under a heading each: first what a person must look at, then in the order of the file."""
        rows = self.rows
        groups = [
            (words, [row for row in rows if Match(self.proposed[row.number]["match"]) in matches])
            for words, matches in GROUPS
        ]
        return [(words, own) for words, own in groups if own]

    @property
    def required_fields(self) -> list[tuple[str, str]]:
        """Name and label of the fields without which a file is no delivery."""
        return [(column.name, column.label) for column in self.schema.columns if column.required]

    @property
    def other_fields(self) -> list[tuple[str, str]]:
        """Name and label of all other fields."""
        return [(column.name, column.label) for column in self.schema.columns if not column.required]

    @property
    def formulas(self) -> list[tuple[str, str]]:
        """Label and computation of the fields that are computed from several columns."""
        return [
            (self.schema.column(source.name).label, describe_source(source, self.schema))
            for source in list_formulas(self.plan)
        ]

    @property
    def doubled_fields(self) -> list[tuple[str, str, bool]]:
        """Name, label and whether they are added up, of fields of numbers with several columns."""
        chosen = Counter(choice.field for choice in self.choices)
        columns = [column for column in self.schema.columns if chosen[column.name] > 1 and column.is_number]
        return [(column.name, column.label, column.name in self.added) for column in columns]

    @property
    def tallies(self) -> list[tuple[str, str, int]]:
        """Word, tag and number of the columns of each kind, as far as there are any."""
        counts = Counter((row.word, row.tag) for row in self.rows)
        return [(word, tag, number) for (word, tag), number in counts.items()]

    @property
    def open_headings(self) -> list[str]:
        """The headings for which nothing is chosen yet."""
        return [choice.heading for choice in self.choices if choice.field == OPEN]

    @property
    def n_mapped(self) -> int:
        """How many columns of the file go into a field."""
        return sum(choice.field not in (OPEN, ASIDE) for choice in self.choices)
