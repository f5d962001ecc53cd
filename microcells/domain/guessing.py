"""Guessing which column of the schema a heading means: by other spellings, by series, by what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from microcells.domain.content import NUMBERS
from microcells.domain.plan import ColumnSummary
from microcells.domain.profiles import Profiles
from microcells.domain.schema import Column, Group, Schema
from microcells.domain.spelling import plain_spelling, squeezed

LIKENESS = 0.86  # of difflib: one wrong letter in seven
SHORTEST = 5  # characters; shorter names are too alike to forgive a wrong letter
# Germany in metres (ETRS89, Gauß-Krüger without zone) and in degrees; both are far from any other content.
PLACES = {"x": ((250_000, 950_000), (5.5, 15.5)), "y": ((5_200_000, 6_150_000), (47.0, 55.5))}
SERIES = re.compile(r"(?P<stem>.*?)_?0*(?P<number>[1-9]\d?)")

Guess = Mapping[str, str]  # English name of a column -> heading of the file


def guess_by_name(
    columns: Sequence[ColumnSummary], schema: Schema, profiles: Profiles, taken: frozenset[str]
) -> Guess:
    """By label, synonym and spelling; what is spelt wrong comes last."""
    names = _names(schema, profiles, taken)
    found: dict[str, str] = {}
    for is_close in (False, True):
        for summary in columns:
            name = _name_of(summary.heading, names, is_close=is_close)
            is_free = name and name not in found and summary.heading not in found.values()
            if is_free and _fits(summary, schema.column(name)):
                found[name] = summary.heading
    return found


def _names(schema: Schema, profiles: Profiles, taken: frozenset[str]) -> dict[str, str]:
    """Squeezed spelling -> English name, for every word that means a column that is still free."""
    names: dict[str, str] = {}
    for column in schema.columns:
        if column.name in taken:
            continue
        words = (column.header, column.label, column.name, *profiles.synonyms.get(column.name, ()))
        for word in words:
            names.setdefault(squeezed(word), column.name)
    return names


def _name_of(heading: str, names: Mapping[str, str], *, is_close: bool) -> str:
    key = squeezed(heading)
    if not is_close:
        return names.get(key, "")
    # Digits are no misspelling: "zi_1" is not nearly "zi_2".
    alike = [word for word in names if _digits(word) == _digits(key)]
    near = get_close_matches(key, alike, n=1, cutoff=LIKENESS) if len(key) >= SHORTEST else []
    return names[near[0]] if near else ""


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _fits(summary: ColumnSummary, column: Column) -> bool:
    """Whether what the column holds can be what the schema wants; the values are checked later."""
    if summary.content in ("empty", "mixed"):
        return True
    if column.is_number:
        return summary.content in NUMBERS
    return (summary.content == "date") if column.type == "date" else summary.content != "date"


def guess_series(
    columns: Sequence[ColumnSummary], schema: Schema, _: Profiles, taken: frozenset[str]
) -> Guess:
    """Numbered columns that are as many as a numbered percent group has, e.g. "risk1" … "risk9"."""
    found: dict[str, str] = {}
    for group in _numbered_groups(schema, taken):
        fitting = [own for own in _series(columns) if len(own) == len(group.columns)]
        fitting = [own for own in fitting if not set(own) & set(found.values())]
        if len(fitting) == 1:  # two of the same length: nobody can tell which
            found |= dict(zip(group.columns, fitting[0], strict=True))
    return found


def _numbered_groups(schema: Schema, taken: frozenset[str]) -> Iterator[Group]:
    for group in schema.groups:
        is_numbered = all(name.endswith(f"_{number}") for number, name in enumerate(group.columns, start=1))
        if is_numbered and not taken & set(group.columns) and set(group.columns) <= schema.by_name.keys():
            yield group


def _series(columns: Sequence[ColumnSummary]) -> list[list[str]]:
    """Headings of numbers that share a stem and are counted 1, 2, 3 … without a gap."""
    stems: dict[str, dict[int, str]] = {}
    for summary in columns:
        match = SERIES.fullmatch(plain_spelling(summary.heading))
        is_share = summary.high is None or summary.high <= 100
        if match and summary.content in NUMBERS and is_share:
            stems.setdefault(match["stem"], {})[int(match["number"])] = summary.heading
    whole = [own for own in stems.values() if sorted(own) == list(range(1, len(own) + 1))]
    return [[own[number] for number in sorted(own)] for own in whole]


def guess_by_content(
    columns: Sequence[ColumnSummary], schema: Schema, _: Profiles, taken: frozenset[str]
) -> Guess:
    """By what only one column can hold: the only dates, the only unique key, coordinates in Germany."""
    found: dict[str, str] = {}
    dates = [one.heading for one in columns if one.content == "date"]
    keys = [one.heading for one in columns if one.content == "text" and one.is_unique]
    wanted = [column.name for column in schema.columns if column.type == "date"]
    wanted += [schema.key] if schema.column(schema.key).required else []
    for name in wanted:
        fitting = keys if name == schema.key else dates
        if name not in taken and len(fitting) == 1:
            found[name] = fitting[0]
    if {"x", "y"} <= schema.by_name.keys() - taken:
        place = {name: [one.heading for one in columns if _lies_in(one, name)] for name in PLACES}
        if all(len(fitting) == 1 for fitting in place.values()):
            found |= {name: fitting[0] for name, fitting in place.items()}
    return found


def _lies_in(summary: ColumnSummary, name: str) -> bool:
    low, high = summary.low, summary.high
    if low is None or high is None:
        return False
    return any(least <= low and high <= most for least, most in PLACES[name])
