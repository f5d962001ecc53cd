"""What a release would change: a draft beside the Datenstand that is shown now.

Only what is shown in both is compared: a change beside a withheld value would give that value away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from kodala.publication.comparison_basis import describe_basis
from kodala.publication.definitions import MethodBreak, breaks_of, indicator_rules, indicators
from kodala.publication.domain.wording import signed_number, with_unit
from kodala.publication.models import Datenstand, OfficialFigure
from kodala.publication.shown import DatenstandLine, FigureState, Indicator, ShownFigure
from kodala.publication.shown_comparison import (
    ComparedCells,
    ComparedFigure,
    ComparedGroup,
    ComparedIndicator,
    DraftComparison,
)
from kodala.publication.values import CITY, CITY_LABEL, Values, list_indicators, load_values
from kodala.statistics.method_breaks import Break, breaks_between, change_across
from microcells.models import Delivery

YES, NO, METHOD = "ja", "nein", "Methodenwechsel"


@dataclass(frozen=True)
class _Side:
    """One of the two Datenstände: its values, and from when its official figures are."""

    values: Values
    official_dates: dict[str, dt.date]

    def year(self, indicator: Indicator) -> int:
        """The year that the values of an indicator describe."""
        return self.official_dates.get(indicator.code, self.values.datenstand.reference_date).year


def compare(draft: Datenstand, previous: Datenstand | None, line: DatenstandLine | None) -> DraftComparison:
    """Compare every indicator of a draft with the Datenstand before it, or show the draft alone."""
    after, before = _load(draft), _load(previous) if previous else None
    codes = {one.code for own in (draft, previous) if own for one in list_indicators(own)}
    chosen = [one for one in indicators().values() if one.code in codes]
    compared = [_compare_indicator(indicator, before, after) for indicator in chosen]
    labels = dict.fromkeys(one.indicator.group for one in compared)
    groups = tuple(
        ComparedGroup(label, tuple(one for one in compared if one.indicator.group == label))
        for label in labels
    )
    withheld = tuple(_count_withheld(side.values) if side else 0 for side in (before, after))
    return DraftComparison(line, groups, _read_cells(draft, previous), (withheld[0], withheld[1]))


def _load(datenstand: Datenstand) -> _Side:
    dates = OfficialFigure.objects.filter(datenstand=datenstand, area__isnull=False).values("indicator")
    newest = dates.annotate(newest=Max("reference_date")).values_list("indicator", "newest")
    return _Side(load_values(datenstand), dict(newest))


def _compare_indicator(indicator: Indicator, before: _Side | None, after: _Side) -> ComparedIndicator:
    breaks = _breaks_between(indicator, before, after)
    crossed = [own.for_region("") for own in breaks]
    both = (before, after)
    areas = [
        _compare_figure(indicator, (area.number, area.name), both, crossed) for area in after.values.areas
    ]
    withheld = [
        sum(area.is_counted and getattr(area, when).state == FigureState.PROTECTED for area in areas)
        for when in ("before", "after")
    ]
    return ComparedIndicator(
        indicator,
        tuple(sorted(areas, key=_largest_first)),
        _compare_figure(indicator, (CITY, CITY_LABEL), both, crossed),
        " ".join(f"Methodenwechsel {own.year}: {own.reason}." for own in breaks),
        (withheld[0] if before else 0, withheld[1]),
        describe_basis(indicator, before.values.datenstand, after.values.datenstand) if before else "",
    )


def _largest_first(area: ComparedFigure) -> tuple[bool, float, int]:
    """What can be compared, by size; ties by area number, so that the order is always the same."""
    return area.size is None, -(area.size or 0.0), area.area_number or 0


def _compare_figure(
    indicator: Indicator,
    place: tuple[int | None, str],
    both: tuple[_Side | None, _Side],
    crossed: Sequence[Break],
) -> ComparedFigure:
    """One figure in both Datenstände; place: number (None = whole city) and name of the area."""
    (number, name), (before, after) = place, both
    new = after.values.shown(indicator, number)
    old = before.values.shown(indicator, number) if before else new
    is_same = old.joined == new.joined  # a figure of two areas is not compared with that of one
    both_shown = before is not None and is_same and old.value is not None and new.value is not None
    change = None
    if before is not None and both_shown:
        is_backwards = after.year(indicator) < before.year(indicator)
        change = change_across(old.value or 0.0, new.value or 0.0, crossed, is_backwards=is_backwards)
    decimals = indicator_rules()[indicator.code].decimals
    short = _signed(change.raw if change else None, decimals)
    return ComparedFigure(
        area_number=number,
        area_name=f"{name} ({new.joined or old.joined})" if new.joined or old.joined else name,
        before=old,
        after=new,
        change=with_unit(short, indicator.difference_unit) if short else "",
        short_change=short,
        adjusted=_signed(change.adjusted if change and change.crosses else None, decimals),
        size=round(abs((new.value or 0.0) - (old.value or 0.0)), decimals) if both_shown else None,
        changes_class=old.class_code != new.class_code,
        reliability=_reliability(old, new, crossed) if both_shown else "",
        is_counted=number is None or all(number < one for one in after.values.partners(indicator, number)),
    )


def _signed(difference: float | None, decimals: int) -> str:
    return "" if difference is None else signed_number(difference, decimals)


def _reliability(old: ShownFigure, new: ShownFigure, crossed: Sequence[Break]) -> str:
    """Whether the stated intervals leave each other out; across a change of method nothing is said."""
    if crossed:
        return METHOD
    if old.lower is None or old.upper is None or new.lower is None or new.upper is None:
        return ""
    if FigureState.UNRELIABLE in (old.state, new.state):
        return NO
    return YES if new.lower > old.upper or new.upper < old.lower else NO


def _breaks_between(indicator: Indicator, before: _Side | None, after: _Side) -> list[MethodBreak]:
    """The known changes of method between the years of both values, whichever is the later one."""
    if before is None:
        return []
    first, last = sorted(side.year(indicator) for side in (before, after))
    return [own for own in breaks_of(indicator.code) if breaks_between([own.for_region("")], first, last)]


def _count_withheld(values: Values) -> int:
    return sum(
        figure.state == FigureState.PROTECTED and all((number or 0) < other for other in figure.joined_with)
        for (_, number), figure in values.figures.items()
    )


def _read_cells(draft: Datenstand, previous: Datenstand | None) -> ComparedCells:
    """The worker's count, if it was made against the Datenstand that is shown now."""
    if previous is None or draft.delivery.kind == Delivery.Kind.STATISTICS:
        return ComparedCells("none")
    if draft.delivery_id == previous.delivery_id:
        return ComparedCells("same", previous.version)
    stored = draft.comparison
    if stored.get("against") != previous.version:
        return ComparedCells("pending", previous.version)
    counts = {name: stored.get(name) for name in ("added", "removed", "changed", "kept")}
    return ComparedCells(stored["state"], previous.version, **counts)
