"""What the columns of a file probably mean, and what a person has to say before it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from microcells.domain.content import describe_content, describe_rule
from microcells.domain.guessing import guess_by_content, guess_by_name, guess_series
from microcells.domain.plan import ColumnSource, Inspection, ReadingPlan
from microcells.domain.profiles import Profile, Profiles
from microcells.domain.scale import SENTENCES, doubt_scale
from microcells.domain.schema import Schema
from microcells.domain.spelling import heading_key

KNOWN_USELESS = "bekannt, wird nicht gebraucht"


class Match(StrEnum):
    """How a heading came to its column."""

    REMEMBERED = "remembered"  # a person confirmed it for an earlier file
    EXACT = "exact"  # it is the heading of the description
    PROPOSED = "proposed"  # a person has to confirm it
    UNKNOWN = "unknown"  # a person has to decide
    UNUSED = "unused"  # left aside


MATCH_WORDS = {
    Match.REMEMBERED: "gemerkt",
    Match.EXACT: "erkannt",
    Match.PROPOSED: "vorgeschlagen",
    Match.UNKNOWN: "unbekannt",
    Match.UNUSED: "nicht benutzt",
}


@dataclass(frozen=True)
class ProposedColumn:
    """One column of the file in the table that a person reads.

    fields:  English names of the columns of the schema that it goes into; () = none
    content, rule, hint: German phrases; the hint says what a person should look at
    is_free: whether a person may choose another field; False for what is never taken over
    """

    heading: str
    match: str
    fields: tuple[str, ...]
    content: str
    rule: str
    hint: str = ""
    is_free: bool = True


@dataclass(frozen=True)
class Proposal:
    """The columns as they would be read, and why a person is needed.

    plan:      the inspection's plan with its columns
    doubtful:  fields of the plan that nobody and nothing has settled
    questions: German sentences, one for each kind of thing that is open
    profile:   name of the own profile that knew all headings; "" = none
    """

    plan: ReadingPlan
    columns: tuple[ProposedColumn, ...]
    doubtful: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    profile: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether the file can be read without asking anybody."""
        return not self.questions

    def as_json(self) -> dict[str, Any]:
        """The proposal as it is stored; the plan has a place of its own."""
        return {name: value for name, value in asdict(self).items() if name != "plan"}


@dataclass(frozen=True)
class _Found:
    """How one column of the schema is filled, and how sure that is."""

    source: ColumnSource
    match: Match
    hint: str = ""


def propose(inspection: Inspection, schema: Schema, profiles: Profiles) -> Proposal:
    """Give every heading of a file its column, as far as names and contents tell.

    Nothing that is not certain is applied without a person: `questions` says what is open. A heading of a
    purpose that nobody agreed to is never taken.
    """
    known = profiles.of_kind(schema.kind)
    headings = [column.heading for column in inspection.columns]
    usable = [heading for heading in headings if not known.why_not(heading, schema)]
    profile = next((one for one in known.own if one.knows_all(headings)), None)
    found = _find(usable, inspection, schema, known, profile)
    sources = {name: one.source for name, one in found.items()}
    found = {name: _with_scale_doubt(one, sources, inspection, schema) for name, one in found.items()}
    plan, doubtful = _settle(inspection, profile)
    columns = tuple(_describe(at, inspection, schema, known, profile, found) for at in range(len(headings)))
    plan = replace(
        plan,
        columns=tuple(found[column.name].source for column in schema.columns if column.name in found),
        unused=tuple(column.heading for column in columns if column.match == Match.UNUSED),
    )
    questions = _questions(columns, found, doubtful)
    return Proposal(plan, columns, doubtful, questions, profile.name if profile else "")


def _find(
    usable: list[str], inspection: Inspection, schema: Schema, profiles: Profiles, profile: Profile | None
) -> dict[str, _Found]:
    """The surest source of each column; a heading that is taken is not offered again."""
    found: dict[str, _Found] = {}
    if profile:
        _take(profile, usable, found, Match.REMEMBERED, schema)
    left = _left(usable, found, profile)
    for heading in left:
        column = schema.by_header.get(heading_key(heading))
        if column and column.name not in found:
            found[column.name] = _Found(ColumnSource(column.name, (heading,)), Match.EXACT)
    for one in (*profiles.own, *profiles.shipped):
        _take(one, _left(usable, found, profile), found, Match.PROPOSED, schema)
    summaries = {column.heading: column for column in inspection.columns}
    for guess in (guess_by_name, guess_series, guess_by_content):
        left = [heading for heading in _left(usable, found, profile) if not _is_left_aside(heading, profiles)]
        guessed = guess([summaries[heading] for heading in left], schema, profiles, frozenset(found))
        for name, heading in guessed.items():
            found[name] = _Found(ColumnSource(name, (heading,)), Match.PROPOSED)
    return found


