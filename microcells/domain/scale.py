"""Per cent or share, sum or mean: doubts that the range of a column's values raises about a conversion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from microcells.domain.content import group_of
from microcells.domain.plan import ColumnSource, ColumnSummary, Inspection
from microcells.domain.schema import Column, Schema

PERCENT = "%"
AS_SHARE = "Anteil statt Prozent"
AS_PERCENT = "Prozent statt Anteil"
AS_MEAN = "Summe oder Mittelwert"
SENTENCES = {
    AS_SHARE: "Manche Werte sehen wie Anteile von 0 bis 1 aus, gebraucht wird Prozent: Vorschlag × 100.",
    AS_PERCENT: "Manche Werte sind schon Prozent, gemerkt ist × 100: „wie geliefert“ ist vorgeschlagen.",
    AS_MEAN: "Bei manchen Werten ist nicht klar, ob sie Summen oder Mittelwerte sind.",
}


def doubt_scale(
    source: ColumnSource, sources: Mapping[str, ColumnSource], inspection: Inspection, schema: Schema
) -> tuple[ColumnSource, str]:
    """The source as the values suggest it, and a German hint if that differs from what was meant; else "".

    sources: all sources by the English name of their column

    A column in per cent whose values all lie between 0 and 1 probably holds shares; of a percent group all
    columns must, because a single one may well stay below 1 %.
    """
    column = schema.column(source.name)
    if not column.is_number or len(source.headings) != 1:
        return source, ""
    summaries = {one.heading: one for one in inspection.columns}
    summary = summaries[source.headings[0]]
    if source.per:
        return _doubt_division(source, summary, column)
    if column.unit != PERCENT or source.times:
        return source, ""
    if source.factor == 1 and _are_shares(_fellows(source, sources, summaries, schema)):
        return replace(source, factor=100.0), AS_SHARE
    if source.factor == 100 and summary.high is not None and summary.high > 1:
        return replace(source, factor=1.0), AS_PERCENT
    return source, ""


def _fellows(
    source: ColumnSource,
    sources: Mapping[str, ColumnSource],
    summaries: Mapping[str, ColumnSummary],
    schema: Schema,
) -> list[ColumnSummary]:
    """What the file holds for the percent group of a column, or for the column alone."""
    group = group_of(source.name, schema)
    names = group.columns if group else (source.name,)
    return [summaries[heading] for name in names if name in sources for heading in sources[name].headings]


def _are_shares(summaries: Sequence[ColumnSummary]) -> bool:
    """Whether all values lie between 0 and 1 and not all of them are 0; unknown ranges prove nothing."""
    ranges = [(one.low, one.high) for one in summaries if one.content != "empty"]
    highs = [high for low, high in ranges if low is not None and high is not None and low >= 0]
    return len(highs) == len(ranges) > 0 and max(highs) <= 1 and max(highs) > 0


def _doubt_division(source: ColumnSource, summary: ColumnSummary, column: Column) -> tuple[ColumnSource, str]:
    """A sum that is to be divided but already looks like a mean."""
    low, high = summary.low, summary.high
    if low is None or high is None or not column.maximum or column.unit == PERCENT:
        return source, ""
    looks_like_mean = low >= (column.minimum or 0) and high <= column.maximum
    return (replace(source, per=""), AS_MEAN) if looks_like_mean else (source, "")
