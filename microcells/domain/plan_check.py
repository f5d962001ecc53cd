"""Strict reading of plans that came from outside, and what a person must still mend in one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from microcells.domain.header import list_missing
from microcells.domain.plan import ColumnSource, Inspection, ReadingPlan
from microcells.domain.profiles import Profiles
from microcells.domain.schema import Schema

FACTORS = (1.0, 100.0, 0.01)
BASES = ("", "persons", "households", "adults")  # what a column may be multiplied with or divided by
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-15")
SEPARATORS = (";", ",", "\t", "|")
DECIMALS = (",", ".")
THOUSANDS = ("", ".", ",", " ", "'")
DATE_FORMS = ("", "us", "serial")
MOST_COLUMNS = 500
LONGEST_TEXT = 200  # characters of a heading or of the name of a table
LONGEST_CODE = 10  # characters of a text that means "not delivered"
MOST_CODES = 10
LAST_HEADER_LINE = 1000
LAST_CRS = 999_999  # which of them there are is known only where points are moved


@dataclass(frozen=True)
class Problem:
    """What a person must mend before a file is read: a German sentence, and the heading it is about."""

    text: str
    heading: str = ""


def parse_plan(stored: object) -> ReadingPlan:
    """A plan from JSON of which nothing is taken on trust.

    Raises ValueError naming the part that is wrong, never its value.
    """
    if not isinstance(stored, Mapping):
        raise ValueError("a plan must be an object")
    content: dict[str, Any] = dict(stored)
    content["columns"] = [_source(entry) for entry in _list(content, "columns", MOST_COLUMNS)]
    for name, most, longest in (
        ("missing", MOST_CODES, LONGEST_CODE),
        ("unused", MOST_COLUMNS, LONGEST_TEXT),
    ):
        _texts(content, name, most, longest)
    try:
        plan = ReadingPlan.from_json(content)
    except TypeError as error:
        raise ValueError("a plan has an unknown part") from error
    _refuse_strange_format(plan)
    return plan


def _list(content: Mapping[str, Any], name: str, most: int) -> Sequence[Any]:
    found = content.get(name, [])
    if not isinstance(found, list | tuple) or len(found) > most:
        raise ValueError(f"{name} must be a list of at most {most}")
    return found


def _texts(content: Mapping[str, Any], name: str, most: int, longest: int) -> None:
    found = _list(content, name, most)
    if any(not isinstance(text, str) or len(text) > longest or not text.isprintable() for text in found):
        raise ValueError(f"{name} must hold short texts")


def _source(entry: object) -> dict[str, Any]:
    if not isinstance(entry, Mapping) or not entry.keys() <= ColumnSource.__dataclass_fields__.keys():
        raise ValueError("a column has an unknown part")
    if not isinstance(entry.get("name"), str) or not entry.get("headings"):
        raise ValueError("a column lacks its name or its headings")
    _texts(entry, "headings", MOST_COLUMNS, LONGEST_TEXT)
    if entry.get("factor", 1.0) not in FACTORS or isinstance(entry.get("factor"), bool):
        raise ValueError("a column has an unknown factor")
    if entry.get("times", "") not in BASES or entry.get("per", "") not in BASES:
        raise ValueError("a column is converted with an unknown one")
    return dict(entry)


def _refuse_strange_format(plan: ReadingPlan) -> None:
    allowed = (
        ("encoding", ("", *ENCODINGS)),
        ("separator", ("", *SEPARATORS)),
        ("decimal", ("", *DECIMALS)),
        ("thousands", THOUSANDS),
        ("date_form", DATE_FORMS),
    )
    for name, values in allowed:
        if getattr(plan, name) not in values:
            raise ValueError(f"{name} is unknown")
    for name, text in (("file_kind", plan.file_kind), ("table", plan.table)):
        if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.isprintable():
            raise ValueError(f"{name} must be a short text")
    if plan.file_kind == "csv" and not (plan.encoding and plan.separator and plan.decimal):
        raise ValueError("a text table must have an encoding, a separator and a decimal sign")
    for name, number, last in (
        ("header_line", plan.header_line, LAST_HEADER_LINE),
        ("crs", plan.crs, LAST_CRS),
    ):
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= last:
            raise ValueError(f"{name} must be a small number")


def refuse_foreign_parts(
    plan: ReadingPlan, inspection: Inspection, schema: Schema, profiles: Profiles
) -> None:
    """Raise ValueError if a plan names a column or heading that there is not, or one that is never taken."""
    written = {column.heading for column in inspection.columns}
    for source in plan.columns:
        if not {source.name, source.times or source.name, source.per or source.name} <= schema.by_name.keys():
            raise ValueError("the plan names an unknown column")
        if not set(source.headings) <= written:
            raise ValueError("the plan names an unknown heading")
        if any(profiles.why_not(heading, schema) for heading in source.headings):
            raise ValueError("the plan names a heading that is never taken")
    if inspection.tables and plan.table not in ("", *inspection.tables):
        raise ValueError("the plan names an unknown table")


def list_problems(plan: ReadingPlan, schema: Schema) -> list[Problem]:
    """What a person must mend in a mapping: columns filled twice, missing ones, and what conversions need."""
    names = Counter(source.name for source in plan.columns)
    problems = [_filled_twice(name, plan, schema) for name, number in names.items() if number > 1]
    for source in plan.columns:
        for base in {source.times, source.per} - {""}:
            if base not in names:
                text = (
                    f"Für „{schema.column(source.name).label}“ wird „{schema.column(base).label}“ "
                    "gebraucht; diesem Feld ist keine Spalte zugeordnet."
                )
                problems.append(Problem(text, source.headings[0]))
    missing = list_missing(set(names), schema)
    return [*problems, *(Problem(f"{one.text} {_advice(one.column, schema)}".strip()) for one in missing)]


def _filled_twice(name: str, plan: ReadingPlan, schema: Schema) -> Problem:
    headings = [heading for source in plan.columns if source.name == name for heading in source.headings]
    quoted = " und ".join(f"„{heading}“" for heading in headings)
    label = schema.column(name).label
    text = f"Das Feld „{label}“ ist mehrfach zugeordnet: {quoted}. Bitte nur eine Spalte wählen."
    return Problem(text, headings[-1])


def _advice(header: str, schema: Schema) -> str:
    if header in schema.by_header:
        return "Bitte eine Spalte der Datei diesem Feld zuordnen oder eine vollständige Datei hochladen."
    return ""