def _take(
    profile: Profile, headings: Sequence[str], found: dict[str, _Found], match: Match, schema: Schema
) -> None:
    """Add what a profile makes of the headings, where the column exists and is still free."""
    filled = profile.fill(headings)
    for name, source in filled.items():
        needs = {source.times, source.per} - {""}
        if name in schema.by_name and name not in found and needs <= filled.keys() | found.keys():
            found[name] = _Found(source, match)


def _left(usable: Sequence[str], found: dict[str, _Found], profile: Profile | None) -> list[str]:
    taken = {heading for one in found.values() for heading in one.source.headings}
    aside = {heading_key(heading) for heading in profile.unused} if profile else set()
    return [heading for heading in usable if heading not in taken and heading_key(heading) not in aside]


def _is_left_aside(heading: str, profiles: Profiles) -> bool:
    return any(profile.leaves_aside(heading) for profile in profiles.shipped)


def _with_scale_doubt(
    one: _Found, sources: dict[str, ColumnSource], inspection: Inspection, schema: Schema
) -> _Found:
    """Never ×100 silently, in neither direction: a doubt about the scale turns certainty into a proposal."""
    source, hint = doubt_scale(one.source, sources, inspection, schema)
    return _Found(source, Match.PROPOSED, hint) if hint else one


def _settle(inspection: Inspection, profile: Profile | None) -> tuple[ReadingPlan, tuple[str, ...]]:
    """What nothing in the file proves is taken from the profile, if that knew files of this kind."""
    remembered = profile.plan if profile else None
    if remembered is None or remembered.file_kind != inspection.plan.file_kind:
        return inspection.plan, inspection.doubtful
    is_there = remembered.table in inspection.tables
    open_ones = tuple(name for name in inspection.doubtful if name == "table" and not is_there)
    known = {name: getattr(remembered, name) for name in inspection.doubtful if name not in open_ones}
    missing = tuple(dict.fromkeys((*inspection.plan.missing, *remembered.missing)))
    return replace(inspection.plan, **{**known, "missing": missing}), open_ones


def _describe(
    at: int,
    inspection: Inspection,
    schema: Schema,
    profiles: Profiles,
    profile: Profile | None,
    found: dict[str, _Found],
) -> ProposedColumn:
    """One row of the table of columns."""
    summary = inspection.columns[at]
    heading, content = summary.heading, describe_content(summary)
    own = [one for one in found.values() if heading in one.source.headings]
    if own:
        weakest = max(own, key=lambda one: list(Match).index(one.match))
        rule = _rule(own, schema)
        return ProposedColumn(
            heading, weakest.match, tuple(one.source.name for one in own), content, rule, weakest.hint
        )
    if reason := profiles.why_not(heading, schema):
        return ProposedColumn(heading, Match.UNUSED, (), content, reason, is_free=False)
    if _is_left_aside(heading, profiles):
        return ProposedColumn(heading, Match.UNUSED, (), content, KNOWN_USELESS)
    is_aside = summary.content == "empty" or (profile is not None and profile.leaves_aside(heading))
    return ProposedColumn(heading, Match.UNUSED if is_aside else Match.UNKNOWN, (), content, "")


def _rule(own: Sequence[_Found], schema: Schema) -> str:
    first = own[0].source
    if len(own) > 1 or len(first.headings) > 1:
        return "wird verrechnet, siehe unten"
    return describe_rule(schema.column(first.name), schema)


def _questions(
    columns: Sequence[ProposedColumn], found: dict[str, _Found], doubtful: Sequence[str]
) -> tuple[str, ...]:
    tally = Counter(column.match for column in columns)
    questions = []
    if doubtful:
        questions.append("Die Schreibweise der Datei ist nicht in allen Punkten sicher.")
    if tally[Match.UNKNOWN]:
        questions.append(_count(tally[Match.UNKNOWN], "Spalte ist unbekannt", "Spalten sind unbekannt"))
    if tally[Match.PROPOSED]:
        questions.append(
            _count(tally[Match.PROPOSED], "Zuordnung ist zu bestätigen", "Zuordnungen sind zu bestätigen")
        )
    questions += [SENTENCES[hint] for hint in sorted({one.hint for one in found.values() if one.hint})]
    return tuple(questions)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}."
