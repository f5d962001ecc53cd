"""An area over time: its points, changes of the method between them, and what can be said of the change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kodala.core.german import german_number
from kodala.publication.comparison_regions import change_words
from kodala.publication.definitions import breaks_of, indicator_rules, official_indicators
from kodala.publication.domain.wording import names_in_a_row, with_unit
from kodala.publication.models import Datenstand, Figure, OfficialFigure
from kodala.publication.shown import HistoryPoint, Indicator
from kodala.publication.shown_series import BreakMark
from kodala.publication.values import CITY_LABEL, show_stored
from kodala.statistics.method_breaks import Break, breaks_between, chain
from microcells.models import ObservationArea

TIMES_DECIMALS = 2


@dataclass(frozen=True)
class History:
    """The series of an area.

    breaks: years between first and last point in which the method changed
    change: one German sentence on the last two points, "" if there is nothing to say
    """

    points: tuple[HistoryPoint, ...]
    breaks: tuple[BreakMark, ...]
    change: str
    note: str


def build_history(
    indicator: Indicator,
    area: ObservationArea,
    datenstand: Datenstand,
    chain_of: Sequence[Datenstand],
    limits: list[float],
) -> History:
    """The series of one indicator; official figures have dates of their own, others the Datenstände's."""
    is_official = indicator.code in {own.code for own in official_indicators()}
    if is_official:
        points = _official_points(indicator, area, datenstand, limits)
    else:
        points = _points(indicator, area, chain_of, limits)
    marks = _marks(indicator, points)
    return History(
        _with_chained(indicator, points), marks, _change(indicator, points), _note(indicator, points, marks)
    )


def _points(
    indicator: Indicator, area: ObservationArea, chain_of: Sequence[Datenstand], limits: list[float]
) -> tuple[HistoryPoint, ...]:
    own: dict[tuple[int, bool], Figure] = {}
    chain = [one.pk for one in chain_of]
    figures = Figure.objects.filter(datenstand__in=chain, indicator=indicator.code, district=None)
    for figure in figures.filter(area=area) | figures.filter(area__isnull=True):
        own[figure.datenstand_id, figure.area_id is None] = figure
    names = dict(ObservationArea.objects.filter(area_set=area.area_set_id).values_list("number", "name"))
    return tuple(
        HistoryPoint(
            datenstand.reference_date,
            show_stored(indicator, own.get((datenstand.pk, False)), limits, names),
            show_stored(indicator, own.get((datenstand.pk, True)), limits, names),
            version=datenstand.version,
        )
        for datenstand in chain_of
    )


def _official_points(
    indicator: Indicator, area: ObservationArea, datenstand: Datenstand, limits: list[float]
) -> tuple[HistoryPoint, ...]:
    figures = OfficialFigure.objects.filter(datenstand=datenstand, indicator=indicator.code)
    mine: dict[tuple[dt.date, bool], Figure] = {}
    for own in figures.filter(area=area) | figures.filter(area=None, region="city"):
        mine[own.reference_date, own.area_id is None] = Figure(state=own.state, value=own.value)
    return tuple(
        HistoryPoint(
            date,
            show_stored(indicator, mine.get((date, False)), limits, {}),
            show_stored(indicator, mine.get((date, True)), limits, {}),
        )
        for date in sorted({date for date, _ in mine})
    )


def _breaks(indicator: Indicator) -> list[Break]:
    return [own.for_region("") for own in breaks_of(indicator.code)]


def _marks(indicator: Indicator, points: Sequence[HistoryPoint]) -> tuple[BreakMark, ...]:
    if len(points) < 2:
        return ()
    first, last = points[0].reference_date.year, points[-1].reference_date.year
    return tuple(
        BreakMark(own.year, f"Methodenwechsel {own.year}: {own.reason}.")
        for own in breaks_of(indicator.code)
        if first < own.year <= last
    )


