"""Fixing the class limits of the map: once, for all Datenstände of an area set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from kodala.publication.definitions import indicator_rules
from kodala.publication.models import ClassScheme, Datenstand, Figure
from kodala.statistics.classes import five_class_limits
from microcells.models import AreaSet

COMPUTED, BY_HAND = "pretty", "manual"


def fix_missing_classes(datenstand: Datenstand) -> None:
    """Give every indicator of a new Datenstand limits, where its area set has none yet."""
    known = set(ClassScheme.objects.filter(area_set=datenstand.area_set).values_list("indicator", flat=True))
    _create(datenstand.area_set, [datenstand], known)


def fix_classes_anew(area_set: AreaSet) -> int:
    """Compute all limits again from the pooled values of every visible Datenstand; gives their number.

    All Datenstände change together, so that no colour jumps between years.
    """
    shown = list(Datenstand.objects.visible().filter(area_set=area_set))
    with transaction.atomic():
        ClassScheme.objects.filter(area_set=area_set).delete()
        number = _create(area_set, shown, known=set())
        # What only a draft holds keeps limits of its own, which nobody sees before it.
        waiting = Q(state=Datenstand.State.AUDITED) | Q(pk__in=Datenstand.objects.planned().values("pk"))
        for datenstand in Datenstand.objects.filter(waiting, area_set=area_set).order_by("pk"):
            fix_missing_classes(datenstand)
    return number


def _create(area_set: AreaSet, pooled: Iterable[Datenstand], known: set[str]) -> int:
    pooled = list(pooled)
    values: dict[str, list[float]] = defaultdict(list)
    # Areas only: the whole city would stretch the limits of counts beyond every area.
    shown = Figure.objects.filter(
        datenstand__in=pooled, area__isnull=False, district=None, value__isnull=False
    )
    columns = ("indicator", "value", "area__number", "joined_with")
    for indicator, value, number, others in shown.order_by("indicator", "value").values_list(*columns):
        # A joint figure is one figure, however many areas show it.
        if value is not None and all(number < other for other in others):
            values[indicator].append(value)
    versions = sorted(datenstand.version for datenstand in pooled)
    schemes = [
        ClassScheme(area_set=area_set, indicator=indicator, based_on=versions, **_limits(indicator, own))
        for indicator, own in sorted(values.items())
        if indicator not in known
    ]
    ClassScheme.objects.bulk_create(schemes)
    return len(schemes)


def _limits(indicator: str, values: list[float]) -> dict[str, Any]:
    """Limits set by hand where the definition has them, else computed from the pooled values."""
    by_hand = indicator_rules()[indicator].class_limits
    if by_hand:
        return {"limits": list(by_hand), "method": BY_HAND}
    return {"limits": five_class_limits(values), "method": COMPUTED}
