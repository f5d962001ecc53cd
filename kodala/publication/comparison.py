"""What a release would change: a draft beside the Datenstand that is shown now."""

from __future__ import annotations

from kodala.publication.definitions import indicator_rules
from kodala.publication.domain.wording import signed_number, with_unit
from kodala.publication.models import Datenstand
from kodala.publication.shown import ComparedArea, DatenstandLine, DraftComparison, Indicator, ShownFigure
from kodala.publication.values import CITY, load_values


def compare(
    draft: Datenstand, previous: Datenstand | None, line: DatenstandLine | None, indicator: Indicator
) -> DraftComparison:
    """Compare one indicator of a draft with the Datenstand before it, or show the draft alone."""
    after = load_values(draft)
    before = load_values(previous) if previous else None
    areas = []
    for area in after.areas:
        new = after.shown(indicator, area.number)
        old = before.shown(indicator, area.number) if before else new
        areas.append(
            ComparedArea(
                area.number,
                area.name,
                old,
                new,
                _change(indicator, old, new) if before else "",
                before is not None and old.class_code != new.class_code,
            )
        )
    return DraftComparison(
        line,
        indicator,
        tuple(areas),
        before.shown(indicator, CITY) if before else None,
        after.shown(indicator, CITY),
        sum(area.changes_class for area in areas),
    )


def _change(indicator: Indicator, old: ShownFigure, new: ShownFigure) -> str:
    if old.value is None or new.value is None:
        return ""
    return with_unit(
        signed_number(new.value - old.value, indicator_rules()[indicator.code].decimals),
        indicator.difference_unit,
    )