def _note(indicator: Indicator, points: Sequence[HistoryPoint], marks: Sequence[BreakMark]) -> str:
    """Known changes of the method inside the series, so that nobody takes them for change."""
    words = [mark.text for mark in marks]
    words += [_joined_sentence(points)] if any(point.area.joined for point in points) else []
    if any(value is not None for value in _chain(indicator, points)):
        words.append(
            "Gepunktet: frühere Jahre, mit dem bundesweiten Faktor auf die neue Methode umgerechnet "
            "(verkettet)."
        )
    return " ".join(words)


def _joined_sentence(points: Sequence[HistoryPoint]) -> str:
    """Which points are joint figures; where only some are, the series does not compare like with like."""
    joined = [point for point in points if point.area.joined]
    words = joined[-1].area.joined
    if all(point.area.joined == words for point in points):
        return f"Alle Werte {words}."
    dates = names_in_a_row([f"{point.reference_date:%d.%m.%Y}" for point in joined])
    return f"Am {dates} {words}, sonst für das Gebiet allein; das lässt sich nicht vergleichen."


def _with_chained(indicator: Indicator, points: Sequence[HistoryPoint]) -> tuple[HistoryPoint, ...]:
    decimals = indicator_rules()[indicator.code].decimals
    return tuple(
        point
        if value is None
        else replace(
            point,
            chained=value,
            chained_text=""
            if value == point.area.value
            else with_unit(german_number(value, decimals), indicator.unit),
        )
        for point, value in zip(points, _chain(indicator, points), strict=True)
    )


def _chain(indicator: Indicator, points: Sequence[HistoryPoint]) -> tuple[float | None, ...]:
    """What the chaining moves, and the point that it leads to; all None where no factor is known."""
    values = {point.reference_date.year: point.area.value for point in points if point.area.value is not None}
    breaks = [own for own in _breaks(indicator) if values and min(values) < own.year <= max(values)]
    bridged = [own.year for own in breaks if own.factor is not None]
    if not bridged:
        return (None,) * len(points)
    factors = chain(dict.fromkeys(values, 1.0), breaks)
    leads_to = next(year for year in sorted(values) if year >= max(bridged))
    return tuple(
        point.area.value * factors[point.reference_date.year]
        if point.area.value is not None and point.reference_date.year <= leads_to
        else None
        for point in points
    )


def _change(indicator: Indicator, points: Sequence[HistoryPoint]) -> str:
    """What can be said of the last two points; never a raw change alone over a break."""
    if len(points) < 2 or points[-1].area.value is None or points[-2].area.value is None:
        return ""
    before, after = points[-2], points[-1]
    if before.area.joined != after.area.joined:
        return ""  # two areas are not one
    crossed = breaks_between(_breaks(indicator), before.reference_date.year, after.reference_date.year)
    since = f"Seit {before.reference_date:%d.%m.%Y}:"
    if all(own.is_bridged for own in crossed):
        words = change_words(
            before.area.value or 0.0,
            after.area.value or 0.0,
            crossed,
            indicator_rules()[indicator.code].decimals,
        )
        return f"{since} {with_unit(words, indicator.difference_unit)}."
    years = names_in_a_row([str(own.year) for own in crossed])
    relative = _relative(indicator, before, after)
    return f"{since} Methodenbruch {years}, eine Veränderung lässt sich nicht angeben{relative}."


def _relative(indicator: Indicator, before: HistoryPoint, after: HistoryPoint) -> str:
    """The area against the whole city at both dates: the only change that a break leaves meaningful."""
    if indicator_rules()[indicator.code].kind != "share" or not before.city.value or not after.city.value:
        return ""
    old = (before.area.value or 0.0) / before.city.value
    new = (after.area.value or 0.0) / after.city.value
    return (
        f"; gegenüber {CITY_LABEL} vom {german_number(old, TIMES_DECIMALS)}-Fachen "
        f"auf das {german_number(new, TIMES_DECIMALS)}-Fache"
    )
