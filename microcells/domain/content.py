"""What a column holds and what rule it must keep, in short German words for the table of columns."""

from __future__ import annotations

import math

from kodala.core.german import german_number
from microcells.domain.plan import ColumnSource, ColumnSummary
from microcells.domain.schema import Column, Group, Schema

WORDS = {
    "text": "Text",
    "whole": "ganze Zahl",
    "number": "Zahl",
    "date": "Datum",
    "mixed": "teils Zahl, teils Text",
    "empty": "leer",
}
NUMBERS = ("whole", "number")
TIMES = "\N{MULTIPLICATION SIGN}"


def describe_content(summary: ColumnSummary) -> str:
    """What a column of a file holds: "Zahl, 0 bis 100" or "Text, bis 12 Zeichen, eindeutig"."""
    parts = [WORDS.get(summary.content, summary.content)]
    if summary.content == "text" and summary.longest:
        parts.append(f"bis {summary.longest} Zeichen")
    if summary.low is not None and summary.high is not None:
        parts.append(f"{_short(summary.low)} bis {_short(summary.high)}")
    if summary.is_unique and summary.content in ("text", "whole"):
        parts.append("eindeutig")
    if summary.has_lost_zeros:
        parts.append("führende 0 fehlt")
    if summary.n_missing and summary.content != "empty":
        parts.append("mit Lücken")
    return ", ".join(parts)


def describe_rule(column: Column, schema: Schema) -> str:
    """What the values of a column of the schema must keep, e.g. "mindestens 4, Pflicht"."""
    group = group_of(column.name, schema)
    if group:
        words = _sum_in_words(group)
    elif column.name == schema.key and column.required:
        words = "eindeutig"
    else:
        words = _bounds_in_words(column)
    need = "Pflicht" if column.required else ""
    return ", ".join(part for part in (words, need) if part) or "freiwillig"


def describe_source(source: ColumnSource, schema: Schema) -> str:
    """How a column is computed from the file: "(m60 + w60) × Einwohner × 0,01"."""
    sum_of = " + ".join(source.headings)
    text = f"({sum_of})" if len(source.headings) > 1 and _is_converted(source) else sum_of
    if source.times:
        text += f" {TIMES} {schema.column(source.times).label}"
    if source.factor != 1:
        text += f" {TIMES} {_short(source.factor)}"
    return f"{text} ÷ {schema.column(source.per).label}" if source.per else text


def group_of(name: str, schema: Schema) -> Group | None:
    """The percent group that a column belongs to."""
    return next((group for group in schema.groups if name in group.columns), None)


def _is_converted(source: ColumnSource) -> bool:
    return bool(source.times or source.per or source.factor != 1)


def _sum_in_words(group: Group) -> str:
    if group.sum_minimum is None:
        return f"{group.label}: Summe höchstens {_short(group.sum_maximum)}"
    middle = (group.sum_minimum + group.sum_maximum) / 2
    return f"{group.label}: Summe {_short(middle)} ± {_short(group.sum_maximum - middle)}"


def _bounds_in_words(column: Column) -> str:
    low, high = column.minimum, column.maximum
    if low is None and high is None:
        return ""
    if high is None:
        return f"mindestens {_short(low or 0)}"
    unit = f" {column.unit}" if column.unit else ""
    return f"höchstens {_short(high)}{unit}" if low is None else f"{_short(low)} bis {_short(high)}{unit}"


def _short(value: float) -> str:
    """A number with as many decimals as it needs, at most four."""
    for decimals in range(5):
        if math.isclose(round(value, decimals), value, rel_tol=1e-6, abs_tol=1e-9):
            return german_number(value, decimals)
    return german_number(value, 0 if abs(value) >= 100 else 2)
